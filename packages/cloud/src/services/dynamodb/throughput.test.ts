// Tables with a limit, through the AWS SDK: what is beyond it is throttled, and comes back with the cloud's time.
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
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
