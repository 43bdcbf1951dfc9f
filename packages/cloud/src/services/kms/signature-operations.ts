// Signing and verifying, codes of authenticity, and public keys.
import { createHmac, timingSafeEqual } from 'node:crypto';

import type { GenerateMacRequest, SignRequest, VerifyMacRequest, VerifyRequest } from '@aws-sdk/client-kms';

import { notSupported } from '../../kernel/errors.ts';
import type { Asked } from './access.ts';
import { invalidMac, invalidSignature, invalidUsage, unsupported, validation } from './errors.ts';
import { requireUsable, type Key } from './keys.ts';
import { privateKeyOf, publicKeyOf, secretKeyOf } from './material.ts';
import { finishDryRun, onKey, type Kms } from './service.ts';
import { hashesItself, sign, verify, type MessageType } from './signatures.ts';
import { isPair, SPECS } from './specs.ts';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const LARGEST_MESSAGE_BYTES = 4096;

export function signatureOperations(kms: Kms) {
  const askedOfSigning = (input: SignRequest | VerifyRequest): Asked => ({
    context: { 'kms:SigningAlgorithm': input.SigningAlgorithm, 'kms:MessageType': input.MessageType ?? 'RAW' },
  });
  const askedOfMac = (input: GenerateMacRequest | VerifyMacRequest): Asked => ({
    context: { 'kms:MacAlgorithm': input.MacAlgorithm },
  });

  return {
    Sign: onKey(
      kms,
      'Sign',
      (key, input: SignRequest) => {
        const { message, type, algorithm } = signingOf(key, input, 'Sign');
        finishDryRun(input);
        const Signature = sign(privateKeyOf(key.material[0]!), message, type, algorithm);
        return { KeyId: key.arn, Signature, SigningAlgorithm: algorithm };
      },
      askedOfSigning,
    ),
    Verify: onKey(
      kms,
      'Verify',
      (key, input: VerifyRequest) => {
        const { message, type, algorithm } = signingOf(key, input, 'Verify');
        finishDryRun(input);
        const valid = verify(privateKeyOf(key.material[0]!), message, type, algorithm, input.Signature!);
        if (!valid) throw invalidSignature();
        return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: algorithm };
      },
      askedOfSigning,
    ),
    GenerateMac: onKey(
      kms,
      'GenerateMac',
      (key, input: GenerateMacRequest) => {
        const mac = macOf(key, input, 'GenerateMac');
        finishDryRun(input);
        return { KeyId: key.arn, Mac: mac, MacAlgorithm: input.MacAlgorithm };
      },
      askedOfMac,
    ),
    VerifyMac: onKey(
      kms,
      'VerifyMac',
      (key, input: VerifyMacRequest) => {
        const mac = macOf(key, input, 'VerifyMac');
        finishDryRun(input);
        const given = input.Mac!;
        if (given.length !== mac.length || !timingSafeEqual(given, mac)) throw invalidMac();
        return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
      },
      askedOfMac,
    ),
    GetPublicKey: onKey(kms, 'GetPublicKey', (key) => {
      const { encryption, signing, agreement } = SPECS[key.spec];
      if (!isPair(SPECS[key.spec])) throw unsupported(`${key.arn} is ${key.spec} and has no public key.`);
      requireUsable(key, key.usage, 'GetPublicKey');
      return {
        KeyId: key.arn,
        PublicKey: publicKeyOf(key.material[0]!).export({ type: 'spki', format: 'der' }),
        CustomerMasterKeySpec: key.spec,
        KeySpec: key.spec,
        KeyUsage: key.usage,
        ...(key.usage === 'ENCRYPT_DECRYPT' && { EncryptionAlgorithms: [...encryption] }),
        ...(key.usage === 'SIGN_VERIFY' && { SigningAlgorithms: [...signing] }),
        ...(key.usage === 'KEY_AGREEMENT' && { KeyAgreementAlgorithms: [...agreement] }),
      };
    }),
  };
}

function signingOf(key: Key, input: SignRequest | VerifyRequest, operation: string) {
  requireUsable(key, 'SIGN_VERIFY', operation);
  const { SigningAlgorithm: algorithm, MessageType: type = 'RAW' } = input;
  if (algorithm === 'ED25519_PH_SHA_512' && SPECS[key.spec].family === 'edwards') {
    throw notSupported(`The signing algorithm ${algorithm} is not supported here.`);
  }
  if (!algorithm || !SPECS[key.spec].signing.includes(algorithm)) {
    throw invalidUsage(`Algorithm ${algorithm} and key spec ${key.spec} are incompatible.`);
  }
  if (type === 'EXTERNAL_MU' && algorithm === 'ML_DSA_SHAKE_256') {
    throw notSupported('Messages of type EXTERNAL_MU are not supported here.');
  }
  if (type !== 'RAW' && (type !== 'DIGEST' || hashesItself(algorithm)))
    throw validation(`MessageType ${type} does not go with ${key.spec}.`);
  return { message: requireMessage(input.Message), type: type as MessageType, algorithm };
}

function macOf(key: Key, input: GenerateMacRequest | VerifyMacRequest, operation: string): Buffer {
  requireUsable(key, 'GENERATE_VERIFY_MAC', operation);
  const { MacAlgorithm: algorithm } = input;
  if (!algorithm || !SPECS[key.spec].mac.includes(algorithm)) {
    throw invalidUsage(`Algorithm ${algorithm} and key spec ${key.spec} are incompatible.`);
  }
  const hash = `sha${algorithm.slice(-3)}`;
  return createHmac(hash, secretKeyOf(key.material[0]!)).update(requireMessage(input.Message)).digest();
}

function requireMessage(message: Uint8Array | undefined): Uint8Array {
  if (message && message.length > 0 && message.length <= LARGEST_MESSAGE_BYTES) return message;
  throw validation(
    `1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length between 1 and ${LARGEST_MESSAGE_BYTES}`,
  );
}
