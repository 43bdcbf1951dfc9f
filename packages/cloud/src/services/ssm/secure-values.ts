// SecureString values under KMS: standard ones encrypted by it, advanced ones under a data key.
// https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { openEnvelope, sealEnvelope, type Envelope } from '../kms/envelope.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import { invalidKeyId } from './errors.ts';

export type SecureValue = { readonly ciphertext: string } | Envelope;

export const DEFAULT_KEY = 'alias/aws/ssm';

export interface SealRequest {
  readonly arn: string;
  readonly keyId: string;
  readonly advanced: boolean;
}

/** Encrypts as the caller. */
export async function sealSecure(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  text: string,
  { arn, keyId, advanced }: SealRequest,
): Promise<SecureValue> {
  const kms = kmsFor(kernel, 'ssm', call);
  const context = { PARAMETER_ARN: arn };
  return orKeyError(async () => {
    if (advanced) return sealEnvelope(kms, keyId, Buffer.from(text), context);
    const { CiphertextBlob } = await kms('Encrypt', {
      KeyId: keyId,
      Plaintext: Buffer.from(text),
      EncryptionContext: context,
    });
    return { ciphertext: CiphertextBlob.toString('base64') };
  });
}

/** Decrypts as the caller. */
export async function openSecure(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  arn: string,
  value: SecureValue,
): Promise<string> {
  const kms = kmsFor(kernel, 'ssm', call);
  const context = { PARAMETER_ARN: arn };
  return orKeyError(async () => {
    if (!('ciphertext' in value)) return (await openEnvelope(kms, value, context)).toString();
    const CiphertextBlob = Buffer.from(value.ciphertext, 'base64');
    const { Plaintext } = await kms('Decrypt', { CiphertextBlob, EncryptionContext: context });
    return Plaintext.toString();
  });
}

/** What a reader is told who does not ask for the value in plain. */
export const asStored = (value: string | SecureValue): string =>
  typeof value === 'string' ? value : 'ciphertext' in value ? value.ciphertext : value.sealed;

async function orKeyError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError) || error.status >= 500 || error.code === 'AccessDeniedException') throw error;
    throw invalidKeyId(error.message);
  }
}
