// What queues and functions get, when, and what becomes of what they do not take.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { AwsError } from '../../kernel/errors.ts';
import { DEAD, FUNCTION, QUEUE, settle, TestSns, until, type Notification } from './test-sns.ts';

const world = new TestSns();

beforeAll(() => world.start());
afterAll(() => world.cloud.stop());
beforeEach(() => world.clear());

test('a queue gets a signed notification, from SNS on behalf of the topic', async () => {
  const TopicArn = await world.topic();
  const SubscriptionArn = await world.subscribe(TopicArn);
  const { MessageId } = await world.publish(TopicArn, 'hello', {
    Subject: 'Greeting',
    MessageAttributes: {
      total: { DataType: 'Number', StringValue: '5' },
      picture: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
    },
  });
  await until(() => world.told.length === 1);
  const { input, call } = world.told[0]!;
  expect(call).toMatchObject({ principal: { name: 'sns.amazonaws.com' }, sourceArn: TopicArn, region: 'us-east-1' });
  expect(input.QueueUrl).toBe(`${world.cloud.endpoint}/000000000000/letters`);
  const message = JSON.parse(input.MessageBody!) as Notification;
  expect(message).toEqual({
    Type: 'Notification',
    MessageId,
    TopicArn,
    Subject: 'Greeting',
    Message: 'hello',
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    SignatureVersion: '1',
    Signature: expect.any(String),
    SigningCertURL: expect.stringMatching(/\/SimpleNotificationService-[0-9a-f]{32}\.pem$/),
    UnsubscribeURL: `${world.cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`,
    MessageAttributes: {
      total: { Type: 'Number', Value: '5' },
      picture: { Type: 'Binary', Value: Buffer.from([1, 2]).toString('base64') },
    },
  });
  expect(Object.keys(message).slice(0, 6)).toEqual([
    'Type',
    'MessageId',
    'TopicArn',
    'Subject',
    'Message',
    'Timestamp',
  ]);
  expect(await world.isGenuine(message)).toBe(true);
  expect(await world.isGenuine({ ...message, Message: 'forged' })).toBe(false);
  await until(() => world.measured.some(({ name }) => name === 'NumberOfNotificationsDelivered'));
  expect(world.measured.map(({ name, value, unit }) => [name, value, unit])).toEqual([
    ['NumberOfMessagesPublished', 1, 'Count'],
    ['PublishSize', 5 + 8 + 5 + 6 + 1 + 7 + 6 + 2, 'Bytes'],
    ['NumberOfNotificationsDelivered', 1, 'Count'],
  ]);
});

test('a topic may sign with SHA-256', async () => {
  const TopicArn = await world.topic({ SignatureVersion: '2' });
  await world.subscribe(TopicArn);
  await world.publish(TopicArn);
  await until(() => world.told.length === 1);
  const message = JSON.parse(world.bodies()[0]!) as Notification;
  expect(message['SignatureVersion']).toBe('2');
  expect(await world.isGenuine(message)).toBe(true);
});

test('raw delivery is the text itself, and its attributes as the queue’s', async () => {
  const TopicArn = await world.topic();
  await world.subscribe(TopicArn, { Attributes: { RawMessageDelivery: 'true' } });
  const total = { DataType: 'Number', StringValue: '5' };
  await world.publish(TopicArn, 'plain', { MessageAttributes: { total }, MessageGroupId: 'tenant' });
  await until(() => world.told.length === 1);
  expect(world.told[0]!.input).toMatchObject({
    MessageBody: 'plain',
    MessageAttributes: { total },
    MessageGroupId: 'tenant',
  });
  expect(world.told[0]!.input.MessageDeduplicationId).toBeUndefined();
});

test('a function gets a record, asynchronously', async () => {
  const TopicArn = await world.topic();
  const EventSubscriptionArn = await world.subscribe(TopicArn, { Protocol: 'lambda', Endpoint: FUNCTION });
  const { MessageId } = await world.publish(TopicArn, JSON.stringify({ default: 'for all', lambda: 'for functions' }), {
    MessageStructure: 'json',
  });
  await until(() => world.told.length === 1);
  const { input, call } = world.told[0]!;
  expect(input.InvocationType).toBe('Event');
  expect(call).toMatchObject({ principal: { name: 'sns.amazonaws.com' }, sourceArn: TopicArn });
  expect(JSON.parse(Buffer.from(input.Payload!).toString())).toEqual({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn,
        Sns: {
          Type: 'Notification',
          MessageId,
          TopicArn,
          Subject: null,
          Message: 'for functions',
          Timestamp: expect.any(String),
          SignatureVersion: '1',
          Signature: expect.any(String),
          SigningCertUrl: expect.stringContaining('.pem'),
          UnsubscribeUrl: expect.stringContaining(EventSubscriptionArn),
          MessageAttributes: {},
        },
      },
    ],
  });
});

const attribute = (DataType: string, StringValue: string) => ({ DataType, StringValue });

// The attributes and policies of https://docs.aws.amazon.com/sns/latest/dg/example-filter-policies.html
const ORDER = {
  store: attribute('String', 'example_corp'),
  event: attribute('String', 'order_placed'),
  customer_interests: attribute('String.Array', '["soccer","rugby","hockey"]'),
  price_usd: attribute('Number', '210.75'),
};

test.each<[boolean, unknown]>([
  [true, { store: ['example_corp'], event: [{ 'anything-but': 'order_cancelled' }] }],
  [true, { customer_interests: ['rugby', 'football', 'baseball'], price_usd: [{ numeric: ['>=', 100] }] }],
  [true, { customer_interests: [{ 'anything-but': ['rugby', 'tennis'] }] }],
  [true, { event: [{ prefix: 'order_' }], encrypted: [{ exists: false }] }],
  [true, { $or: [{ store: ['other'] }, { price_usd: [210.75] }] }],
  [true, { event: [{ wildcard: 'order*ed' }], store: [{ 'equals-ignore-case': 'EXAMPLE_corp' }] }],
  [false, { store: ['example_corp'], event: ['order_cancelled'] }],
  [false, { customer_interests: ['soccer'], encrypted: [{ exists: true }] }],
  [false, { price_usd: ['210.75'] }],
  [false, { $or: [{ store: ['other'] }, { event: [{ suffix: '_lost' }] }] }],
])('by its attributes a message passes: %s, by %j', async (passes, policy) => {
  const TopicArn = await world.topic();
  await world.subscribe(TopicArn, { Attributes: { FilterPolicy: JSON.stringify(policy) } });
  await world.publish(TopicArn, 'order', { MessageAttributes: ORDER });
  if (passes) return until(() => world.told.length === 1);
  await settle();
  expect(world.told).toEqual([]);
  expect(world.measured.map(({ name }) => name)).toEqual([
    'NumberOfNotificationsFilteredOut',
    'NumberOfNotificationsFilteredOut-MessageAttributes',
    'NumberOfMessagesPublished',
    'PublishSize',
  ]);
});

test.each<[string | undefined, string]>([
  [undefined, '{"shop":{"city":"Rome","total":120},"note":null}'],
  [undefined, '{"shop":[{"city":"Oslo","total":7},{"city":"Rome","total":101}],"note":null}'],
  ['MessageBody', '{"shop":[{"city":"Rome","total":7},{"city":"Oslo","total":101}],"note":null}'],
  ['MessageBody', '{"shop":{"city":"Rome","total":120}}'],
  ['InvalidMessageBody', 'Rome'],
])('by its body a message is kept back: %s, of %s', async (why, body) => {
  const FilterPolicy = JSON.stringify({ shop: { city: ['Rome'], total: [{ numeric: ['>', 100] }] }, note: [null] });
  const TopicArn = await world.topic();
  await world.subscribe(TopicArn, { Attributes: { FilterPolicy, FilterPolicyScope: 'MessageBody' } });
  await world.publish(TopicArn, body);
  if (why === undefined) return until(() => world.told.length === 1);
  await settle();
  expect(world.told).toEqual([]);
  expect(world.measured[1]!.name).toBe(`NumberOfNotificationsFilteredOut-${why}`);
});

test('a queue that does not answer is tried at once, then after a while, on the cloud’s clock', async () => {
  const TopicArn = await world.topic();
  await world.subscribe(TopicArn, { Attributes: { RawMessageDelivery: 'true' } });
  world.failure = new AwsError('InternalFailure', 'down', { status: 500 });
  await world.publish(TopicArn);
  await until(() => world.attempts === 4);
  await settle();
  expect(world.attempts).toBe(4);
  await world.cloud.clock.advance(2_500);
  expect(world.attempts).toBe(6);
  await world.cloud.clock.advance(120_000);
  expect(world.attempts).toBeGreaterThan(14);
  world.failure = undefined;
  await world.cloud.clock.advance(21_000);
  expect(world.bodies()).toEqual(['hello']);
});

test('what a queue that is gone cannot get goes to the dead-letter queue at once', async () => {
  const TopicArn = await world.topic();
  await world.subscribe(TopicArn, { Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD }) } });
  world.failure = new AwsError('AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.');
  await world.publish(TopicArn, 'lost');
  await until(() => world.told.length === 1);
  expect(world.attempts).toBe(2);
  expect(world.told[0]!.input.QueueUrl).toMatch(/\/dead$/);
  expect(world.told[0]!.call.sourceArn).toBe(TopicArn);
  expect(JSON.parse(world.bodies()[0]!)).toMatchObject({ Message: 'lost', TopicArn });
  await until(() => world.measured.length === 4);
  expect(world.measured.map(({ name }) => name).slice(2)).toEqual([
    'NumberOfNotificationsFailed',
    'NumberOfNotificationsRedrivenToDlq',
  ]);
});

test('the messages of a group stay in order, and others do not wait for them', async () => {
  const TopicArn = await world.topic({ FifoTopic: 'true', ContentBasedDeduplication: 'true' }, 'orders.fifo');
  await world.subscribe(TopicArn, { Endpoint: `${QUEUE}.fifo`, Attributes: { RawMessageDelivery: 'true' } });
  world.failure = new AwsError('InternalFailure', 'down', { status: 500 });
  const entries = ['a', 'b', 'c'].map((Message) => ({ Id: Message, Message, MessageGroupId: 'one' }));
  await world.client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [...entries] }));
  await until(() => world.attempts === 4);
  world.failure = undefined;
  await world.publish(TopicArn, 'x', { MessageGroupId: 'two' });
  await until(() => world.told.length === 1);
  expect(world.bodies()).toEqual(['x']);
  await world.cloud.clock.advance(1_500);
  expect(world.bodies()).toEqual(['x', 'a', 'b', 'c']);
  expect(world.told[1]!.input).toMatchObject({
    MessageGroupId: 'one',
    MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('what was published reaches its queue after the cloud was stopped in between', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-sns-'));
  world.failure = new AwsError('InternalFailure', 'down', { status: 500 });
  const first = await startCloud({ services: world.services, folder });
  const then = TestSns.clientOf(first);
  const { TopicArn } = await then.send(new CreateTopicCommand({ Name: 'kept' }));
  const raw = { RawMessageDelivery: 'true' };
  await then.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QUEUE, Attributes: raw }));
  await then.send(new PublishCommand({ TopicArn, Message: 'kept' }));
  await first.stop();
  world.failure = undefined;
  const second = await startCloud({ services: world.services, folder });
  await second.clock.advance(1_000);
  await until(() => world.told.length === 1);
  expect(world.bodies()).toEqual(['kept']);
  await second.stop();
  rmSync(folder, { recursive: true });
});
