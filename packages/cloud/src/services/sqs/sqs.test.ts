// Standard queues through the SDK. The same tests run against a peer: PLINTH_PEER_ENDPOINT=http://127.0.0.1:5000 for
// moto_server, say; what it does otherwise is said beside each test that it does not run.
import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
  type QueueAttributeName,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { countsOf, peer, startSqs, type TestSqs } from './test-sqs.ts';

/** No peer is asked. */
const alone = peer === undefined;

let world: TestSqs;

beforeAll(async () => {
  world = await startSqs();
});
afterAll(() => world.stop());

const attributesOf = async (QueueUrl: string, ...AttributeNames: QueueAttributeName[]) =>
  (await world.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;

const counts = (url: string) => countsOf(world, url);

test('a message is sent, received and deleted', async () => {
  const url = await world.queue();
  const sent = await world.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'hello' }));
  expect(sent.MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592');
  const [message] = await world.receive(url);
  expect(message).toMatchObject({ MessageId: sent.MessageId, Body: 'hello', MD5OfBody: sent.MD5OfMessageBody });
  expect(await world.receive(url)).toEqual([]);
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle }));
  expect(await counts(url)).toEqual([0, 0, 0]);
});

test('a queue is found by its name, and its URL is the cloud’s own', async () => {
  const url = await world.queue({}, 'found-by-name');
  expect(new URL(url).pathname).toMatch(/^\/\d{12}\/found-by-name$/);
  const found = await world.client.send(new GetQueueUrlCommand({ QueueName: 'found-by-name' }));
  expect(found.QueueUrl).toBe(url);
  const again = await world.client.send(
    new CreateQueueCommand({ QueueName: 'found-by-name', Attributes: { VisibilityTimeout: '30' } }),
  );
  expect(again.QueueUrl).toBe(url);
  await expect(
    world.client.send(new CreateQueueCommand({ QueueName: 'found-by-name', Attributes: { DelaySeconds: '1' } })),
  ).rejects.toMatchObject({ name: 'QueueNameExists' });
});

test('what is not there is told in the words of both protocols', async () => {
  const error = await world.client
    .send(new GetQueueUrlCommand({ QueueName: 'nowhere' }))
    .catch((thrown: unknown) => thrown as Error & { Code?: string });
  expect(error).toMatchObject({ name: 'QueueDoesNotExist', Code: 'AWS.SimpleQueueService.NonExistentQueue' });
});

// Not the peer’s: moto 5 has the defaults of before August 2025, and no SqsManagedSseEnabled.
test.runIf(alone)('a new queue has AWS’s defaults', async () => {
  const url = await world.queue();
  expect(await attributesOf(url, 'All')).toMatchObject({
    VisibilityTimeout: '30',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
    ApproximateNumberOfMessages: '0',
  });
  await world.client.send(
    new SetQueueAttributesCommand({
      QueueUrl: url,
      Attributes: { VisibilityTimeout: '7', KmsMasterKeyId: 'alias/k' },
    }),
  );
  expect(await attributesOf(url, 'VisibilityTimeout', 'SqsManagedSseEnabled', 'KmsDataKeyReusePeriodSeconds')).toEqual({
    VisibilityTimeout: '7',
    SqsManagedSseEnabled: 'false',
    KmsDataKeyReusePeriodSeconds: '300',
  });
});

// Not the peer’s: it takes values out of range.
test.runIf(alone)('attributes out of range are refused', async () => {
  const url = await world.queue();
  for (const [name, value] of [
    ['VisibilityTimeout', '43201'],
    ['DelaySeconds', '901'],
    ['MaximumMessageSize', '1048577'],
    ['MessageRetentionPeriod', '59'],
    ['ReceiveMessageWaitTimeSeconds', '21'],
    ['VisibilityTimeout', 'long'],
    ['Policy', 'none'],
    ['RedrivePolicy', '{"maxReceiveCount":1}'],
    [
      'RedrivePolicy',
      JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:no', maxReceiveCount: 1 }),
    ],
    ['RedriveAllowPolicy', '{"redrivePermission":"byQueue"}'],
  ]) {
    await expect(
      world.client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { [name!]: value! } })),
      `${name} ${value}`,
    ).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  }
  for (const name of ['Colour', 'ContentBasedDeduplication']) {
    await expect(
      world.client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { [name]: 'true' } })),
    ).rejects.toMatchObject({ name: 'InvalidAttributeName' });
  }
});

test('message attributes come back as they were sent, with AWS’s digests', async () => {
  const url = await world.queue();
  const sent = await world.client.send(
    new SendMessageCommand({
      QueueUrl: url,
      MessageBody: 'with attributes',
      MessageAttributes: {
        'trace.id': { DataType: 'String', StringValue: 'abc' },
        'trace.parent': { DataType: 'String.custom', StringValue: 'é' },
        count: { DataType: 'Number', StringValue: '42' },
        raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) },
      },
    }),
  );
  // The SDK checks the digests of bodies only; botocore's users check this one. Computed by AWS's published algorithm.
  expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/);
  const [all] = await world.receive(url, { MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
  expect(all?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
  expect(Object.keys(all!.MessageAttributes!).toSorted()).toEqual(['count', 'raw', 'trace.id', 'trace.parent']);
  expect([...all!.MessageAttributes!['raw']!.BinaryValue!]).toEqual([1, 2, 3]);
  const [some] = await world.receive(url, { MessageAttributeNames: ['trace.*', 'count'], VisibilityTimeout: 0 });
  expect(Object.keys(some!.MessageAttributes!).toSorted()).toEqual(['count', 'trace.id', 'trace.parent']);
  const [none] = await world.receive(url, { VisibilityTimeout: 0 });
  expect(none?.MessageAttributes).toBeUndefined();
});

test('system attributes say who, when and how often', async () => {
  const url = await world.queue();
  await world.send(url, 'seen', {
    MessageSystemAttributes: {
      AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
    },
  });
  await world.receive(url, { VisibilityTimeout: 0 });
  const [message] = await world.receive(url, { MessageSystemAttributeNames: ['All'] });
  expect(message?.Attributes).toMatchObject({
    ApproximateReceiveCount: '2',
    AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
    SentTimestamp: expect.stringMatching(/^\d{13}$/),
    ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
    SenderId: expect.any(String),
  });
});

// Not the peer’s: it refuses less, and some under other codes.
test.runIf(alone).for([
  ['an empty attribute', { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } }],
  ['an unknown type', { MessageAttributes: { a: { DataType: 'Text', StringValue: 'a' } } }],
  ['a number that is none', { MessageAttributes: { a: { DataType: 'Number', StringValue: 'one' } } }],
  ['a reserved name', { MessageAttributes: { 'AWS.a': { DataType: 'String', StringValue: 'a' } } }],
  ['a name with two dots', { MessageAttributes: { 'a..b': { DataType: 'String', StringValue: 'a' } } }],
  ['a long delay', { DelaySeconds: 901 }],
  ['a deduplication id', { MessageDeduplicationId: 'a' }],
  [
    'eleven attributes',
    {
      MessageAttributes: Object.fromEntries(
        Array.from({ length: 11 }, (_, n) => [`a${n}`, { DataType: 'String', StringValue: 'a' }]),
      ),
    },
  ],
] as const)('a message with %s is refused by a standard queue', async ([, input]) => {
  const url = await world.queue();
  await expect(world.send(url, 'body', input as object)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
});

// Not the peer’s: it takes them without a word.
test.runIf(alone)('a message with lists of values is refused, as AWS refuses them', async () => {
  const url = await world.queue();
  const MessageAttributes = { a: { DataType: 'String', StringValue: 'a', StringListValues: ['a'] } };
  await expect(world.send(url, 'body', { MessageAttributes })).rejects.toMatchObject({ name: 'UnsupportedOperation' });
});

// Not the peer’s: its limit is 256 KiB.
test.runIf(alone)('a message may have 1 MiB, attributes included, and no more', async () => {
  const url = await world.queue();
  const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
  await world.send(url, 'x'.repeat(1_048_576 - 8), { MessageAttributes });
  await expect(world.send(url, 'x'.repeat(1_048_576 - 7), { MessageAttributes })).rejects.toThrow('1048576 bytes');
  await expect(world.send(url, 'bell \u0007')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
});

test('a long poll answers at once when a message comes', async () => {
  const url = await world.queue();
  const polls = [world.bodies(url, { WaitTimeSeconds: 20 }), world.bodies(url, { WaitTimeSeconds: 20 })];
  await new Promise((resolve) => setTimeout(resolve, 50));
  await world.send(url, 'one');
  await world.send(url, 'two');
  expect(new Set((await Promise.all(polls)).flat())).toEqual(new Set(['one', 'two']));
});

test('batches answer for each entry', async () => {
  const url = await world.queue();
  const sent = await world.client.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: `body ${Id}` })),
    }),
  );
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'b', 'c']);
  const messages = await world.receive(url, { MaxNumberOfMessages: 10 });
  expect(messages.map(({ Body }) => Body ?? '').toSorted()).toEqual(['body a', 'body b', 'body c']);
  const [first, second] = messages;
  const changed = await world.client.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: 'good', ReceiptHandle: first!.ReceiptHandle, VisibilityTimeout: 60 },
        { Id: 'bad', ReceiptHandle: 'no handle', VisibilityTimeout: 60 },
      ],
    }),
  );
  expect(changed.Successful).toEqual([{ Id: 'good' }]);
  expect(changed.Failed).toMatchObject([{ Id: 'bad', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }]);
  const deleted = await world.client.send(
    new DeleteMessageBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: 'good', ReceiptHandle: second!.ReceiptHandle },
        { Id: 'bad', ReceiptHandle: 'no handle' },
      ],
    }),
  );
  expect(deleted.Successful).toEqual([{ Id: 'good' }]);
  expect(deleted.Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }]);
});

test.for([
  ['EmptyBatchRequest', []],
  ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, n) => `id${n}`)],
  ['BatchEntryIdsNotDistinct', ['a', 'a']],
  ['InvalidBatchEntryId', ['a b']],
] as const)('a batch that is no batch is refused: %s', async ([name, ids]) => {
  const url = await world.queue();
  const Entries = ids.map((Id) => ({ Id, MessageBody: 'x' }));
  await expect(world.client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))).rejects.toMatchObject({
    name,
  });
});

// Not the peer’s: its limit is 256 KiB.
test.runIf(alone)('a batch may have 1 MiB in all', async () => {
  const url = await world.queue();
  const MessageBody = 'x'.repeat(600_000);
  const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody }));
  await expect(world.client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))).rejects.toMatchObject({
    name: 'BatchRequestTooLong',
  });
  const { Failed, Successful } = await world.client.send(
    new SendMessageBatchCommand({ QueueUrl: url, Entries: [Entries[0]!, { Id: 'b', MessageBody: 'x\u0000' }] }),
  );
  expect(Successful).toMatchObject([{ Id: 'a' }]);
  expect(Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'InvalidMessageContents' }]);
});

test('what was received too often goes to the dead-letter queue', async () => {
  const dead = await world.queue();
  const { QueueArn: deadLetterTargetArn } = (await attributesOf(dead, 'QueueArn'))!;
  const url = await world.queue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }) });
  const id = await world.send(url, 'poison', { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } });
  for (let times = 0; times < 2; times++) expect(await world.bodies(url, { VisibilityTimeout: 0 })).toEqual(['poison']);
  expect(await world.receive(url)).toEqual([]);
  const [letter] = await world.receive(dead, { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
  expect(letter).toMatchObject({ MessageId: id, Body: 'poison', MessageAttributes: { a: { StringValue: 'b' } } });
  // moto does not say where a letter comes from.
  if (peer === undefined) {
    const { QueueArn } = (await attributesOf(url, 'QueueArn'))!;
    expect(letter?.Attributes).toMatchObject({ DeadLetterQueueSourceArn: QueueArn, ApproximateReceiveCount: '1' });
  }
  const { queueUrls } = await world.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
  expect(queueUrls).toEqual([url]);
});

// Not the peer’s: it has no redrive allow policy.
test.runIf(alone)('a queue chooses whose dead letters it takes', async () => {
  const dead = await world.queue({ RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
  const { QueueArn: deadLetterTargetArn } = (await attributesOf(dead, 'QueueArn'))!;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
  await expect(world.queue({ RedrivePolicy })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  const url = await world.queue();
  const { QueueArn } = (await attributesOf(url, 'QueueArn'))!;
  const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [QueueArn] });
  await world.client.send(new SetQueueAttributesCommand({ QueueUrl: dead, Attributes: { RedriveAllowPolicy } }));
  await world.client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }));
});

test('a purge leaves nothing', async () => {
  const url = await world.queue();
  for (const body of ['a', 'b', 'c']) await world.send(url, body);
  await world.receive(url);
  await world.client.send(new PurgeQueueCommand({ QueueUrl: url }));
  expect(await counts(url)).toEqual([0, 0, 0]);
  expect(await world.receive(url)).toEqual([]);
  // moto purges as often as it is asked to.
  if (peer !== undefined) return;
  await expect(world.client.send(new PurgeQueueCommand({ QueueUrl: url }))).rejects.toMatchObject({
    name: 'PurgeQueueInProgress',
  });
});

test('tags are set, listed and taken away', async () => {
  const url = await world.queue();
  await world.client.send(new TagQueueCommand({ QueueUrl: url, Tags: { Team: 'a', Stage: 'dev' } }));
  await world.client.send(new UntagQueueCommand({ QueueUrl: url, TagKeys: ['Stage'] }));
  expect((await world.client.send(new ListQueueTagsCommand({ QueueUrl: url }))).Tags).toEqual({ Team: 'a' });
});

// Not the peer’s: moto has no pages of queues.
test.runIf(alone)('queues are listed by pages and by the beginning of their names', async () => {
  for (const name of ['page-a', 'page-b', 'page-c']) await world.queue({}, name);
  const first = await world.client.send(new ListQueuesCommand({ QueueNamePrefix: 'page-', MaxResults: 2 }));
  expect(first.QueueUrls).toHaveLength(2);
  const { NextToken } = first;
  const rest = await world.client.send(new ListQueuesCommand({ QueueNamePrefix: 'page-', MaxResults: 2, NextToken }));
  expect([...first.QueueUrls!, ...rest.QueueUrls!].map((url) => url.split('/').at(-1))).toEqual([
    'page-a',
    'page-b',
    'page-c',
  ]);
  expect(rest.NextToken).toBeUndefined();
});

test('a deleted queue is gone with its messages, and its name is free', async () => {
  const url = await world.queue({}, 'short-lived');
  await world.send(url, 'gone');
  await world.client.send(new DeleteQueueCommand({ QueueUrl: url }));
  await expect(world.send(url, 'late')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  expect(await world.receive(await world.queue({}, 'short-lived'))).toEqual([]);
});
