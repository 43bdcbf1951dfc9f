// The documents that settings are sent in, compared with the checksums that come with them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
import { createHash } from 'node:crypto';

import type { WireRequest } from '../../wire/message.ts';
import { badChecksum, checkForm, createHasher, requireAlgorithm } from './checksums.ts';
import { invalidRequest } from './errors.ts';
import { badMd5, parseMd5 } from './intake.ts';

const CHECKSUM = /^x-amz-checksum-(?!algorithm$|type$|mode$)(.+)$/;

/** Throws S3's error for a body that is not what its headers say. */
export function checkBody(operation: string, body: Buffer, headers: WireRequest['headers']): void {
  const md5 = parseMd5(headers['content-md5']);
  if (md5) {
    const digest = createHash('md5').update(body).digest();
    if (!md5.equals(digest)) throw badMd5(headers['content-md5']!, digest);
  }
  // There they are the object's.
  if (operation === 'CompleteMultipartUpload') return;
  const [first, second] = Object.entries(headers).flatMap(([name, value]) => {
    const [, algorithm] = CHECKSUM.exec(name) ?? [];
    return algorithm === undefined || value === undefined ? [] : [{ algorithm: requireAlgorithm(algorithm), value }];
  });
  if (!first) return;
  if (second) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  checkForm(first.algorithm, first.value);
  const hasher = createHasher(first.algorithm);
  hasher.update(body);
  if (hasher.digest().toString('base64') !== first.value) throw badChecksum(first.algorithm);
}
