// Secrets shared with the holder of another key, without either private key leaving its place.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

import type { DeriveSharedSecretRequest } from '@aws-sdk/client-kms';

import { validation } from './errors.ts';
import { originOf, requireUsable } from './keys.ts';
import { privateKeyOf } from './material.ts';
import { finishDryRun, onKey, type Kms } from './service.ts';

const ALGORITHM = 'ECDH';

export const agreementOperations = (kms: Kms) => ({
  DeriveSharedSecret: onKey(
    kms,
    'DeriveSharedSecret',
    (key, input: DeriveSharedSecretRequest) => {
      requireUsable(key, 'KEY_AGREEMENT', 'DeriveSharedSecret');
      if (input.KeyAgreementAlgorithm !== ALGORITHM) {
        throw validation(
          `1 validation error detected: Value '${input.KeyAgreementAlgorithm}' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [${ALGORITHM}]`,
        );
      }
      const privateKey = privateKeyOf(key.material[0]!);
      const publicKey = requirePeer(input.PublicKey, privateKey);
      finishDryRun(input);
      return {
        KeyId: key.arn,
        SharedSecret: diffieHellman({ privateKey, publicKey }),
        KeyAgreementAlgorithm: ALGORITHM,
        KeyOrigin: originOf(key),
      };
    },
    ({ KeyAgreementAlgorithm }) => ({ context: { 'kms:KeyAgreementAlgorithm': KeyAgreementAlgorithm } }),
  ),
});

/** The other's public key, on the curve of ours. */
function requirePeer(der: Uint8Array | undefined, own: KeyObject): KeyObject {
  const peer = der && parse(Buffer.from(der));
  if (peer && peer.asymmetricKeyDetails?.namedCurve === own.asymmetricKeyDetails?.namedCurve) return peer;
  throw validation(
    'The public key is invalid: it has to be a DER-encoded X.509 public key on the curve of the KMS key.',
  );
}

function parse(key: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'der', type: 'spki' });
  } catch {
    // Whatever the parser says of it, these bytes are no public key.
    return undefined;
  }
}
