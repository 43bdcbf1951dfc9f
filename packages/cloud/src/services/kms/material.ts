// Key material: made by Node's cryptography, kept in the cloud's store, which its owner alone can read, and never told.
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';

import { isPair, SPECS, type SpecName } from './specs.ts';

export interface Material {
  /** 64 hexadecimal digits, as AWS names key material. */
  readonly id: string;
  /** In base64: bytes of a symmetric or HMAC key, or a private key in PKCS #8. */
  readonly secret: string;
  readonly createdAt: number;
  /** How it came, where it was not the key's first. */
  readonly rotation?: 'AUTOMATIC' | 'ON_DEMAND';
}

const SYMMETRIC_BYTES = 32;

/** Material of a key whose making costs nothing; RSA's and curves' comes from `generate`. */
export function newMaterial(spec: SpecName, createdAt: number, rotation?: Material['rotation']): Material {
  const bytes = randomBytes(SPECS[spec].size ?? SYMMETRIC_BYTES);
  return material(bytes, createdAt, rotation);
}

/** Material of any key. RSA takes its time, and takes it elsewhere. */
export async function generate(spec: SpecName, createdAt: number): Promise<Material> {
  if (!isPair(SPECS[spec])) return newMaterial(spec, createdAt);
  return material((await generatePair(spec)).privateKey, createdAt);
}

/** A key pair in DER: PKCS #8 and SubjectPublicKeyInfo. */
export async function generatePair(spec: SpecName): Promise<{ privateKey: Buffer; publicKey: Buffer }> {
  const { family, size = 0, curve = '' } = SPECS[spec];
  const pair = () => {
    if (family === 'ecc') return generateKeyPairSync('ec', { namedCurve: curve });
    if (family === 'rsa') return promisify(generateKeyPair)('rsa', { modulusLength: size });
    return generateKeyPairSync(curve as 'ed25519');
  };
  const { privateKey, publicKey } = await pair();
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  };
}

/** The bytes of a symmetric or HMAC key. */
export const secretKeyOf = ({ secret }: Material): KeyObject =>
  ready(secret, () => createSecretKey(Buffer.from(secret, 'base64')));

export const privateKeyOf = ({ id, secret }: Material): KeyObject =>
  ready(id, () => createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' }));

const readied = new Map<string, KeyObject>();

/** How many keys are kept ready. */
const READY_LIMIT = 200;

// Taking a key in costs more than using it.
function ready(name: string, make: () => KeyObject): KeyObject {
  let key = readied.get(name);
  if (!key) {
    if (readied.size >= READY_LIMIT) readied.clear();
    key = make();
    readied.set(name, key);
  }
  return key;
}

export const publicKeyOf = (from: Material): KeyObject => createPublicKey(privateKeyOf(from));

function material(secret: Buffer, createdAt: number, rotation?: Material['rotation']): Material {
  return {
    id: randomBytes(32).toString('hex'),
    secret: secret.toString('base64'),
    createdAt,
    ...(rotation && { rotation }),
  };
}
