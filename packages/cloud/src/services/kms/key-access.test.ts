// Who may use a key: its policy, what it leaves to IAM, grants, and the condition keys of KMS.
import {
  CreateGrantCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  SignCommand,
  type CreateGrantCommandInput,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { allow, document, theAccount, trust, type Keys } from '../iam/test-identity.ts';
import { TestKms } from './test-kms.ts';

let world: TestKms;
let ann: Keys;

const ANN = 'arn:aws:iam::000000000000:user/ann';

beforeAll(async () => {
  world = await TestKms.start();
  ann = await world.user('ann', { Effect: 'Allow', Action: 'kms:*', Resource: '*' });
});

afterAll(() => world.cloud.stop());

const x = Buffer.from('x');
const onKey = (Action: string | string[], Principal: object | string, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Principal,
  Resource: '*',
  ...(Condition && { Condition }),
});
const administrators = onKey(
  ['kms:Put*', 'kms:CreateGrant', 'kms:RevokeGrant', 'kms:List*', 'kms:Encrypt'],
  theAccount,
);

test('an identity’s policy helps only where the key’s policy leaves the question to the account', async () => {
  const left = await world.key();
  await world.kms(ann).send(new EncryptCommand({ KeyId: left, Plaintext: x }));
  const own = await world.key({ Policy: document(onKey(['kms:Put*', 'kms:Get*'], theAccount)) });
  await expect(world.kms(ann).send(new EncryptCommand({ KeyId: own, Plaintext: x }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: ${ANN} is not authorized to perform: kms:Encrypt on resource: ${own} because no resource-based policy allows the kms:Encrypt action`,
  });
  // Not even the account's root may do what the key's policy does not say.
  const root = world.client.send(new EncryptCommand({ KeyId: own, Plaintext: x }));
  await expect(root).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('a key’s policy lets somebody in who has no policy of their own', async () => {
  const bob = await world.user('bob');
  const Policy = document(administrators, onKey('kms:GenerateDataKey', { AWS: 'arn:aws:iam::000000000000:user/bob' }));
  const KeyId = await world.key({ Policy });
  await world.kms(bob).send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
  const other = world.kms(bob).send(new EncryptCommand({ KeyId, Plaintext: x }));
  await expect(other).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('a key that is not there is told only to who might use it', async () => {
  const eve = await world.user('eve');
  const KeyId = 'arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000';
  const denied = world.kms(eve).send(new DescribeKeyCommand({ KeyId }));
  await expect(denied).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const missing = world.kms(ann).send(new DescribeKeyCommand({ KeyId }));
  await expect(missing).rejects.toMatchObject({ name: 'NotFoundException' });
});

test('encryption contexts and aliases are conditions', async () => {
  const cho = await world.user('cho', {
    ...allow('kms:Encrypt'),
    Condition: {
      StringEquals: { 'kms:EncryptionContext:app': 'billing' },
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['app'] },
    },
  });
  const KeyId = await world.key();
  const encrypt = (EncryptionContext: Record<string, string>) =>
    world.kms(cho).send(new EncryptCommand({ KeyId, Plaintext: x, EncryptionContext }));
  await encrypt({ app: 'billing' });
  for (const context of [{}, { app: 'Billing' }, { app: 'billing', more: '1' }]) {
    await expect(encrypt(context as Record<string, string>)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  }
});

test('kms:ViaService keeps a direct call out', async () => {
  const only = { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } };
  const KeyId = await world.key({ Policy: document(administrators, onKey('kms:Decrypt', { AWS: '*' }, only)) });
  const { CiphertextBlob } = await world.client.send(new EncryptCommand({ KeyId, Plaintext: x }));
  const direct = world.kms(ann).send(new DecryptCommand({ CiphertextBlob }));
  await expect(direct).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('kms:CallerAccount and kms:SigningAlgorithm are known', async () => {
  const condition = {
    StringEquals: { 'kms:CallerAccount': '000000000000', 'kms:SigningAlgorithm': 'RSASSA_PSS_SHA_256' },
  };
  const Policy = document(administrators, onKey('kms:Sign', { AWS: ANN }, condition));
  const KeyId = await world.key({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', Policy });
  const sign = (SigningAlgorithm: 'RSASSA_PSS_SHA_256' | 'RSASSA_PSS_SHA_512') =>
    world.kms(ann).send(new SignCommand({ KeyId, SigningAlgorithm, Message: x }));
  await sign('RSASSA_PSS_SHA_256');
  await expect(sign('RSASSA_PSS_SHA_512')).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

async function granted(input: Omit<CreateGrantCommandInput, 'KeyId'>) {
  const KeyId = await world.key({ Policy: document(administrators) });
  const { GrantId, GrantToken } = await world.client.send(new CreateGrantCommand({ KeyId, ...input }));
  return { KeyId, GrantId: GrantId!, GrantToken: GrantToken! };
}

test('a grant lets its grantee in beside the policy, as far as its constraints go, until it is revoked', async () => {
  const arn = await world.role('worker', [trust(theAccount)]);
  const worker = world.kms(await world.assume(arn));
  const { KeyId, GrantId } = await granted({
    GranteePrincipal: arn,
    Operations: ['Decrypt'],
    Constraints: { EncryptionContextSubset: { tenant: 'a' } },
  });
  const sealed = async (EncryptionContext: Record<string, string>) => ({
    CiphertextBlob: (await world.client.send(new EncryptCommand({ KeyId, Plaintext: x, EncryptionContext })))
      .CiphertextBlob,
    EncryptionContext,
  });
  const own = await sealed({ tenant: 'a', table: '1' });
  expect((await worker.send(new DecryptCommand(own))).KeyId).toBe(KeyId);
  const others = worker.send(new DecryptCommand(await sealed({ tenant: 'b' })));
  await expect(others).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect((await world.client.send(new ListGrantsCommand({ KeyId }))).Grants).toMatchObject([
    { GrantId, GranteePrincipal: arn, Operations: ['Decrypt'], KeyId },
  ]);
  await world.client.send(new RevokeGrantCommand({ KeyId, GrantId }));
  await expect(worker.send(new DecryptCommand(own))).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('EncryptionContextEquals allows no further pair', async () => {
  const { KeyId } = await granted({
    GranteePrincipal: ANN,
    Operations: ['GenerateDataKey'],
    Constraints: { EncryptionContextEquals: { tenant: 'a' } },
  });
  const make = (EncryptionContext: Record<string, string>) =>
    world.kms(ann).send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
  await make({ tenant: 'a' });
  await expect(make({ tenant: 'a', more: '1' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('a grant is retired by whom it names, and by nobody else', async () => {
  const dan = await world.user('dan');
  const { KeyId, GrantToken } = await granted({
    GranteePrincipal: ANN,
    RetiringPrincipal: 'arn:aws:iam::000000000000:user/dan',
    Operations: ['Decrypt'],
    Name: 'for-dan',
  });
  const listed = await world.client.send(
    new ListRetirableGrantsCommand({ RetiringPrincipal: 'arn:aws:iam::000000000000:user/dan' }),
  );
  expect(listed.Grants).toMatchObject([{ Name: 'for-dan', KeyId }]);
  const retire = new RetireGrantCommand({ GrantToken });
  await expect(world.kms(ann).send(retire)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await world.kms(dan).send(retire);
  expect((await world.client.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([]);
});

test('a grantee passes on no more than it has', async () => {
  const gus = await world.user('gus');
  const { KeyId } = await granted({
    GranteePrincipal: 'arn:aws:iam::000000000000:user/gus',
    Operations: ['CreateGrant', 'Decrypt'],
  });
  const pass = (operation: 'Decrypt' | 'Encrypt') =>
    world.kms(gus).send(new CreateGrantCommand({ KeyId, GranteePrincipal: ANN, Operations: [operation] }));
  await pass('Decrypt');
  await expect(pass('Encrypt')).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('the same grant under the same name is made once', async () => {
  const grant = { GranteePrincipal: ANN, Operations: ['Decrypt' as const], Name: 'once' };
  const { KeyId, GrantId } = await granted(grant);
  expect((await world.client.send(new CreateGrantCommand({ KeyId, ...grant }))).GrantId).toBe(GrantId);
});

test('a denial in the key’s policy stands above grants', async () => {
  const { KeyId } = await granted({ GranteePrincipal: ANN, Operations: ['GenerateDataKey'] });
  const denial = { ...onKey('kms:GenerateDataKey', { AWS: '*' }), Effect: 'Deny' };
  await world.client.send(new PutKeyPolicyCommand({ KeyId, Policy: document(administrators, denial) }));
  await expect(world.kms(ann).send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))).rejects.toMatchObject({
    message: expect.stringContaining('with an explicit deny in a resource-based policy'),
  });
});
