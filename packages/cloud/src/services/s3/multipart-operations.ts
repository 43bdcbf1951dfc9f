// Multipart uploads: begun, filled part by part, and completed or aborted.
import { createHash } from 'node:crypto';

import type {
  AbortMultipartUploadRequest,
  CompletedPart,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadOutput,
  CreateMultipartUploadRequest,
  ListPartsOutput,
  ListPartsRequest,
  StorageClass,
  UploadPartCopyOutput,
  UploadPartCopyRequest,
  UploadPartOutput,
  UploadPartRequest,
} from '@aws-sdk/client-s3';

import type { AwsError } from '../../kernel/errors.ts';
import type { Operation } from '../../kernel/service.ts';
import { ownerOf } from './acl.ts';
import {
  badChecksum,
  createHasher,
  declaredChecksum,
  DEFAULT_ALGORITHM,
  multipartTypes,
  partsChecksum,
  requireAlgorithm,
  withoutCount,
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
} from './checksums.ts';
import { completedBefore, completionOf } from './completion.ts';
import { checkCopyConditions, checkWriteConditions, checkWriteForm } from './conditions.ts';
import { cut, hashAll, sizeOf } from './content.ts';
import { parseCopySource, requireSource, sourceAccess } from './copy-operations.ts';
import { requireCustomerKey, shownEncryption, sourceKey } from './customer-key.ts';
import { encryptionFor, encryptionMembers, etagUnder, requireDecryptable, writtenEncryption } from './encryption.ts';
import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import { abortOf } from './expiration.ts';
import { algorithmOf, LARGEST_PUT, requireIntegrity, takeIn } from './intake.ts';
import { aboutFrom, checkKey } from './object-headers.ts';
import { partsPage } from './parts-page.ts';
import { parseCopyRange } from './ranges.ts';
import { requireBucket, secondOf, type S3 } from './service.ts';
import { partsETag, PARTS_LIMIT, type ListedPart, type Part, type Upload } from './uploads.ts';
import { writeAccess } from './write-operations.ts';

export function multipartOperations(s3: S3) {
  const { uploads, objects, blobs, guard } = s3;

  const CreateMultipartUpload: Operation<CreateMultipartUploadRequest, CreateMultipartUploadOutput> = {
    access: (input, call) => writeAccess(s3, input, call),
    run: async (input, call) => {
      const before = requireBucket(s3, input, call);
      checkKey(input.Key!);
      const checksum = requestedChecksum(input);
      const said = aboutFrom(input, before, call);
      const encryption = await encryptionFor(s3, input, before, call);
      const bucket = requireBucket(s3, input, call);
      const about = { ...said, ...(encryption && { encryption }) };
      const upload = uploads.create(bucket, input.Key!, call.now, { about, ...checksum });
      return {
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.id,
        ...shownEncryption(about.customerKey, input, writtenEncryption(encryption)),
        ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
        ...abortOf(bucket, upload),
      };
    },
  };

  const UploadPart: Operation<UploadPartRequest, UploadPartOutput> = {
    access: (input, call) => [guard.object('s3:PutObject', input, call)],
    run: async (input, call) => {
      const before = uploads.require(requireBucket(s3, input, call), input.Key!, input.UploadId!);
      const number = requirePartNumber(input.PartNumber);
      requireCustomerKey(before.about.customerKey, input);
      requireIntegrity(before.about, input, call, 'Part');
      const sent = algorithmOf(input, call);
      requireAlgorithmOf(before, sent);
      const { encryption } = before.about;
      await requireDecryptable(s3, encryption, requireBucket(s3, input, call), call);
      const intake = await takeIn(blobs, input, call, before.algorithm ?? DEFAULT_ALGORITHM);
      const { received, checksum } = intake;
      const etag = etagUnder(before.about, intake.etag);
      try {
        // It may have been aborted while the part was on its way.
        const upload = uploads.require(requireBucket(s3, input, call), input.Key!, input.UploadId!);
        const part = { number, size: received.size, etag, modified: secondOf(call), checksum };
        uploads.putPart(upload, part, { received });
        return {
          ETag: `"${etag}"`,
          ...shownEncryption(before.about.customerKey, input, encryptionMembers(encryption)),
          ...(before.algorithm ? { [`Checksum${before.algorithm}`]: checksum } : intake.sent),
        };
      } catch (error) {
        blobs.discard(received);
        throw error;
      }
    },
  };

  const UploadPartCopy: Operation<UploadPartCopyRequest, UploadPartCopyOutput> = {
    access: (input, call) => [
      ...sourceAccess(s3, parseCopySource(input.CopySource!), call),
      guard.object('s3:PutObject', input, call),
    ],
    run: async (input, call) => {
      const before = uploads.require(requireBucket(s3, input, call), input.Key!, input.UploadId!);
      const number = requirePartNumber(input.PartNumber);
      const source = parseCopySource(input.CopySource!);
      const { bucket, version } = requireSource(s3, source, input.ExpectedSourceBucketOwner, call);
      requireCustomerKey(before.about.customerKey, input);
      requireCustomerKey(version.about.customerKey, sourceKey(input));
      checkCopyConditions(version, input);
      const range =
        input.CopySourceRange === undefined ? undefined : parseCopyRange(input.CopySourceRange, version.size);
      const slices = range ? cut(version.slices, range.start, range.end) : version.slices;
      const size = sizeOf(slices);
      if (size > LARGEST_PUT)
        throw invalidRequest('The specified copy source is larger than the maximum allowable size');
      const { encryption } = before.about;
      const release = blobs.hold(version.slices);
      try {
        await requireDecryptable(s3, version.about.encryption, bucket, call);
        await requireDecryptable(s3, encryption, requireBucket(s3, input, call), call);
        const md5 = createHash('md5');
        const hasher = createHasher(before.algorithm ?? DEFAULT_ALGORITHM);
        await hashAll(blobs, slices, [md5, hasher]);
        const etag = etagUnder(before.about, md5.digest('hex'));
        const checksum = hasher.digest().toString('base64');
        const upload = uploads.require(requireBucket(s3, input, call), input.Key!, input.UploadId!);
        const modified = secondOf(call);
        uploads.putPart(upload, { number, size, etag, modified, checksum }, { shared: slices });
        return {
          CopyPartResult: {
            ETag: `"${etag}"`,
            LastModified: new Date(modified),
            ...(upload.algorithm && { [`Checksum${upload.algorithm}`]: checksum }),
          },
          ...shownEncryption(before.about.customerKey, input, encryptionMembers(encryption)),
          ...(bucket.settings.versioning && { CopySourceVersionId: version.version }),
        };
      } finally {
        release();
      }
    },
  };

  const CompleteMultipartUpload: Operation<CompleteMultipartUploadRequest, CompleteMultipartUploadOutput> = {
    access: (input, call) => [guard.object('s3:PutObject', input, call)],
    run: async (input, call) => {
      const before = completedBefore(s3, input, call);
      if (before) return before;
      const { encryption } = uploads.require(requireBucket(s3, input, call), input.Key!, input.UploadId!).about;
      await requireDecryptable(s3, encryption, requireBucket(s3, input, call), call);
      const bucket = requireBucket(s3, input, call);
      const key = input.Key!;
      const upload = uploads.require(bucket, key, input.UploadId!);
      // The key need not be said again, but where it is, it is the upload's.
      if (input.SSECustomerAlgorithm !== undefined) requireCustomerKey(upload.about.customerKey, input);
      checkWriteForm(input);
      const parts = uploads.choose(upload, listedParts(input.MultipartUpload?.Parts, upload));
      const size = parts.reduce((sum, part) => sum + part.size, 0);
      if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) throw wrongSize(input.MpuObjectSize, size);
      const checksum = checksumOf(upload, parts, input);
      if (input.IfMatch ?? input.IfNoneMatch) checkWriteConditions(input, key, objects.latest(bucket, key));
      const etag = partsETag(parts);
      const version = blobs.change(() => {
        uploads.finish(bucket, upload, parts);
        return objects.put(bucket, key, {
          size,
          etag,
          modified: secondOf(call),
          about: { ...upload.about, checksum, uploadId: upload.id },
          parts: parts.map((part) => ({ number: part.number, size: part.size, checksum: part.checksum })),
          content: { moved: parts.flatMap(({ slices }) => slices) },
        });
      });
      s3.events.publish(bucket, { name: 'ObjectCreated:CompleteMultipartUpload', entry: version }, call);
      s3.replication.note(bucket, version);
      return completionOf(bucket, version, input, call);
    },
  };

  const AbortMultipartUpload: Operation<AbortMultipartUploadRequest, object> = {
    access: (input, call) => [guard.object('s3:AbortMultipartUpload', input, call)],
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      uploads.abort(bucket, uploads.require(bucket, input.Key!, input.UploadId!));
      return {};
    },
  };

  const ListParts: Operation<ListPartsRequest, ListPartsOutput> = {
    access: (input, call) => [guard.object('s3:ListMultipartUploadParts', input, call)],
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      const upload = uploads.require(bucket, input.Key!, input.UploadId!);
      const { after, limit } = partsPage(input);
      const found = uploads.parts(upload, after, limit + 1);
      const page = found.slice(0, limit);
      const owner = ownerOf(call.account);
      return {
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.id,
        PartNumberMarker: String(after),
        NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
        MaxParts: limit,
        IsTruncated: found.length > limit,
        Parts: page.map((part) => ({
          PartNumber: part.number,
          LastModified: new Date(part.modified),
          ETag: `"${part.etag}"`,
          Size: part.size,
          ...(upload.algorithm && { [`Checksum${upload.algorithm}`]: part.checksum }),
        })),
        Initiator: owner,
        Owner: owner,
        StorageClass: (upload.about.storageClass ?? 'STANDARD') as StorageClass,
        ...(upload.algorithm && { ChecksumAlgorithm: upload.algorithm, ChecksumType: upload.type }),
        ...abortOf(bucket, upload),
      };
    },
  };

  return {
    CreateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    ListParts,
  };
}

function requestedChecksum(
  input: CreateMultipartUploadRequest,
): { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined {
  if (input.ChecksumAlgorithm === undefined) {
    if (input.ChecksumType === undefined) return undefined;
    throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  }
  const algorithm = requireAlgorithm(input.ChecksumAlgorithm);
  const types = multipartTypes(algorithm);
  const type = types.find((possible) => possible === (input.ChecksumType ?? types[0]));
  if (type) return { algorithm, type };
  throw invalidRequest(
    `The ${input.ChecksumType} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

function requirePartNumber(number: number | undefined): number {
  if (number !== undefined && number >= 1 && number <= PARTS_LIMIT) return number;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${PARTS_LIMIT}, inclusive`,
    'partNumber',
    String(number),
  );
}

// A part's checksum may be left out where AWS can compute it, but it may not be of another kind than the upload's.
function requireAlgorithmOf({ algorithm, type }: Upload, sent: ChecksumAlgorithm | undefined): void {
  if (algorithm === undefined || algorithm === sent || (sent === undefined && type === 'FULL_OBJECT')) return;
  throw otherAlgorithm(algorithm, sent);
}

const otherAlgorithm = (expected: ChecksumAlgorithm, actual: ChecksumAlgorithm | undefined): AwsError =>
  invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? 'null'}`,
  );

function listedParts(parts: readonly CompletedPart[] | undefined, upload: Upload): ListedPart[] {
  if (!parts || parts.length === 0) throw malformedXml();
  return parts.map((part) => {
    if (part.PartNumber === undefined || part.ETag === undefined) throw malformedXml();
    const declared = declaredChecksum(part);
    if (upload.algorithm && upload.type === 'COMPOSITE' && !declared) {
      throw invalidRequest(
        `The upload was created using a ${upload.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.PartNumber} in the request.`,
      );
    }
    // Where the upload has no algorithm of its own, what a part was sent with is not kept, and so cannot be compared.
    if (upload.algorithm && declared && declared.algorithm !== upload.algorithm) {
      throw otherAlgorithm(upload.algorithm, declared.algorithm);
    }
    const checksum = upload.algorithm && declared?.value;
    return { number: part.PartNumber, etag: part.ETag, checksum };
  });
}

function checksumOf(upload: Upload, parts: readonly Part[], input: CompleteMultipartUploadRequest): Checksum {
  const { algorithm = DEFAULT_ALGORITHM, type = 'FULL_OBJECT' } = upload;
  if (input.ChecksumType !== undefined && input.ChecksumType !== type) {
    throw invalidRequest(
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const checksum = partsChecksum(
    algorithm,
    type,
    parts.map(({ checksum: value, size }) => ({ value, size })),
  );
  const declared = declaredChecksum(input);
  if (declared && declared.algorithm !== algorithm) throw otherAlgorithm(algorithm, declared.algorithm);
  if (declared && withoutCount(declared.value) !== withoutCount(checksum.value)) throw badChecksum(algorithm);
  return checksum;
}

const wrongSize = (expected: number, actual: number): AwsError =>
  invalidRequest(
    `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${actual}`,
  );
