// Signatures over messages and over digests. Node signs messages only; over digests it is done here, as RFC 8017 and FIPS 186 say.
import {
  constants,
  createHash,
  createPublicKey,
  privateEncrypt,
  publicDecrypt,
  sign as signMessage,
  verify as verifyMessage,
  type KeyObject,
} from 'node:crypto';

import type { SigningAlgorithmSpec } from '@aws-sdk/client-kms';

import { signDigest as signEcdsa, verifyDigest as verifyEcdsa } from './ecdsa.ts';
import { validation } from './errors.ts';
import { encodePss, isPss } from './pss.ts';

export type MessageType = 'RAW' | 'DIGEST';

/** DigestInfo up to the digest itself. https://www.rfc-editor.org/rfc/rfc8017#section-9.2 */
const DIGEST_PREFIX: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

export function sign(key: KeyObject, message: Uint8Array, type: MessageType, algorithm: SigningAlgorithmSpec): Buffer {
  if (hashesItself(algorithm)) return signMessage(null, message, key);
  const hash = hashOf(algorithm);
  if (type === 'RAW') return signMessage(hash, message, { key, ...padding(algorithm) });
  requireDigest(message, hash);
  if (algorithm.startsWith('ECDSA')) return signEcdsa(key, message);
  if (algorithm.startsWith('RSASSA_PSS')) {
    const encoded = encodePss(message, hash, key.asymmetricKeyDetails!.modulusLength!);
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
  }
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(message, hash));
}

export function verify(
  key: KeyObject,
  message: Uint8Array,
  type: MessageType,
  algorithm: SigningAlgorithmSpec,
  signature: Uint8Array,
): boolean {
  const publicKey = createPublicKey(key);
  if (hashesItself(algorithm)) return verifyMessage(null, message, publicKey, signature);
  const hash = hashOf(algorithm);
  if (type === 'RAW') return verifyMessage(hash, message, { key: publicKey, ...padding(algorithm) }, signature);
  requireDigest(message, hash);
  if (algorithm.startsWith('ECDSA')) return verifyEcdsa(publicKey, message, signature);
  try {
    if (algorithm.startsWith('RSASSA_PSS')) {
      const encoded = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature);
      return isPss(encoded, message, hash, publicKey.asymmetricKeyDetails!.modulusLength!);
    }
    const found = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
    return found.equals(digestInfo(message, hash));
  } catch {
    // OpenSSL refuses what is no signature at all.
    return false;
  }
}

/** Those that hash the message as a part of signing it, and take no digest. */
export const hashesItself = (algorithm: SigningAlgorithmSpec): boolean =>
  algorithm === 'ED25519_SHA_512' || algorithm === 'ML_DSA_SHAKE_256';

/** `sha256` of `ECDSA_SHA_256`. */
const hashOf = (algorithm: SigningAlgorithmSpec): string => `sha${algorithm.slice(-3)}`;

const padding = (algorithm: SigningAlgorithmSpec) =>
  algorithm.startsWith('RSASSA_PSS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};

const digestInfo = (digest: Uint8Array, hash: string): Buffer =>
  Buffer.concat([Buffer.from(DIGEST_PREFIX[hash]!, 'hex'), digest]);

function requireDigest(digest: Uint8Array, hash: string): void {
  const { length } = createHash(hash).digest();
  if (digest.length !== length) throw validation('Digest is invalid length for algorithm.');
}
