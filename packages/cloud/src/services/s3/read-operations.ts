// Objects read: their bytes, or what is known of them.
import type {
  GetObjectAttributesOutput,
  GetObjectAttributesRequest,
  GetObjectOutput,
  GetObjectRequest,
  HeadObjectOutput,
  HeadObjectRequest,
  ObjectPart as ObjectPartShape,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Call, Operation } from '../../kernel/service.ts';
import { requireReadable, restoreHeader } from './archive.ts';
import type { Bucket } from './buckets.ts';
import { checksumMembers, withoutCount, type Checksum } from './checksums.ts';
import { checkReadConditions } from './conditions.ts';
import { cut, read } from './content.ts';
import { requireCustomerKey, shownEncryption } from './customer-key.ts';
import { requireDecryptable } from './encryption.ts';
import { invalidArgument, invalidRequest, methodNotAllowed, noSuchKey, noSuchVersion } from './errors.ts';
import { requireHeaderText } from './header-text.ts';
import { describe } from './object-headers.ts';
import { isVersionId, type ObjectPart, type Version } from './objects.ts';
import { partsPage } from './parts-page.ts';
import { parseRange, type Range } from './ranges.ts';
import { requireBucket, type S3 } from './service.ts';

/** The version that a request names, or the current one: an object, or AWS's error for what stands in its place. */
export function requireVersion(
  { objects }: S3,
  bucket: Bucket,
  key: string,
  version: string | undefined,
  method: string,
): Version {
  if (version === undefined) {
    const latest = objects.latest(bucket, key);
    if (!latest) throw noSuchKey(key);
    if (latest.marker) throw noSuchKey(key, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': latest.version });
    return latest;
  }
  if (!isVersionId(version)) throw invalidArgument('Invalid version id specified', 'versionId', version);
  const found = objects.version(bucket, key, version);
  if (!found) throw noSuchVersion(key, version);
  if (found.marker) throw methodNotAllowed(method, found.version, found.modified);
  return found;
}

export function readOperations(s3: S3) {
  const { guard, blobs } = s3;

  const GetObject: Operation<GetObjectRequest, GetObjectOutput> = {
    access: (input, call) => guard.existing('s3:GetObject', 's3:GetObjectVersion', input, call),
    run: async (input, call) => {
      const { bucket, version, range, output } = look(s3, input, call, 'GET');
      requireReadable(version, call.now);
      const slices = range ? cut(version.slices, range.start, range.end) : version.slices;
      // The bytes stay while KMS is asked, should somebody delete the object meanwhile.
      const release = blobs.hold(slices);
      try {
        await requireDecryptable(s3, version.about.encryption, bucket, call);
        return { ...output, ...overrides(input, call), Body: read(blobs, slices) as GetObjectOutput['Body'] };
      } finally {
        release();
      }
    },
  };

  const HeadObject: Operation<HeadObjectRequest, HeadObjectOutput> = {
    access: (input, call) => guard.existing('s3:GetObject', 's3:GetObjectVersion', input, call),
    run: async (input, call) => {
      const { bucket, version, output } = look(s3, input, call, 'HEAD');
      // The checksum tells of the bytes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
      if (input.ChecksumMode === 'ENABLED') await requireDecryptable(s3, version.about.encryption, bucket, call);
      return { ...output, ...overrides(input, call) } as HeadObjectOutput;
    },
  };

  const GetObjectAttributes: Operation<GetObjectAttributesRequest, GetObjectAttributesOutput> = {
    access: (input, call) => [
      ...guard.existing('s3:GetObject', 's3:GetObjectVersion', input, call),
      ...guard.existing('s3:GetObjectAttributes', 's3:GetObjectVersionAttributes', input, call),
    ],
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      const version = requireVersion(s3, bucket, input.Key!, input.VersionId, 'GET');
      requireCustomerKey(version.about.customerKey, input);
      const wanted = requireAttributes(input.ObjectAttributes);
      const { about } = version;
      return {
        LastModified: new Date(version.modified),
        ...(bucket.settings.versioning && { VersionId: version.version }),
        ...(wanted.has('ETag') && { ETag: version.etag }),
        // Here, and here alone, the number of parts is not put behind a composite checksum.
        ...(wanted.has('Checksum') &&
          about.checksum && {
            Checksum: checksumMembers({ ...about.checksum, value: withoutCount(about.checksum.value) }),
          }),
        ...(wanted.has('ObjectParts') && version.parts.length > 0 && { ObjectParts: objectParts(version, input) }),
        ...(wanted.has('StorageClass') && { StorageClass: (about.storageClass ?? 'STANDARD') as 'STANDARD' }),
        ...(wanted.has('ObjectSize') && { ObjectSize: version.size }),
      };
    },
  };

  return { GetObject, HeadObject, GetObjectAttributes };
}

const ATTRIBUTES: readonly string[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

function requireAttributes(asked: readonly string[] | undefined): ReadonlySet<string> {
  const unknown = asked?.find((name) => !ATTRIBUTES.includes(name));
  if (asked && asked.length > 0 && unknown === undefined) return new Set(asked);
  throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown);
}

/** What GetObject and HeadObject have in common: everything but the bytes. */
function look(
  s3: S3,
  input: GetObjectRequest | HeadObjectRequest,
  call: Call,
  method: string,
): { bucket: Bucket; version: Version; range: Range | undefined; output: GetObjectOutput } {
  const bucket = requireBucket(s3, input, call);
  const version = requireVersion(s3, bucket, input.Key!, input.VersionId, method);
  requireCustomerKey(version.about.customerKey, input);
  checkReadConditions(input, version);
  const range = input.PartNumber === undefined ? parseRange(input.Range, version.size) : rangeOfPart(input, version);
  const { start, end } = range ?? { start: 0, end: version.size };
  const restore = restoreHeader(version, call.now);
  const output: GetObjectOutput & { $metadata?: { httpStatusCode: number } } = {
    ...describe(bucket, version),
    ...shownEncryption(version.about.customerKey, input, {}),
    ContentLength: end - start,
    ...(range && { ContentRange: `bytes ${start}-${end - 1}/${version.size}`, $metadata: { httpStatusCode: 206 } }),
    ...(input.ChecksumMode === 'ENABLED' && checksumMembers(checksumOf(version, range))),
    ...(input.PartNumber !== undefined && version.parts.length > 0 && { PartsCount: version.parts.length }),
    ...(restore !== undefined && { Restore: restore }),
  };
  return { bucket, version, range, output };
}

/**
 * The checksum of what is read. A part of an object with a composite checksum has its own, asked for by its number or its
 * bytes; one of an object whose checksum is that of the whole has none, though it came with one, unless it is all there is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
function checksumOf({ about: { checksum }, parts, size }: Version, range: Range | undefined): Checksum | undefined {
  if (!checksum || !range) return checksum;
  if (checksum.type === 'COMPOSITE') {
    const value = partAt(parts, range)?.checksum;
    if (value !== undefined) return { ...checksum, value };
  }
  return range.start === 0 && range.end === size ? checksum : undefined;
}

function partAt(parts: readonly ObjectPart[], { start, end }: Range): ObjectPart | undefined {
  let from = 0;
  for (const part of parts) {
    if (from === start) return from + part.size === end ? part : undefined;
    from += part.size;
  }
  return undefined;
}

function rangeOfPart({ PartNumber: number = 0, Range }: GetObjectRequest, { parts, size }: Version): Range | undefined {
  if (Range !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  if (parts.length === 0 && number === 1) return size === 0 ? undefined : { start: 0, end: size };
  const index = parts.findIndex((part) => part.number === number);
  if (index < 0) {
    throw new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', {
      status: 416,
      members: { PartNumberRequested: number, ActualPartCount: Math.max(parts.length, 1) },
    });
  }
  const start = parts.slice(0, index).reduce((sum, part) => sum + part.size, 0);
  return { start, end: start + parts[index]!.size };
}

/** What a presigned URL may have an answer say; nobody else may ask for it. */
const OVERRIDES = [
  ['CacheControl', 'ResponseCacheControl', 'response-cache-control'],
  ['ContentDisposition', 'ResponseContentDisposition', 'response-content-disposition'],
  ['ContentEncoding', 'ResponseContentEncoding', 'response-content-encoding'],
  ['ContentLanguage', 'ResponseContentLanguage', 'response-content-language'],
  ['ContentType', 'ResponseContentType', 'response-content-type'],
] as const;

function overrides(input: GetObjectRequest | HeadObjectRequest, call: Call): Partial<GetObjectOutput> {
  const asked = {
    ...Object.fromEntries(
      OVERRIDES.flatMap(([member, asked, parameter]) => {
        const text = input[asked];
        return text === undefined ? [] : [[member, requireHeaderText(parameter, text)]];
      }),
    ),
    ...(input.ResponseExpires !== undefined && { Expires: input.ResponseExpires }),
  };
  if (Object.keys(asked).length > 0 && call.principal.kind === 'anonymous') {
    throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.');
  }
  return asked;
}

function objectParts(version: Version, input: GetObjectAttributesRequest) {
  const { after, limit } = partsPage(input);
  const { checksum } = version.about;
  // AWS lists parts by their checksums, and an object whose parts have none of their own is told only how many there were.
  if (checksum?.type !== 'COMPOSITE') return { TotalPartsCount: version.parts.length };
  const following = version.parts.filter(({ number }) => number > after);
  const page = following.slice(0, limit);
  return {
    TotalPartsCount: version.parts.length,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
    MaxParts: limit,
    IsTruncated: following.length > limit,
    Parts: page.map((part) => partShape(part, checksum.algorithm)),
  };
}

const partShape = ({ number, size, checksum }: ObjectPart, algorithm: string): ObjectPartShape => ({
  PartNumber: number,
  Size: size,
  [`Checksum${algorithm}`]: checksum,
});
