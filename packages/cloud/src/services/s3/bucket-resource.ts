// aws_s3_bucket. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket
import { AwsError } from '../../kernel/errors.ts';
import type { Attributes, Client, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf, UNIQUE_SUFFIX_LENGTH } from '../../terraform/unique-name.ts';
import { orAbsent } from './bucket-setting.ts';
import { readBucket } from './bucket-state.ts';
import { clearBucket } from './object-removal.ts';
import type { S3Operations } from './operations.ts';
import { problem, type Problem } from './setting-validation.ts';

/** Deprecated arguments, and the resource types that took their place. */
const MOVED: Readonly<Record<string, string>> = {
  acl: 'aws_s3_bucket_acl',
  cors_rule: 'aws_s3_bucket_cors_configuration',
  grant: 'aws_s3_bucket_acl',
  lifecycle_rule: 'aws_s3_bucket_lifecycle_configuration',
  logging: 'aws_s3_bucket_logging',
  object_lock_configuration: 'aws_s3_bucket_object_lock_configuration',
  policy: 'aws_s3_bucket_policy',
  acceleration_status: 'aws_s3_bucket_accelerate_configuration',
  replication_configuration: 'aws_s3_bucket_replication_configuration',
  request_payer: 'aws_s3_bucket_request_payment_configuration',
  server_side_encryption_configuration: 'aws_s3_bucket_server_side_encryption_configuration',
  versioning: 'aws_s3_bucket_versioning',
  website: 'aws_s3_bucket_website_configuration',
};

/** The region whose endpoint is also the global one. */
const GLOBAL_REGION = 'us-east-1';

const LONGEST_NAME = 63;

export const bucketResource: ResourceType = {
  type: 'aws_s3_bucket',
  replace: ['bucket', 'bucket_prefix', 'bucket_namespace', 'object_lock_enabled'],
  defaults: { force_destroy: false },
  computedBlocks: Object.keys(MOVED),
  validate: (config) => [...nameProblems(config), ...movedProblems(config)],

  async create(planned, context) {
    const s3 = context.client<S3Operations>('s3');
    const name = nameFor(planned, 'bucket', 'bucket_prefix');
    if (planned['bucket_namespace'] && planned['bucket_namespace'] !== 'global')
      throw new AwsError('NotImplemented', 'Buckets have names in the global namespace only.', { status: 501 });
    const elsewhere = context.region !== GLOBAL_REGION;
    // There alone, S3 answers with success for a bucket that is the caller's already.
    if (!elsewhere && (await orAbsent(s3('HeadBucket', { Bucket: name }))))
      throw new AwsError('BucketAlreadyExists', `The bucket ${name} is there already, and this account's.`, {
        status: 409,
      });
    const tags = tagSet(planned['tags_all'] ?? {});
    await s3('CreateBucket', {
      Bucket: name,
      ...(planned['object_lock_enabled'] && { ObjectLockEnabledForBucket: true }),
      ...((elsewhere || tags.length > 0) && {
        CreateBucketConfiguration: {
          ...(elsewhere && { LocationConstraint: context.region as 'eu-west-1' }),
          ...(tags.length > 0 && { Tags: tags }),
        },
      }),
    });
    return { id: name };
  },

  async read({ id }, context) {
    const s3 = context.client<S3Operations>('s3');
    const head = await orAbsent(s3('HeadBucket', { Bucket: id }));
    if (!head) return null;
    const tags = await readTags(s3, id);
    return {
      ...(await readBucket(s3, id, head.BucketRegion ?? context.region)),
      bucket_namespace: 'global',
      bucket_prefix: prefixOf(id),
      tags_all: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    };
  },

  // Everything but tags is another resource's, or needs a new bucket.
  async update(prior, planned, context) {
    const s3 = context.client<S3Operations>('s3');
    const { removed, set } = tagChanges(prior, planned);
    if (removed.length === 0 && Object.keys(set).length === 0) return;
    const Bucket = planned['id'] as string;
    const kept = (await readTags(s3, Bucket)).filter(({ Key = '' }) => !removed.includes(Key) && !(Key in set));
    const TagSet = [...kept, ...tagSet(set)];
    if (TagSet.length > 0) await s3('PutBucketTagging', { Bucket, Tagging: { TagSet } });
    else await s3('DeleteBucketTagging', { Bucket });
  },

  async delete({ id, force_destroy: force, object_lock_enabled: locked }, context) {
    const s3 = context.client<S3Operations>('s3');
    const remove = () => orAbsent(s3('DeleteBucket', { Bucket: id }));
    try {
      await remove();
    } catch (error) {
      if (!force || !(error instanceof AwsError && error.code === 'BucketNotEmpty')) throw error;
      await clearBucket(s3, id, { force: locked });
      await remove();
    }
  },

  importState: (id) => ({ id, bucket: id, force_destroy: false }),
};

function nameProblems({ bucket = null, bucket_prefix: prefix = null }: Attributes): Problem[] {
  const tooLong = (attribute: string, value: unknown, longest: number): Problem[] =>
    typeof value === 'string' && value.length > longest
      ? [problem(attribute, `${attribute} has up to ${longest} characters, and this one has ${value.length}.`)]
      : [];
  return [
    ...tooLong('bucket', bucket, LONGEST_NAME),
    ...tooLong('bucket_prefix', prefix, LONGEST_NAME - UNIQUE_SUFFIX_LENGTH),
    ...(bucket !== null && prefix !== null
      ? [problem('bucket_prefix', 'A bucket has a name or the prefix of one: bucket or bucket_prefix, not both.')]
      : []),
  ];
}

const movedProblems = (config: Attributes): Problem[] =>
  Object.entries(MOVED).flatMap(([attribute, type]) => {
    const value = config[attribute];
    const given = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
    return given
      ? [problem(attribute, `${attribute} of aws_s3_bucket is deprecated, and not supported here: use ${type}.`)]
      : [];
  });

const tagSet = (tags: Attributes) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value: Value as string }));

const readTags = async (s3: Client<S3Operations>, Bucket: string) =>
  (await orAbsent(s3('GetBucketTagging', { Bucket })))?.TagSet ?? [];
