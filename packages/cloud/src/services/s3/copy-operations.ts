// Objects copied. The copy shares the bytes of its source: what is stored is never changed, so nothing has to be moved.
import { createHash } from 'node:crypto';

import type { CopyObjectOutput, CopyObjectRequest } from '@aws-sdk/client-s3';

import type { Access, Call, Operation } from '../../kernel/service.ts';
import { requestTags } from './access.ts';
import { requireReadable } from './archive.ts';
import type { Bucket } from './buckets.ts';
import {
  checksumMembers,
  createHasher,
  DEFAULT_ALGORITHM,
  requireAlgorithm,
  type Checksum,
  type ChecksumAlgorithm,
} from './checksums.ts';
import { checkCopyConditions, checkWriteForm } from './conditions.ts';
import { hashAll } from './content.ts';
import { requireCustomerKey, shownEncryption, sourceKey } from './customer-key.ts';
import { encryptionFor, etagUnder, requireDecryptable, writtenEncryption } from './encryption.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import { expirationMember } from './expiration.ts';
import { LARGEST_PUT } from './intake.ts';
import { aboutFrom, checkKey, storageClass } from './object-headers.ts';
import { isVersionId, type About, type Version } from './objects.ts';
import { requireVersion } from './read-operations.ts';
import { requireBucket, requireOwned, secondOf, type S3 } from './service.ts';
import { store, writeAccess, writtenVersion } from './write-operations.ts';

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/** Reads the `x-amz-copy-source` header: bucket and key, percent-encoded, and perhaps a version. */
export function parseCopySource(header: string): CopySource {
  const mark = header.lastIndexOf('?versionId=');
  const path = decode(mark < 0 ? header : header.slice(0, mark), header).replace(/^\//, '');
  const slash = path.indexOf('/');
  if (slash < 1 || slash === path.length - 1) throw badSource(header);
  const version = mark < 0 ? undefined : header.slice(mark + '?versionId='.length);
  if (version !== undefined && !isVersionId(version)) {
    throw invalidArgument('Invalid version id specified', 'versionId', version);
  }
  const source = { Bucket: path.slice(0, slash), Key: path.slice(slash + 1) };
  return version === undefined ? source : { ...source, VersionId: version };
}

/** What reading the source needs allowed. */
export function sourceAccess({ guard }: S3, source: CopySource, call: Call): Access[] {
  return guard.existing('s3:GetObject', 's3:GetObjectVersion', source, call);
}

/** The source of a copy, as it is now. Its bucket may be in any region. */
export function requireSource(
  s3: S3,
  source: CopySource,
  expectedOwner: string | undefined,
  call: Call,
): { bucket: Bucket; version: Version } {
  const bucket = requireOwned(s3.buckets.require(source.Bucket), expectedOwner, call);
  const version = requireVersion(s3, bucket, source.Key, source.VersionId, 'GET');
  requireReadable(version, call.now);
  return { bucket, version };
}

export function copyOperations(s3: S3) {
  const { guard } = s3;

  const CopyObject: Operation<CopyObjectRequest, CopyObjectOutput> = {
    access: (input, call) => {
      const source = parseCopySource(input.CopySource!);
      const access = [...sourceAccess(s3, source, call), ...writeAccess(s3, input, call)];
      const copied = input.TaggingDirective === 'REPLACE' ? undefined : tagsOf(s3, source);
      if (!copied) return access;
      return [
        ...access,
        ...guard.existing('s3:GetObjectTagging', 's3:GetObjectVersionTagging', source, call),
        guard.object('s3:PutObjectTagging', input, call, requestTags(copied)),
      ];
    },
    run: async (input, call) => {
      const bucket = requireBucket(s3, input, call);
      checkKey(input.Key!);
      checkWriteForm(input);
      const source = parseCopySource(input.CopySource!);
      const { bucket: sourceBucket, version } = requireSource(s3, source, input.ExpectedSourceBucketOwner, call);
      requireCustomerKey(version.about.customerKey, sourceKey(input));
      checkCopyConditions(version, input);
      if (version.size > LARGEST_PUT) {
        throw invalidRequest(
          `The specified copy source is larger than the maximum allowable size for a copy source: ${LARGEST_PUT}`,
        );
      }
      refuseNoChange(input, source);
      const about = aboutOfCopy(input, bucket, version, call);
      const release = s3.blobs.hold(version.slices);
      try {
        await requireDecryptable(s3, version.about.encryption, sourceBucket, call);
        const encryption = await encryptionFor(s3, input, bucket, call);
        const { md5, checksum } = await digestsOfCopy(s3, input, version);
        const etag = etagUnder({ ...about, encryption }, md5);
        const modified = secondOf(call);
        const draft = {
          size: version.size,
          etag,
          modified,
          about: { ...about, checksum, ...(encryption && { encryption }) },
          content: { shared: version.slices },
        };
        const { version: copy } = store(s3, input, call, draft);
        return {
          CopyObjectResult: { ETag: `"${etag}"`, LastModified: new Date(modified), ...checksumMembers(checksum) },
          ...shownEncryption(about.customerKey, input, writtenEncryption(encryption)),
          ...writtenVersion(copy),
          ...expirationMember(bucket, copy),
          ...(sourceBucket.settings.versioning && { CopySourceVersionId: version.version }),
        };
      } finally {
        release();
      }
    },
  };

  return { CopyObject };
}

function tagsOf({ buckets, objects }: S3, { Bucket, Key, VersionId }: CopySource): About['tags'] {
  const bucket = buckets.find(Bucket);
  if (!bucket) return undefined;
  return (VersionId === undefined ? objects.latest(bucket, Key) : objects.version(bucket, Key, VersionId))?.about.tags;
}

function refuseNoChange(input: CopyObjectRequest, source: CopySource): void {
  if (source.Bucket !== input.Bucket || source.Key !== input.Key || source.VersionId !== undefined) return;
  const changes = [
    input.StorageClass,
    input.ServerSideEncryption,
    input.SSECustomerAlgorithm,
    input.WebsiteRedirectLocation,
    input.ChecksumAlgorithm,
  ];
  if (input.MetadataDirective === 'REPLACE' || input.TaggingDirective === 'REPLACE') return;
  if (changes.some((change) => change !== undefined)) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

// What is copied and what is said anew is decided by the directives; locks, ACLs and storage class are always the request's.
function aboutOfCopy(input: CopyObjectRequest, bucket: Bucket, { about }: Version, call: Call): About {
  for (const directive of [input.MetadataDirective, input.TaggingDirective]) {
    if (directive === undefined || directive === 'COPY' || directive === 'REPLACE') continue;
    throw invalidArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive);
  }
  const replaceTags = input.TaggingDirective === 'REPLACE';
  const said = aboutFrom({ ...input, Tagging: replaceTags ? input.Tagging : undefined }, bucket, call);
  const { tags, retention, legalHold, acl, redirect, customerKey, ...headers } = said;
  const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, expires, metadata } = about;
  const copied = { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, expires, metadata };
  const own = { retention, legalHold, acl, redirect, customerKey, tags: replaceTags ? tags : about.tags };
  const kept = input.MetadataDirective === 'REPLACE' ? headers : { ...copied, ...storageClass(input.StorageClass) };
  return withoutUndefined({ ...kept, ...own }) as About;
}

const withoutUndefined = (members: object): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

// A copy is one piece, whatever its source was: the tag of a multipart object, and its composite checksum, are not its own.
async function digestsOfCopy(
  s3: S3,
  input: CopyObjectRequest,
  version: Version,
): Promise<{ md5: string; checksum: Checksum }> {
  const { checksum, encryption, customerKey } = version.about;
  const algorithm: ChecksumAlgorithm =
    input.ChecksumAlgorithm === undefined
      ? (checksum?.algorithm ?? DEFAULT_ALGORITHM)
      : requireAlgorithm(input.ChecksumAlgorithm);
  // Nor is the tag of one under a key of KMS or of the customer's the MD5 of its bytes.
  const plain = !version.etag.includes('-') && !encryption && !customerKey;
  if (plain && checksum?.algorithm === algorithm && checksum.type === 'FULL_OBJECT') {
    return { md5: version.etag, checksum };
  }
  const hash = createHash('md5');
  const hasher = createHasher(algorithm);
  await hashAll(s3.blobs, version.slices, [hash, hasher]);
  const value = hasher.digest().toString('base64');
  return { md5: hash.digest('hex'), checksum: { algorithm, type: 'FULL_OBJECT', value } };
}

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw badSource(header);
  }
}

const badSource = (header: string) =>
  invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    'x-amz-copy-source',
    header,
  );
