// Parameter Store through the SDK: values, versions, paths, who may read them, and what becomes of them with time.
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  paginateGetParametersByPath,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SSMClient,
  UnlabelParameterVersionCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import type { ServiceEvent } from '../../kernel/feed.ts';
import { iam } from '../iam/index.ts';
import { allow, TestIdentity } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { DAY } from '../kms/test-kms.ts';
import { secretsManager } from '../secrets-manager/index.ts';
import { sts } from '../sts/index.ts';
import { ssm } from './index.ts';

let world: TestIdentity;
let client: SSMClient;

beforeAll(async () => {
  world = new TestIdentity(await startCloud({ services: [iam, sts, kms, secretsManager, ssm] }));
  client = new SSMClient(world.as());
});

afterAll(() => world.cloud.stop());

const send = ((command: never) => client.send(command)) as SSMClient['send'];
const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const overwrite = { Overwrite: true } as const;
const get = async (Name: string, WithDecryption = false) =>
  (await send(new GetParameterCommand({ Name, WithDecryption }))).Parameter!;

test('a parameter is put once, and overwritten only where that is asked for', async () => {
  expect(await put('/app/a', '1')).toMatchObject({ Version: 1, Tier: 'Standard' });
  await expect(put('/app/a', '2')).rejects.toMatchObject({
    name: 'ParameterAlreadyExists',
    message: expect.stringContaining('set the overwrite option'),
  });
  expect(await put('/app/a', '2', overwrite)).toMatchObject({ Version: 2 });
  expect(await get('/app/a')).toMatchObject({
    Name: '/app/a',
    ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/app/a',
    Type: 'String',
    Value: '2',
    Version: 2,
    DataType: 'text',
  });
  expect((await get('arn:aws:ssm:us-east-1:000000000000:parameter/app/a')).Value).toBe('2');
  await put('plain', 'x');
  expect((await get('arn:aws:ssm:us-east-1:000000000000:parameter/plain')).Name).toBe('plain');
  await expect(get('/app/none')).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

test('former versions are read by number or label, and a label is on one version at a time', async () => {
  for (const value of ['1', '2', '3']) await put('/labels/a', value, overwrite);
  const label = (ParameterVersion: number, ...Labels: string[]) =>
    send(new LabelParameterVersionCommand({ Name: '/labels/a', ParameterVersion, Labels }));
  expect((await label(1, 'stable', '9lives', 'aws-x')).InvalidLabels).toEqual(['9lives', 'aws-x']);
  expect(await get('/labels/a:stable')).toMatchObject({ Value: '1', Version: 1, Selector: ':stable' });
  await label(2, 'stable');
  expect(await get('/labels/a:stable')).toMatchObject({ Value: '2' });
  expect(await get('/labels/a:1')).toMatchObject({ Value: '1', Selector: ':1' });
  await expect(get('/labels/a:9')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  const { Parameters } = await send(new GetParameterHistoryCommand({ Name: '/labels/a' }));
  expect(Parameters!.map(({ Version, Value, Labels }) => [Version, Value, Labels])).toEqual([
    [1, '1', []],
    [2, '2', ['stable']],
    [3, '3', []],
  ]);
  const removed = await send(
    new UnlabelParameterVersionCommand({ Name: '/labels/a', ParameterVersion: 2, Labels: ['stable', 'other'] }),
  );
  expect(removed).toMatchObject({ RemovedLabels: ['stable'], InvalidLabels: ['other'] });
});

test('a hundred versions are kept; the oldest goes, unless it has a label', async () => {
  for (let version = 1; version <= 101; version++) await put('/many', String(version), overwrite);
  await expect(get('/many:1')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  await send(new LabelParameterVersionCommand({ Name: '/many', ParameterVersion: 2, Labels: ['keep'] }));
  await expect(put('/many', 'x', overwrite)).rejects.toMatchObject({ name: 'ParameterMaxVersionLimitExceeded' });
});

test('a SecureString is under KMS, and whoever may not use the key may not read it', async () => {
  const keys = new KMSClient(world.as());
  const { KeyMetadata } = await keys.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata!.Arn!;
  await put('/secure/a', 'hidden', { Type: 'SecureString', KeyId });
  expect((await get('/secure/a')).Value).not.toContain('hidden');
  expect((await get('/secure/a', true)).Value).toBe('hidden');
  const user = await world.user('reader', allow('ssm:GetParameter'));
  const read = (WithDecryption: boolean) =>
    new SSMClient(world.as(user)).send(new GetParameterCommand({ Name: '/secure/a', WithDecryption }));
  await read(false);
  await expect(read(true)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`is not authorized to perform: kms:Decrypt on resource: ${KeyId}`),
  });
  const bound = await world.user('bound', allow('ssm:GetParameter'), {
    ...allow('kms:Decrypt'),
    Condition: {
      StringEquals: {
        'kms:EncryptionContext:PARAMETER_ARN': 'arn:aws:ssm:us-east-1:000000000000:parameter/secure/a',
        'kms:ViaService': 'ssm.us-east-1.amazonaws.com',
      },
    },
  });
  const answer = await new SSMClient(world.as(bound)).send(
    new GetParameterCommand({ Name: '/secure/a', WithDecryption: true }),
  );
  expect(answer.Parameter?.Value).toBe('hidden');
  await keys.send(new DisableKeyCommand({ KeyId }));
  await expect(get('/secure/a', true)).rejects.toMatchObject({ name: 'InvalidKeyId' });
});

test('without a key of its own a SecureString is under the account’s; a large one is under a data key', async () => {
  await put('/secure/own', 'x', { Type: 'SecureString' });
  const large = 'y'.repeat(8000);
  await put('/secure/large', large, { Type: 'SecureString', Tier: 'Intelligent-Tiering' });
  const user = await world.user('no-kms', allow('ssm:GetParameters'));
  const { Parameters } = await new SSMClient(world.as(user)).send(
    new GetParametersCommand({ Names: ['/secure/own', '/secure/large'], WithDecryption: true }),
  );
  expect(Parameters!.map(({ Value }) => Value)).toEqual(['x', large]);
  const { Parameters: described } = await send(
    new DescribeParametersCommand({ ParameterFilters: [{ Key: 'KeyId', Values: ['alias/aws/ssm'] }] }),
  );
  expect(described!.map(({ Name, Tier }) => [Name, Tier])).toEqual([
    ['/secure/large', 'Advanced'],
    ['/secure/own', 'Standard'],
  ]);
});

test('paths are read one level or all the way down, page by page', async () => {
  for (const name of ['/tree/a', '/tree/b/c', '/tree/b/d', '/treehouse']) await put(name, name);
  const names = async (Path: string, Recursive: boolean) => {
    const found: string[] = [];
    for await (const { Parameters } of paginateGetParametersByPath({ client, pageSize: 2 }, { Path, Recursive })) {
      found.push(...Parameters!.map(({ Name }) => Name!));
    }
    return found;
  };
  expect(await names('/tree', false)).toEqual(['/tree/a']);
  expect(await names('/tree/', true)).toEqual(['/tree/a', '/tree/b/c', '/tree/b/d']);
  const filtered = await send(
    new GetParametersByPathCommand({ Path: '/tree', ParameterFilters: [{ Key: 'Type', Values: ['SecureString'] }] }),
  );
  expect(filtered.Parameters).toEqual([]);
});

test('several are read at once, and those that are not there are named', async () => {
  await put('/several/a', '1');
  const { Parameters, InvalidParameters } = await send(
    new GetParametersCommand({ Names: ['/several/a', '/several/none', '/several/a:7'] }),
  );
  expect(Parameters!.map(({ Value }) => Value)).toEqual(['1']);
  expect(InvalidParameters).toEqual(['/several/none', '/several/a:7']);
});

test('parameters are described by filters, and deleted', async () => {
  await put('/described/one', '1', { Description: 'first', Tags: [{ Key: 'team', Value: 'a' }] });
  await put('/described/two', '1,2', { Type: 'StringList' });
  const described = async (Key: string, Option: string | undefined, ...Values: string[]) => {
    const { Parameters } = await send(new DescribeParametersCommand({ ParameterFilters: [{ Key, Option, Values }] }));
    return Parameters!.map(({ Name }) => Name);
  };
  expect(await described('Name', 'BeginsWith', 'described/')).toEqual(['/described/one', '/described/two']);
  expect(await described('Name', 'Contains', 'ed/tw')).toEqual(['/described/two']);
  expect(await described('Path', 'OneLevel', '/described')).toEqual(['/described/one', '/described/two']);
  expect(await described('tag:team', undefined, 'a')).toEqual(['/described/one']);
  await expect(described('Color', undefined, 'red')).rejects.toMatchObject({ name: 'InvalidFilterKey' });
  await expect(described('Name', 'EndsWith', 'x')).rejects.toMatchObject({ name: 'InvalidFilterOption' });
  await send(new DeleteParameterCommand({ Name: '/described/one' }));
  const gone = await send(new DeleteParametersCommand({ Names: ['/described/one', '/described/two'] }));
  expect(gone).toMatchObject({ DeletedParameters: ['/described/two'], InvalidParameters: ['/described/one'] });
  await expect(get('/described/two')).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

test('tags are conditions, and change', async () => {
  await put('/tagged', 'x', { Tags: [{ Key: 'team', Value: 'a' }] });
  const user = await world.user('team-a', {
    ...allow('ssm:GetParameter'),
    Condition: { StringEquals: { 'aws:ResourceTag/team': 'a' } },
  });
  const read = () => new SSMClient(world.as(user)).send(new GetParameterCommand({ Name: '/tagged' }));
  await read();
  const resource = { ResourceType: 'Parameter', ResourceId: '/tagged' } as const;
  await send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'team', Value: 'b' }] }));
  await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['team'] }));
  expect((await send(new ListTagsForResourceCommand(resource))).TagList).toEqual([]);
});

test('an expiration policy ends a parameter on the cloud’s clock', async () => {
  const at = (days: number) => new Date(world.cloud.clock.now() + days * DAY).toISOString();
  const policy = (days: number) =>
    JSON.stringify([{ Type: 'Expiration', Version: '1.0', Attributes: { Timestamp: at(days) } }]);
  await put('/expiring', '1', { Tier: 'Advanced', Policies: policy(10) });
  await put('/expiring', '2', { ...overwrite, Policies: policy(20) });
  await world.cloud.clock.advance(11 * DAY);
  expect((await get('/expiring')).Value).toBe('2');
  await world.cloud.clock.advance(10 * DAY);
  await expect(get('/expiring')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  await expect(put('/standard', '1', { Policies: policy(1) })).rejects.toMatchObject({ name: 'ValidationException' });
});

test('policies tell EventBridge before a parameter ends, and where nobody changes it', async () => {
  const heard: ServiceEvent[] = [];
  const stop = world.cloud.kernel.events.subscribe((event) => heard.push(event));
  const Timestamp = new Date(world.cloud.clock.now() + 20 * DAY).toISOString();
  const Policies = JSON.stringify([
    { Type: 'Expiration', Version: '1.0', Attributes: { Timestamp } },
    { Type: 'ExpirationNotification', Version: '1.0', Attributes: { Before: '5', Unit: 'Days' } },
    { Type: 'NoChangeNotification', Version: '1.0', Attributes: { After: '72', Unit: 'Hours' } },
  ]);
  const told = () =>
    heard
      .splice(0)
      .map(({ detailType, detail }) => [
        detailType.replace('Parameter Store ', ''),
        detail['operation'] ?? detail['policy-type'],
      ]);
  const statuses = async () => {
    const ParameterFilters = [{ Key: 'Name', Values: ['/watched'] }];
    const { Parameters } = await send(new DescribeParametersCommand({ ParameterFilters }));
    return Parameters![0]!.Policies!.map(({ PolicyStatus }) => PolicyStatus);
  };
  await put('/watched', '1', { Tier: 'Advanced', Policies });
  await world.cloud.clock.advance(2 * DAY);
  await put('/watched', '2', overwrite);
  expect(told()).toEqual([
    ['Change', 'Create'],
    ['Change', 'Update'],
  ]);
  await world.cloud.clock.advance(2 * DAY);
  expect(told()).toEqual([]);
  await world.cloud.clock.advance(2 * DAY);
  expect(told()).toEqual([['Policy Action', 'NoChangeNotification']]);
  expect(await statuses()).toEqual(['Pending', 'Pending', 'Finished']);
  await world.cloud.clock.advance(10 * DAY);
  expect(told()).toEqual([['Policy Action', 'ExpirationNotification']]);
  await world.cloud.clock.advance(5 * DAY);
  expect(told()).toEqual([
    ['Policy Action', 'Expiration'],
    ['Change', 'Delete'],
  ]);
  await expect(get('/watched')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  stop();
});

test('parameters that are made, changed, labelled and deleted are told of', async () => {
  const heard: ServiceEvent[] = [];
  const stop = world.cloud.kernel.events.subscribe((event) => heard.push(event));
  await put('/told', '1', { Description: 'mine' });
  await send(new LabelParameterVersionCommand({ Name: '/told', Labels: ['prod'] }));
  await send(new DeleteParametersCommand({ Names: ['/told', '/none'] }));
  stop();
  expect(heard).toMatchObject(
    ['Create', 'LabelParameterVersion', 'Delete'].map((operation) => ({
      source: 'aws.ssm',
      detailType: 'Parameter Store Change',
      resources: ['arn:aws:ssm:us-east-1:000000000000:parameter/told'],
      detail: { operation, name: '/told', type: 'String', description: 'mine' },
    })),
  );
});

test.each([
  ['no unit', [{ Type: 'NoChangeNotification', Version: '1.0', Attributes: { After: '1' } }]],
  [
    'no end to notify of',
    [{ Type: 'ExpirationNotification', Version: '1.0', Attributes: { Before: '1', Unit: 'Days' } }],
  ],
  ['another version', [{ Type: 'NoChangeNotification', Version: '2.0', Attributes: { After: '1', Unit: 'Days' } }]],
])('a policy with %s is refused', async (_what, policies) => {
  const wrong = put('/unpolicied', '1', { Tier: 'Advanced', Policies: JSON.stringify(policies) });
  await expect(wrong).rejects.toMatchObject({ name: 'InvalidPolicyAttributeException' });
});

test('what does not fit is refused by name', async () => {
  await put('/fits', 'abc', { AllowedPattern: '[a-c]+' });
  const cases: [Promise<unknown>, string][] = [
    [put('/pattern', 'xyz', { AllowedPattern: '[a-c]+' }), 'ParameterPatternMismatchException'],
    [put('/pattern', 'xyz', { AllowedPattern: '[' }), 'InvalidAllowedPatternException'],
    [put('/large', 'x'.repeat(4097)), 'ValidationException'],
    [put('/large', 'x'.repeat(8193), { Tier: 'Advanced' }), 'ValidationException'],
    [put('/aws/own', 'x'), 'AccessDeniedException'],
    [put('awsown', 'x'), 'ValidationException'],
    [put('relative/name', 'x'), 'ValidationException'],
    [put(`/${'a/'.repeat(16)}b`, 'x'), 'HierarchyLevelLimitExceededException'],
    [put('/fits', 'a,b', { ...overwrite, Type: 'StringList' }), 'HierarchyTypeMismatchException'],
    [put('/image', 'ami-1', { DataType: 'aws:ec2:image' }), 'NotImplemented'],
  ];
  for (const [call, name] of cases) await expect(call).rejects.toMatchObject({ name });
});

test('an advanced parameter does not become a standard one', async () => {
  await put('/advanced', 'x', { Tier: 'Advanced' });
  expect(await put('/advanced', 'y', overwrite)).toMatchObject({ Tier: 'Advanced' });
  const down = put('/advanced', 'z', { ...overwrite, Tier: 'Standard' });
  await expect(down).rejects.toMatchObject({ message: expect.stringContaining("You can't downgrade a parameter") });
});

test('a secret is read as a parameter by who may read the secret', async () => {
  const secrets = new SecretsManagerClient(world.as());
  await secrets.send(new CreateSecretCommand({ Name: 'db/password', SecretString: 'hunter2' }));
  const Name = '/aws/reference/secretsmanager/db/password';
  expect(await get(Name, true)).toMatchObject({ Name, Type: 'SecureString', Value: 'hunter2', Version: 0 });
  await expect(get(Name)).rejects.toMatchObject({
    message: expect.stringContaining('WithDecryption flag must be True'),
  });
  await expect(get(`${Name}-none`, true)).rejects.toMatchObject({ name: 'ParameterNotFound' });
  const user = await world.user('only-ssm', allow('ssm:GetParameter'));
  const denied = new SSMClient(world.as(user)).send(new GetParameterCommand({ Name, WithDecryption: true }));
  await expect(denied).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('secretsmanager:GetSecretValue'),
  });
});

test('any text of the length that is allowed comes back as it was, in plain and secure', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
      fc.constantFrom('String' as const, 'SecureString' as const),
      async (value, Type) => {
        const name = `/any/${++count}`;
        await put(name, value, { Type });
        expect((await get(name, true)).Value).toBe(value);
      },
    ),
    { numRuns: 30 },
  );
});
