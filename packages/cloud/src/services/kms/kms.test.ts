// KMS through the SDK: keys, what they encrypt and sign, their names, and what becomes of them with time.
import { createHash, createPublicKey, publicEncrypt, verify, constants } from 'node:crypto';

import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  paginateListKeys,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  VerifyCommand,
  VerifyMacCommand,
  type KeySpec,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { DAY, TestKms } from './test-kms.ts';

let world: TestKms;

beforeAll(async () => {
  world = await TestKms.start();
});

afterAll(() => world.cloud.stop());

const text = (value: string) => Buffer.from(value);
const send = ((command: never) => world.client.send(command)) as KMSClient['send'];

test('a new key is symmetric, enabled, and left to the account’s policies', async () => {
  const { KeyMetadata } = await send(new CreateKeyCommand({ Description: 'mine' }));
  expect(KeyMetadata).toMatchObject({
    AWSAccountId: '000000000000',
    Arn: `arn:aws:kms:us-east-1:000000000000:key/${KeyMetadata?.KeyId}`,
    Description: 'mine',
    Enabled: true,
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyState: 'Enabled',
    KeyUsage: 'ENCRYPT_DECRYPT',
    MultiRegion: false,
    Origin: 'AWS_KMS',
  });
  const { Policy } = await send(new GetKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId }));
  expect(JSON.parse(Policy!).Statement).toEqual([
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      Action: 'kms:*',
      Resource: '*',
    },
  ]);
});

test('what a key encrypts it decrypts, without being named, under the same encryption context only', async () => {
  const KeyId = await world.key();
  const context = { department: 'finance', purpose: 'test' };
  const { CiphertextBlob } = await send(
    new EncryptCommand({ KeyId, Plaintext: text('secret'), EncryptionContext: context }),
  );
  const swapped = { purpose: 'test', department: 'finance' };
  const answer = await send(new DecryptCommand({ CiphertextBlob, EncryptionContext: swapped }));
  expect(Buffer.from(answer.Plaintext!).toString()).toBe('secret');
  expect(answer.KeyId).toBe(KeyId);
  for (const EncryptionContext of [{}, { department: 'finance' }, { ...context, purpose: 'Test' }]) {
    const refused = send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    await expect(refused).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  }
  const bent = Uint8Array.from(CiphertextBlob!);
  bent[bent.length - 1]! ^= 1;
  const refused = send(new DecryptCommand({ CiphertextBlob: bent, EncryptionContext: context }));
  await expect(refused).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
});

test('a ciphertext names its key: another one is incorrect, one of another region unknown', async () => {
  const [KeyId, other] = [await world.key(), await world.key()];
  const { CiphertextBlob } = await send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
  const incorrect = send(new DecryptCommand({ CiphertextBlob, KeyId: other }));
  await expect(incorrect).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  const elsewhere = new KMSClient({ ...world.as(), region: 'eu-west-1' });
  const unknown = elsewhere.send(new DecryptCommand({ CiphertextBlob }));
  await expect(unknown).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('refers to a customer master key that does not exist'),
  });
});

test('plaintexts of up to 4096 bytes are encrypted, longer ones and none are refused', async () => {
  const KeyId = await world.key();
  await send(new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(4096) }));
  for (const Plaintext of [Buffer.alloc(4097), Buffer.alloc(0)]) {
    await expect(send(new EncryptCommand({ KeyId, Plaintext }))).rejects.toMatchObject({ name: 'ValidationException' });
  }
});

test('data keys come in plain and under the key, or under the key alone', async () => {
  const KeyId = await world.key();
  const EncryptionContext = { file: '1' };
  const whole = await send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
  expect(whole.Plaintext).toHaveLength(32);
  const opened = await send(new DecryptCommand({ CiphertextBlob: whole.CiphertextBlob, EncryptionContext }));
  expect(opened.Plaintext).toEqual(whole.Plaintext);
  const sealed = await send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 100 }));
  expect(sealed).not.toHaveProperty('Plaintext');
  expect((await send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))).Plaintext).toHaveLength(100);
  const both = send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_128', NumberOfBytes: 3 }));
  await expect(both).rejects.toMatchObject({ message: 'Please specify either number of bytes or key spec.' });
});

test('data key pairs come with the private key under a symmetric key', async () => {
  const KeyId = await world.key();
  const pair = await send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }));
  const opened = await send(new DecryptCommand({ CiphertextBlob: pair.PrivateKeyCiphertextBlob }));
  expect(opened.Plaintext).toEqual(pair.PrivateKeyPlaintext);
  const sealed = await send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: 'RSA_2048' }));
  expect(sealed).not.toHaveProperty('PrivateKeyPlaintext');
  const publicKey = createPublicKey({ key: Buffer.from(sealed.PublicKey!), format: 'der', type: 'spki' });
  expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect((await send(new GenerateRandomCommand({ NumberOfBytes: 1024 }))).Plaintext).toHaveLength(1024);
});

test('ReEncrypt moves a ciphertext to another key and context without telling the plaintext', async () => {
  const [from, to] = [await world.key(), await world.key()];
  const { CiphertextBlob } = await send(
    new EncryptCommand({ KeyId: from, Plaintext: text('moved'), EncryptionContext: { a: '1' } }),
  );
  const moved = await send(
    new ReEncryptCommand({
      CiphertextBlob,
      SourceEncryptionContext: { a: '1' },
      DestinationKeyId: to,
      DestinationEncryptionContext: { b: '2' },
    }),
  );
  expect(moved).toMatchObject({ SourceKeyId: from, KeyId: to });
  const opened = await send(
    new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { b: '2' } }),
  );
  expect(Buffer.from(opened.Plaintext!).toString()).toBe('moved');
});

const SIGNERS: [KeySpec, SigningAlgorithmSpec, string][] = [
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'sha256'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_384', 'sha384'],
  ['RSA_2048', 'RSASSA_PSS_SHA_256', 'sha256'],
  ['RSA_3072', 'RSASSA_PSS_SHA_512', 'sha512'],
  ['ECC_NIST_P256', 'ECDSA_SHA_256', 'sha256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384', 'sha384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512', 'sha512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256', 'sha256'],
];

test.for(SIGNERS)('%s signs by %s, messages and digests alike', async ([KeySpec, SigningAlgorithm, hash]) => {
  const KeyId = await world.key({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
  const { PublicKey } = await send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  const padding = SigningAlgorithm.includes('PSS') ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  const message = text('to whom it may concern');
  const digest = createHash(hash).update(message).digest();
  const forms = [
    { Message: message, MessageType: 'RAW' },
    { Message: digest, MessageType: 'DIGEST' },
  ] as const;
  for (const form of forms) {
    const { Signature } = await send(new SignCommand({ KeyId, SigningAlgorithm, ...form }));
    // Anybody with the public key can check it.
    expect(verify(hash, message, { key, ...padding }, Signature!)).toBe(true);
    for (const other of forms) {
      const answer = await send(new VerifyCommand({ KeyId, SigningAlgorithm, Signature, ...other }));
      expect(answer.SignatureValid).toBe(true);
    }
    const bent = Uint8Array.from(Signature!);
    bent[bent.length - 1]! ^= 1;
    for (const other of forms) {
      const refused = send(new VerifyCommand({ KeyId, SigningAlgorithm, Signature: bent, ...other }));
      await expect(refused).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });
    }
  }
  const short = send(new SignCommand({ KeyId, SigningAlgorithm, Message: text('no digest'), MessageType: 'DIGEST' }));
  await expect(short).rejects.toMatchObject({ message: 'Digest is invalid length for algorithm.' });
});

test('an RSA key decrypts what its public key encrypted elsewhere', async () => {
  const KeyId = await world.key({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const { PublicKey } = await send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  const CiphertextBlob = publicEncrypt({ key, oaepHash: 'sha256' }, text('from outside'));
  const opened = await send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }));
  expect(Buffer.from(opened.Plaintext!).toString()).toBe('from outside');
  const own = await send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(214), EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }),
  );
  expect(own.CiphertextBlob).toHaveLength(256);
  const wrong = send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }));
  await expect(wrong).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
});

test('an HMAC key makes and checks codes', async () => {
  const KeyId = await world.key({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  const asked = { KeyId, Message: text('hello'), MacAlgorithm: 'HMAC_SHA_256' } as const;
  const { Mac } = await send(new GenerateMacCommand(asked));
  expect(Mac).toHaveLength(32);
  expect((await send(new VerifyMacCommand({ ...asked, Mac }))).MacValid).toBe(true);
  const forged = send(new VerifyMacCommand({ ...asked, Message: text('hallo'), Mac }));
  await expect(forged).rejects.toMatchObject({ name: 'KMSInvalidMacException' });
});

test('keys are used for what they are for', async () => {
  const [symmetric, signing] = [
    await world.key(),
    await world.key({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  ];
  const encrypting = send(new EncryptCommand({ KeyId: signing, Plaintext: text('x') }));
  await expect(encrypting).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  await expect(send(new GetPublicKeyCommand({ KeyId: symmetric }))).rejects.toMatchObject({
    name: 'UnsupportedOperationException',
  });
  const without = send(new CreateKeyCommand({ KeySpec: 'RSA_2048' }));
  await expect(without).rejects.toMatchObject({ message: expect.stringContaining('You must specify a KeyUsage') });
  const elsewhere = send(new CreateKeyCommand({ Origin: 'AWS_CLOUDHSM' }));
  await expect(elsewhere).rejects.toMatchObject({ name: 'NotImplemented' });
});

test('a dry run says what would have happened, and does nothing', async () => {
  const KeyId = await world.key();
  const dry = send(new EncryptCommand({ KeyId, Plaintext: text('x'), DryRun: true }));
  await expect(dry).rejects.toMatchObject({ name: 'DryRunOperationException' });
});

test('an alias names a key, moves to another of its kind, and goes', async () => {
  const [first, second] = [await world.key(), await world.key()];
  await send(new CreateAliasCommand({ AliasName: 'alias/app/main', TargetKeyId: first }));
  const { CiphertextBlob } = await send(new EncryptCommand({ KeyId: 'alias/app/main', Plaintext: text('x') }));
  await send(new UpdateAliasCommand({ AliasName: 'alias/app/main', TargetKeyId: second }));
  const arn = 'arn:aws:kms:us-east-1:000000000000:alias/app/main';
  expect((await send(new DescribeKeyCommand({ KeyId: arn }))).KeyMetadata?.Arn).toBe(second);
  expect((await send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(first);
  const signing = await world.key({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const other = send(new UpdateAliasCommand({ AliasName: 'alias/app/main', TargetKeyId: signing }));
  await expect(other).rejects.toMatchObject({ name: 'ValidationException' });
  const { Aliases } = await send(new ListAliasesCommand({ KeyId: second }));
  expect(Aliases).toMatchObject([{ AliasName: 'alias/app/main', AliasArn: arn, TargetKeyId: second.split('/')[1] }]);
  const again = send(new CreateAliasCommand({ AliasName: 'alias/app/main', TargetKeyId: first }));
  await expect(again).rejects.toMatchObject({ name: 'AlreadyExistsException' });
  await send(new DeleteAliasCommand({ AliasName: 'alias/app/main' }));
  const gone = send(new DescribeKeyCommand({ KeyId: 'alias/app/main' }));
  await expect(gone).rejects.toMatchObject({ name: 'NotFoundException', message: `Alias ${arn} is not found.` });
});

test('AWS’s own aliases are listed, kept from customers, and get their key when it is asked for', async () => {
  const { Aliases } = await send(new ListAliasesCommand({}));
  expect(Aliases!.find(({ AliasName }) => AliasName === 'alias/aws/ssm')).not.toHaveProperty('TargetKeyId');
  const { KeyMetadata } = await send(new DescribeKeyCommand({ KeyId: 'alias/aws/ssm' }));
  expect(KeyMetadata).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled' });
  const after = (await send(new ListAliasesCommand({}))).Aliases;
  expect(after!.find(({ AliasName }) => AliasName === 'alias/aws/ssm')?.TargetKeyId).toBe(KeyMetadata?.KeyId);
  const direct = send(new EncryptCommand({ KeyId: 'alias/aws/ssm', Plaintext: text('x') }));
  await expect(direct).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const KeyId = await world.key();
  const taken = send(new CreateAliasCommand({ AliasName: 'alias/aws/mine', TargetKeyId: KeyId }));
  await expect(taken).rejects.toMatchObject({ name: 'NotAuthorizedException' });
});

test('a disabled key does nothing until it is enabled', async () => {
  const KeyId = await world.key();
  const { CiphertextBlob } = await send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
  await send(new DisableKeyCommand({ KeyId }));
  const disabled = { name: 'DisabledException', message: `${KeyId} is disabled.` };
  await expect(send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject(disabled);
  await expect(send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))).rejects.toMatchObject(disabled);
  await send(new EnableKeyCommand({ KeyId }));
  expect((await send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(KeyId);
});

test('a key is deleted when its waiting period is over on the cloud’s clock, unless that is cancelled', async () => {
  const [KeyId, kept] = [await world.key(), await world.key()];
  await send(new CreateAliasCommand({ AliasName: 'alias/doomed', TargetKeyId: KeyId }));
  const { CiphertextBlob } = await send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
  const scheduled = await send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  expect(scheduled).toMatchObject({ KeyId, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
  await send(new ScheduleKeyDeletionCommand({ KeyId: kept, PendingWindowInDays: 7 }));
  const pending = { name: 'KMSInvalidStateException', message: `${KeyId} is pending deletion.` };
  await expect(send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject(pending);
  await expect(send(new EnableKeyCommand({ KeyId }))).rejects.toMatchObject(pending);
  await send(new CancelKeyDeletionCommand({ KeyId: kept }));
  await world.cloud.clock.advance(6 * DAY);
  expect((await send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('PendingDeletion');
  await world.cloud.clock.advance(DAY);
  await expect(send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
    message: `Key '${KeyId}' does not exist`,
  });
  await expect(send(new DescribeKeyCommand({ KeyId: 'alias/doomed' }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
  await expect(send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect((await send(new DescribeKeyCommand({ KeyId: kept }))).KeyMetadata).toMatchObject({ KeyState: 'Disabled' });
});

test('a key rotates on the cloud’s clock, and still decrypts what its former material encrypted', async () => {
  const KeyId = await world.key();
  expect(await send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ KeyRotationEnabled: false });
  await send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
  const { CiphertextBlob } = await send(new EncryptCommand({ KeyId, Plaintext: text('old') }));
  const before = (await send(new DecryptCommand({ CiphertextBlob }))).KeyMaterialId;
  await world.cloud.clock.advance(181 * DAY);
  await send(new RotateKeyOnDemandCommand({ KeyId }));
  const { Rotations } = await send(new ListKeyRotationsCommand({ KeyId }));
  expect(Rotations!.map(({ RotationType }) => RotationType)).toEqual(['AUTOMATIC', 'AUTOMATIC', 'ON_DEMAND']);
  expect(Rotations![1]!.RotationDate!.getTime() - Rotations![0]!.RotationDate!.getTime()).toBe(90 * DAY);
  const old = await send(new DecryptCommand({ CiphertextBlob }));
  expect([Buffer.from(old.Plaintext!).toString(), old.KeyMaterialId]).toEqual(['old', before]);
  const { KeyMaterialId } = await send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
  expect(KeyMaterialId).toBe(Rotations!.at(-1)!.KeyMaterialId);
  expect(await send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({
    KeyRotationEnabled: true,
    RotationPeriodInDays: 90,
  });
  const all = await send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }));
  expect(all.Rotations!.map(({ KeyMaterialState }) => KeyMaterialState)).toEqual([
    'NON_CURRENT',
    'NON_CURRENT',
    'NON_CURRENT',
    'CURRENT',
  ]);
});

test('a disabled key that should have rotated meanwhile rotates when it is enabled', async () => {
  const KeyId = await world.key();
  await send(new EnableKeyRotationCommand({ KeyId }));
  await send(new DisableKeyCommand({ KeyId }));
  await world.cloud.clock.advance(800 * DAY);
  expect((await send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toEqual([]);
  await send(new EnableKeyCommand({ KeyId }));
  await world.cloud.clock.advance(0);
  expect((await send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toHaveLength(1);
});

test('asymmetric keys do not rotate', async () => {
  const KeyId = await world.key({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const refused = send(new EnableKeyRotationCommand({ KeyId }));
  await expect(refused).rejects.toMatchObject({ name: 'UnsupportedOperationException' });
});

test('tags and the description change, and a policy that shuts its author out is refused', async () => {
  const KeyId = await world.key({ Tags: [{ TagKey: 'Team', TagValue: 'a' }] });
  await send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'Env', TagValue: 'test' }] }));
  await send(new UntagResourceCommand({ KeyId, TagKeys: ['Team'] }));
  expect((await send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([{ TagKey: 'Env', TagValue: 'test' }]);
  await send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'new' }));
  expect((await send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Description).toBe('new');
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::000000000000:root' },
    Action: 'kms:Decrypt',
    Resource: '*',
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await expect(send(new PutKeyPolicyCommand({ KeyId, Policy }))).rejects.toMatchObject({
    name: 'MalformedPolicyDocumentException',
    message: 'The new key policy will not allow you to update the key policy in the future.',
  });
  const strangers = Policy.replace(':root', ':user/nobody').replace('kms:Decrypt', 'kms:*');
  await expect(send(new PutKeyPolicyCommand({ KeyId, Policy: strangers }))).rejects.toMatchObject({
    message: 'Policy contains a statement with one or more invalid principals.',
  });
  await send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }));
  await expect(send(new GetKeyPolicyCommand({ KeyId }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('keys are listed page by page', async () => {
  const made = [await world.key(), await world.key(), await world.key()];
  const found: string[] = [];
  for await (const { Keys } of paginateListKeys({ client: world.client, pageSize: 2 }, {})) {
    found.push(...Keys!.map(({ KeyArn }) => KeyArn!));
  }
  expect(found).toEqual(expect.arrayContaining(made));
  const bad = send(new ListKeysCommand({ Marker: 'bm90IGEga2V5' }));
  await expect(bad).rejects.toMatchObject({ name: 'InvalidMarkerException' });
});
