// Key material that customers bring: wrapped for one public key, within a day.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
import {
  constants,
  createDecipheriv,
  createHash,
  createPrivateKey,
  privateDecrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

import type { Clock } from '../../kernel/clock.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { expiredImportToken, incorrectMaterial, invalidCiphertext, invalidImportToken, validation } from './errors.ts';
import { DAY_MILLISECONDS, type Key } from './keys.ts';
import { generatePair, type Material } from './material.ts';
import { SPECS } from './specs.ts';

const WRAPPING_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;
const WRAPPING_ALGORITHMS = [
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
];

/** https://www.rfc-editor.org/rfc/rfc5649#section-3 */
const KEY_WRAP_PREFIX = Buffer.from('A65959A6', 'hex');

const TOKEN_BYTES = 64;

/** What a token stands for. */
interface Wrapping {
  readonly key: string;
  readonly algorithm: string;
  /** In base64, PKCS #8. */
  readonly privateKey: string;
  readonly until: number;
}

export class Imports {
  readonly #wrappings: Collection<Wrapping>;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#wrappings = store.collection('kms.imports');
    this.#clock = clock;
  }

  /** A public key to wrap material with, and the token that goes with it. */
  async offer(key: Key, spec: string | undefined, algorithm: string | undefined) {
    const wrapping = WRAPPING_SPECS.find((one) => one === spec);
    if (!wrapping) throw notIn('wrappingKeySpec', spec, WRAPPING_SPECS);
    if (!algorithm || !WRAPPING_ALGORITHMS.includes(algorithm)) {
      throw notIn('wrappingAlgorithm', algorithm, WRAPPING_ALGORITHMS);
    }
    const { privateKey, publicKey } = await generatePair(wrapping);
    const token = randomBytes(TOKEN_BYTES);
    const until = this.#clock.now() + DAY_MILLISECONDS;
    for (const { key: old, value } of this.#wrappings.list()) {
      if (value.until <= this.#clock.now()) this.#wrappings.delete(old);
    }
    this.#wrappings.put(token.toString('hex'), {
      key: key.arn,
      algorithm,
      privateKey: privateKey.toString('base64'),
      until,
    });
    return { token, publicKey, until };
  }

  /** The material that was wrapped; throws where it is not for this key, came too late, or is another than was here before. */
  unwrap(key: Key, token: Uint8Array | undefined, wrapped: Uint8Array | undefined): Material {
    const found = this.#wrappings.get(Buffer.from(token ?? []).toString('hex'));
    if (!found || found.key !== key.arn) throw invalidImportToken();
    if (found.until <= this.#clock.now()) throw expiredImportToken();
    const privateKey = createPrivateKey({
      key: Buffer.from(found.privateKey, 'base64'),
      format: 'der',
      type: 'pkcs8',
    });
    const secret = requireMaterial(
      key,
      orInvalid(() => unwrapWith(privateKey, found.algorithm, Buffer.from(wrapped ?? []))),
    );
    // The same bytes are the same material, so that what they encrypted is read again.
    const id = createHash('sha256').update(key.id).update(secret).digest('hex');
    if (key.imported !== undefined && key.imported !== id) throw incorrectMaterial();
    return { id, secret: secret.toString('base64'), createdAt: this.#clock.now() };
  }
}

function unwrapWith(privateKey: KeyObject, algorithm: string, wrapped: Buffer): Buffer {
  const oaep = {
    key: privateKey,
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256',
  };
  if (!algorithm.startsWith('RSA_AES')) return privateDecrypt(oaep, wrapped);
  const size = privateKey.asymmetricKeyDetails!.modulusLength! / 8;
  const key = privateDecrypt(oaep, wrapped.subarray(0, size));
  const decipher = createDecipheriv('id-aes256-wrap-pad', key, KEY_WRAP_PREFIX);
  return Buffer.concat([decipher.update(wrapped.subarray(size)), decipher.final()]);
}

function requireMaterial({ spec }: Key, bytes: Buffer): Buffer {
  const { family, size = 32 } = SPECS[spec];
  if (family === 'symmetric' || family === 'hmac') {
    if (bytes.length === size) return bytes;
    throw incorrectMaterial();
  }
  try {
    const details = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
    const { namedCurve, modulusLength } = details.asymmetricKeyDetails ?? {};
    if (family === 'ecc' && namedCurve === SPECS[spec].curve) return bytes;
    if (family === 'rsa' && modulusLength === size) return bytes;
    if (family === 'edwards' && details.asymmetricKeyType === 'ed25519') return bytes;
  } catch {
    // Bytes that are no private key are not this key's material.
  }
  throw incorrectMaterial();
}

function orInvalid<T>(work: () => T): T {
  try {
    return work();
  } catch {
    // Whatever the cipher says of it, the material was not wrapped as was asked.
    throw invalidCiphertext();
  }
}

const notIn = (member: string, value: string | undefined, allowed: readonly string[]) =>
  validation(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
  );
