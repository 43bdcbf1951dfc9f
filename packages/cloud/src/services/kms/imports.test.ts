// Key material of the customer's own, wrapped as AWS's documentation says, by Node's own cryptography.
import {
  constants,
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  verify,
} from 'node:crypto';

import type { KMSClient } from '@aws-sdk/client-kms';
import {
  CreateKeyCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  type AlgorithmSpec,
  type CreateKeyCommandInput,
  type ImportKeyMaterialCommandInput,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { DAY, TestKms } from './test-kms.ts';

let world: TestKms;

beforeAll(async () => {
  world = await TestKms.start();
});
afterAll(() => world.cloud.stop());

const send = ((command: never) => world.client.send(command)) as KMSClient['send'];

const external = async (input: Partial<CreateKeyCommandInput> = {}) =>
  (await send(new CreateKeyCommand({ Origin: 'EXTERNAL', ...input }))).KeyMetadata!.Arn!;

function wrap(material: Buffer, publicKey: Uint8Array, algorithm: AlgorithmSpec): Buffer {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256';
  const oaep = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
  if (!algorithm.startsWith('RSA_AES')) return publicEncrypt(oaep, material);
  const inner = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', inner, Buffer.from('A65959A6', 'hex'));
  return Buffer.concat([publicEncrypt(oaep, inner), cipher.update(material), cipher.final()]);
}

async function importInto(
  KeyId: string,
  material: Buffer,
  {
    algorithm = 'RSAES_OAEP_SHA_256',
    ...more
  }: { algorithm?: AlgorithmSpec } & Partial<ImportKeyMaterialCommandInput> = {},
) {
  const parameters = await send(
    new GetParametersForImportCommand({ KeyId, WrappingAlgorithm: algorithm, WrappingKeySpec: 'RSA_2048' }),
  );
  const input: ImportKeyMaterialCommandInput = {
    KeyId,
    ImportToken: parameters.ImportToken,
    EncryptedKeyMaterial: wrap(material, parameters.PublicKey!, algorithm),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    ...more,
  };
  return send(new ImportKeyMaterialCommand(input));
}

const stateOf = async (KeyId: string) => (await send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;

test('a key waits for its material, and is a key like any other with it', async () => {
  const KeyId = await external();
  expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'PendingImport', Enabled: false, Origin: 'EXTERNAL' });
  const Plaintext = Buffer.from('secret');
  await expect(send(new EncryptCommand({ KeyId, Plaintext }))).rejects.toMatchObject({
    name: 'KMSInvalidStateException',
  });
  const material = randomBytes(32);
  await importInto(KeyId, material);
  expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'Enabled', ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' });
  const { CiphertextBlob } = await send(new EncryptCommand({ KeyId, Plaintext }));
  await send(new DeleteImportedKeyMaterialCommand({ KeyId }));
  await expect(send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
    name: 'KMSInvalidStateException',
  });
  await expect(importInto(KeyId, randomBytes(32))).rejects.toMatchObject({ name: 'IncorrectKeyMaterialException' });
  const wrongly = importInto(KeyId, material, { KeyMaterialId: '0'.repeat(64) });
  await expect(wrongly).rejects.toMatchObject({ name: 'ValidationException' });
  const listed = async () =>
    (await send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }))).Rotations;
  const [known] = (await listed())!;
  expect(known).toMatchObject({ ImportState: 'PENDING_IMPORT', KeyMaterialState: 'CURRENT' });
  const again = { KeyMaterialId: known!.KeyMaterialId!, KeyMaterialDescription: 'from the safe' };
  await importInto(KeyId, material, again);
  expect(await listed()).toEqual([
    {
      KeyId,
      ...again,
      KeyMaterialState: 'CURRENT',
      ImportState: 'IMPORTED',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    },
  ]);
  const decrypted = await send(new DecryptCommand({ CiphertextBlob }));
  expect(Buffer.from(decrypted.Plaintext!)).toEqual(Plaintext);
  await expect(send(new EnableKeyRotationCommand({ KeyId }))).rejects.toMatchObject({
    name: 'UnsupportedOperationException',
  });
});

test('EventBridge hears of material that expired, of rotations and deletions', async () => {
  const heard: string[] = [];
  const stop = world.cloud.kernel.events.subscribe(({ detailType, resources }) =>
    heard.push(`${detailType} ${resources[0]}`),
  );
  const [expiring, rotating] = [await external(), await world.key()];
  const ValidTo = new Date(world.cloud.clock.now() + DAY);
  await importInto(expiring, randomBytes(32), { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo });
  await send(new RotateKeyOnDemandCommand({ KeyId: rotating }));
  await send(new ScheduleKeyDeletionCommand({ KeyId: rotating, PendingWindowInDays: 7 }));
  await world.cloud.clock.advance(8 * DAY);
  stop();
  expect(heard).toEqual([
    `KMS CMK Rotation ${rotating}`,
    `KMS Imported Key Material Expiration ${expiring}`,
    `KMS CMK Deletion ${rotating}`,
  ]);
});

test('material that expires goes on the cloud’s clock, and may come again', async () => {
  const KeyId = await external();
  const ValidTo = new Date(world.cloud.clock.now() + 2 * DAY);
  const material = randomBytes(32);
  await importInto(KeyId, material, { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo });
  expect(await stateOf(KeyId)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', KeyState: 'Enabled' });
  await world.cloud.clock.advance(3 * DAY);
  expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'PendingImport' });
  await importInto(KeyId, material);
  expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'Enabled' });
});

test('RSA and curves are wrapped with a key of their own', async () => {
  const KeyId = await external({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
  const algorithm = 'RSA_AES_KEY_WRAP_SHA_256' as const;
  await expect(importInto(KeyId, other.export({ type: 'pkcs8', format: 'der' }), { algorithm })).rejects.toMatchObject({
    name: 'IncorrectKeyMaterialException',
  });
  await importInto(KeyId, privateKey.export({ type: 'pkcs8', format: 'der' }), { algorithm });
  const Message = Buffer.from('x');
  const { Signature } = await send(new SignCommand({ KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256' }));
  expect(verify('sha256', Message, publicKey, Signature!)).toBe(true);
});

test('a token is for one key and one day, what is wrapped otherwise is no material', async () => {
  const [KeyId, other] = [await external(), await external()];
  const asked = { WrappingAlgorithm: 'RSAES_OAEP_SHA_1' as const, WrappingKeySpec: 'RSA_3072' as const };
  const { ImportToken, PublicKey } = await send(new GetParametersForImportCommand({ KeyId, ...asked }));
  const input = {
    KeyId,
    ImportToken,
    EncryptedKeyMaterial: wrap(randomBytes(32), PublicKey!, 'RSAES_OAEP_SHA_1'),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const,
  };
  const bring = (more: Partial<ImportKeyMaterialCommandInput>) =>
    send(new ImportKeyMaterialCommand({ ...input, ...more }));
  await expect(bring({ KeyId: other })).rejects.toMatchObject({ name: 'InvalidImportTokenException' });
  await expect(bring({ EncryptedKeyMaterial: Buffer.from('x') })).rejects.toMatchObject({
    name: 'InvalidCiphertextException',
  });
  const short = wrap(randomBytes(16), PublicKey!, 'RSAES_OAEP_SHA_1');
  await expect(bring({ EncryptedKeyMaterial: short })).rejects.toMatchObject({ name: 'IncorrectKeyMaterialException' });
  await expect(bring({ ExpirationModel: 'KEY_MATERIAL_EXPIRES' })).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await world.cloud.clock.advance(DAY + 1);
  await expect(bring({})).rejects.toMatchObject({ name: 'ExpiredImportTokenException' });
  const own = await world.key();
  await expect(send(new GetParametersForImportCommand({ KeyId: own, ...asked }))).rejects.toMatchObject({
    name: 'UnsupportedOperationException',
  });
});
