// Keys of the customer's own (SSE-C): sent with each request, proven by a salted hash, never kept. New buckets refuse them, as
// S3 has since April 2026, unless their encryption says that nothing is blocked. As with KMS, the key decides who gets the bytes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { AwsError } from '../../kernel/errors.ts';
import type { Bucket } from './buckets.ts';
import { accessDenied, invalidArgument, invalidRequest } from './errors.ts';

/** What an object keeps of its key, in base64. */
export interface CustomerKey {
  readonly salt: string;
  readonly proof: string;
}

export interface CustomerKeyInput {
  SSECustomerAlgorithm?: string | undefined;
  SSECustomerKey?: string | undefined;
  SSECustomerKeyMD5?: string | undefined;
}

const ALGORITHM = 'AES256';
const KEY_BYTES = 32;

/** The key that a request brings, if any; throws S3's error for one that is none. */
export function readCustomerKey(input: CustomerKeyInput): Buffer | undefined {
  const { SSECustomerAlgorithm: algorithm, SSECustomerKey: text, SSECustomerKeyMD5: md5 } = input;
  if ((algorithm ?? text ?? md5) === undefined) return undefined;
  if (algorithm === undefined) throw missing('a valid encryption algorithm', 'algorithm');
  if (algorithm !== ALGORITHM) {
    throw new AwsError(
      'InvalidEncryptionAlgorithmError',
      'The Encryption request you specified is not valid. Supported value: AES256.',
      {
        members: { ArgumentName: `${HEADER}algorithm`, ArgumentValue: algorithm },
      },
    );
  }
  if (text === undefined) throw missing('an appropriate secret key', 'key');
  if (md5 === undefined) throw missing('the client calculated MD5 of the secret key', 'key-MD5');
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES) {
    throw invalidArgument('The secret key was invalid for the specified algorithm.', `${HEADER}key`);
  }
  if (md5Of(key) !== md5) {
    throw invalidArgument(
      'The calculated MD5 hash of the key did not match the hash that was provided.',
      `${HEADER}key-MD5`,
    );
  }
  return key;
}

/** What a new object keeps of the key that its request brings. */
export function keptKey(input: CustomerKeyInput, bucket: Bucket): { customerKey?: CustomerKey } {
  const key = readCustomerKey(input);
  if (!key) return {};
  if (!allows(bucket)) throw accessDenied();
  const salt = randomBytes(KEY_BYTES);
  return { customerKey: { salt: salt.toString('base64'), proof: proofOf(key, salt).toString('base64') } };
}

/** Refuses a request that does not bring the key of what it is about, or one where there is none. */
export function requireCustomerKey(kept: CustomerKey | undefined, input: CustomerKeyInput): void {
  const key = readCustomerKey(input);
  if (!kept) {
    if (key) throw invalidRequest('The encryption parameters are not applicable to this object.');
    return;
  }
  if (!key) {
    throw invalidRequest(
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    );
  }
  const { salt, proof } = kept;
  if (!timingSafeEqual(proofOf(key, Buffer.from(salt, 'base64')), Buffer.from(proof, 'base64'))) throw accessDenied();
}

/** The key of a copy's source. */
export const sourceKey = (input: object): CustomerKeyInput => {
  const { CopySourceSSECustomerAlgorithm, CopySourceSSECustomerKey, CopySourceSSECustomerKeyMD5 } = input as Record<
    string,
    string | undefined
  >;
  return {
    SSECustomerAlgorithm: CopySourceSSECustomerAlgorithm,
    SSECustomerKey: CopySourceSSECustomerKey,
    SSECustomerKeyMD5: CopySourceSSECustomerKeyMD5,
  };
};

/** What an answer says of encryption: of the customer's key, or otherwise of S3's or KMS's. */
export const shownEncryption = <Members extends object>(
  kept: CustomerKey | undefined,
  { SSECustomerKeyMD5 }: CustomerKeyInput,
  otherwise: Members,
) =>
  kept ? { SSECustomerAlgorithm: ALGORITHM, ...(SSECustomerKeyMD5 !== undefined && { SSECustomerKeyMD5 }) } : otherwise;

const HEADER = 'x-amz-server-side-encryption-customer-';

const allows = ({ settings }: Bucket): boolean =>
  settings.encryption?.Rules?.[0]?.BlockedEncryptionTypes?.EncryptionType?.includes('NONE') ?? false;

const md5Of = (key: Buffer): string => createHash('md5').update(key).digest('base64');

const proofOf = (key: Buffer, salt: Buffer): Buffer => createHmac('sha256', salt).update(key).digest();

const missing = (what: string, header: string): AwsError =>
  invalidArgument(
    `Requests specifying Server Side Encryption with Customer provided keys must provide ${what}.`,
    HEADER + header,
  );
