// Key pairs of the newer kinds, checked by Node's own cryptography: Ed25519, ML-DSA, and secrets agreed upon.
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, verify } from 'node:crypto';

import type { KMSClient } from '@aws-sdk/client-kms';
import {
  DecryptCommand,
  DeriveSharedSecretCommand,
  DescribeKeyCommand,
  GenerateDataKeyPairCommand,
  GetPublicKeyCommand,
  SignCommand,
  VerifyCommand,
  type KeySpec,
  type MessageType,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestKms } from './test-kms.ts';

let world: TestKms;

beforeAll(async () => {
  world = await TestKms.start();
});
afterAll(() => world.cloud.stop());

const send = ((command: never) => world.client.send(command)) as KMSClient['send'];

const publicKeyOf = async (KeyId: string) => {
  const { PublicKey } = await send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
};

test.for([
  ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512'],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256'],
  ['ML_DSA_65', 'ML_DSA_SHAKE_256'],
  ['ML_DSA_87', 'ML_DSA_SHAKE_256'],
] as [KeySpec, SigningAlgorithmSpec][])(
  '%s signs what others verify with its public key',
  async ([spec, algorithm]) => {
    const KeyId = await world.key({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY' });
    const { KeyMetadata } = await send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeySpec: spec, SigningAlgorithms: [algorithm] });
    const Message = Buffer.from('a message');
    const asked = { KeyId, Message, SigningAlgorithm: algorithm };
    const { Signature } = await send(new SignCommand(asked));
    expect(verify(null, Message, await publicKeyOf(KeyId), Signature!)).toBe(true);
    expect(await send(new VerifyCommand({ ...asked, Signature }))).toMatchObject({ SignatureValid: true });
    const other = { ...asked, Message: Buffer.from('another'), Signature };
    await expect(send(new VerifyCommand(other))).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });
    await expect(send(new SignCommand({ ...asked, MessageType: 'DIGEST' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  },
);

test('what of them the cloud cannot do is refused', async () => {
  const edwards = await world.key({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
  const lattice = await world.key({ KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' });
  const sign = (KeyId: string, SigningAlgorithm: SigningAlgorithmSpec, type: MessageType) =>
    send(new SignCommand({ KeyId, Message: Buffer.alloc(64), SigningAlgorithm, MessageType: type }));
  await expect(sign(edwards, 'ED25519_PH_SHA_512', 'DIGEST')).rejects.toMatchObject({
    name: 'NotImplemented',
  });
  await expect(sign(lattice, 'ML_DSA_SHAKE_256', 'EXTERNAL_MU')).rejects.toMatchObject({
    name: 'NotImplemented',
  });
});

test('a data key pair may be on Edwards’ curve', async () => {
  const KeyId = await world.key();
  const pair = await send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_EDWARDS25519' }));
  const key = createPrivateKey({ key: Buffer.from(pair.PrivateKeyPlaintext!), format: 'der', type: 'pkcs8' });
  expect(key.asymmetricKeyType).toBe('ed25519');
  const { Plaintext } = await send(new DecryptCommand({ CiphertextBlob: pair.PrivateKeyCiphertextBlob }));
  expect(Plaintext).toEqual(pair.PrivateKeyPlaintext);
});

test.for([
  ['ECC_NIST_P256', 'prime256v1'],
  ['ECC_NIST_P384', 'secp384r1'],
  ['ECC_NIST_P521', 'secp521r1'],
] as [KeySpec, string][])(
  '%s agrees upon a secret with whoever has a key on its curve',
  async ([KeySpec, namedCurve]) => {
    const KeyId = await world.key({ KeySpec, KeyUsage: 'KEY_AGREEMENT' });
    const { KeyMetadata } = await send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.KeyAgreementAlgorithms).toEqual(['ECDH']);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const PublicKey = publicKey.export({ type: 'spki', format: 'der' });
    const asked = { KeyId, KeyAgreementAlgorithm: 'ECDH' as const, PublicKey };
    const { SharedSecret, KeyOrigin } = await send(new DeriveSharedSecretCommand(asked));
    expect(KeyOrigin).toBe('AWS_KMS');
    const theirs = diffieHellman({ privateKey, publicKey: await publicKeyOf(KeyId) });
    expect(Buffer.from(SharedSecret!)).toEqual(theirs);
    const foreign = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey;
    for (const wrong of [foreign.export({ type: 'spki', format: 'der' }), Buffer.from('no key')]) {
      await expect(send(new DeriveSharedSecretCommand({ ...asked, PublicKey: wrong }))).rejects.toMatchObject({
        name: 'ValidationException',
      });
    }
    const signing = { KeyId, Message: Buffer.from('x'), SigningAlgorithm: 'ECDSA_SHA_256' as const };
    await expect(send(new SignCommand(signing))).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  },
);
