// DynamoDB Streams through the SDK: records of every way to write, the four views and iterators, a day's memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  type StreamViewType,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type ShardFilter,
  type ShardIteratorType,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { dynamodb } from '../dynamodb/index.ts';
import { dynamodbStreams } from './index.ts';

const HOUR = 3_600_000;

let cloud: Cloud;
let client: DynamoDBClient;
let streams: DynamoDBStreamsClient;

beforeAll(async () => {
  cloud = await startCloud({ services: [dynamodb, dynamodbStreams] });
  const { endpoint, credentials } = cloud;
  client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
  streams = new DynamoDBStreamsClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
});
afterAll(() => cloud.stop());

async function create(TableName: string, StreamViewType?: StreamViewType): Promise<string> {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      ...(StreamViewType && { StreamSpecification: { StreamEnabled: true, StreamViewType } }),
    }),
  );
  return TableDescription!.LatestStreamArn ?? '';
}

const put = (TableName: string, pk: string, text: string) =>
  client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, text: { S: text } } }));

const remove = (TableName: string, pk: string) =>
  client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: pk } } }));

const describe = async (StreamArn: string) =>
  (await streams.send(new DescribeStreamCommand({ StreamArn }))).StreamDescription!;

async function iterator(
  StreamArn: string,
  ShardIteratorType: ShardIteratorType = 'TRIM_HORIZON',
  SequenceNumber?: string,
): Promise<string> {
  const ShardId = (await describe(StreamArn)).Shards![0]!.ShardId;
  const input = { StreamArn, ShardId, ShardIteratorType, SequenceNumber };
  return (await streams.send(new GetShardIteratorCommand(input))).ShardIterator!;
}

const read = (ShardIterator: string, Limit?: number) => streams.send(new GetRecordsCommand({ ShardIterator, Limit }));

const readAll = async (arn: string) => (await read(await iterator(arn))).Records!;

test('a shard has no children, and a filter of another kind is refused', async () => {
  const StreamArn = await create('filtered', 'KEYS_ONLY');
  const filtered = (ShardFilter: ShardFilter) => streams.send(new DescribeStreamCommand({ StreamArn, ShardFilter }));
  const { ShardId } = (await describe(StreamArn)).Shards![0]!;
  expect((await filtered({ Type: 'CHILD_SHARDS', ShardId })).StreamDescription?.Shards).toEqual([]);
  await expect(filtered({ Type: 'PARENTS' as never, ShardId })).rejects.toMatchObject({ name: 'ValidationException' });
  const unknown = filtered({ Type: 'CHILD_SHARDS', ShardId: `${ShardId}0` });
  await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('streams are listed in pages, where one has gone meanwhile too', async () => {
  const arns = [await create('aaa-1', 'KEYS_ONLY'), await create('aaa-2', 'KEYS_ONLY')];
  const all = await streams.send(new ListStreamsCommand({ Limit: 1 }));
  expect(all).toMatchObject({ Streams: [{ StreamArn: arns[0] }], LastEvaluatedStreamArn: arns[0] });
  const gone = `${arns[0]!.slice(0, -1)}x`;
  const rest = await streams.send(new ListStreamsCommand({ ExclusiveStartStreamArn: gone }));
  expect(rest.Streams?.[0]?.StreamArn).toBe(arns[1]);
  expect(rest.LastEvaluatedStreamArn).toBeUndefined();
});

test('every way to write an item is recorded, in order, and what changes nothing is not', async () => {
  const arn = await create('ways', 'NEW_AND_OLD_IMAGES');
  await put('ways', 'a', 'first');
  await put('ways', 'a', 'first');
  await client.send(
    new UpdateItemCommand({
      TableName: 'ways',
      Key: { pk: { S: 'a' } },
      UpdateExpression: 'SET #t = :t',
      ExpressionAttributeNames: { '#t': 'text' },
      ExpressionAttributeValues: { ':t': { S: 'second' } },
    }),
  );
  await client.send(
    new BatchWriteItemCommand({ RequestItems: { ways: [{ PutRequest: { Item: { pk: { S: 'b' } } } }] } }),
  );
  await client.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: 'ways', Item: { pk: { S: 'c' }, blob: { B: new Uint8Array([1, 255]) } } } },
        { Delete: { TableName: 'ways', Key: { pk: { S: 'a' } } } },
      ],
    }),
  );
  await client.send(new ExecuteStatementCommand({ Statement: `DELETE FROM "ways" WHERE pk = 'b'` }));
  await remove('ways', 'never there');
  const records = await readAll(arn);
  expect(records.map(({ eventName, dynamodb: change }) => [eventName, change!.Keys!['pk']!.S])).toEqual([
    ['INSERT', 'a'],
    ['MODIFY', 'a'],
    ['INSERT', 'b'],
    ['INSERT', 'c'],
    ['REMOVE', 'a'],
    ['REMOVE', 'b'],
  ]);
  expect(records[1]).toMatchObject({
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-west-1',
    dynamodb: {
      OldImage: { pk: { S: 'a' }, text: { S: 'first' } },
      NewImage: { pk: { S: 'a' }, text: { S: 'second' } },
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
  expect(records[1]!.userIdentity).toBeUndefined();
  expect(records[3]!.dynamodb!.NewImage).toEqual({ pk: { S: 'c' }, blob: { B: new Uint8Array([1, 255]) } });
  const numbers = records.map(({ dynamodb: change }) => change!.SequenceNumber!);
  expect(numbers).toEqual(numbers.toSorted());
  expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(6);
});

test.for([
  ['KEYS_ONLY', undefined, undefined],
  ['NEW_IMAGE', undefined, 'second'],
  ['OLD_IMAGE', 'first', undefined],
  ['NEW_AND_OLD_IMAGES', 'first', 'second'],
] as const)('a stream of %s shows just that', async ([view, before, after]) => {
  const table = `view-${view}`;
  const arn = await create(table, view);
  await put(table, 'a', 'first');
  await put(table, 'a', 'second');
  const [, record] = await readAll(arn);
  expect(record!.dynamodb!.Keys).toEqual({ pk: { S: 'a' } });
  expect(record!.dynamodb!.OldImage?.['text']?.S).toBe(before);
  expect(record!.dynamodb!.NewImage?.['text']?.S).toBe(after);
});

test('iterators begin at the oldest, after the latest, at or after a record; pages go on where the last one ended', async () => {
  const arn = await create('iterators', 'KEYS_ONLY');
  for (const pk of ['a', 'b', 'c']) await put('iterators', pk, '');
  const latest = await iterator(arn, 'LATEST');
  await put('iterators', 'd', '');
  const keys = async (from: string, limit?: number) =>
    (await read(from, limit)).Records!.map(({ dynamodb: change }) => change!.Keys!['pk']!.S);
  const second = (await readAll(arn))[1]!.dynamodb!.SequenceNumber!;
  expect(await keys(latest)).toEqual(['d']);
  expect(await keys(await iterator(arn, 'AT_SEQUENCE_NUMBER', second))).toEqual(['b', 'c', 'd']);
  expect(await keys(await iterator(arn, 'AFTER_SEQUENCE_NUMBER', second))).toEqual(['c', 'd']);
  const { Records, NextShardIterator } = await read(await iterator(arn), 3);
  expect(Records).toHaveLength(3);
  expect(await keys(NextShardIterator!)).toEqual(['d']);
});

test('records are gone after a day, iterators after a quarter of an hour', async () => {
  const arn = await create('trimmed', 'KEYS_ONLY');
  await put('trimmed', 'old', '');
  const { SequenceNumber } = (await readAll(arn))[0]!.dynamodb!;
  const stale = await iterator(arn);
  await cloud.clock.advance(HOUR / 2);
  await expect(read(stale)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
  await cloud.clock.advance(23.4 * HOUR);
  const soonTrimmed = await iterator(arn);
  await cloud.clock.advance(0.2 * HOUR);
  await put('trimmed', 'new', '');
  await expect(read(soonTrimmed)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
  await expect(iterator(arn, 'AT_SEQUENCE_NUMBER', SequenceNumber)).rejects.toMatchObject({
    name: 'TrimmedDataAccessException',
  });
  expect((await readAll(arn)).map(({ dynamodb: change }) => change!.Keys!['pk']!.S)).toEqual(['new']);
});

test('a stream that is ended can be read to its end for a day, and the next one begins anew', async () => {
  const first = await create('again', 'NEW_IMAGE');
  await put('again', 'a', 'first');
  const update = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: StreamViewType }) =>
    client.send(new UpdateTableCommand({ TableName: 'again', StreamSpecification }));
  await expect(update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' })).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Table already has an enabled stream: TableName: again',
  });
  await update({ StreamEnabled: false });
  await put('again', 'unseen', '');
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'again' }));
  expect([Table!.StreamSpecification, Table!.LatestStreamArn]).toEqual([undefined, first]);
  await cloud.clock.advance(1000);
  const { TableDescription } = await update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
  const second = TableDescription!.LatestStreamArn!;
  await put('again', 'b', '');
  const ended = await read(await iterator(first));
  expect(ended.Records).toHaveLength(1);
  expect(ended.NextShardIterator).toBeUndefined();
  expect((await describe(first)).StreamStatus).toBe('DISABLED');
  expect((await describe(first)).Shards![0]!.SequenceNumberRange!.EndingSequenceNumber).toBeDefined();
  expect(await readAll(second)).toHaveLength(1);
  const list = async () => {
    const { Streams } = await streams.send(new ListStreamsCommand({ TableName: 'again' }));
    return Streams!.map(({ StreamArn }) => StreamArn);
  };
  expect(await list()).toEqual([first, second]);
  await client.send(new DeleteTableCommand({ TableName: 'again' }));
  expect(await readAll(second)).toHaveLength(1);
  await cloud.clock.advance(25 * HOUR);
  expect(await list()).toEqual([]);
  await expect(describe(second)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('records outlive the cloud’s process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-streams-'));
  const run = async <T>(use: (there: { items: DynamoDBClient; records: DynamoDBStreamsClient }) => Promise<T>) => {
    const own = await startCloud({ services: [dynamodb, dynamodbStreams], folder });
    const settings = { endpoint: own.endpoint, region: 'eu-west-1', credentials: own.credentials, maxAttempts: 1 };
    const result = await use({ items: new DynamoDBClient(settings), records: new DynamoDBStreamsClient(settings) });
    await own.stop();
    return result;
  };
  const previous = { client, streams };
  const arn = await run(async ({ items }) => {
    client = items;
    const created = await create('durable', 'NEW_IMAGE');
    await put('durable', 'before', '');
    return created;
  });
  const texts = await run(async ({ items, records }) => {
    [client, streams] = [items, records];
    await put('durable', 'after', '');
    return (await readAll(arn)).map(({ dynamodb: change }) => change!.Keys!['pk']!.S);
  });
  ({ client, streams } = previous);
  rmSync(folder, { recursive: true });
  expect(texts).toEqual(['before', 'after']);
});

test('what no client should send is refused', async () => {
  const arn = await create('refusals', 'KEYS_ONLY');
  await expect(read('nonsense')).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(read(await iterator(arn), 1001)).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(iterator(arn, 'AT_SEQUENCE_NUMBER')).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(iterator(arn, 'LATEST', '1'.repeat(21))).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(describe(arn.replace('refusals', 'nowhere'))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await expect(create('viewless', 'SOME_IMAGES' as never)).rejects.toMatchObject({ name: 'ValidationException' });
});
