// What a request that writes an object says of it besides its bytes, and how an answer says it back.
import type { GetObjectOutput, HeadObjectOutput, StorageClass } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Call } from '../../kernel/service.ts';
import { isAclGiven, isOwnersAlone, ownerOf, requestedGrants, type AclInput } from './acl.ts';
import type { Bucket } from './buckets.ts';
import { keptKey } from './customer-key.ts';
import { checkEncryption, encryptionMembers, type EncryptionInput } from './encryption.ts';
import { expirationMember } from './expiration.ts';
import { headerText, mailSafe, storedMetadata } from './header-text.ts';
import { lockFor, type LockInput } from './object-lock.ts';
import type { About, Version } from './objects.ts';
import { orNothing, parseTagging } from './tags.ts';

export interface HeadersInput extends AclInput, LockInput, EncryptionInput {
  CacheControl?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentLanguage?: string | undefined;
  ContentType?: string | undefined;
  Expires?: Date | undefined;
  Metadata?: Record<string, string> | undefined;
  StorageClass?: string | undefined;
  Tagging?: string | undefined;
  WebsiteRedirectLocation?: string | undefined;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY = 1024;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const LARGEST_METADATA = 2 * 1024;

export const STORAGE_CLASSES: readonly string[] = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size <= LONGEST_KEY) return;
  throw new AwsError('KeyTooLongError', 'Your key is too long', {
    members: { Size: size, MaxSizeAllowed: LONGEST_KEY },
  });
}

/** Reads and checks everything that a write says of its object. */
export function aboutFrom(input: HeadersInput, bucket: Bucket, call: Call): About {
  checkEncryption(input);
  const grants = isAclGiven(input) ? requestedGrants(input, bucket, ownerOf(call.account)) : undefined;
  return {
    ...systemHeaders(input, call),
    ...(input.Metadata && { metadata: checkMetadata(input.Metadata) }),
    ...storageClass(input.StorageClass),
    ...orNothing(parseTagging(input.Tagging)),
    ...lockFor(input, bucket, call.now),
    ...keptKey(input, bucket),
    ...(grants && !isOwnersAlone(grants, ownerOf(call.account)) && { acl: grants }),
  };
}

export function systemHeaders(input: HeadersInput, call: Call): About {
  const encoding = withoutChunking(input.ContentEncoding);
  const expires = call.headers['expires'] ?? input.Expires?.toUTCString();
  return {
    ...(input.ContentType !== undefined && { contentType: headerText('Content-Type', input.ContentType) }),
    ...(input.CacheControl !== undefined && { cacheControl: headerText('Cache-Control', input.CacheControl) }),
    ...(input.ContentDisposition !== undefined && {
      contentDisposition: headerText('Content-Disposition', input.ContentDisposition),
    }),
    ...(encoding !== undefined && { contentEncoding: headerText('Content-Encoding', encoding) }),
    ...(input.ContentLanguage !== undefined && {
      contentLanguage: headerText('Content-Language', input.ContentLanguage),
    }),
    ...(expires !== undefined && { expires }),
    ...(input.WebsiteRedirectLocation !== undefined && { redirect: checkRedirect(input.WebsiteRedirectLocation) }),
  };
}

function checkMetadata(metadata: Record<string, string>): Record<string, string> {
  const size = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size <= LARGEST_METADATA) {
    return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, storedMetadata(name, value)]));
  }
  throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
    members: { Size: size, MaxSizeAllowed: LARGEST_METADATA },
  });
}

export function storageClass(name: string | undefined): { storageClass?: string } {
  if (name === undefined || name === 'STANDARD') return {};
  if (STORAGE_CLASSES.includes(name)) return { storageClass: name };
  throw new AwsError('InvalidStorageClass', 'The storage class you specified is not valid', {
    members: { StorageClassRequested: name },
  });
}

/** The members of a GetObject or HeadObject answer that speak of the whole version. */
export function describe(bucket: Bucket, version: Version): GetObjectOutput & HeadObjectOutput {
  const { about } = version;
  const expires = about.expires === undefined ? undefined : new Date(about.expires);
  const tags = Object.keys(about.tags ?? {}).length;
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(version.modified),
    ETag: `"${version.etag}"`,
    ContentType: about.contentType ?? 'binary/octet-stream',
    Metadata: Object.fromEntries(Object.entries(about.metadata ?? {}).map(([name, text]) => [name, mailSafe(text)])),
    ...(!about.customerKey && encryptionMembers(about.encryption)),
    ...(bucket.settings.versioning && { VersionId: version.version }),
    ...(about.cacheControl !== undefined && { CacheControl: about.cacheControl }),
    ...(about.contentDisposition !== undefined && { ContentDisposition: about.contentDisposition }),
    ...(about.contentEncoding !== undefined && { ContentEncoding: about.contentEncoding }),
    ...(about.contentLanguage !== undefined && { ContentLanguage: about.contentLanguage }),
    ...(expires && !Number.isNaN(expires.getTime()) && { Expires: expires }),
    ...(about.redirect !== undefined && { WebsiteRedirectLocation: about.redirect }),
    ...(about.storageClass !== undefined && { StorageClass: about.storageClass as StorageClass }),
    ...(about.replication !== undefined && { ReplicationStatus: about.replication }),
    ...(tags > 0 && { TagCount: tags }),
    ...(about.retention && {
      ObjectLockMode: about.retention.mode,
      ObjectLockRetainUntilDate: new Date(about.retention.until),
    }),
    ...(about.legalHold !== undefined && {
      ObjectLockLegalHoldStatus: about.legalHold ? ('ON' as const) : ('OFF' as const),
    }),
    ...expirationMember(bucket, version),
  };
}

// `aws-chunked` says how the body travelled, not what it is.
function withoutChunking(encoding: string | undefined): string | undefined {
  const kept = encoding
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '' && item.toLowerCase() !== 'aws-chunked');
  return kept && kept.length > 0 ? kept.join(',') : undefined;
}

function checkRedirect(location: string): string {
  if (/^(\/|https?:\/\/)/.test(location)) return headerText('x-amz-website-redirect-location', location);
  throw new AwsError(
    'InvalidRedirectLocation',
    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
  );
}
