// What queues tell CloudWatch, and only while somebody listens.
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Measurement } from '../../kernel/feed.ts';
import { startSqs, type TestSqs } from './test-sqs.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: TestSqs;
let stop: () => void;
const measured: Measurement[] = [];

beforeAll(async () => {
  world = await startSqs();
  stop = world.cloud.kernel.measurements.subscribe((one) => measured.push(one));
});
afterAll(async () => {
  stop();
  await world.stop();
});

const ofQueue = (url: string) => {
  const name = url.split('/').at(-1);
  return measured.filter(({ dimensions }) => dimensions['QueueName'] === name);
};

const valuesOf = (url: string, name: string) =>
  ofQueue(url)
    .filter((one) => one.name === name)
    .map(({ value }) => value);

test('calls are counted under AWS’s names', async () => {
  const url = await world.queue();
  await world.send(url, 'hello');
  const [message] = await world.receive(url);
  await world.receive(url);
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle }));
  expect(ofQueue(url).map(({ namespace, name, value, unit }) => [namespace, name, value, unit])).toEqual([
    ['AWS/SQS', 'NumberOfMessagesSent', 1, 'Count'],
    ['AWS/SQS', 'SentMessageSize', 5, 'Bytes'],
    ['AWS/SQS', 'NumberOfMessagesReceived', 1, 'Count'],
    ['AWS/SQS', 'NumberOfEmptyReceives', 1, 'Count'],
    ['AWS/SQS', 'NumberOfMessagesDeleted', 1, 'Count'],
  ]);
});

test('a queue in use says each minute how it stands, and stops six hours after its last use', async () => {
  const url = await world.queue({ VisibilityTimeout: '43200' });
  for (const body of ['one', 'two', 'three']) await world.send(url, body);
  await world.receive(url);
  await world.send(url, 'later', { DelaySeconds: 900 });
  await world.cloud.clock.advance(2 * MINUTE);
  expect(valuesOf(url, 'ApproximateNumberOfMessagesVisible')).toEqual([2, 2]);
  expect(valuesOf(url, 'ApproximateNumberOfMessagesNotVisible')).toEqual([1, 1]);
  expect(valuesOf(url, 'ApproximateNumberOfMessagesDelayed')).toEqual([1, 1]);
  const ages = valuesOf(url, 'ApproximateAgeOfOldestMessage');
  expect(ages[1]! - ages[0]!).toBe(60);
  await world.cloud.clock.advance(24 * HOUR);
  expect(valuesOf(url, 'ApproximateNumberOfMessagesVisible')).toHaveLength(360);
});

test('nothing is counted for nobody', async () => {
  stop();
  const url = await world.queue();
  await world.send(url, 'unheard');
  await world.cloud.clock.advance(5 * MINUTE);
  expect(ofQueue(url)).toEqual([]);
});
