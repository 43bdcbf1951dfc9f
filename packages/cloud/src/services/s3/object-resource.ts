// aws_s3_object. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_object
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import { AwsError } from '../../kernel/errors.ts';
import { malformedId } from '../../terraform/errors.ts';
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { orAbsent } from './bucket-setting.ts';
import type { S3Operations } from './operations.ts';

/** Arguments whose change means that the object is written anew. */
const WRITTEN = [
  'acl',
  'bucket_key_enabled',
  'cache_control',
  'checksum_algorithm',
  'content',
  'content_base64',
  'content_disposition',
  'content_encoding',
  'content_language',
  'content_type',
  'etag',
  'kms_key_id',
  'metadata',
  'server_side_encryption',
  'source',
  'source_hash',
  'storage_class',
  'website_redirect',
] as const;

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
  validate: ({ source, content, content_base64, acl, metadata }) => [
    ...([source, content, content_base64].filter((value) => value !== undefined && value !== null).length > 1
      ? [{ attribute: 'source', message: 'An object has one of source, content and content_base64.' }]
      : []),
    ...(acl && acl !== 'private' && acl !== 'bucket-owner-full-control'
      ? [{ attribute: 'acl', message: `The ACL ${acl} is not supported: buckets enforce their owner.` }]
      : []),
    ...Object.keys(metadata ?? {})
      .filter((name) => name !== name.toLowerCase())
      .map((name) => ({ attribute: 'metadata', message: `The metadata key ${name} has to be in lower case.` })),
  ],
  recomputes: (prior, planned) =>
    WRITTEN.some((name) => JSON.stringify(prior[name] ?? null) !== JSON.stringify(planned[name] ?? null))
      ? [...OF_CONTENT, ...(prior['etag'] === planned['etag'] ? ['etag'] : [])]
      : [],

  async create(planned, context) {
    await write(planned, context);
    return { id: planned['key'] };
  },

  async read(state, context) {
    const s3 = context.client<S3Operations>('s3');
    const where = { Bucket: state['bucket'] as string, Key: state['key'] as string };
    const head = await orAbsent(s3('HeadObject', { ...where, ChecksumMode: 'ENABLED' }));
    if (!head) return null;
    const tags = await s3('GetObjectTagging', where);
    return {
      id: where.Key,
      arn: `arn:aws:s3:::${where.Bucket}/${where.Key}`,
      bucket_key_enabled: head.BucketKeyEnabled ?? false,
      cache_control: head.CacheControl,
      checksum_crc32: head.ChecksumCRC32 ?? '',
      checksum_crc32c: head.ChecksumCRC32C ?? '',
      checksum_crc64nvme: head.ChecksumCRC64NVME ?? '',
      checksum_sha1: head.ChecksumSHA1 ?? '',
      checksum_sha256: head.ChecksumSHA256 ?? '',
      content_disposition: head.ContentDisposition,
      content_encoding: head.ContentEncoding,
      content_language: head.ContentLanguage,
      content_type: head.ContentType,
      etag: head.ETag?.replaceAll('"', ''),
      kms_key_id: head.SSEKMSKeyId,
      metadata: head.Metadata ?? {},
      object_lock_legal_hold_status: head.ObjectLockLegalHoldStatus,
      object_lock_mode: head.ObjectLockMode,
      object_lock_retain_until_date: head.ObjectLockRetainUntilDate?.toISOString().replace('.000Z', 'Z'),
      server_side_encryption: head.ServerSideEncryption,
      storage_class: head.StorageClass ?? 'STANDARD',
      tags_all: Object.fromEntries((tags.TagSet ?? []).map(({ Key, Value }) => [Key, Value])),
      version_id: head.VersionId ?? '',
      website_redirect: head.WebsiteRedirectLocation,
    };
  },

  async update(prior, planned, context) {
    const differs = (name: string) => JSON.stringify(prior[name] ?? null) !== JSON.stringify(planned[name] ?? null);
    if (WRITTEN.some(differs)) return write(planned, context);
    const s3 = context.client<S3Operations>('s3');
    const where = { Bucket: planned['bucket'] as string, Key: planned['key'] as string };
    if (differs('tags_all')) await s3('PutObjectTagging', { ...where, Tagging: { TagSet: tagSet(planned) } });
    if (differs('object_lock_legal_hold_status')) {
      const Status = planned['object_lock_legal_hold_status'] ?? 'OFF';
      await s3('PutObjectLegalHold', { ...where, LegalHold: { Status } });
    }
    if (differs('object_lock_mode') || differs('object_lock_retain_until_date')) {
      await s3('PutObjectRetention', { ...where, Retention: retention(planned) });
    }
  },

  async delete(state, context) {
    const s3 = context.client<S3Operations>('s3');
    const where = { Bucket: state['bucket'] as string, Key: state['key'] as string };
    const versioned = state['version_id'] && state['version_id'] !== 'null';
    if (versioned) await deleteVersions(s3, where, state['force_destroy'] ?? false);
    else await orAbsent(s3('DeleteObject', where));
  },

  importState: (id) => {
    const [, bucket, key] = /^(?:s3:\/\/)?([^/]+)\/(.+)$/.exec(id) ?? [];
    if (!bucket || !key) throw malformedId(id, 'bucket/key or s3://bucket/key');
    return { id: key, bucket, key, force_destroy: false };
  },
};

async function write(planned: Attributes, context: ResourceContext): Promise<void> {
  const optional = (name: string) => (planned[name] as string | null | undefined) || undefined;
  const tags = tagSet(planned);
  await context.client<S3Operations>('s3')('PutObject', {
    Bucket: planned['bucket'],
    Key: planned['key'],
    Body: (await contentOf(planned, context)) as never,
    // What the provider's own SDK sends where nothing is said.
    ContentType: optional('content_type') ?? 'application/octet-stream',
    CacheControl: optional('cache_control'),
    ChecksumAlgorithm: optional('checksum_algorithm') as 'SHA256' | undefined,
    ContentDisposition: optional('content_disposition'),
    ContentEncoding: optional('content_encoding'),
    ContentLanguage: optional('content_language'),
    Metadata: planned['metadata'] ?? undefined,
    StorageClass: optional('storage_class') as 'STANDARD' | undefined,
    ServerSideEncryption: (optional('server_side_encryption') ?? (optional('kms_key_id') && 'aws:kms')) as 'AES256',
    SSEKMSKeyId: optional('kms_key_id'),
    BucketKeyEnabled: planned['bucket_key_enabled'] || undefined,
    WebsiteRedirectLocation: optional('website_redirect'),
    ObjectLockLegalHoldStatus: optional('object_lock_legal_hold_status') as 'ON' | undefined,
    ...(planned['object_lock_mode'] && {
      ObjectLockMode: planned['object_lock_mode'],
      ObjectLockRetainUntilDate: new Date(planned['object_lock_retain_until_date']),
    }),
    ...(tags.length > 0 && { Tagging: new URLSearchParams(planned['tags_all'] as Record<string, string>).toString() }),
  });
}

async function contentOf(
  { source, content, content_base64 }: Attributes,
  { folder }: ResourceContext,
): Promise<Buffer> {
  if (source) return readFile(isAbsolute(source) ? source : join(folder, source));
  return content_base64 ? Buffer.from(content_base64, 'base64') : Buffer.from(content ?? '');
}

const tagSet = ({ tags_all: tags }: Attributes) =>
  Object.entries((tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));

const retention = ({ object_lock_mode: Mode, object_lock_retain_until_date: until }: Attributes) => ({
  Mode,
  RetainUntilDate: new Date(until),
});

/** Every version goes; a lock in governance mode, only where force_destroy says so. */
async function deleteVersions(
  s3: Client<S3Operations>,
  { Bucket, Key }: { Bucket: string; Key: string },
  force: boolean,
): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3('ListObjectVersions', { Bucket, Prefix: Key });
    const own = [...Versions, ...DeleteMarkers].filter((version) => version.Key === Key);
    if (own.length === 0) return;
    for (const { VersionId } of own) {
      if (!VersionId) throw new AwsError('InternalError', `A version of ${Key} has no id.`, { status: 500 });
      await s3('DeleteObject', { Bucket, Key, VersionId, ...(force && { BypassGovernanceRetention: true }) });
    }
  }
}
