// What completing an upload answers: the first time, and again to a client that did not hear it.
import type { CompleteMultipartUploadOutput, CompleteMultipartUploadRequest } from '@aws-sdk/client-s3';

import type { Call } from '../../kernel/service.ts';
import type { Bucket } from './buckets.ts';
import { checksumMembers } from './checksums.ts';
import { shownEncryption } from './customer-key.ts';
import { encryptionMembers } from './encryption.ts';
import { expirationMember } from './expiration.ts';
import type { Version } from './objects.ts';
import { requireBucket, type S3 } from './service.ts';
import { partsETag } from './uploads.ts';
import { writtenVersion } from './write-operations.ts';

export const completionOf = (
  bucket: Bucket,
  version: Version,
  input: CompleteMultipartUploadRequest,
  call: Call,
): CompleteMultipartUploadOutput => ({
  Location: `${call.endpoint}/${bucket.name}/${encodeURIComponent(version.key).replaceAll('%2F', '/')}`,
  Bucket: bucket.name,
  Key: version.key,
  ETag: `"${version.etag}"`,
  ...checksumMembers(version.about.checksum),
  ...shownEncryption(version.about.customerKey, input, encryptionMembers(version.about.encryption)),
  ...writtenVersion(version),
  ...expirationMember(bucket, version),
});

/** The same request again finds the object that it made, while that is the current one. */
export function completedBefore(
  s3: S3,
  input: CompleteMultipartUploadRequest,
  call: Call,
): CompleteMultipartUploadOutput | undefined {
  const bucket = requireBucket(s3, input, call);
  if (s3.uploads.find(bucket, input.Key!, input.UploadId!)) return undefined;
  const version = s3.objects.latest(bucket, input.Key!);
  if (!version || version.about.uploadId !== input.UploadId) return undefined;
  const etags = (input.MultipartUpload?.Parts ?? []).map(({ ETag = '' }) => ({ etag: ETag.replaceAll('"', '') }));
  return partsETag(etags) === version.etag ? completionOf(bucket, version, input, call) : undefined;
}
