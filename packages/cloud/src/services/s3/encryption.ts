// How an object is encrypted: by S3 itself, or under a KMS key, which is asked as the caller at each write and read.
// The bytes lie in the cloud's store either way, readable by its owner alone; the data key decides who gets them back.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
import { createHash } from 'node:crypto';

import type { ServerSideEncryption } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Call } from '../../kernel/service.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import { bucketArn, objectArn } from './access.ts';
import type { Bucket } from './buckets.ts';
import { readCustomerKey, type CustomerKeyInput } from './customer-key.ts';
import { accessDenied, invalidArgument, invalidRequest } from './errors.ts';
import type { About } from './objects.ts';
import type { S3 } from './service.ts';

/** What an object under a KMS key keeps of it. */
export interface KmsEncryption {
  readonly algorithm: 'aws:kms' | 'aws:kms:dsse';
  readonly keyArn: string;
  /** The data key under the KMS key, in base64. */
  readonly dataKey: string;
  readonly context: Readonly<Record<string, string>>;
  /** The context was the client's to choose, at least in part, so answers tell it. */
  readonly contextTold: boolean;
  readonly bucketKey: boolean;
}

export interface EncryptionInput extends CustomerKeyInput {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  SSEKMSEncryptionContext?: string | undefined;
  BucketKeyEnabled?: boolean | undefined;
}

const DEFAULT_KEY = 'alias/aws/s3';

/** Refuses what a request may not say of encryption. */
export function checkEncryption(input: EncryptionInput): void {
  const { ServerSideEncryption: algorithm } = input;
  if (readCustomerKey(input) && algorithm !== undefined) {
    throw invalidArgument(
      'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  if (algorithm !== undefined && algorithm !== 'AES256' && !isKms(algorithm)) {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  if ((input.SSEKMSKeyId ?? input.SSEKMSEncryptionContext) !== undefined && !isKms(algorithm)) {
    throw invalidArgument(
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      'x-amz-server-side-encryption',
    );
  }
}

/** A data key for a new object, as the request or else the bucket says; undefined for S3's own keys. */
export async function encryptionFor(
  { kernel }: Pick<S3, 'kernel'>,
  input: EncryptionInput & { readonly Key?: string | undefined },
  bucket: Bucket,
  call: Call,
): Promise<KmsEncryption | undefined> {
  checkEncryption(input);
  if (input.SSECustomerAlgorithm !== undefined) return undefined;
  const [rule] = bucket.settings.encryption?.Rules ?? [];
  const usual = rule?.ApplyServerSideEncryptionByDefault;
  const algorithm = input.ServerSideEncryption ?? usual?.SSEAlgorithm;
  if (!isKms(algorithm)) return undefined;
  // The bucket's key is for those who leave the choice to the bucket, or choose its algorithm without a key.
  const ofBucket = usual?.SSEAlgorithm === algorithm ? usual.KMSMasterKeyID : undefined;
  const KeyId = input.SSEKMSKeyId ?? ofBucket ?? DEFAULT_KEY;
  const bucketKey = algorithm === 'aws:kms' && (input.BucketKeyEnabled ?? rule?.BucketKeyEnabled ?? false);
  const given = readContext(input.SSEKMSEncryptionContext);
  const context = {
    ...given,
    'aws:s3:arn': bucketKey ? bucketArn(bucket.name) : objectArn(bucket.name, input.Key ?? ''),
  };
  const kms = kmsFor(kernel, 's3', { ...call, region: bucket.region });
  const { CiphertextBlob, KeyId: keyArn } = await orKmsError(
    kms('GenerateDataKey', { KeyId, KeySpec: 'AES_256', EncryptionContext: context }),
  );
  const dataKey = CiphertextBlob.toString('base64');
  return { algorithm, keyArn, dataKey, context, contextTold: given !== undefined, bucketKey };
}

/** Refuses to go on with what is under a key that the caller may not decrypt with. */
export async function requireDecryptable(
  { kernel }: Pick<S3, 'kernel'>,
  encryption: KmsEncryption | undefined,
  bucket: Bucket,
  call: Call,
): Promise<void> {
  if (!encryption) return;
  const kms = kmsFor(kernel, 's3', { ...call, region: bucket.region });
  const CiphertextBlob = Buffer.from(encryption.dataKey, 'base64');
  await orKmsError(kms('Decrypt', { CiphertextBlob, EncryptionContext: encryption.context }));
}

/** What every answer says of an object's encryption. */
export const encryptionMembers = (encryption: KmsEncryption | undefined) =>
  encryption
    ? {
        ServerSideEncryption: encryption.algorithm as ServerSideEncryption,
        SSEKMSKeyId: encryption.keyArn,
        ...(encryption.bucketKey && { BucketKeyEnabled: true }),
      }
    : { ServerSideEncryption: 'AES256' as ServerSideEncryption };

/** The same of an object just written, with the context that the client gave. */
export const writtenEncryption = (encryption: KmsEncryption | undefined) => ({
  ...encryptionMembers(encryption),
  ...(encryption?.contextTold && {
    SSEKMSEncryptionContext: Buffer.from(JSON.stringify(encryption.context)).toString('base64'),
  }),
});

/** The entity tag of an object under a key of KMS or of the customer's is no MD5 of its bytes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
export function etagUnder(
  { encryption, customerKey }: { readonly [Member in 'encryption' | 'customerKey']?: About[Member] | undefined },
  md5: string,
): string {
  const secret = encryption?.dataKey ?? customerKey?.salt;
  return secret === undefined ? md5 : createHash('md5').update(md5).update(secret).digest('hex');
}

const isKms = (algorithm: string | undefined): algorithm is KmsEncryption['algorithm'] =>
  algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse';

function readContext(header: string | undefined): Record<string, string> | undefined {
  if (header === undefined) return undefined;
  try {
    const context: unknown = JSON.parse(Buffer.from(header, 'base64').toString());
    const isMap = typeof context === 'object' && context !== null && !Array.isArray(context);
    if (isMap && Object.values(context).every((value) => typeof value === 'string')) {
      return context as Record<string, string>;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalidRequest(
    'The header x-amz-server-side-encryption-context shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map',
  );
}

// S3 denies what KMS denies, and says KMS's other errors under their names.
async function orKmsError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AwsError) || error.status >= 500) throw error;
    if (error.code === 'AccessDeniedException') throw accessDenied(error.message);
    throw new AwsError(`KMS.${error.code}`, error.message);
  }
}
