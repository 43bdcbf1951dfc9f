// Signatures over digests against OpenSSL's over messages, on random messages.
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { signDigest, verifyDigest } from './ecdsa.ts';

test.for([
  ['prime256v1', 'sha256'],
  ['secp384r1', 'sha384'],
  ['secp521r1', 'sha512'],
  ['secp256k1', 'sha256'],
])('%s: each takes the other’s signatures, and no other message', ([curve = '', hash = '']) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const digest = (message: Uint8Array) => createHash(hash).update(message).digest();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (message, other) => {
      const own = signDigest(privateKey, digest(message));
      expect(verify(hash, message, publicKey, own)).toBe(true);
      const theirs = sign(hash, message, privateKey);
      expect(verifyDigest(publicKey, digest(message), theirs)).toBe(true);
      const same = Buffer.from(message).equals(Buffer.from(other));
      expect(verifyDigest(publicKey, digest(other), theirs)).toBe(same);
    }),
    { numRuns: 10 },
  );
});

test('what is no signature is refused, whatever it is', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(verifyDigest(publicKey, Buffer.alloc(32, 1), bytes)).toBe(false);
    }),
  );
});
