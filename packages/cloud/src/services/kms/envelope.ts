// Envelope encryption, as services do it: a value under a data key of its own, and that under the customer's KMS key.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#enveloping
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import type { EncryptionContext } from './ciphertext.ts';
import type { kmsFor } from './on-behalf.ts';

export interface Envelope {
  /** The KMS key that it is under. */
  readonly keyArn: string;
  /** The data key under the KMS key, and the value under the data key: both in base64. */
  readonly dataKey: string;
  readonly sealed: string;
}

type Kms = ReturnType<typeof kmsFor>;

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts as whoever `kms` calls for. */
export async function sealEnvelope(
  kms: Kms,
  keyId: string,
  bytes: Uint8Array,
  context: EncryptionContext,
): Promise<Envelope> {
  const { Plaintext, CiphertextBlob, KeyId } = await kms('GenerateDataKey', {
    KeyId: keyId,
    KeySpec: 'AES_256',
    EncryptionContext: { ...context },
  });
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Plaintext!, iv);
  const sealed = Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  return { keyArn: KeyId, dataKey: CiphertextBlob.toString('base64'), sealed: sealed.toString('base64') };
}

export async function openEnvelope(
  kms: Kms,
  { dataKey, sealed }: Pick<Envelope, 'dataKey' | 'sealed'>,
  context: EncryptionContext,
): Promise<Buffer> {
  const CiphertextBlob = Buffer.from(dataKey, 'base64');
  const { Plaintext } = await kms('Decrypt', { CiphertextBlob, EncryptionContext: { ...context } });
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', Plaintext, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}
