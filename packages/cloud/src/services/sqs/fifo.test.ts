// FIFO queues through the SDK: order within groups, deduplication for five minutes, and a small model that knows no more
// than the rules. The same tests run against a peer; see sqs.test.ts.
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { countsOf, peer, startSqs, type TestSqs } from './test-sqs.ts';

/** No peer is asked. */
const alone = peer === undefined;

const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
const ALL = { MaxNumberOfMessages: 10 };

let world: TestSqs;

beforeAll(async () => {
  world = await startSqs();
});
afterAll(() => world.stop());

const sendTo =
  (group: string, ...bodies: string[]) =>
  async (url: string) => {
    for (const body of bodies) await world.send(url, body, { MessageGroupId: group });
  };

test('a group’s messages are received in order, and none while one of them is in flight', async () => {
  const url = await world.queue(FIFO);
  await sendTo('a', 'a1', 'a2')(url);
  await sendTo('b', 'b1')(url);
  const [first] = await world.receive(url);
  expect(first?.Body).toBe('a1');
  expect(await world.bodies(url, ALL)).toEqual(['b1']);
  expect(await world.bodies(url, ALL)).toEqual([]);
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first!.ReceiptHandle }));
  expect(await world.bodies(url, ALL)).toEqual(['a2']);
});

test('one receive may have several messages of a group, in order', async () => {
  const url = await world.queue(FIFO);
  const bodies = Array.from({ length: 12 }, (_, index) => `m${index}`);
  await sendTo('a', ...bodies)(url);
  const received = await world.receive(url, { ...ALL, MessageSystemAttributeNames: ['All'] });
  expect(received.map(({ Body }) => Body)).toEqual(bodies.slice(0, 10));
  // moto tells these attributes only to those who ask for them by the older name.
  if (peer !== undefined) return;
  const numbers = received.map(({ Attributes }) => BigInt(Attributes!['SequenceNumber']!));
  expect(numbers.every((number, index) => index === 0 || number > numbers[index - 1]!)).toBe(true);
  expect(received[0]?.Attributes).toMatchObject({ MessageGroupId: 'a', MessageDeduplicationId: expect.any(String) });
});

// Not the peer’s: moto answers a repetition with an id of its own.
test.runIf(alone)('what was sent within five minutes is not sent again', async () => {
  const url = await world.queue({ FifoQueue: 'true' });
  const send = (MessageDeduplicationId: string, MessageGroupId = 'a') =>
    world.client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageGroupId, MessageDeduplicationId }),
    );
  const first = await send('one');
  const again = await send('one', 'b');
  expect(again).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
  const [message] = await world.receive(url, ALL);
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle }));
  // Also after it was deleted.
  await send('one');
  expect(await countsOf(world, url)).toEqual([0, 0, 0]);
  await world.cloud.clock.advance(300_001);
  await send('one');
  expect(await countsOf(world, url)).toEqual([1, 0, 0]);
});

test('bodies deduplicate where the queue says so, and a batch’s entries among themselves', async () => {
  const url = await world.queue(FIFO);
  const Entries = ['same', 'same', 'other'].map((MessageBody, index) => ({
    Id: `${index}`,
    MessageBody,
    MessageGroupId: 'a',
  }));
  const { Successful } = await world.client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  expect(Successful).toHaveLength(3);
  expect(await world.bodies(url, ALL)).toEqual(['same', 'other']);
});

// Not the peer’s: moto has one scope.
test.runIf(alone)('groups may have deduplication ids of their own', async () => {
  const url = await world.queue({ FifoQueue: 'true', DeduplicationScope: 'messageGroup' });
  for (const MessageGroupId of ['a', 'b', 'a']) {
    await world.send(url, MessageGroupId, { MessageGroupId, MessageDeduplicationId: 'one' });
  }
  expect(await world.bodies(url, ALL)).toEqual(['a', 'b']);
});

// Not the peer’s: moto’s handles do not expire, and it asks for less.
test.runIf(alone)('a handle is worth nothing once the message is seen again', async () => {
  const url = await world.queue(FIFO);
  await sendTo('a', 'one')(url);
  const [message] = await world.receive(url, { VisibilityTimeout: 5 });
  await world.cloud.clock.advance(5_001);
  const late = world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle }));
  await expect(late).rejects.toThrow('The receipt handle has expired');
});

// Not the peer’s: it says other codes.
test.runIf(alone).for([
  ['MissingParameter', {}, FIFO],
  ['InvalidParameterValue', { MessageGroupId: 'a' }, { FifoQueue: 'true' }],
  ['InvalidParameterValue', { MessageGroupId: 'a', DelaySeconds: 1 }, FIFO],
  ['InvalidParameterValue', { MessageGroupId: 'a b' }, FIFO],
] as const)('a message that a FIFO queue cannot order is refused: %s for %j', async ([Code, input, attributes]) => {
  const url = await world.queue(attributes);
  await expect(world.send(url, 'x', input)).rejects.toMatchObject({ Code });
});

// Not the peer’s: the clock.
test.runIf(alone)('the queue’s delay holds also for what waits already', async () => {
  const url = await world.queue({ ...FIFO, DelaySeconds: '900' });
  await sendTo('a', 'one')(url);
  expect(await countsOf(world, url)).toEqual([0, 0, 1]);
  await world.client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '10' } }));
  await world.cloud.clock.advance(10_001);
  expect(await world.bodies(url)).toEqual(['one']);
});

// Not the peer’s: the clock.
test.runIf(alone)('a receive that went astray is repeated under its attempt id', async () => {
  const url = await world.queue(FIFO);
  await sendTo('a', 'one', 'two')(url);
  const input = { ...ALL, ReceiveRequestAttemptId: 'attempt' };
  const first = await world.receive(url, input);
  expect(await world.receive(url, input)).toEqual(first);
  expect(await world.receive(url, { ...ALL, ReceiveRequestAttemptId: 'another' })).toEqual([]);
  await world.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first[0]!.ReceiptHandle }));
  expect(await world.receive(url, input)).toEqual([]);
});

test('a poisoned message goes to a FIFO queue of dead letters, and frees its group', async () => {
  const dead = await world.queue(FIFO);
  const name = dead.split('/').at(-1);
  const [, account] = /\/(\d{12})\//.exec(dead)!;
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:${account}:${name}`;
  const url = await world.queue({
    ...FIFO,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }),
  });
  await sendTo('a', 'poison', 'good')(url);
  expect(await world.bodies(url, { VisibilityTimeout: 0 })).toEqual(['poison']);
  expect(await world.bodies(url)).toEqual(['good']);
  expect(await world.bodies(dead)).toEqual(['poison']);
});

// Not the peer’s: moto takes both.
test.runIf(alone)('a queue and its dead-letter queue are of one kind', async () => {
  const dead = await world.queue();
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${dead.split('/').at(-1)}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  await expect(world.queue({ ...FIFO, RedrivePolicy })).rejects.toThrow('same type of queue');
});

/** What a step does: to a group, to one of the messages in flight, or to time. */
type Step =
  | { readonly kind: 'send'; readonly group: string }
  | { readonly kind: 'receive'; readonly most: number }
  | { readonly kind: 'delete' | 'show'; readonly which: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), group: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('receive' as const), most: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'show' as const), which: fc.nat({ max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 20 }) }) },
);

const VISIBILITY_SECONDS = 10;

interface Known {
  readonly body: string;
  readonly group: string;
  /** When it is seen again; undefined while it is seen. */
  until?: number | undefined;
  handle?: string | undefined;
}

// Not the peer’s: the clock.
test.runIf(alone)('whatever happens, each group keeps its order and its lock', { timeout: 120_000 }, async () => {
  const { clock } = world.cloud;
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 30 }), async (steps) => {
      const url = await world.queue({ ...FIFO, VisibilityTimeout: `${VISIBILITY_SECONDS}` });
      let known: Known[] = [];
      let now = 0;
      let sent = 0;
      const flying = () => known.filter(({ until }) => until !== undefined);
      for (const step of steps) {
        if (step.kind === 'send') {
          const body = `${step.group}${sent++}`;
          await world.send(url, body, { MessageGroupId: step.group });
          known.push({ body, group: step.group });
        } else if (step.kind === 'wait') {
          // A tick more than asked for: the machine's own time goes on as well.
          await clock.advance(step.seconds * 1_000);
          now += step.seconds;
          for (const message of flying()) if (message.until! <= now) message.until = undefined;
        } else if (step.kind === 'receive') {
          const locked = new Set(flying().map(({ group }) => group));
          const free = known.filter(({ group }) => !locked.has(group));
          const received = await world.receive(url, { MaxNumberOfMessages: step.most });
          expect(received).toHaveLength(Math.min(step.most, free.length));
          for (const { Body, ReceiptHandle } of received) {
            // Of its group, it is the first that was not received yet.
            const next = free.find(({ group, until }) => until === undefined && group === Body![0]);
            expect(next?.body).toBe(Body);
            next!.until = now + VISIBILITY_SECONDS;
            next!.handle = ReceiptHandle;
          }
        } else {
          const some = flying();
          const message = some[step.which % Math.max(some.length, 1)];
          if (!message) continue;
          const of = { QueueUrl: url, ReceiptHandle: message.handle };
          if (step.kind === 'delete') {
            await world.client.send(new DeleteMessageCommand(of));
            known = known.filter((one) => one !== message);
          } else {
            await world.client.send(new ChangeMessageVisibilityCommand({ ...of, VisibilityTimeout: 0 }));
            message.until = undefined;
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});
