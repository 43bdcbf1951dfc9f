// aws_s3_object. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_object
import { malformedId } from '../../terraform/errors.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { orAbsent } from './bucket-setting.ts';
import { clearObject } from './object-removal.ts';
import { CONTENT_ARGUMENTS, isAt, tagSet, writeObject } from './object-upload.ts';
import { validateObject } from './object-validation.ts';
import type { S3Operations } from './operations.ts';

/** What a new content changes. */
const OF_CONTENT = [
  'version_id',
  'checksum_crc32',
  'checksum_crc32c',
  'checksum_crc64nvme',
  'checksum_sha1',
  'checksum_sha256',
];

export const objectResource: ResourceType = {
  type: 'aws_s3_object',
  replace: ['bucket', 'key'],
  defaults: { force_destroy: false },
  validate: validateObject,
  // https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_object#override_provider
  refusesDefaultTags: ({ override_provider: [overridden] = [] as Attributes[] }) =>
    overridden?.['default_tags']?.length > 0,
  // hashicorp/aws plans with the former etag, and Terraform then calls the new one a defect where another resource refers to it.
  recomputes: (prior, planned) =>
    isRewritten(prior, planned) ? [...OF_CONTENT, ...(prior['etag'] === planned['etag'] ? ['etag'] : [])] : [],

  async create(planned, context) {
    await writeObject(planned, context);
    return { id: planned['key'] };
  },

  async read(state, context) {
    const s3 = context.client<S3Operations>('s3');
    const where = isAt(state);
    // As hashicorp/aws, which asks for the checksum of an object that was configured to have one.
    const checked = state['checksum_algorithm'] ? { ChecksumMode: 'ENABLED' as const } : {};
    const head = await orAbsent(s3('HeadObject', { ...where, ...checked }));
    if (!head) return null;
    const { TagSet = [] } = await s3('GetObjectTagging', where);
    return {
      id: state['key'],
      arn: `arn:aws:s3:::${where.Bucket}/${where.Key}`,
      bucket_key_enabled: head.BucketKeyEnabled ?? false,
      cache_control: head.CacheControl ?? '',
      checksum_crc32: head.ChecksumCRC32 ?? '',
      checksum_crc32c: head.ChecksumCRC32C ?? '',
      checksum_crc64nvme: head.ChecksumCRC64NVME ?? '',
      checksum_sha1: head.ChecksumSHA1 ?? '',
      checksum_sha256: head.ChecksumSHA256 ?? '',
      content_disposition: head.ContentDisposition ?? '',
      content_encoding: head.ContentEncoding ?? '',
      content_language: head.ContentLanguage ?? '',
      content_type: head.ContentType,
      etag: head.ETag?.replaceAll('"', ''),
      kms_key_id: head.SSEKMSKeyId,
      metadata: head.Metadata ?? {},
      object_lock_legal_hold_status: head.ObjectLockLegalHoldStatus ?? '',
      object_lock_mode: head.ObjectLockMode ?? '',
      object_lock_retain_until_date: head.ObjectLockRetainUntilDate?.toISOString().replace('.000Z', 'Z') ?? '',
      server_side_encryption: head.ServerSideEncryption,
      storage_class: head.StorageClass ?? 'STANDARD',
      tags_all: Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value])),
      version_id: head.VersionId ?? '',
      website_redirect: head.WebsiteRedirectLocation ?? '',
    };
  },

  async update(prior, planned, context) {
    if (isRewritten(prior, planned)) return writeObject(planned, context);
    await syncSettings(prior, planned, context);
  },

  delete: (state, context) =>
    clearObject(context.client<S3Operations>('s3'), isAt(state), {
      versions: Boolean(state['version_id']),
      force: state['force_destroy'] ?? false,
    }),

  importState: (id) => {
    const [, bucket, key] = /^(?:s3:\/\/)?([^/]+)\/(.+)$/s.exec(id) ?? [];
    if (!bucket || !key) throw malformedId(id, 'bucket/key or s3://bucket/key');
    return { id: key, bucket, key, force_destroy: false };
  },
};

const isRewritten = (prior: Attributes, planned: Attributes): boolean =>
  CONTENT_ARGUMENTS.some((name) => differs(prior[name], planned[name]));

const differs = (before: unknown, after: unknown): boolean =>
  JSON.stringify(before ?? null) !== JSON.stringify(after ?? null);

/** Changes what S3 lets be changed of an object that stays. */
async function syncSettings(prior: Attributes, planned: Attributes, context: ResourceContext): Promise<void> {
  const s3 = context.client<S3Operations>('s3');
  const where = isAt(planned);
  const changed = (name: string) => differs(prior[name], planned[name]);
  if (planned['acl'] && changed('acl')) await s3('PutObjectAcl', { ...where, ACL: planned['acl'] });
  if (changed('object_lock_legal_hold_status')) {
    const Status = planned['object_lock_legal_hold_status'] || 'OFF';
    await s3('PutObjectLegalHold', { ...where, LegalHold: { Status } });
  }
  if (changed('object_lock_mode') || changed('object_lock_retain_until_date')) {
    const [before, after] = [prior, planned].map(({ object_lock_retain_until_date: date }) => date && new Date(date));
    // An earlier date, or none, has to bypass governance.
    const shorter = before && (!after || after < before);
    await s3('PutObjectRetention', {
      ...where,
      Retention: {
        ...(planned['object_lock_mode'] && { Mode: planned['object_lock_mode'] }),
        ...(after && { RetainUntilDate: after }),
      },
      ...(shorter && { BypassGovernanceRetention: true }),
    });
  }
  if (changed('tags_all')) {
    const TagSet = tagSet(planned);
    if (TagSet.length > 0) await s3('PutObjectTagging', { ...where, Tagging: { TagSet } });
    else await s3('DeleteObjectTagging', where);
  }
}
