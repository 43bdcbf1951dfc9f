// Values under KMS: each version has a data key of its own, which only who may use the KMS key gets back.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import type { Call, Kernel } from '../../kernel/service.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import { invalidParameter, invalidRequest, kmsError } from './errors.ts';
import type { SealedValue, Secret } from './secrets.ts';

export interface ValueInput {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}

export const DEFAULT_KEY = 'alias/aws/secretsmanager';

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const LARGEST_VALUE_BYTES = 65_536;

const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Value {
  readonly form: SealedValue['form'];
  readonly bytes: Buffer;
}

/** The value that a request carries, if any. */
export function valueOf({ SecretString: text, SecretBinary: binary }: ValueInput): Value | undefined {
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (text === undefined && binary === undefined) return undefined;
  const bytes = text === undefined ? Buffer.from(binary!) : Buffer.from(text);
  if (bytes.length > LARGEST_VALUE_BYTES) {
    throw invalidRequest(`The secret value is ${bytes.length} bytes; it may have ${LARGEST_VALUE_BYTES}.`);
  }
  return { form: text === undefined ? 'binary' : 'string', bytes };
}

/** Encrypts a value for a version of a secret, as the caller. */
export async function sealValue(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  { arn, kmsKeyId = DEFAULT_KEY }: Pick<Secret, 'arn' | 'kmsKeyId'>,
  id: string,
  { form, bytes }: Value,
): Promise<SealedValue> {
  const { Plaintext, CiphertextBlob, KeyId } = await orFailure(
    'EncryptionFailure',
    kmsFor(
      kernel,
      'secretsmanager',
      call,
    )('GenerateDataKey', {
      KeyId: kmsKeyId,
      KeySpec: 'AES_256',
      EncryptionContext: contextOf(arn, id),
    }),
  );
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Plaintext!, iv);
  const sealed = Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  return {
    keyArn: KeyId,
    dataKey: CiphertextBlob.toString('base64'),
    sealed: sealed.toString('base64'),
    form,
  };
}

/** Decrypts a version's value, as the caller. */
export async function openValue(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  { arn }: Pick<Secret, 'arn'>,
  id: string,
  { dataKey, sealed }: SealedValue,
): Promise<Buffer> {
  const { Plaintext } = await orFailure(
    'DecryptionFailure',
    kmsFor(
      kernel,
      'secretsmanager',
      call,
    )('Decrypt', {
      CiphertextBlob: Buffer.from(dataKey, 'base64'),
      EncryptionContext: contextOf(arn, id),
    }),
  );
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', Plaintext, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** A value as answers carry it. */
export const valueMembers = ({ form }: Pick<SealedValue, 'form'>, bytes: Buffer): ValueInput =>
  form === 'string' ? { SecretString: bytes.toString() } : { SecretBinary: bytes };

const contextOf = (SecretARN: string, SecretVersionId: string) => ({ SecretARN, SecretVersionId });

async function orFailure<T>(code: 'EncryptionFailure' | 'DecryptionFailure', work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw kmsError(error, code);
  }
}
