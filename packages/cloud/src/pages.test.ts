// Lists by pages, in every service of keys, names and identities: whole, and while somebody deletes what the pages show.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startCloud, type Cloud } from './cloud.ts';
import { rootPrincipal } from './kernel/identity/principal.ts';
import { account } from './services/iam/test-identity.ts';

interface Listing {
  readonly service: string;
  /** How many there have to be for more than one page. */
  readonly count: number;
  readonly create: (name: string) => readonly [operation: string, input: object];
  readonly list: readonly [operation: string, input: object];
  readonly members: { readonly items: string; readonly key: string; readonly out: string; readonly token: string };
  readonly remove: (key: string) => readonly [operation: string, input: object];
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const topic = `arn:aws:sns:us-east-1:${account}:t`;
const inbox = { Protocol: 'sqs', ReturnSubscriptionArn: true };

const LISTINGS: readonly Listing[] = [
  {
    service: 'ssm',
    count: 5,
    create: (name) => ['PutParameter', { Name: `/pages/${name}`, Value: 'x', Type: 'String' }],
    list: ['GetParametersByPath', { Path: '/pages', MaxResults: 2 }],
    members: { items: 'Parameters', key: 'Name', out: 'NextToken', token: 'NextToken' },
    remove: (key) => ['DeleteParameter', { Name: key }],
  },
  {
    service: 'secretsmanager',
    count: 5,
    create: (name) => ['CreateSecret', { Name: name }],
    list: ['ListSecrets', { MaxResults: 2 }],
    members: { items: 'SecretList', key: 'Name', out: 'NextToken', token: 'NextToken' },
    remove: (key) => ['DeleteSecret', { SecretId: key, ForceDeleteWithoutRecovery: true }],
  },
  {
    service: 'iam',
    count: 5,
    create: (name) => ['CreateRole', { RoleName: name, Path: '/pages/', AssumeRolePolicyDocument: TRUST }],
    list: ['ListRoles', { PathPrefix: '/pages/', MaxItems: 2 }],
    members: { items: 'Roles', key: 'RoleName', out: 'Marker', token: 'Marker' },
    remove: (key) => ['DeleteRole', { RoleName: key }],
  },
  {
    service: 'kms',
    count: 5,
    create: (name) => ['CreateAlias', { AliasName: `alias/${name}`, TargetKeyId: keyId }],
    list: ['ListAliases', { Limit: 2 }],
    members: { items: 'Aliases', key: 'AliasName', out: 'NextMarker', token: 'Marker' },
    remove: (key) => ['DeleteAlias', { AliasName: key }],
  },
  {
    service: 'sqs',
    count: 5,
    create: (name) => ['CreateQueue', { QueueName: name }],
    list: ['ListQueues', { MaxResults: 2 }],
    members: { items: 'QueueUrls', key: '', out: 'NextToken', token: 'NextToken' },
    remove: (key) => ['DeleteQueue', { QueueUrl: key }],
  },
  {
    service: 'logs',
    count: 5,
    create: (name) => ['CreateLogStream', { logGroupName: 'pages', logStreamName: name }],
    list: ['DescribeLogStreams', { logGroupName: 'pages', limit: 2, descending: true }],
    members: { items: 'logStreams', key: 'logStreamName', out: 'nextToken', token: 'nextToken' },
    remove: (key) => ['DeleteLogStream', { logGroupName: 'pages', logStreamName: key }],
  },
  {
    service: 'sns',
    count: 250,
    create: (name) => [
      'Subscribe',
      { ...inbox, TopicArn: topic, Endpoint: `arn:aws:sqs:us-east-1:${account}:${name}` },
    ],
    list: ['ListSubscriptionsByTopic', { TopicArn: topic }],
    members: { items: 'Subscriptions', key: 'SubscriptionArn', out: 'NextToken', token: 'NextToken' },
    remove: (key) => ['Unsubscribe', { SubscriptionArn: key }],
  },
];

let cloud: Cloud;
let keyId: string;

beforeAll(async () => {
  cloud = await startCloud();
  await ask('logs', ['CreateLogGroup', { logGroupName: 'pages' }]);
  await ask('sns', ['CreateTopic', { Name: 't' }]);
  const { KeyMetadata } = (await ask('kms', ['CreateKey', {}])) as { KeyMetadata: { KeyId: string } };
  keyId = KeyMetadata.KeyId;
});
afterAll(() => cloud.stop());

// Inside the cloud, where calls are as they are from outside but for the wire.
const ask = (service: string, [operation, input]: readonly [string, object]): Promise<unknown> =>
  cloud.kernel.invoke(service, operation, input, { principal: rootPrincipal(account), region: 'us-east-1' });

it.each(LISTINGS)('$service: who deletes what a page showed sees the rest on the next ones', async (listing) => {
  const { service, count, create, members } = listing;
  for (let made = 0; made < count; made++) await ask(service, create(`pages-${made}`));
  const [operation, input] = listing.list;
  const page = async (token: string | undefined) =>
    (await ask(service, [operation, { ...input, [members.token]: token }])) as Record<string, unknown>;
  await expect(page('foreign')).rejects.toThrow(/token|marker/i);
  const whole: string[] = [];
  const seen: string[] = [];
  for (const [keys, isLast] of [
    [whole, false],
    [seen, true],
  ] as const) {
    let token: string | undefined;
    do {
      const answer = await page(token);
      const items = (answer[members.items] ?? []) as Record<string, string>[];
      for (const item of items) {
        const key = members.key === '' ? (item as unknown as string) : item[members.key]!;
        keys.push(key);
        if (isLast && !key.startsWith('alias/aws/')) await ask(service, listing.remove(key));
      }
      token = answer[members.out] as string | undefined;
    } while (token !== undefined);
  }
  expect(seen).toEqual(whole);
  expect(new Set(whole).size).toBe(whole.length);
  expect(whole.length).toBeGreaterThanOrEqual(count);
});

it('a list of queues goes on where somebody has deleted the queue that comes next', async () => {
  for (const name of ['gone-1', 'gone-2', 'gone-3']) await ask('sqs', ['CreateQueue', { QueueName: name }]);
  const list = async (NextToken?: string) =>
    (await ask('sqs', ['ListQueues', { QueueNamePrefix: 'gone-', MaxResults: 1, NextToken }])) as {
      QueueUrls: string[];
      NextToken: string;
    };
  const first = await list();
  const { QueueUrls } = await list(first.NextToken);
  await ask('sqs', ['DeleteQueue', { QueueUrl: QueueUrls[0] }]);
  expect((await list(first.NextToken)).QueueUrls).toEqual([expect.stringMatching(/gone-3$/)]);
});
