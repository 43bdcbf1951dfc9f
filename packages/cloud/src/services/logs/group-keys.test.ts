// Log groups under customers' KMS keys: CloudWatch Logs itself has to be allowed the key, and loses it with the key's policy.
import * as Logs from '@aws-sdk/client-cloudwatch-logs';
import * as KMS from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { account, document } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { startLogs, type TestLogs } from './test-logs.ts';

const REMEMBERED = 5 * 60_000;
const arnOf = (name: string) => `arn:aws:logs:us-east-1:${account}:log-group:${name}`;

let logs: TestLogs;
let keys: KMS.KMSClient;

beforeAll(async () => {
  logs = await startLogs(kms);
  const { endpoint, credentials } = logs.cloud;
  keys = new KMS.KMSClient({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 });
});
afterAll(() => logs.cloud.stop());

const owners = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' };

/** As AWS's documentation has the policy of a key for one log group. */
const policyFor = (group: string) =>
  document(owners, {
    Effect: 'Allow',
    Principal: { Service: 'logs.us-east-1.amazonaws.com' },
    Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    Resource: '*',
    Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': arnOf(group) } },
  });

const keyWith = async (Policy?: string) => (await keys.send(new KMS.CreateKeyCommand({ Policy }))).KeyMetadata!.Arn!;
const create = (logGroupName: string, kmsKeyId?: string) =>
  logs.client.send(new Logs.CreateLogGroupCommand({ logGroupName, kmsKeyId }));
const describe = async (logGroupNamePrefix: string) =>
  (await logs.client.send(new Logs.DescribeLogGroupsCommand({ logGroupNamePrefix }))).logGroups!;
const put = (logGroupName: string, message: string) =>
  logs.client.send(
    new Logs.PutLogEventsCommand({
      logGroupName,
      logStreamName: 'stream',
      logEvents: [{ timestamp: logs.cloud.clock.now(), message }],
    }),
  );
const stream = (logGroupName: string) =>
  logs.client.send(new Logs.CreateLogStreamCommand({ logGroupName, logStreamName: 'stream' }));
const read = async (logGroupName: string) =>
  (await logs.client.send(new Logs.FilterLogEventsCommand({ logGroupName }))).events!.map(({ message }) => message);
const refused = (group: string) => ({
  name: 'AccessDeniedException',
  message: `The specified KMS key does not exist or is not allowed to be used with Arn '${arnOf(group)}'`,
});

test('a group comes under a key that CloudWatch Logs may use for it, and under no other', async () => {
  await expect(create('theirs', await keyWith())).rejects.toMatchObject(refused('theirs'));
  await expect(create('theirs', await keyWith(policyFor('ours')))).rejects.toMatchObject(refused('theirs'));
  await expect(create('theirs', 'no-arn')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  expect(await describe('theirs')).toEqual([]);
  const key = await keyWith(policyFor('ours'));
  await create('ours', key);
  expect(await describe('ours')).toMatchObject([{ kmsKeyId: key }]);
});

test('without its key a group’s events neither come in nor are read', async () => {
  const KeyId = await keyWith(policyFor('locked'));
  await create('locked', KeyId);
  await stream('locked');
  await put('locked', 'secret');
  expect(await read('locked')).toEqual(['secret']);
  await keys.send(new KMS.PutKeyPolicyCommand({ KeyId, Policy: document(owners) }));
  // For a while CloudWatch Logs goes on with what it knows.
  expect(await read('locked')).toEqual(['secret']);
  await logs.cloud.clock.advance(REMEMBERED);
  await expect(read('locked')).rejects.toMatchObject(refused('locked'));
  await expect(put('locked', 'more')).rejects.toMatchObject(refused('locked'));
  const [startTime, endTime] = [0, Math.ceil(logs.cloud.clock.now() / 1_000)];
  const { queryId } = await logs.client.send(
    new Logs.StartQueryCommand({ logGroupName: 'locked', queryString: 'fields @message', startTime, endTime }),
  );
  const results = new Logs.GetQueryResultsCommand({ queryId });
  while ((await logs.client.send(results)).status === 'Running');
  expect(await logs.client.send(results)).toMatchObject({ status: 'Failed', results: [] });
  await keys.send(new KMS.PutKeyPolicyCommand({ KeyId, Policy: policyFor('locked') }));
  expect(await read('locked')).toEqual(['secret']);
});

test('what came in under a key stays under it once the group has left it', async () => {
  const [first, second] = [await keyWith(policyFor('moved')), await keyWith(policyFor('moved'))];
  await create('moved');
  await stream('moved');
  await put('moved', 'open');
  const associate = (kmsKeyId: string) =>
    logs.client.send(new Logs.AssociateKmsKeyCommand({ logGroupName: 'moved', kmsKeyId }));
  await associate(first);
  await put('moved', 'under the first');
  await associate(second);
  expect(await describe('moved')).toMatchObject([{ kmsKeyId: second }]);
  await logs.client.send(new Logs.DisassociateKmsKeyCommand({ logGroupName: 'moved' }));
  expect((await describe('moved'))[0]).not.toHaveProperty('kmsKeyId');
  await put('moved', 'open again');
  expect(await read('moved')).toEqual(['open', 'under the first', 'open again']);
  await keys.send(new KMS.DisableKeyCommand({ KeyId: first }));
  await logs.cloud.clock.advance(REMEMBERED);
  await expect(read('moved')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  const open = new Logs.FilterLogEventsCommand({ logGroupName: 'moved', filterPattern: 'open' });
  expect((await logs.client.send(open)).events).toHaveLength(2);
});
