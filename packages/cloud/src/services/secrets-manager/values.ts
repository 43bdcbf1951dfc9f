// Values under KMS: each version has a data key of its own, which only who may use the KMS key gets back.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { openEnvelope, sealEnvelope } from '../kms/envelope.ts';
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
  const kms = kmsFor(kernel, 'secretsmanager', call);
  return {
    ...(await orFailure('EncryptionFailure', sealEnvelope(kms, kmsKeyId, bytes, contextOf(arn, id)))),
    form,
    ...(kmsKeyId === DEFAULT_KEY && { byDefault: true }),
  };
}

/** Decrypts a version's value, as the caller. */
export function openValue(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  { arn }: Pick<Secret, 'arn'>,
  id: string,
  value: SealedValue,
): Promise<Buffer> {
  const kms = kmsFor(kernel, 'secretsmanager', call);
  return orFailure('DecryptionFailure', openEnvelope(kms, value, contextOf(arn, id)));
}

/**
 * The values of a secret's labelled versions under its key, where they were under another: as the caller, what he
 * may not open, or not put under the new key, stays as it is. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
 */
export async function resealed(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  secret: Secret,
): Promise<Map<string, { value: SealedValue }>> {
  const found = new Map<string, { value: SealedValue }>();
  for (const { id, value, stages } of secret.versions) {
    if (!value || !stages.some((stage) => stage.startsWith('AWS'))) continue;
    try {
      const bytes = await openValue(kernel, call, secret, id, value);
      found.set(id, { value: await sealValue(kernel, call, secret, id, { form: value.form, bytes }) });
    } catch (error) {
      if (!(error instanceof AwsError && RESEALING_FAILURES.includes(error.code))) throw error;
    }
  }
  return found;
}

const RESEALING_FAILURES = ['AccessDeniedException', 'DecryptionFailure'];

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
