// Event source mappings through the SDKs: functions that handle a queue's messages for real, as their role.
import {
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
  type CreateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { TestLambda } from './test-lambda.ts';

/** Says what it gets to a queue of its own, and answers what the first message asks it to. */
const TELLER = `const fail = (body) => body.startsWith('fail');
export const handler = async (event) => {
  console.log('BATCH ' + JSON.stringify({ ...event, at: Date.now() }));
  if (event.Records.some(({ body }) => body === 'throw')) throw new Error('thrown');
  if (event.Records.some(({ body }) => body === 'nonsense')) return { batchItemFailures: [{ itemIdentifier: 'nobody' }] };
  return { batchItemFailures: event.Records.filter(({ body }) => fail(body)).map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

interface Batch {
  /** When the function had it, on its own clock. */
  readonly at: number;
  readonly Records: readonly { readonly body: string; readonly attributes: Readonly<Record<string, string>> }[];
}

let world: TestLambda;
let sqs: SQSClient;
let names = 0;

beforeAll(async () => {
  world = await TestLambda.start();
  sqs = new SQSClient(world.as());
  await world.createRole('consumer', ['logs:*', ...CONSUME]);
});
afterAll(() => world.stop());

/** A queue, and a function that a mapping feeds with it. */
async function fed(
  mapping: Partial<CreateEventSourceMappingCommandInput> = {},
  Attributes: Record<string, string> = {},
) {
  const name = `fed-${++names}`;
  const QueueName = Attributes['FifoQueue'] ? `${name}.fifo` : name;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  await world.create(name, TELLER, { Role: 'arn:aws:iam::000000000000:role/consumer' });
  const EventSourceArn = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
  const { UUID } = await world.lambda.send(
    new CreateEventSourceMappingCommand({ FunctionName: name, EventSourceArn, ...mapping }),
  );
  return {
    UUID,
    QueueUrl,
    EventSourceArn,
    name,
    send: (MessageBody: string, more: object = {}) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more })),
    /** The batches that the function has had so far. */
    batches: async (): Promise<Batch[]> =>
      (await world.logLines(name).catch(() => []))
        .filter((line) => line.includes('BATCH '))
        .map((line) => JSON.parse(line.slice(line.indexOf('BATCH ') + 'BATCH '.length)) as Batch),
    counts: async () => {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const { Attributes: found } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
      );
      return AttributeNames.map((attribute) => Number(found?.[attribute]));
    },
    result: async () => (await world.lambda.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult,
  };
}

const bodies = (batches: readonly Batch[]) => batches.flatMap(({ Records }) => Records.map(({ body }) => body));

test('a message reaches the function in AWS’s shape, and is deleted once it was handled', async () => {
  const queue = await fed();
  await queue.send('hello', { MessageAttributes: { colour: { DataType: 'String', StringValue: 'red' } } });
  await expect.poll(queue.batches).toHaveLength(1);
  const [batch] = await queue.batches();
  expect(batch).toEqual({
    at: expect.any(Number),
    Records: [
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.any(String),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.any(String),
        },
        messageAttributes: {
          colour: { stringValue: 'red', stringListValues: [], binaryListValues: [], dataType: 'String' },
        },
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        eventSource: 'aws:sqs',
        eventSourceARN: queue.EventSourceArn,
        awsRegion: 'us-east-1',
      },
    ],
  });
  await expect.poll(queue.counts).toEqual([0, 0]);
  expect(await queue.result()).toBe('OK');
});

test('a batch that fails comes again once its visibility timeout is over, and time waits for it', async () => {
  const queue = await fed({}, { VisibilityTimeout: '30' });
  await queue.send('throw');
  await expect.poll(queue.result).toBe('PROBLEM: Function call failed');
  expect(await queue.counts()).toEqual([0, 1]);
  await world.cloud.clock.advance(60_001);
  const batches = await queue.batches();
  expect(batches.map(({ Records: [record] }) => record?.attributes['ApproximateReceiveCount'])).toEqual([
    '1',
    '2',
    '3',
  ]);
});

test('what a function reports as failed comes again, the rest of the batch does not', async () => {
  const queue = await fed({ FunctionResponseTypes: ['ReportBatchItemFailures'], Enabled: false });
  for (const body of ['good', 'fail', 'better']) await queue.send(body);
  await world.lambda.send(new UpdateEventSourceMappingCommand({ UUID: queue.UUID, Enabled: true }));
  await expect.poll(queue.counts).toEqual([0, 1]);
  await world.cloud.clock.advance(30_001);
  expect(bodies(await queue.batches())).toEqual(['good', 'fail', 'better', 'fail']);
});

test('an answer that names no message of the batch means that all failed', async () => {
  const queue = await fed({ FunctionResponseTypes: ['ReportBatchItemFailures'], Enabled: false });
  for (const body of ['good', 'nonsense']) await queue.send(body);
  await world.lambda.send(new UpdateEventSourceMappingCommand({ UUID: queue.UUID, Enabled: true }));
  await expect.poll(queue.result).toBe('PROBLEM: Function call failed');
  expect(await queue.counts()).toEqual([0, 2]);
});

test('a function that does not report failures may answer what it likes', async () => {
  const queue = await fed();
  await queue.send('nonsense');
  await expect.poll(queue.result).toBe('OK');
  expect(await queue.counts()).toEqual([0, 0]);
});

test('a batching window collects messages until it is over, on the cloud’s clock', async () => {
  const queue = await fed({ BatchSize: 100, MaximumBatchingWindowInSeconds: 20 });
  for (const body of ['one', 'two', 'three']) await queue.send(body);
  await expect.poll(queue.counts).toEqual([0, 3]);
  expect(await queue.batches()).toEqual([]);
  await world.cloud.clock.advance(20_000);
  const batches = await queue.batches();
  expect(batches.map(({ Records }) => Records.map(({ body }) => body))).toEqual([['one', 'two', 'three']]);
});

test('a delayed message is handled at its moment, before time goes on', async () => {
  const queue = await fed();
  await queue.send('later', { DelaySeconds: 600 });
  await world.cloud.clock.advance(3_600_000);
  expect(bodies(await queue.batches())).toEqual(['later']);
  expect(await queue.counts()).toEqual([0, 0]);
});

test('what a schedule sends is handled at each of its moments, while time is moved', async () => {
  const queue = await fed();
  const events = new EventBridgeClient(world.as());
  await events.send(new PutRuleCommand({ Name: queue.name, ScheduleExpression: 'rate(1 hour)' }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:*', Resource: '*' },
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.QueueUrl, Attributes: { Policy } }));
  await events.send(new PutTargetsCommand({ Rule: queue.name, Targets: [{ Id: 'q', Arn: queue.EventSourceArn }] }));
  await world.cloud.clock.advance(3 * 3_600_000 + 1_000);
  const batches = await queue.batches();
  expect(batches).toHaveLength(3);
  for (const { at, Records } of batches) {
    expect(Math.abs(at - Number(Records[0]?.attributes['SentTimestamp']))).toBeLessThan(60_000);
  }
  await events.send(new RemoveTargetsCommand({ Rule: queue.name, Ids: ['q'] }));
});

test('messages that no filter wants are dropped, and CloudWatch is told where it is to be', async () => {
  const told: [string, number][] = [];
  const stop = world.cloud.kernel.measurements.subscribe(({ name, value, dimensions }) => {
    if ('EventSourceMappingUUID' in dimensions) told.push([name, value]);
  });
  onTestFinished(stop);
  const Pattern = JSON.stringify({ body: { kind: ['order'], total: [{ numeric: ['>', 10] }] } });
  const queue = await fed({ FilterCriteria: { Filters: [{ Pattern }] }, MetricsConfig: { Metrics: ['EventCount'] } });
  for (const body of ['{"kind":"order","total":5}', 'no JSON', '{"kind":"order","total":20}']) await queue.send(body);
  await expect.poll(queue.batches).toHaveLength(1);
  await expect.poll(queue.counts).toEqual([0, 0]);
  expect(bodies(await queue.batches())).toEqual(['{"kind":"order","total":20}']);
  const sum = (wanted: string) => told.reduce((all, [name, value]) => (name === wanted ? all + value : all), 0);
  const names = ['PolledEventCount', 'FilteredOutEventCount', 'InvokedEventCount', 'DeletedEventCount'];
  expect(names.map(sum)).toEqual([3, 2, 1, 1]);
});

test('each group of a FIFO queue is handled in order, whatever fails', async () => {
  const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
  const queue = await fed({ BatchSize: 2, Enabled: false }, FIFO);
  const sent = Array.from({ length: 9 }, (_, index) => `${'abc'[index % 3]}${index}`);
  for (const body of sent) await queue.send(body, { MessageGroupId: body[0] });
  await world.lambda.send(new UpdateEventSourceMappingCommand({ UUID: queue.UUID, Enabled: true }));
  await expect.poll(async () => bodies(await queue.batches()).length).toBe(9);
  const handled = bodies(await queue.batches());
  for (const group of 'abc') {
    const own = (all: readonly string[]) => all.filter((body) => body.startsWith(group));
    expect(own(handled)).toEqual(own(sent));
  }
});

test('a role that loses its rights shows in the mapping, and messages stay', async () => {
  const queue = await fed({ Enabled: false });
  await world.createRole('rightless', ['logs:*']);
  const Role = 'arn:aws:iam::000000000000:role/rightless';
  await world.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: queue.name, Role }));
  await queue.send('kept');
  await world.lambda.send(new UpdateEventSourceMappingCommand({ UUID: queue.UUID, Enabled: true }));
  await expect.poll(queue.result).toContain('is not authorized to perform: sqs:receivemessage');
  expect(await queue.counts()).toEqual([1, 0]);
});

test('a mapping is found, listed, changed and deleted', async () => {
  const { UUID, name, EventSourceArn, send, counts } = await fed({ Tags: { Team: 'a' } });
  const found = await world.lambda.send(new GetEventSourceMappingCommand({ UUID }));
  expect(found).toMatchObject({
    State: 'Enabled',
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 0,
    FunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    EventSourceArn,
    LastProcessingResult: 'No records processed',
  });
  const { EventSourceMappings } = await world.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
  expect(EventSourceMappings?.map((one) => one.UUID)).toEqual([UUID]);
  await expect(
    world.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: name, EventSourceArn })),
  ).rejects.toMatchObject({ name: 'ResourceConflictException' });
  const disabled = await world.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  expect(disabled.State).toBe('Disabling');
  await send('waits');
  const deleted = await world.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  expect(deleted.State).toBe('Deleting');
  await expect(world.lambda.send(new GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(await counts()).toEqual([1, 0]);
});

test.for([
  [{ BatchSize: 11 }, 'Maximum batch window in seconds must be greater than 0'],
  [{ BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }, 'Batch size must be between 1 and 10000'],
  [{ MaximumBatchingWindowInSeconds: 301 }, 'less than or equal to 300'],
  [{ ScalingConfig: { MaximumConcurrency: 1 } }, 'greater than or equal to 2'],
  [{ FilterCriteria: { Filters: [{ Pattern: '{"body":' }] } }, 'Invalid filter pattern definition.'],
  [{ StartingPosition: 'LATEST' }, 'StartingPosition is not valid for SQS event sources.'],
  [
    { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:dead' } } },
    'DestinationConfig is not valid for SQS event sources.',
  ],
  [{ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:nowhere' }, 'NonExistentQueue'],
  [{ EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' }, 'is not supported here'],
] as [Partial<CreateEventSourceMappingCommandInput>, string][])(
  'a mapping with %j is refused',
  async ([given, why]) => {
    await expect(fed(given)).rejects.toThrow(why);
  },
);

test('a queue that hides messages for less time than the function has is refused, and one that it may not poll', async () => {
  await expect(fed({}, { VisibilityTimeout: '1' })).rejects.toThrow(
    'Queue visibility timeout: 1 seconds is less than Function timeout: 3 seconds',
  );
  await world.create('without-rights', TELLER);
  const { EventSourceArn } = await fed({ Enabled: false });
  await expect(
    world.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'without-rights', EventSourceArn })),
  ).rejects.toThrow('The function execution role does not have permissions to call ReceiveMessage on SQS');
});
