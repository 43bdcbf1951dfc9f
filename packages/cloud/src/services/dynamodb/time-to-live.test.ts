// Time to live through the SDK: items go when the cloud's clock passes their time, and a stream says who deleted them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { Store } from '../../kernel/store.ts';
import { dynamodbStreams } from '../dynamodb-streams/index.ts';
import { dynamodb } from './index.ts';

const DAY = 86_400_000;

const start = (folder?: string) => startCloud({ services: [dynamodb, dynamodbStreams], ...(folder && { folder }) });

const settings = ({ endpoint, credentials }: Cloud) => ({
  endpoint,
  credentials,
  region: 'eu-west-1',
  maxAttempts: 1,
});

let cloud: Cloud;
let client: DynamoDBClient;

beforeAll(async () => {
  cloud = await start();
  client = new DynamoDBClient(settings(cloud));
});
afterAll(() => cloud.stop());

async function create(TableName: string, via = client): Promise<void> {
  await via.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
    }),
  );
}

const setTimeToLive = (TableName: string, Enabled: boolean, via = client, AttributeName = 'expires') =>
  via.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName } }));

const inDays = (days: number, of = cloud) => ({ N: String(Math.round((of.clock.now() + days * DAY) / 1000)) });

const put = (TableName: string, pk: string, expires?: AttributeValue, via = client) =>
  via.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, ...(expires && { expires }) } }));

const keys = async (TableName: string, via = client) =>
  (await via.send(new ScanCommand({ TableName }))).Items!.map(({ pk }) => pk!.S!).toSorted();

async function removals(TableName: string) {
  const streams = new DynamoDBStreamsClient(settings(cloud));
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams![0]!.StreamArn!;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const { ShardId } = StreamDescription!.Shards![0]!;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  return Records!
    .filter(({ eventName }) => eventName === 'REMOVE')
    .map(({ dynamodb: change, userIdentity }) => [change!.Keys!['pk']!.S, userIdentity?.PrincipalId]);
}

test('items go in the order of their times, whoever wrote them and however', async () => {
  await create('sessions');
  await put('sessions', 'before', inDays(3));
  await setTimeToLive('sessions', true);
  await put('sessions', 'later', inDays(40));
  await put('sessions', 'forever');
  await put('sessions', 'second', inDays(2));
  const Item = { pk: { S: 'first' }, expires: inDays(1) };
  await client.send(new BatchWriteItemCommand({ RequestItems: { sessions: [{ PutRequest: { Item } }] } }));
  await put('sessions', 'by hand', inDays(4));
  await client.send(new DeleteItemCommand({ TableName: 'sessions', Key: { pk: { S: 'by hand' } } }));
  await cloud.clock.advance(3.5 * DAY);
  expect(await keys('sessions')).toEqual(['forever', 'later']);
  await cloud.clock.advance(0.3 * DAY);
  expect(await removals('sessions')).toEqual([['before', 'dynamodb.amazonaws.com']]);
  await cloud.clock.advance(37 * DAY);
  expect(await keys('sessions')).toEqual(['forever']);
});

test('a stream tells in order what went by itself and what somebody deleted', async () => {
  await create('told');
  await setTimeToLive('told', true);
  await put('told', 'second', inDays(0.2));
  await put('told', 'first', inDays(0.1));
  await put('told', 'by hand', inDays(0.1));
  await client.send(new DeleteItemCommand({ TableName: 'told', Key: { pk: { S: 'by hand' } } }));
  await cloud.clock.advance(0.5 * DAY);
  expect(await removals('told')).toEqual([
    ['by hand', undefined],
    ['first', 'dynamodb.amazonaws.com'],
    ['second', 'dynamodb.amazonaws.com'],
  ]);
});

test('a time that is put off, taken away, no number or over for five years deletes nothing', async () => {
  await create('kept');
  await setTimeToLive('kept', true);
  for (const pk of ['put off', 'taken away']) await put('kept', pk, inDays(1));
  await put('kept', 'a text', { S: inDays(1).N });
  await put('kept', 'ancient', inDays(-5 * 365 - 1));
  const update = (pk: string, UpdateExpression: string, value?: AttributeValue) =>
    client.send(
      new UpdateItemCommand({
        TableName: 'kept',
        Key: { pk: { S: pk } },
        UpdateExpression,
        ...(value && { ExpressionAttributeValues: { ':e': value } }),
      }),
    );
  await update('put off', 'SET expires = :e', inDays(100));
  await update('taken away', 'REMOVE expires');
  await cloud.clock.advance(10 * DAY);
  expect(await keys('kept')).toEqual(['a text', 'ancient', 'put off', 'taken away']);
});

test('what is over already goes at once, and nothing goes any more once time to live is off', async () => {
  await create('switched');
  await put('switched', 'over', inDays(-1));
  await put('switched', 'tomorrow', inDays(1));
  await setTimeToLive('switched', true);
  await cloud.clock.advance(1);
  expect(await keys('switched')).toEqual(['tomorrow']);
  await setTimeToLive('switched', false);
  await cloud.clock.advance(2 * DAY);
  expect(await keys('switched')).toEqual(['tomorrow']);
  const described = await client.send(new DescribeTimeToLiveCommand({ TableName: 'switched' }));
  expect(described.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
});

test('the switch is refused where it is there already, or on another attribute', async () => {
  await create('refused');
  await expect(setTimeToLive('refused', false)).rejects.toMatchObject({ message: 'TimeToLive is already disabled' });
  await setTimeToLive('refused', true);
  await expect(setTimeToLive('refused', true)).rejects.toMatchObject({ message: 'TimeToLive is already enabled' });
  await expect(setTimeToLive('refused', false, client, 'other')).rejects.toMatchObject({
    message: expect.stringContaining('current AttributeName is expires'),
  });
});

test('what expires while a cloud is down goes when it is up again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-ttl-'));
  const first = await start(folder);
  const before = new DynamoDBClient(settings(first));
  await create('durable', before);
  await setTimeToLive('durable', true, before);
  await put('durable', 'gone', inDays(1, first), before);
  await put('durable', 'left', inDays(9, first), before);
  await first.stop();
  const second = await start(folder);
  const after = new DynamoDBClient(settings(second));
  await second.clock.advance(2 * DAY);
  expect(await keys('durable', after)).toEqual(['left']);
  await second.stop();
  rmSync(folder, { recursive: true });
});

test('tables of an earlier Plinth, which left streams and time to live to the table engine, go on as they should', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-ttl-'));
  const first = await start(folder);
  const before = new DynamoDBClient(settings(first));
  await create('early', before);
  await put('early', 'gone', inDays(1, first), before);
  await first.stop();
  asEarlier(folder, 'early');
  const second = await start(folder);
  const after = new DynamoDBClient(settings(second));
  const { Table } = await after.send(new DescribeTableCommand({ TableName: 'early' }));
  expect(Table!.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
  const described = await after.send(new DescribeTimeToLiveCommand({ TableName: 'early' }));
  expect(described.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  await second.clock.advance(2 * DAY);
  expect(await keys('early', after)).toEqual([]);
  await second.stop();
  rmSync(folder, { recursive: true });
});

/** Makes a table in a stopped cloud's folder what it was when the cloud kept nothing of streams and time to live. */
function asEarlier(folder: string, table: string): void {
  const store = new Store(folder);
  const known = store.collection<Record<string, unknown>>('dynamodb.tables');
  const { tracked: _, stream: __, ...rest } = known.get(`eu-west-1/${table}`)!;
  known.put(`eu-west-1/${table}`, rest);
  store.close();
  const engine = new DatabaseSync(join(folder, 'dynamodb', 'eu-west-1.sqlite'));
  engine
    .prepare(
      `UPDATE _tables SET stream_enabled = 1, stream_view_type = 'KEYS_ONLY', ttl_attribute = 'expires', ttl_enabled = 1 WHERE table_name = ?`,
    )
    .run(table);
  engine.close();
}
