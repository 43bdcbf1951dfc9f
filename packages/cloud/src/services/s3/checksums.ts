// Checksums of objects: what a client declares, what S3 computes, and how those of parts make one of the whole.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
import { createHash } from 'node:crypto';

import { AwsError } from '../../kernel/errors.ts';
import { combineCrc, createCrc } from './crc.ts';
import { invalidRequest, notSupported } from './errors.ts';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'SHA512' | 'MD5';
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** In base64; a composite one ends in a dash and the number of parts. */
  readonly value: string;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/** The members of requests and answers that carry a checksum. */
export interface ChecksumMembers {
  ChecksumCRC32?: string | undefined;
  ChecksumCRC32C?: string | undefined;
  ChecksumCRC64NVME?: string | undefined;
  ChecksumSHA1?: string | undefined;
  ChecksumSHA256?: string | undefined;
  ChecksumSHA512?: string | undefined;
  ChecksumMD5?: string | undefined;
}

/** What AWS computes for an object that came without a checksum. */
export const DEFAULT_ALGORITHM: ChecksumAlgorithm = 'CRC64NVME';

const DIGEST_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
};

const ALGORITHMS = Object.keys(DIGEST_BYTES) as readonly ChecksumAlgorithm[];

export const isCrc = (algorithm: ChecksumAlgorithm): algorithm is 'CRC32' | 'CRC32C' | 'CRC64NVME' =>
  algorithm.startsWith('CRC');

export function createHasher(algorithm: ChecksumAlgorithm): Hasher {
  return isCrc(algorithm) ? createCrc(algorithm) : createHash(algorithm);
}

/** The algorithm of this name, where it is one that S3 knows; refuses those that AWS has and we have not. */
export function requireAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = ALGORITHMS.find((known) => known === name.toUpperCase());
  if (algorithm) return algorithm;
  if (/^XXHASH(64|3|128)$/i.test(name)) throw notSupported(`The checksum algorithm ${name.toUpperCase()}`);
  throw invalidRequest(
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  );
}

/** The one checksum that a request declares in its headers. */
export function declaredChecksum(input: ChecksumMembers): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const declared = ALGORITHMS.filter((algorithm) => input[`Checksum${algorithm}`] !== undefined);
  const [algorithm, second] = declared;
  if (!algorithm) return undefined;
  if (second) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  return { algorithm, value: input[`Checksum${algorithm}`]! };
}

/** Refuses a checksum that is not one of its algorithm at all. */
export function checkForm(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== DIGEST_BYTES[algorithm] || bytes.toString('base64') !== value) {
    throw invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);
  }
}

/** A checksum as members of an answer. */
export const checksumMembers = (checksum: Checksum | undefined): ChecksumMembers & { ChecksumType?: ChecksumType } =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};

/** The value of a composite checksum without the number of parts behind it. */
export const withoutCount = (value: string): string => value.replace(/-\d+$/, '');

export const badChecksum = (algorithm: ChecksumAlgorithm): AwsError =>
  new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);

/** Which kinds of checksum a multipart upload may have by algorithm; the first is what it has unless it says otherwise. */
export function multipartTypes(algorithm: ChecksumAlgorithm): readonly [ChecksumType, ...ChecksumType[]] {
  if (algorithm === 'CRC64NVME') return ['FULL_OBJECT'];
  return isCrc(algorithm) ? ['COMPOSITE', 'FULL_OBJECT'] : ['COMPOSITE'];
}

/** The checksum of an object made of parts. */
export function partsChecksum(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly size: number }[],
): Checksum {
  if (type === 'COMPOSITE') {
    const hasher = createHasher(algorithm);
    for (const part of parts) hasher.update(Buffer.from(part.value, 'base64'));
    return { algorithm, type, value: `${hasher.digest().toString('base64')}-${parts.length}` };
  }
  if (!isCrc(algorithm)) throw new TypeError(`${algorithm} of a whole cannot be made of its parts`);
  let whole = createHasher(algorithm).digest();
  for (const part of parts) whole = combineCrc(algorithm, whole, Buffer.from(part.value, 'base64'), part.size);
  return { algorithm, type, value: whole.toString('base64') };
}
