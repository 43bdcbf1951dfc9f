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
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import type { Measurement } from '../../kernel/feed.ts';
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
    readonly dynamodb: { readonly Keys: { pk: { S: string } }; readonly NewImage: { b?: { B: string } } };
  }[];
}

let world: TestLambda;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
let s3: S3Client;
let names = 0;

beforeAll(async () => {
  world = await TestLambda.start();
  dynamodb = new DynamoDBClient(world.as());
  sqs = new SQSClient(world.as());
  s3 = new S3Client({ ...world.as(), forcePathStyle: true });
  await world.createRole('reader', ['logs:*', ...READ]);
}, 60_000);
afterAll(() => world.stop());

async function fed(
  mapping: Partial<CreateEventSourceMappingCommandInput> = {},
  before: readonly string[] = [],
  Role = 'arn:aws:iam::000000000000:role/reader',
) {
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
  await world.create(name, TELLER, { Role });
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
    id: UUID!,
    metrics: async () => (await world.lambda.send(new GetEventSourceMappingCommand({ UUID }))).MetricsConfig?.Metrics,
    destination: async () => (await world.lambda.send(new GetEventSourceMappingCommand({ UUID }))).DestinationConfig,
    change: (more: Partial<UpdateEventSourceMappingCommandInput>) =>
      world.lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...more })),
    result: async () => (await world.lambda.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult,
  };
}

/** What mappings tell CloudWatch from now on, summed up. */
function counted(): (id: string) => Record<string, number> {
  const all: Measurement[] = [];
  onTestFinished(world.cloud.kernel.measurements.subscribe((one) => all.push(one)));
  return (id) => {
    const sums: Record<string, number> = {};
    for (const { name, value, dimensions } of all)
      if (dimensions['EventSourceMappingUUID'] === id) sums[name] = (sums[name] ?? 0) + value;
    return sums;
  };
}

test('a change reaches the function in AWS’s shape', async () => {
  const table = await fed();
  await table.put('one', Buffer.from([1, 2, 3]));
  await expect.poll(table.batches).toHaveLength(1);
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
  await expect.poll(table.batches).toHaveLength(2);
  expect((await table.batches())[1]?.Records[0]?.eventName).toBe('REMOVE');
  expect(await table.result()).toBe('OK');
});

test('a mapping begins with the oldest record, or with what comes', async () => {
  const oldest = await fed({ StartingPosition: 'TRIM_HORIZON' }, ['before']);
  await expect.poll(oldest.keys).toEqual([['before']]);
  const latest = await fed({ StartingPosition: 'LATEST' }, ['before']);
  await latest.put('after');
  await expect.poll(latest.keys).toEqual([['after']]);
});

test('a batch that fails holds up the rest, and is dropped after its attempts', async () => {
  const table = await fed({ MaximumRetryAttempts: 2, BatchSize: 1 }, ['throw', 'good']);
  await expect.poll(table.result).toBe('PROBLEM: Function call failed');
  expect(await table.keys()).toEqual([['throw']]);
  await world.cloud.clock.advance(60_000);
  expect(await table.keys()).toEqual([['throw'], ['throw'], ['throw'], ['good']]);
});

test('records that are given up are told to a queue, and to a bucket whole', async () => {
  const role = await world.createRole('teller', ['logs:*', ...READ, 'sqs:SendMessage', 's3:PutObject']);
  await sqs.send(new CreateQueueCommand({ QueueName: 'given-up' }));
  await s3.send(new CreateBucketCommand({ Bucket: 'given-up' }));
  const counts = counted();
  const given = (arn: string): Partial<CreateEventSourceMappingCommandInput> => ({
    MetricsConfig: { Metrics: ['EventCount'] },
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: arn } },
  });
  const queued = await fed(given('arn:aws:sqs:us-east-1:000000000000:given-up'), ['throw', 'other'], role);
  expect(await queued.destination()).toEqual({
    OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:given-up' },
  });
  expect(await queued.metrics()).toEqual(['EventCount']);
  const stored = await fed(given('arn:aws:s3:::given-up'), ['throw'], role);
  for (const { result } of [queued, stored]) await expect.poll(result).toBe('PROBLEM: Function call failed');
  await world.cloud.clock.advance(60_000);

  expect(counts(queued.id)).toEqual({
    PolledEventCount: 2,
    InvokedEventCount: 4,
    FailedInvokeEventCount: 4,
    DroppedEventCount: 2,
    OnFailureDestinationDeliveredEventCount: 2,
  });
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: `${world.cloud.endpoint}/000000000000/given-up`, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body }) => JSON.parse(Body!) as unknown)).toEqual([
    {
      requestContext: {
        requestId: expect.any(String),
        functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${queued.name}`,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.any(String),
      DDBStreamBatchInfo: {
        shardId: expect.stringMatching(/^shardId-/),
        startSequenceNumber: expect.stringMatching(/^\d{21,40}$/),
        endSequenceNumber: expect.stringMatching(/^\d{21,40}$/),
        approximateArrivalOfFirstRecord: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        approximateArrivalOfLastRecord: expect.any(String),
        batchSize: 2,
        streamArn: queued.EventSourceArn,
      },
    },
  ]);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'given-up' }));
  expect(Contents.map(({ Key }) => Key)).toEqual([
    expect.stringMatching(
      /^aws\/lambda\/[0-9a-f-]{36}\/shardId-[^/]+\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
    ),
  ]);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'given-up', Key: Contents[0]!.Key! }));
  const { payload } = JSON.parse(await Body!.transformToString()) as { payload: string };
  expect((JSON.parse(payload) as Batch).Records.map(({ dynamodb: { Keys } }) => Keys.pk.S)).toEqual(['throw']);
});

test('records that became too old are told of too, and those after them are handled', async () => {
  const role = 'arn:aws:iam::000000000000:role/teller';
  await sqs.send(new CreateQueueCommand({ QueueName: 'too-old' }));
  const OnFailure = { Destination: 'arn:aws:sqs:us-east-1:000000000000:too-old' };
  const given = { MaximumRecordAgeInSeconds: 60, DestinationConfig: { OnFailure } };
  const table = await fed({ ...given, Enabled: false }, ['old'], role);
  await world.cloud.clock.advance(120_000);
  await table.put('young');
  await table.change({ Enabled: true });
  await expect.poll(table.keys).toEqual([['young']]);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: `${world.cloud.endpoint}/000000000000/too-old` }),
  );
  expect(JSON.parse(Messages[0]!.Body!)).toMatchObject({
    requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
    DDBStreamBatchInfo: { batchSize: 1 },
  });
});

test('what a function reports as failed is where the next batch begins', async () => {
  const given = { FunctionResponseTypes: ['ReportBatchItemFailures' as const], MaximumRetryAttempts: 1 };
  const table = await fed(given, ['a', 'fail', 'b']);
  await expect.poll(table.keys).toHaveLength(1);
  await world.cloud.clock.advance(60_000);
  expect(await table.keys()).toEqual([
    ['a', 'fail', 'b'],
    ['fail', 'b'],
  ]);
});

test('a batch is cut in halves until the bad record stands alone', async () => {
  const given = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 };
  const table = await fed(given, ['a', 'b', 'throw', 'd']);
  await expect.poll(table.keys).toHaveLength(1);
  await world.cloud.clock.advance(600_000);
  expect(await table.keys()).toEqual([['a', 'b', 'throw', 'd'], ['a', 'b'], ['throw', 'd'], ['throw'], ['d']]);
});

test('batches of some items at a time: each item in its order, and an item that fails holds up no other lane', async () => {
  const before = ['throw', ...Array.from({ length: 12 }, (_, index) => `item-${index}`)];
  const table = await fed({ ParallelizationFactor: 4, BatchSize: 5 }, before);
  const handled = async () => (await table.keys()).filter((keys) => !keys.includes('throw')).flat();
  await expect.poll(async () => (await handled()).length).toBeGreaterThan(4);
  for (const keys of await table.keys()) expect(keys.length).toBeLessThanOrEqual(5);
  for (const value of [1, 2, 3]) for (const pk of before.slice(1)) await table.put(pk, Buffer.from([value]));
  // Some share the lane of what fails.
  const free = new Set(await handled());
  const writes = async (pk: string) =>
    (await table.batches())
      .flatMap(({ Records }) => Records)
      .filter(({ dynamodb: { Keys } }) => Keys.pk.S === pk)
      .map(({ dynamodb: { NewImage } }) => NewImage.b?.B);
  for (const pk of free) await expect.poll(() => writes(pk)).toEqual([undefined, 'AQ==', 'Ag==', 'Aw==']);
  expect(free.size).toBeLessThan(before.length);

  // One lane again: nothing is left out.
  await table.change({ ParallelizationFactor: 1, MaximumRetryAttempts: 0 });
  await world.cloud.clock.advance(120_000);
  await expect.poll(async () => new Set((await table.keys()).flat())).toEqual(new Set(before));
  await table.put('last');
  await expect.poll(async () => (await table.keys()).flat().at(-1)).toBe('last');
});

test('records that are no longer wanted, by age or by filter, are passed over', async () => {
  const Pattern = JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ prefix: 'good' }] } } } });
  const table = await fed({ FilterCriteria: { Filters: [{ Pattern }] } }, ['bad', 'good', 'worse']);
  await expect.poll(table.keys).toEqual([['good']]);
});

test.for([
  [{ StartingPosition: 'AT_TIMESTAMP' }, 'Unsupported starting position for arn type'],
  [{ ParallelizationFactor: 11 }, 'less than or equal to 10'],
  [{ MetricsConfig: { Metrics: ['KafkaMetrics'] } }, 'Metrics of the kind KafkaMetrics'],
  [{ ScalingConfig: { MaximumConcurrency: 2 } }, 'ScalingConfig is not valid for DynamoDB event sources.'],
  [
    { DestinationConfig: { OnFailure: { Destination: 'arn:aws:lambda:us-east-1:000000000000:function:f' } } },
    'Unsupported',
  ],
  [{ DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:q.fifo' } } }, 'FIFO'],
  [{ MaximumRecordAgeInSeconds: 59 }, 'between 60 and 604800'],
  [{ MaximumRetryAttempts: 10_001 }, 'less than or equal to 10000'],
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
