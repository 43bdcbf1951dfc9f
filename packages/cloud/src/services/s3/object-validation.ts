// What is wrong with an aws_s3_object before anything is sent, as hashicorp/aws says it.
import type { ResourceType } from '../../terraform/resource.ts';
import { problem, requireOneOf, type Problem } from './setting-validation.ts';

const VALUES: Readonly<Record<string, readonly string[]>> = {
  acl: [
    'private',
    'public-read',
    'public-read-write',
    'authenticated-read',
    'aws-exec-read',
    'bucket-owner-read',
    'bucket-owner-full-control',
  ],
  checksum_algorithm: ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'],
  object_lock_legal_hold_status: ['ON', 'OFF'],
  object_lock_mode: ['GOVERNANCE', 'COMPLIANCE'],
  server_side_encryption: ['AES256', 'aws:kms', 'aws:kms:dsse'],
  storage_class: [
    'STANDARD',
    'REDUCED_REDUNDANCY',
    'STANDARD_IA',
    'ONEZONE_IA',
    'INTELLIGENT_TIERING',
    'GLACIER_IR',
    'GLACIER',
    'DEEP_ARCHIVE',
    'OUTPOSTS',
    'SNOW',
    'EXPRESS_ONEZONE',
  ],
};

const CONTENTS = ['source', 'content', 'content_base64'];

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const validateObject: NonNullable<ResourceType['validate']> = (config) => {
  const { content_base64, etag, kms_key_id, metadata, object_lock_retain_until_date: until } = config;
  const given = (name: string) => config[name] !== undefined && config[name] !== null;
  const problems: (Problem | false)[] = [
    ...['bucket', 'key'].map((name) => config[name] === '' && problem(name, `${name} must not be empty.`)),
    CONTENTS.filter(given).length > 1 &&
      problem(
        CONTENTS.find(given)!,
        `An object has one of ${CONTENTS.join(', ')}, not ${CONTENTS.filter(given).join(' and ')}.`,
      ),
    typeof content_base64 === 'string' &&
      !BASE64.test(content_base64.replaceAll(/[\r\n]/g, '')) &&
      problem('content_base64', 'content_base64 is not in base64.'),
    Boolean(kms_key_id) &&
      !(kms_key_id as string).startsWith('arn:') &&
      problem('kms_key_id', `kms_key_id is the ARN of a key, and not ${kms_key_id}.`),
    Boolean(etag) &&
      Boolean(kms_key_id) &&
      problem('etag', 'The etag of an object under a KMS key is not its MD5: use source_hash instead of etag.'),
    Object.keys(config['override_provider']?.[0]?.default_tags?.[0]?.tags ?? {}).length > 0 &&
      problem('override_provider', 'The tags of override_provider have to be none: they stand for no default tags.'),
    given('object_lock_retain_until_date') &&
      Number.isNaN(Date.parse(until)) &&
      problem(
        'object_lock_retain_until_date',
        `${until} is not a time in RFC 3339 form, such as 2030-01-01T00:00:00Z.`,
      ),
    ...Object.keys(metadata ?? {}).map(
      (name) => name !== name.toLowerCase() && problem('metadata', `The metadata key ${name} has to be in lower case.`),
    ),
  ];
  return [
    ...problems.filter((found) => found !== false),
    ...Object.entries(VALUES).flatMap(([name, values]) => requireOneOf(config, name, values)),
  ];
};
