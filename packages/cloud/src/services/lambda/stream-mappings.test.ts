// Event source mappings of DynamoDB streams: records in their order, tried again until they are done with.
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  type StreamViewType,
} from '@aws-sdk/client-dynamodb';
import {
  CreateEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestLambda } from './test-lambda.ts';

/** Fails at keys that say so: wholly, or by name. */
const TELLER = `export const handler = async (event) => {
  console.log('BATCH ' + JSON.stringify(event));
  const keyOf = ({ dynamodb }) => dynamodb.Keys.pk.S;
  if (event.Records.some((record) => keyOf(record).startsWith('throw'))) throw new Error('thrown');
  return { batchItemFailures: event.Records.filter((record) => keyOf(record).startsWith('fail')).map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
};`;

const READ = ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream', 'dynamodb:ListStreams'];

interface Batch {
  readonly Records: readonly {
    readonly eventName: string;
    readonly dynamodb: { readonly Keys: { pk: { S: string } } };
  }[];
}

let world: TestLambda;
let dynamodb: DynamoDBClient;
let names = 0;

beforeAll(async () => {
  world = await TestLambda.start();
  dynamodb = new DynamoDBClient(world.as());
  await world.createRole('reader', ['logs:*', ...READ]);
}, 60_000);
afterAll(() => world.stop());

async function fed(mapping: Partial<CreateEventSourceMappingCommandInput> = {}, before: readonly string[] = []) {
  const name = `streamed-${++names}`;
  const StreamViewType: StreamViewType = 'NEW_AND_OLD_IMAGES';
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType },
    }),
  );
  const put = (pk: string, bytes?: Uint8Array) =>
    dynamodb.send(new PutItemCommand({ TableName: name, Item: { pk: { S: pk }, ...(bytes && { b: { B: bytes } }) } }));
  for (const pk of before) await put(pk);
  await world.create(name, TELLER, { Role: 'arn:aws:iam::000000000000:role/reader' });
  const EventSourceArn = TableDescription!.LatestStreamArn!;
  const StartingPosition = 'TRIM_HORIZON' as const;
  const { UUID } = await world.lambda.send(
    new CreateEventSourceMappingCommand({ FunctionName: name, EventSourceArn, StartingPosition, ...mapping }),
  );
  const batches = async (): Promise<Batch[]> =>
    (await world.logLines(name).catch(() => []))
      .filter((line) => line.includes('BATCH '))
      .map((line) => JSON.parse(line.slice(line.indexOf('BATCH ') + 'BATCH '.length)) as Batch);
  return {
    EventSourceArn,
    name,
    put,
    batches,
    keys: async () => (await batches()).map(({ Records }) => Records.map(({ dynamodb: { Keys } }) => Keys.pk.S)),
    result: async () => (await world.lambda.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult,
  };
}

const soon = { timeout: 10_000, interval: 20 };

test('a change reaches the function in AWS’s shape', async () => {
  const table = await fed();
  await table.put('one', Buffer.from([1, 2, 3]));
  await expect.poll(table.batches, soon).toHaveLength(1);
  expect((await table.batches())[0]).toEqual({
    Records: [
      {
        eventID: expect.any(String),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        dynamodb: {
          ApproximateCreationDateTime: expect.any(Number),
          Keys: { pk: { S: 'one' } },
          NewImage: { pk: { S: 'one' }, b: { B: 'AQID' } },
          SequenceNumber: expect.stringMatching(/^\d{21,40}$/),
          SizeBytes: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: table.EventSourceArn,
      },
    ],
  });
  await dynamodb.send(new DeleteItemCommand({ TableName: table.name, Key: { pk: { S: 'one' } } }));
  await expect.poll(table.batches, soon).toHaveLength(2);
  expect((await table.batches())[1]?.Records[0]?.eventName).toBe('REMOVE');
  expect(await table.result()).toBe('OK');
});

test('a mapping begins with the oldest record, or with what comes', async () => {
  const oldest = await fed({ StartingPosition: 'TRIM_HORIZON' }, ['before']);
  await expect.poll(oldest.keys, soon).toEqual([['before']]);
  const latest = await fed({ StartingPosition: 'LATEST' }, ['before']);
  await latest.put('after');
  await expect.poll(latest.keys, soon).toEqual([['after']]);
});

test('a batch that fails holds up the rest, and is dropped after its attempts', async () => {
  const table = await fed({ MaximumRetryAttempts: 2, BatchSize: 1 }, ['throw', 'good']);
  await expect.poll(table.result, soon).toBe('PROBLEM: Function call failed');
  expect(await table.keys()).toEqual([['throw']]);
  await world.cloud.clock.advance(60_000);
  expect(await table.keys()).toEqual([['throw'], ['throw'], ['throw'], ['good']]);
});

test('what a function reports as failed is where the next batch begins', async () => {
  const given = { FunctionResponseTypes: ['ReportBatchItemFailures' as const], MaximumRetryAttempts: 1 };
  const table = await fed(given, ['a', 'fail', 'b']);
  await expect.poll(table.keys, soon).toHaveLength(1);
  await world.cloud.clock.advance(60_000);
  expect(await table.keys()).toEqual([
    ['a', 'fail', 'b'],
    ['fail', 'b'],
  ]);
});

test('a batch is cut in halves until the bad record stands alone', async () => {
  const given = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 };
  const table = await fed(given, ['a', 'b', 'throw', 'd']);
  await expect.poll(table.keys, soon).toHaveLength(1);
  await world.cloud.clock.advance(600_000);
  expect(await table.keys()).toEqual([['a', 'b', 'throw', 'd'], ['a', 'b'], ['throw', 'd'], ['throw'], ['d']]);
});

test('records that are no longer wanted, by age or by filter, are passed over', async () => {
  const Pattern = JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ prefix: 'good' }] } } } });
  const table = await fed({ FilterCriteria: { Filters: [{ Pattern }] } }, ['bad', 'good', 'worse']);
  await expect.poll(table.keys, soon).toEqual([['good']]);
});

test.for([
  [{ StartingPosition: 'AT_TIMESTAMP' }, 'Unsupported starting position for arn type'],
  [{ ParallelizationFactor: 2 }, 'is not supported here'],
  [{ MaximumRecordAgeInSeconds: 59 }, 'between 60 and 604800'],
  [{ MaximumRetryAttempts: 10_001 }, 'between -1 and 10000'],
  [{ EventSourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/no/stream/2026' }, 'Stream not found'],
] as [Partial<CreateEventSourceMappingCommandInput>, string][])(
  'a mapping with %j is refused',
  async ([given, why]) => {
    await expect(fed(given)).rejects.toThrow(why);
  },
);

test('a role that may not read the stream is refused', async () => {
  const { EventSourceArn } = await fed();
  await world.create('unread', TELLER);
  const input = { FunctionName: 'unread', EventSourceArn, StartingPosition: 'LATEST' as const };
  await expect(world.lambda.send(new CreateEventSourceMappingCommand(input))).rejects.toThrow('Cannot access stream');
});
