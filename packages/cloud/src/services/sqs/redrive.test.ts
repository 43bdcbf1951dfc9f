// Dead letters on their way back, at any pace, and what a queue keeps through a restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CancelMessageMoveTaskCommand,
  DeleteMessageCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { countsOf, startSqs, type TestSqs } from './test-sqs.ts';

let world: TestSqs;

beforeAll(async () => {
  world = await startSqs();
});
afterAll(() => world.stop());

const arnOf = (url: string) => `arn:aws:sqs:us-east-1:000000000000:${url.split('/').at(-1)}`;

const ALL = { MaxNumberOfMessages: 10 };

/** A queue with a dead-letter queue that has this many letters of it. */
async function withLetters(letters: number): Promise<{ url: string; dead: string }> {
  const dead = await world.queue();
  const url = await world.queue({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 1 }),
  });
  for (let index = 0; index < letters; index++) await world.send(url, `letter ${index}`);
  while ((await world.receive(url, { ...ALL, VisibilityTimeout: 0 })).length > 0);
  expect(await countsOf(world, dead)).toEqual([letters, 0, 0]);
  return { url, dead };
}

const tasksOf = async (url: string) =>
  (await world.client.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf(url), MaxResults: 10 }))).Results;

/** Tasks run beside the requests. */
const finished = (url: string) => expect.poll(async () => (await tasksOf(url))?.[0]?.Status).toBe('COMPLETED');

test('a redrive takes dead letters back to where they came from, as new messages', async () => {
  const { url, dead } = await withLetters(12);
  await world.client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(dead) }));
  await finished(dead);
  expect(await countsOf(world, url)).toEqual([12, 0, 0]);
  expect(await tasksOf(dead)).toMatchObject([
    { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 12, ApproximateNumberOfMessagesToMove: 12 },
  ]);
  const [message] = await world.receive(url, { MessageSystemAttributeNames: ['All'] });
  expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
  expect(message?.Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
});

test('a redrive goes elsewhere, at its own pace, and can be stopped', async () => {
  const { dead } = await withLetters(6);
  const other = await world.queue();
  const start = { SourceArn: arnOf(dead), DestinationArn: arnOf(other), MaxNumberOfMessagesPerSecond: 2 };
  const { TaskHandle } = await world.client.send(new StartMessageMoveTaskCommand(start));
  await expect(world.client.send(new StartMessageMoveTaskCommand(start))).rejects.toMatchObject({
    name: 'UnsupportedOperation',
  });
  await expect.poll(() => countsOf(world, other)).toEqual([2, 0, 0]);
  await world.cloud.clock.advance(1_000);
  const { ApproximateNumberOfMessagesMoved } = await world.client.send(
    new CancelMessageMoveTaskCommand({ TaskHandle }),
  );
  expect(ApproximateNumberOfMessagesMoved).toBe(4);
  await world.cloud.clock.advance(10_000);
  expect(await countsOf(world, other)).toEqual([4, 0, 0]);
  expect(await tasksOf(dead)).toMatchObject([{ Status: 'CANCELLED', DestinationArn: arnOf(other) }]);
  await expect(world.client.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('only a dead-letter queue is redriven, and only what came from somewhere', async () => {
  const { dead } = await withLetters(1);
  await expect(
    world.client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(await world.queue()) })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await world.receive(dead);
  await world.send(dead, 'sent by hand');
  await world.client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(dead) }));
  await expect
    .poll(() => tasksOf(dead))
    .toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
});

test('a cloud that was stopped goes on where it was: messages, receipts, delays, deduplication', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-sqs-'));
  const before = await startSqs({ folder });
  const url = await before.queue({}, 'kept');
  const ordered = await before.queue({ FifoQueue: 'true' }, 'kept-in-order');
  await before.send(url, 'in flight');
  const [flying] = await before.receive(url);
  await before.send(url, 'delayed', { DelaySeconds: 100 });
  await before.send(url, 'visible');
  const MessageGroupId = 'a';
  for (const id of ['1', '2']) await before.send(ordered, id, { MessageGroupId, MessageDeduplicationId: id });
  await before.receive(ordered);
  await before.stop();

  const after = await startSqs({ folder });
  const there = (old: string) => after.cloud.endpoint + new URL(old).pathname;
  expect(await countsOf(after, there(url))).toEqual([1, 1, 1]);
  await after.send(there(ordered), '1', { MessageGroupId, MessageDeduplicationId: '1' });
  expect(await countsOf(after, there(ordered))).toEqual([1, 1, 0]);
  expect(await after.receive(there(ordered))).toEqual([]);
  await after.client.send(new DeleteMessageCommand({ QueueUrl: there(url), ReceiptHandle: flying!.ReceiptHandle }));
  expect(await countsOf(after, there(url))).toEqual([1, 0, 1]);
  await after.cloud.clock.advance(30_000);
  expect(await after.bodies(there(ordered), { MaxNumberOfMessages: 10 })).toEqual(['1', '2']);
  await after.cloud.clock.advance(70_000);
  expect(await countsOf(after, there(url))).toEqual([2, 0, 0]);
  await after.stop();
  rmSync(folder, { recursive: true });
});
