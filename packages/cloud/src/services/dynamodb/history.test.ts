// A table's past: restored at any moment it is what a model was then, and its stream replayed is the table.
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type AttributeValue,
  type RestoreTableToPointInTimeCommandInput,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { dynamodbStreams } from '../dynamodb-streams/index.ts';
import { dynamodb } from './index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

type Item = Record<string, AttributeValue>;
type Model = ReadonlyMap<string, number>;

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

let tables = 0;

async function create(): Promise<{ TableName: string; StreamArn: string }> {
  const TableName = `history-${++tables}`;
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  return { TableName, StreamArn: TableDescription!.LatestStreamArn! };
}

const setRecovery = (TableName: string, PointInTimeRecoveryEnabled = true) =>
  client.send(
    new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled } }),
  );

const keyOf = (key: string): Item => ({ pk: { S: key.slice(0, 1) }, sk: { N: key.slice(1) } });
const itemOf = (key: string, value: number): Item => ({ ...keyOf(key), value: { N: String(value) } });
const modelOf = (items: readonly Item[]): Model =>
  new Map(items.map(({ pk, sk, value }) => [`${pk!.S}${sk!.N}`, Number(value!.N)]));

const scan = async (TableName: string): Promise<Model> =>
  modelOf((await client.send(new ScanCommand({ TableName }))).Items!);

async function restore(
  from: string,
  input: Partial<RestoreTableToPointInTimeCommandInput>,
): Promise<{ TableName: string; items: Model }> {
  const TableName = `restored-${++tables}`;
  await client.send(
    new RestoreTableToPointInTimeCommand({ SourceTableName: from, TargetTableName: TableName, ...input }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName });
  return { TableName, items: await scan(TableName) };
}

async function replay(StreamArn: string): Promise<Model> {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const { ShardId } = StreamDescription!.Shards![0]!;
  let { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const model = new Map<string, number>();
  for (;;) {
    const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 7 }));
    if (Records.length === 0) return model;
    for (const { dynamodb: change } of Records) {
      const { Keys, OldImage, NewImage } = change!;
      const key = `${Keys!['pk']!.S}${Keys!['sk']!.N}`;
      const before = OldImage && Number(OldImage['value']!.N);
      if (model.get(key) !== before) throw new Error(`${key} was ${model.get(key)}, but its record says ${before}`);
      if (NewImage) model.set(key, Number(NewImage['value']!.N));
      else model.delete(key);
    }
    ShardIterator = NextShardIterator;
  }
}

const key = fc.constantFrom('a1', 'a2', 'b1', 'b2', 'c1');
const change = fc.record({ key, value: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }) });
const changes = fc.uniqueArray(change, { selector: ({ key: of }) => of, minLength: 1, maxLength: 4 });
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('one' as const, 'update' as const), changes: fc.tuple(change) }),
  fc.record({ kind: fc.constantFrom('batch' as const, 'transaction' as const, 'together' as const), changes }),
  fc.record({ kind: fc.constant('refused' as const), changes: fc.tuple(change) }),
);

interface Step {
  readonly kind: 'one' | 'update' | 'batch' | 'transaction' | 'together' | 'refused';
  readonly changes: readonly { key: string; value: number | undefined }[];
}

async function run(TableName: string, { kind, changes: of }: Step): Promise<void> {
  const one = async ({ key: name, value }: Step['changes'][number]): Promise<void> => {
    await (value === undefined
      ? client.send(new DeleteItemCommand({ TableName, Key: keyOf(name) }))
      : client.send(new PutItemCommand({ TableName, Item: itemOf(name, value) })));
  };
  if (kind === 'batch') {
    const requests = of.map(({ key: name, value }) =>
      value === undefined ? { DeleteRequest: { Key: keyOf(name) } } : { PutRequest: { Item: itemOf(name, value) } },
    );
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  } else if (kind === 'transaction' || kind === 'refused') {
    const TransactItems = of.map(({ key: name, value }) =>
      value === undefined
        ? { Delete: { TableName, Key: keyOf(name) } }
        : { Put: { TableName, Item: itemOf(name, value) } },
    );
    const refusal = {
      ConditionCheck: { TableName, Key: keyOf('z0'), ConditionExpression: 'attribute_exists(pk)' },
    };
    const sent = client.send(
      new TransactWriteItemsCommand({
        TransactItems: kind === 'refused' ? [...TransactItems, refusal] : TransactItems,
      }),
    );
    if (kind === 'refused') await expect(sent).rejects.toThrow('Transaction cancelled');
    else await sent;
  } else if (kind === 'update' && of[0]!.value !== undefined) {
    const { key: name, value } = of[0]!;
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: keyOf(name),
        UpdateExpression: 'SET #v = :v',
        ExpressionAttributeNames: { '#v': 'value' },
        ExpressionAttributeValues: { ':v': { N: String(value) } },
      }),
    );
  } else {
    await Promise.all(of.map(one));
  }
}

function after(model: Model, { kind, changes: of }: Step): Model {
  const next = new Map(model);
  if (kind === 'refused') return next;
  for (const { key: name, value } of of) {
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  return next;
}

test('restored at any moment a table is what it was then, and its stream replayed is what it is', async () => {
  const history = fc.record({
    before: fc.array(step, { maxLength: 3 }),
    steps: fc.array(step, { minLength: 1, maxLength: 12 }),
    pick: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(history, async ({ before, steps, pick }) => {
      const { TableName, StreamArn } = await create();
      let model: Model = new Map();
      const take = async (one: Step) => {
        await run(TableName, one);
        model = after(model, one);
      };
      for (const one of before) await take(one);
      await setRecovery(TableName);
      const moments: [at: number, model: Model][] = [[cloud.clock.now(), model]];
      for (const one of steps) {
        await cloud.clock.advance(2 * SECOND);
        await take(one);
        await cloud.clock.advance(SECOND);
        moments.push([cloud.clock.now(), model]);
      }
      expect(await scan(TableName)).toEqual(model);
      expect(await replay(StreamArn)).toEqual(model);
      await cloud.clock.advance(6 * MINUTE);
      const [at, then] = moments[Math.min(Math.floor(pick * moments.length), moments.length - 1)]!;
      const { items } = await restore(TableName, { RestoreDateTime: new Date(at) });
      expect(items).toEqual(then);
    }),
    { numRuns: 12 },
  );
});

test('writes that go on while a table is restored are not in what was', async () => {
  const { TableName } = await create();
  await setRecovery(TableName);
  const old: Step = {
    kind: 'batch',
    changes: Array.from({ length: 20 }, (_, index) => ({ key: `a${index}`, value: 1 })),
  };
  await run(TableName, old);
  await cloud.clock.advance(6 * MINUTE);
  const writes = Array.from({ length: 40 }, (_, index) =>
    run(TableName, { kind: 'one', changes: [{ key: `a${index}`, value: index % 3 === 0 ? undefined : 2 }] }),
  );
  const [{ items }] = await Promise.all([restore(TableName, { UseLatestRestorableTime: true }), ...writes]);
  expect(items).toEqual(after(new Map(), old));
});

test('a restored table has the keys and throughput of its source, not its stream, recovery and time to live', async () => {
  const { TableName } = await create();
  await client.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' } }),
  );
  await setRecovery(TableName);
  await cloud.clock.advance(10 * MINUTE);
  const at = new Date(Math.floor(cloud.clock.now() / SECOND) * SECOND - 6 * MINUTE);
  const restored = await restore(TableName, { RestoreDateTime: at });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: restored.TableName }));
  expect(Table).toMatchObject({
    KeySchema: [{ AttributeName: 'pk' }, { AttributeName: 'sk' }],
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    RestoreSummary: { RestoreDateTime: at, RestoreInProgress: false },
  });
  expect(Table!.RestoreSummary).not.toHaveProperty('SourceBackupArn');
  expect(Table).not.toHaveProperty('LatestStreamArn');
  const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: restored.TableName }));
  expect(ttl.TimeToLiveDescription!.TimeToLiveStatus).toBe('DISABLED');
  const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName: restored.TableName }));
  expect(backups.ContinuousBackupsDescription!.PointInTimeRecoveryDescription!.PointInTimeRecoveryStatus).toBe(
    'DISABLED',
  );
});

test('a moment outside of the window, and a table without recovery, are refused', async () => {
  const { TableName } = await create();
  const at = (RestoreDateTime: Date) => restore(TableName, { RestoreDateTime });
  await expect(at(new Date(cloud.clock.now()))).rejects.toMatchObject({
    name: 'PointInTimeRecoveryUnavailableException',
  });
  await setRecovery(TableName);
  await cloud.clock.advance(10 * MINUTE);
  for (const minutes of [1, 30]) {
    await expect(at(new Date(cloud.clock.now() - minutes * MINUTE))).rejects.toMatchObject({
      name: 'InvalidRestoreTimeException',
    });
  }
  await expect(restore(TableName, {})).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(restore(TableName, { UseLatestRestorableTime: true, TargetTableName: TableName })).rejects.toMatchObject(
    { name: 'TableAlreadyExistsException' },
  );
  await setRecovery(TableName, false);
  await expect(restore(TableName, { UseLatestRestorableTime: true })).rejects.toMatchObject({
    name: 'PointInTimeRecoveryUnavailableException',
  });
});
