// What queues tell CloudWatch, and only while somebody listens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DeleteMessageCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
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

test('a queue in use says each minute how it stands, and stops six hours after its last use if it is empty', async () => {
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
  expect(valuesOf(url, 'ApproximateNumberOfMessagesVisible').at(-1)).toBe(4);
  const before = valuesOf(url, 'ApproximateNumberOfMessagesVisible').length;
  expect(before).toBe(2 + 24 * 60);
  await world.client.send(new PurgeQueueCommand({ QueueUrl: url }));
  await world.send(url, 'the last one');
  const [message] = await world.receive(url);
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle }));
  await world.cloud.clock.advance(24 * HOUR);
  expect(valuesOf(url, 'ApproximateNumberOfMessagesVisible')).toHaveLength(before + 360);
});

test('dead letters are seen though nobody ever called their queue', async () => {
  const letters = await world.queue();
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${letters.split('/').at(-1)}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  const url = await world.queue({ RedrivePolicy, VisibilityTimeout: '30' });
  await world.send(url, 'nobody can take this');
  await world.receive(url);
  await world.cloud.clock.advance(MINUTE);
  expect(await world.receive(url)).toEqual([]);
  await world.cloud.clock.advance(12 * HOUR);
  expect(valuesOf(letters, 'ApproximateNumberOfMessagesVisible')).toEqual(Array.from({ length: 12 * 60 }, () => 1));
});

test('what a former process left is seen again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-sqs-'));
  const before = await startSqs({ folder });
  await before.send(await before.queue({}, 'left'), 'still here');
  await before.stop();
  const after = await startSqs({ folder });
  const seen: Measurement[] = [];
  after.cloud.kernel.measurements.subscribe((one) => seen.push(one));
  await after.cloud.clock.advance(2 * MINUTE);
  const visible = seen.filter(({ name }) => name === 'ApproximateNumberOfMessagesVisible');
  expect(visible.map(({ value }) => value)).toEqual([1, 1]);
  await after.stop();
  rmSync(folder, { recursive: true });
});

test('nothing is counted for nobody', async () => {
  stop();
  const url = await world.queue();
  await world.send(url, 'unheard');
  await world.cloud.clock.advance(5 * MINUTE);
  expect(ofQueue(url)).toEqual([]);
});
