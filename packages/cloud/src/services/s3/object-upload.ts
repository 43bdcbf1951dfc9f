// How an aws_s3_object gets into its bucket: where its bytes come from, and what is said of them.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import { UserError } from '../../terraform/errors.ts';
import type { Attributes, ResourceContext } from '../../terraform/resource.ts';
import { createHasher, requireAlgorithm, type ChecksumMembers } from './checksums.ts';
import type { S3Operations } from './operations.ts';

/** Arguments whose change means that the object is written anew. */
export const CONTENT_ARGUMENTS: readonly string[] = [
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
];

/** Where an object is. hashicorp/aws drops slashes before a key, and makes one of several within it. */
export const isAt = ({ bucket, key }: Attributes): { Bucket: string; Key: string } => ({
  Bucket: bucket,
  Key: (key as string).replace(/^\/+/, '').replaceAll(/\/+/g, '/'),
});

export const tagSet = ({ tags_all: tags }: Attributes) =>
  Object.entries((tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));

/** Writes the object as it is planned, a new version of it where the bucket keeps versions. */
export async function writeObject(planned: Attributes, context: ResourceContext): Promise<void> {
  const optional = (name: string) => (planned[name] as string | null | undefined) || undefined;
  const body = await contentOf(planned, context);
  const kms = optional('kms_key_id');
  await context.client<S3Operations>('s3')('PutObject', {
    ...isAt(planned),
    Body: body as never,
    ACL: optional('acl') as 'private' | undefined,
    // What the provider's own SDK sends where nothing is said.
    ContentType: optional('content_type') ?? 'application/octet-stream',
    CacheControl: optional('cache_control'),
    ContentDisposition: optional('content_disposition'),
    ContentEncoding: optional('content_encoding'),
    ContentLanguage: optional('content_language'),
    Metadata: planned['metadata'] ?? undefined,
    StorageClass: optional('storage_class') as 'STANDARD' | undefined,
    ServerSideEncryption: (kms ? 'aws:kms' : optional('server_side_encryption')) as 'AES256' | undefined,
    SSEKMSKeyId: kms,
    BucketKeyEnabled: planned['bucket_key_enabled'] || undefined,
    WebsiteRedirectLocation: optional('website_redirect'),
    ObjectLockLegalHoldStatus: optional('object_lock_legal_hold_status') as 'ON' | undefined,
    ObjectLockMode: optional('object_lock_mode') as 'GOVERNANCE' | undefined,
    ...(planned['object_lock_retain_until_date'] && {
      ObjectLockRetainUntilDate: new Date(planned['object_lock_retain_until_date']),
    }),
    ...checksumOf(body, optional('checksum_algorithm')),
    ...(tagSet(planned).length > 0 && { Tagging: new URLSearchParams(planned['tags_all']).toString() }),
  });
}

async function contentOf(
  { source, content, content_base64 }: Attributes,
  { folder }: ResourceContext,
): Promise<Buffer> {
  if (!source) return content_base64 ? Buffer.from(content_base64, 'base64') : Buffer.from(content ?? '');
  const path = (source as string).replace(/^~(?=\/|$)/, homedir());
  const file = isAbsolute(path) ? path : join(folder, path);
  try {
    return await readFile(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UserError(
      `opening S3 object source (${source}): ${error.message}`,
      'Let source name a file; a relative one starts where Terraform runs.',
    );
  }
}

/** The checksum that is to be stored: S3 takes it from who sends the bytes. */
function checksumOf(body: Buffer, name: string | undefined): ChecksumMembers {
  if (name === undefined) return {};
  const algorithm = requireAlgorithm(name);
  const hasher = createHasher(algorithm);
  hasher.update(body);
  return { [`Checksum${algorithm}`]: hasher.digest().toString('base64') };
}
