// Visibility, delays, retention and long polls: what becomes of messages in time, which is moved and not waited for.
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { countsOf, startSqs, type TestSqs } from './test-sqs.ts';

/** Long enough for a request to have reached the cloud. */
const ARRIVAL_MILLISECONDS = 50;
const arrival = () => new Promise((resolve) => setTimeout(resolve, ARRIVAL_MILLISECONDS));

let world: TestSqs;

beforeAll(async () => {
  world = await startSqs();
});
afterAll(() => world.stop());

test('a message is seen again once its visibility timeout is over', async () => {
  const { clock } = world.cloud;
  const url = await world.queue({ VisibilityTimeout: '10' });
  await world.send(url, 'again');
  const [first] = await world.receive(url);
  await clock.advance(9_000);
  expect(await world.receive(url)).toEqual([]);
  await clock.advance(1_001);
  const [second] = await world.receive(url);
  expect(second?.MessageId).toBe(first?.MessageId);
  expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  // An older handle is accepted, and does nothing.
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first!.ReceiptHandle }));
  expect(await countsOf(world, url)).toEqual([0, 1, 0]);
  await world.client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: second!.ReceiptHandle, VisibilityTimeout: 60 }),
  );
  await clock.advance(59_000);
  expect(await world.receive(url)).toEqual([]);
  await clock.advance(1_001);
  const [third] = await world.receive(url);
  await world.client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: third!.ReceiptHandle, VisibilityTimeout: 0 }),
  );
  await expect(
    world.client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: third!.ReceiptHandle, VisibilityTimeout: 1 }),
    ),
  ).rejects.toMatchObject({ name: 'MessageNotInflight' });
  // A handle whose time is over still deletes, as long as nobody has a newer one.
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: third!.ReceiptHandle }));
  expect(await countsOf(world, url)).toEqual([0, 0, 0]);
});

test('nobody hides a message for more than twelve hours', async () => {
  const url = await world.queue();
  await world.send(url, 'long');
  const [message] = await world.receive(url, { VisibilityTimeout: 43_200 });
  await world.cloud.clock.advance(1_000);
  const change = (VisibilityTimeout: number) =>
    world.client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle, VisibilityTimeout }),
    );
  await expect(change(43_200)).rejects.toThrow('beyond the limit [43200 seconds]');
  await expect(change(43_201)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  await change(43_000);
});

test('messages are delayed as the queue says, or as they say themselves', async () => {
  const { clock } = world.cloud;
  const url = await world.queue({ DelaySeconds: '5' });
  await world.send(url, 'usual');
  await world.send(url, 'own', { DelaySeconds: 900 });
  await world.send(url, 'none', { DelaySeconds: 0 });
  expect(await countsOf(world, url)).toEqual([1, 0, 2]);
  expect(await world.bodies(url)).toEqual(['none']);
  await clock.advance(5_001);
  expect(await world.bodies(url)).toEqual(['usual']);
  await clock.advance(895_000);
  expect(await world.bodies(url, { MaxNumberOfMessages: 10 })).toContain('own');
});

test('a message that nobody deletes is gone after the retention period', async () => {
  const url = await world.queue({ MessageRetentionPeriod: '60' });
  await world.send(url, 'old');
  await world.cloud.clock.advance(30_000);
  await world.send(url, 'young');
  await world.receive(url, { VisibilityTimeout: 1_000 });
  await world.cloud.clock.advance(30_001);
  expect(await countsOf(world, url)).toEqual([1, 0, 0]);
  expect(await world.bodies(url)).toEqual(['young']);
});

test('a long poll ends with its time, and with a message that is seen again', async () => {
  const { clock } = world.cloud;
  const url = await world.queue({ ReceiveMessageWaitTimeSeconds: '20' });
  const empty = world.receive(url);
  await arrival();
  await clock.advance(20_000);
  expect(await empty).toEqual([]);
  await world.send(url, 'back', { DelaySeconds: 10 });
  const poll = world.bodies(url);
  await arrival();
  await clock.advance(10_000);
  expect(await poll).toEqual(['back']);
});

test('who hangs up while waiting gets no message', async () => {
  const url = await world.queue();
  const controller = new AbortController();
  const poll = world.client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), {
    abortSignal: controller.signal,
  });
  await arrival();
  controller.abort();
  await expect(poll).rejects.toMatchObject({ name: 'AbortError' });
  await arrival();
  await world.send(url, 'kept');
  expect(await countsOf(world, url)).toEqual([1, 0, 0]);
});
