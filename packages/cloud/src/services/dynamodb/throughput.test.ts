// Tables with a limit, through the AWS SDK: what is beyond it is throttled, and comes back with the cloud's time.
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateTableCommand,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';

let cloud: Cloud;
let client: DynamoDBClient;

beforeAll(async () => {
  cloud = await startCloud();
  client = new DynamoDBClient({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: cloud.credentials,
    maxAttempts: 1,
  });
});

afterAll(() => cloud.stop());

const create = (TableName: string, rest: Partial<CreateTableCommandInput>) =>
  client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      ...rest,
    }),
  );

const put = (TableName: string, kilobytes = 1) =>
  client.send(
    new PutItemCommand({ TableName, Item: { id: { S: 'a' }, text: { S: 'x'.repeat(kilobytes * 1_024 - 64) } } }),
  );

const get = (TableName: string) => client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }));

test('a maximum of an on-demand table is for one second', async () => {
  await create('capped', { BillingMode: 'PAY_PER_REQUEST', OnDemandThroughput: { MaxWriteRequestUnits: 2 } });
  await put('capped', 4);
  await expect(put('capped')).rejects.toMatchObject({
    name: 'ThrottlingException',
    throttlingReasons: [
      {
        reason: 'TableWriteMaxOnDemandThroughputExceeded',
        resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/capped',
      },
    ],
  });
  expect((await get('capped')).Item).toBeDefined();
  await cloud.clock.advance(2_000);
  expect(await put('capped')).not.toHaveProperty('ConsumedCapacity');
});

test('an index has units of its own, whose end holds up reads of it and writes of its table', async () => {
  const units = (ReadCapacityUnits: number, WriteCapacityUnits: number) => ({
    ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits },
  });
  await create('indexed', {
    ...units(1, 1),
    AttributeDefinitions: ['id', 'kind'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'ByKind',
        KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
        ...units(1, 1),
      },
    ],
  });
  const write = (kilobytes: number, kind?: string, ReturnConsumedCapacity?: 'TOTAL' | 'INDEXES') => {
    const text = { S: 'x'.repeat(kilobytes * 1_024 - 64) };
    const Item = { id: { S: kind ?? 'none' }, text, ...(kind !== undefined && { kind: { S: kind } }) };
    return client.send(new PutItemCommand({ TableName: 'indexed', Item, ReturnConsumedCapacity }));
  };
  // The table's own units are not those of its index.
  for (const kind of ['a', 'b']) {
    const { ConsumedCapacity } = await write(140, kind, 'TOTAL');
    expect(ConsumedCapacity).toEqual({ TableName: 'indexed', CapacityUnits: 280 });
  }
  const { ConsumedCapacity } = await write(1, 'c', 'INDEXES');
  expect(ConsumedCapacity).toMatchObject({ GlobalSecondaryIndexes: { ByKind: { CapacityUnits: 1 } } });

  const provisioned = (rate: number) =>
    client.send(
      new UpdateTableCommand({
        TableName: 'indexed',
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: rate },
      }),
    );
  await provisioned(1_000);
  await write(140, 'd');
  await expect(write(1)).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
    message: expect.stringContaining('global secondary indexes'),
    ThrottlingReasons: [
      {
        reason: 'IndexWriteProvisionedThroughputExceeded',
        resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/indexed/index/ByKind',
      },
    ],
  });
  await cloud.clock.advance(300_000);
  await write(1);

  const search = () => client.send(new ScanCommand({ TableName: 'indexed', IndexName: 'ByKind' }));
  for (let read = 0; read < 6; read++) await search();
  await expect(search()).rejects.toMatchObject({
    ThrottlingReasons: [expect.objectContaining({ reason: 'IndexReadProvisionedThroughputExceeded' })],
  });
  expect((await client.send(new GetItemCommand({ TableName: 'indexed', Key: { id: { S: 'a' } } }))).Item).toBeDefined();
});

test('an index of an on-demand table may have a maximum of its own, which can be changed and taken away', async () => {
  const most = (MaxReadRequestUnits: number, MaxWriteRequestUnits: number) => ({
    OnDemandThroughput: { MaxReadRequestUnits, MaxWriteRequestUnits },
  });
  const index = {
    IndexName: 'ByKind',
    KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'ALL' as const },
  };
  const definition = {
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: ['id', 'kind'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
  };
  await expect(
    create('capped-index', { ...definition, GlobalSecondaryIndexes: [{ ...index, ...most(0, 1) }] }),
  ).rejects.toThrow('outside of valid range');
  await create('capped-index', { ...definition, GlobalSecondaryIndexes: [{ ...index, ...most(-1, 2) }] });
  const write = () =>
    client.send(
      new PutItemCommand({
        TableName: 'capped-index',
        Item: { id: { S: 'a' }, kind: { S: 'k' }, text: { S: String(Math.random()).repeat(200) } },
      }),
    );
  const described = async () =>
    (await client.send(new DescribeTableCommand({ TableName: 'capped-index' }))).Table?.GlobalSecondaryIndexes?.[0];
  expect(await described()).toMatchObject(most(-1, 2));
  await write();
  await expect(write()).rejects.toMatchObject({
    name: 'ThrottlingException',
    throttlingReasons: [
      {
        reason: 'IndexWriteMaxOnDemandThroughputExceeded',
        resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/capped-index/index/ByKind',
      },
    ],
  });
  const update = (throughput: ReturnType<typeof most>) =>
    client.send(
      new UpdateTableCommand({
        TableName: 'capped-index',
        GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'ByKind', ...throughput } }],
      }),
    );
  await update(most(7, 9_000));
  expect(await described()).toMatchObject(most(7, 9_000));
  await write();
  await update(most(-1, -1));
  expect(await described()).not.toHaveProperty('OnDemandThroughput');
  await write();
});

test('a provisioned table has five minutes of throughput for a burst, and can be given more', async () => {
  const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  await create('provisioned', { ProvisionedThroughput });
  const Item = { id: { S: 'b' }, text: { S: 'x'.repeat(390_000) } };
  const RequestItems = { provisioned: [{ PutRequest: { Item } }] };
  const batch = new BatchWriteItemCommand({ RequestItems, ReturnConsumedCapacity: 'TOTAL' });
  const { ConsumedCapacity } = await client.send(batch);
  expect(ConsumedCapacity).toEqual([{ TableName: 'provisioned', CapacityUnits: 381 }]);
  await expect(put('provisioned')).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
    ThrottlingReasons: [expect.objectContaining({ reason: 'TableWriteProvisionedThroughputExceeded' })],
  });
  await cloud.clock.advance(30_000);
  await expect(put('provisioned')).rejects.toThrow('Consider increasing your provisioning level');
  await cloud.clock.advance(60_000);
  await put('provisioned');
  await expect(put('provisioned', 500)).rejects.toMatchObject({ name: 'ValidationException' });
  const more = { ReadCapacityUnits: 1, WriteCapacityUnits: 10 };
  await client.send(new UpdateTableCommand({ TableName: 'provisioned', ProvisionedThroughput: more }));
  for (let write = 0; write < 20; write++) await put('provisioned', 100);
});
