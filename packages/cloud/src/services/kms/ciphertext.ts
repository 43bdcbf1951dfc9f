// Ciphertexts: AES-256-GCM over the plaintext, bound to the encryption context, with the key's and its material's ids in front.
// https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  constants,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';

import type { EncryptionAlgorithmSpec } from '@aws-sdk/client-kms';

import { invalidCiphertext } from './errors.ts';
import type { Key } from './keys.ts';
import { privateKeyOf, secretKeyOf, type Material } from './material.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const MULTI_REGION_VERSION = 2;
const KEY_BYTES = 16;
const MATERIAL_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_BYTES + MATERIAL_BYTES;

/** Encrypts under the newest material of a symmetric key. */
export function seal(key: Key, plaintext: Uint8Array, context: EncryptionContext = {}): Buffer {
  const material = key.material.at(-1)!;
  const header = Buffer.concat([
    Buffer.of(key.multiRegion ? MULTI_REGION_VERSION : VERSION),
    Buffer.from(key.id.replace(/^mrk-/, '').replaceAll('-', ''), 'hex'),
    Buffer.from(material.id, 'hex'),
  ]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secretKeyOf(material), iv).setAAD(boundTo(header, context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, body, cipher.getAuthTag()]);
}

/** The id of the key that a ciphertext names; throws where it is no ciphertext of KMS. */
export function keyIdIn(blob: Uint8Array): string {
  const [version = 0] = blob;
  if (blob.length < HEADER_BYTES + IV_BYTES + TAG_BYTES || version < VERSION || version > MULTI_REGION_VERSION) {
    throw invalidCiphertext();
  }
  const hex = Buffer.from(blob.subarray(1, 1 + KEY_BYTES)).toString('hex');
  if (version === MULTI_REGION_VERSION) return `mrk-${hex}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What a ciphertext of the key holds, with the material that it was made with. */
export function open(
  key: Key,
  blob: Uint8Array,
  context: EncryptionContext = {},
): { plaintext: Buffer; material: Material } {
  const materialId = Buffer.from(blob.subarray(1 + KEY_BYTES, HEADER_BYTES)).toString('hex');
  const material = key.material.find(({ id }) => id === materialId);
  if (!material) throw invalidCiphertext();
  const iv = blob.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', secretKeyOf(material), iv)
    .setAAD(boundTo(blob.subarray(0, HEADER_BYTES), context))
    .setAuthTag(blob.subarray(-TAG_BYTES));
  const body = blob.subarray(HEADER_BYTES + IV_BYTES, -TAG_BYTES);
  return { plaintext: orInvalid(() => Buffer.concat([decipher.update(body), decipher.final()])), material };
}

/** Encrypts with the public half of an RSA key. */
export function encryptAsymmetric(key: Key, plaintext: Uint8Array, algorithm: EncryptionAlgorithmSpec): Buffer {
  return publicEncrypt({ key: createPublicKey(privateKeyOf(key.material[0]!)), ...oaep(algorithm) }, plaintext);
}

export function decryptAsymmetric(key: Key, blob: Uint8Array, algorithm: EncryptionAlgorithmSpec): Buffer {
  return orInvalid(() => privateDecrypt({ key: privateKeyOf(key.material[0]!), ...oaep(algorithm) }, blob));
}

const oaep = (algorithm: EncryptionAlgorithmSpec) => ({
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256',
});

// The order of a context's pairs means nothing.
function boundTo(header: Uint8Array, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}

function orInvalid<T>(work: () => T): T {
  try {
    return work();
  } catch {
    // Whatever the cipher says of it, the ciphertext is not one of this key under this context.
    throw invalidCiphertext();
  }
}
