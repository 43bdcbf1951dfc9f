// Secrets Manager through the SDK: values and their versions, who may read them, and what becomes of them with time. The same
// tests run against a peer, PLINTH_PEER_ENDPOINT=http://127.0.0.1:5000 for moto_server; beside those that do not stands why.
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  paginateListSecrets,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
  ValidateResourcePolicyCommand,
  type CreateSecretCommandInput,
} from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { allow, document, TestIdentity, theAccount } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { DAY } from '../kms/test-kms.ts';
import { sts } from '../sts/index.ts';
import { secretsManager } from './index.ts';

const peer = process.env['PLINTH_PEER_ENDPOINT'];

/** No peer is asked. */
const alone = peer === undefined;

let world: TestIdentity;
let client: SecretsManagerClient;

beforeAll(async () => {
  if (peer !== undefined) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new SecretsManagerClient({ endpoint: peer, region: 'us-east-1', credentials, maxAttempts: 1 });
    return;
  }
  world = new TestIdentity(await startCloud({ services: [iam, sts, kms, secretsManager] }));
  client = new SecretsManagerClient(world.as());
});

afterAll(async () => {
  if (alone) await world.cloud.stop();
});

let names = 0;

const send = ((command: never) => client.send(command)) as SecretsManagerClient['send'];
const create = async (input: Partial<CreateSecretCommandInput> = {}) => {
  const { ARN, VersionId } = await send(new CreateSecretCommand({ Name: `app/secret-${++names}`, ...input }));
  return { SecretId: ARN!, VersionId };
};
const valueAt = async (SecretId: string, VersionStage?: string) =>
  (await send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;

test('a secret is found by its name, its ARN, and its ARN without the random end', async () => {
  const { SecretId } = await create({ Name: 'found/by-name', SecretString: 'one', Description: 'mine' });
  expect(SecretId).toMatch(/^arn:aws:secretsmanager:us-east-1:\d{12}:secret:found\/by-name-[0-9A-Za-z]{6}$/);
  for (const id of ['found/by-name', SecretId, SecretId.slice(0, -7)]) expect(await valueAt(id)).toBe('one');
  const again = create({ Name: 'found/by-name', SecretString: 'two' });
  await expect(again).rejects.toMatchObject({ name: 'ResourceExistsException' });
  await expect(valueAt('found/by')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
  expect(await send(new DescribeSecretCommand({ SecretId }))).toMatchObject({
    Name: 'found/by-name',
    Description: 'mine',
  });
});

test('binary values come back as they were, and a secret may have no value yet', async () => {
  const bytes = Uint8Array.of(0, 255, 1, 254);
  const { SecretId } = await create({ SecretBinary: bytes });
  const answer = await send(new GetSecretValueCommand({ SecretId }));
  expect(answer.SecretBinary).toEqual(bytes);
  expect(answer).not.toHaveProperty('SecretString');
  const empty = await create();
  await expect(valueAt(empty.SecretId)).rejects.toMatchObject({
    message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  });
});

// Not the peer’s: it goes on listing versions that have no label.
test.runIf(alone)(
  'a new value becomes current, the former one previous, and the one before that deprecated',
  async () => {
    const { SecretId, VersionId: first } = await create({ SecretString: '1' });
    const { VersionId: second } = await send(new PutSecretValueCommand({ SecretId, SecretString: '2' }));
    const { VersionId: third } = await send(new UpdateSecretCommand({ SecretId, SecretString: '3' }));
    expect([await valueAt(SecretId), await valueAt(SecretId, 'AWSPREVIOUS')]).toEqual(['3', '2']);
    const { VersionIdsToStages } = await send(new DescribeSecretCommand({ SecretId }));
    expect(VersionIdsToStages).toEqual({ [third!]: ['AWSCURRENT'], [second!]: ['AWSPREVIOUS'] });
    const { Versions } = await send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
    expect(Versions!.map(({ VersionId }) => VersionId)).toEqual([first, second, third]);
    expect(Versions![2]!.KmsKeyIds).toEqual(['DefaultEncryptionKey']);
    expect(Versions![2]!.LastAccessedDate!.getTime() % DAY).toBe(0);
    expect(Versions![0]).not.toHaveProperty('LastAccessedDate');
    const old = await send(new GetSecretValueCommand({ SecretId, VersionId: first }));
    expect([old.SecretString, old.VersionStages]).toEqual(['1', []]);
  },
);

test('a token makes one version: the same value again changes nothing, another is refused', async () => {
  const { SecretId } = await create({ SecretString: '1' });
  const ClientRequestToken = '11111111-1111-4111-8111-111111111111';
  const put = (SecretString: string) => send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));
  expect((await put('2')).VersionId).toBe(ClientRequestToken);
  expect((await put('2')).VersionStages).toEqual(['AWSCURRENT']);
  await expect(put('3')).rejects.toMatchObject({ name: 'ResourceExistsException' });
});

// Not the peer’s: a label that is moved by hand does not move what is read by it.
test.runIf(alone)('rotation by hand: a pending version is made, then becomes current', async () => {
  const { SecretId, VersionId: old } = await create({ SecretString: 'old' });
  const { VersionId } = await send(
    new PutSecretValueCommand({ SecretId, SecretString: 'new', VersionStages: ['AWSPENDING'] }),
  );
  expect([await valueAt(SecretId), await valueAt(SecretId, 'AWSPENDING')]).toEqual(['old', 'new']);
  const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: VersionId };
  await expect(send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining(`currently attached to version ${old}`),
  });
  await send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: old }));
  expect([await valueAt(SecretId), await valueAt(SecretId, 'AWSPREVIOUS')]).toEqual(['new', 'old']);
  const removal = { SecretId, VersionStage: 'AWSCURRENT', RemoveFromVersionId: VersionId };
  await expect(send(new UpdateSecretVersionStageCommand(removal))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  await send(
    new UpdateSecretVersionStageCommand({ ...removal, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId: old }),
  );
  await expect(valueAt(SecretId, 'AWSPREVIOUS')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

// Not the peer’s: it encrypts nothing, and its IAM is off.
test.runIf(alone)('the value is under the KMS key, and whoever may not use that may not read it', async () => {
  const keys = new KMSClient(world.as());
  const { KeyMetadata } = await keys.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata!.Arn!;
  const { SecretId } = await create({ SecretString: 'covered', KmsKeyId: KeyId });
  const reader = await world.user('reader', allow('secretsmanager:GetSecretValue'));
  const read = () => new SecretsManagerClient(world.as(reader)).send(new GetSecretValueCommand({ SecretId }));
  await expect(read()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('Access to KMS is not allowed'),
  });
  // The key's policy lets it be used through Secrets Manager alone, for this secret alone.
  const root = { Effect: 'Allow', Principal: theAccount, Action: 'kms:*', Resource: '*' };
  const through = {
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: 'kms:Decrypt',
    Resource: '*',
    Condition: {
      StringEquals: {
        'kms:CallerAccount': '000000000000',
        'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com',
        'kms:EncryptionContext:SecretARN': SecretId,
      },
    },
  };
  await keys.send(new PutKeyPolicyCommand({ KeyId, Policy: document(root, through) }));
  expect((await read()).SecretString).toBe('covered');
  await keys.send(new DisableKeyCommand({ KeyId }));
  await expect(read()).rejects.toMatchObject({
    name: 'DecryptionFailure',
    message: expect.stringContaining('is disabled'),
  });
  await keys.send(new EnableKeyCommand({ KeyId }));
  expect((await read()).SecretString).toBe('covered');
});

// Not the peer’s: its IAM is off.
test.runIf(alone)(
  'without a key of its own a secret is under the account’s, which everybody may use through the service',
  async () => {
    const { SecretId } = await create({ SecretString: 'plain' });
    expect(await send(new DescribeSecretCommand({ SecretId }))).not.toHaveProperty('KmsKeyId');
    const user = await world.user('no-kms', allow('secretsmanager:GetSecretValue'));
    const read = new SecretsManagerClient(world.as(user)).send(new GetSecretValueCommand({ SecretId }));
    expect((await read).SecretString).toBe('plain');
  },
);

// Not the peer’s: its IAM is off.
test.runIf(alone)('a resource policy lets in who has no other, and a denial in it keeps out who has', async () => {
  const { SecretId } = await create({ SecretString: 'shared' });
  const guest = new SecretsManagerClient(world.as(await world.user('guest')));
  const statement = (Effect: string) => ({
    Effect,
    Principal: { AWS: 'arn:aws:iam::000000000000:user/guest' },
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
  });
  const put = (ResourcePolicy: string, BlockPublicPolicy?: boolean) =>
    send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy }));
  await put(document(statement('Allow')));
  expect((await guest.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('shared');
  await put(document(statement('Allow'), statement('Deny')));
  await expect(guest.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('with an explicit deny in a resource-based policy'),
  });
  const open = document({ ...statement('Allow'), Principal: '*' });
  await expect(put(open, true)).rejects.toMatchObject({ name: 'PublicPolicyException' });
  const judged = await send(new ValidateResourcePolicyCommand({ ResourcePolicy: open }));
  expect(judged.PolicyValidationPassed).toBe(false);
  await expect(put('{')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  await send(new DeleteResourcePolicyCommand({ SecretId }));
  expect(await send(new GetResourcePolicyCommand({ SecretId }))).not.toHaveProperty('ResourcePolicy');
});

// Not the peer’s: its IAM is off.
test.runIf(alone)('policies may tell stages and tags apart', async () => {
  const { SecretId } = await create({ SecretString: '1', Tags: [{ Key: 'team', Value: 'a' }] });
  await send(new PutSecretValueCommand({ SecretId, SecretString: '2' }));
  const user = await world.user('stage-reader', {
    ...allow('secretsmanager:GetSecretValue'),
    Condition: { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT', 'aws:ResourceTag/team': 'a' } },
  });
  const read = (VersionStage?: string) =>
    new SecretsManagerClient(world.as(user)).send(new GetSecretValueCommand({ SecretId, VersionStage }));
  expect((await read()).SecretString).toBe('2');
  await expect(read('AWSPREVIOUS')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'team', Value: 'b' }] }));
  await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await send(new UntagResourceCommand({ SecretId, TagKeys: ['team'] }));
  expect((await send(new DescribeSecretCommand({ SecretId }))).Tags).toEqual([]);
});

// Not the peer’s: it has no clock that can be moved.
test.runIf(alone)(
  'a deleted secret can be restored until its recovery window is over on the cloud’s clock',
  async () => {
    const { SecretId } = await create({ Name: 'doomed', SecretString: 'x' });
    await send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    await expect(valueAt(SecretId)).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining('marked for deletion'),
    });
    await expect(create({ Name: 'doomed' })).rejects.toMatchObject({
      message: expect.stringContaining('already scheduled for deletion'),
    });
    await world.cloud.clock.advance(6 * DAY);
    await send(new RestoreSecretCommand({ SecretId }));
    expect(await valueAt(SecretId)).toBe('x');
    await send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    await world.cloud.clock.advance(8 * DAY);
    await expect(send(new RestoreSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await create({ Name: 'doomed' });
  },
);

test('a secret that is deleted by force is gone at once', async () => {
  const { SecretId } = await create({ SecretString: 'x' });
  const both = new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true, RecoveryWindowInDays: 7 });
  await expect(send(both)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  await expect(send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await send(new DeleteSecretCommand({ SecretId: 'never-was', ForceDeleteWithoutRecovery: true }));
});

test('secrets are listed by filters, page by page', async () => {
  const tagged = { Tags: [{ Key: 'listing', Value: 'yes' }] };
  for (const name of ['list/a', 'list/b', 'list/c'])
    await create({ Name: name, Description: 'The big one', ...tagged });
  const listed = async (...filters: [string, ...string[]][]) => {
    const Filters = filters.map(([Key, ...Values]) => ({ Key: Key as 'name', Values }));
    const { SecretList } = await send(new ListSecretsCommand({ Filters, SortBy: 'name', SortOrder: 'asc' }));
    return SecretList!.map(({ Name }) => Name);
  };
  expect(await listed(['name', 'list/'])).toEqual(['list/a', 'list/b', 'list/c']);
  expect(await listed(['name', 'list/', '!list/b'], ['tag-key', 'listing'])).toEqual(['list/a', 'list/b', 'list/c']);
  expect(await listed(['tag-value', 'yes'], ['name', '!list/b'])).toEqual(['list/a', 'list/c']);
  expect(await listed(['description', 'BIG'])).toEqual(['list/a', 'list/b', 'list/c']);
  expect(await listed(['name', 'List/'])).toEqual([]);
  const pages: number[] = [];
  for await (const { SecretList } of paginateListSecrets(
    { client, pageSize: 2 },
    { Filters: [{ Key: 'name', Values: ['list/'] }] },
  )) {
    pages.push(SecretList!.length);
  }
  expect(pages).toEqual([2, 1]);
});

// Not the peer’s: its IAM is off, which denies one of them here.
test.runIf(alone)('a batch answers each secret on its own', async () => {
  const [one, other] = [await create({ SecretString: '1' }), await create({ SecretString: '2' })];
  const user = await world.user('batch', allow('secretsmanager:BatchGetSecretValue'), {
    Effect: 'Allow',
    Action: 'secretsmanager:GetSecretValue',
    Resource: [one.SecretId, '*never-was*'],
  });
  const SecretIdList = [one.SecretId, other.SecretId, 'never-was'];
  const answer = await new SecretsManagerClient(world.as(user)).send(new BatchGetSecretValueCommand({ SecretIdList }));
  expect(answer.SecretValues!.map(({ SecretString }) => SecretString)).toEqual(['1']);
  expect(answer.Errors!.map(({ ErrorCode }) => ErrorCode)).toEqual([
    'AccessDeniedException',
    'ResourceNotFoundException',
  ]);
});

test('random passwords have what was asked for, and nothing that was not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        PasswordLength: fc.integer({ min: 4, max: 100 }),
        ExcludeNumbers: fc.boolean(),
        ExcludePunctuation: fc.boolean(),
        ExcludeUppercase: fc.boolean(),
        ExcludeCharacters: fc.constantFrom('', 'abc"/@'),
      }),
      async (input) => {
        const { RandomPassword = '' } = await send(new GetRandomPasswordCommand(input));
        expect(RandomPassword).toHaveLength(input.PasswordLength);
        expect(/\d/.test(RandomPassword)).toBe(!input.ExcludeNumbers);
        expect(/[^0-9a-zA-Z]/.test(RandomPassword)).toBe(!input.ExcludePunctuation);
        expect(/[A-Z]/.test(RandomPassword)).toBe(!input.ExcludeUppercase);
        for (const character of input.ExcludeCharacters) expect(RandomPassword).not.toContain(character);
      },
    ),
    { numRuns: 30 },
  );
});

// Not the peer’s: it has no limit.
test.runIf(alone)('values of up to 64 KB are kept, larger ones refused', async () => {
  const large = 'x'.repeat(65_536);
  const { SecretId } = await create({ SecretString: large });
  expect(await valueAt(SecretId)).toBe(large);
  await expect(create({ SecretString: `${large}x` })).rejects.toMatchObject({ name: 'InvalidRequestException' });
});
