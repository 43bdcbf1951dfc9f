// Very many messages in flight: where AWS stops, and that a receive does not slow down on the way there.
import type { ReceiveMessageCommandOutput } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { rootPrincipal } from '../../kernel/identity/principal.ts';
import { startSqs, type TestSqs } from './test-sqs.ts';

const LIMIT = 120_000;
const BATCH = 10;

let world: TestSqs;

beforeAll(async () => {
  world = await startSqs();
});
afterAll(() => world.stop());

// Inside the cloud, where calls are as they are from outside but for the wire.
function call<Output>(operation: string, input: object): Promise<Output> {
  const as = { principal: rootPrincipal('000000000000'), region: 'us-east-1' };
  return world.cloud.kernel.invoke<object, Output>('sqs', operation, input, as);
}

async function fill(QueueUrl: string): Promise<void> {
  for (let sent = 0; sent <= LIMIT; sent += BATCH) {
    const Entries = Array.from({ length: BATCH }, (_, index) => ({
      Id: `${index}`,
      MessageBody: `${sent + index}`,
    }));
    await call('SendMessageBatch', { QueueUrl, Entries });
  }
}

/** Receives up to the limit; the answer is how much longer the last thousand calls took than the first. */
async function take(QueueUrl: string): Promise<number> {
  const times: number[] = [];
  for (let received = 0; received < LIMIT; received += BATCH) {
    const begun = performance.now();
    const { Messages } = await call<ReceiveMessageCommandOutput>('ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: BATCH,
      VisibilityTimeout: 43_200,
    });
    times.push(performance.now() - begun);
    if (Messages?.length !== BATCH) throw new Error(`${received} messages are in flight, and no more came`);
  }
  const median = (some: number[]) => some.toSorted((left, right) => left - right)[some.length >> 1]!;
  return median(times.slice(-1_000)) / median(times.slice(0, 1_000));
}

test(
  'a standard queue has 120,000 messages in flight, and says so to who polls briefly',
  { timeout: 120_000 },
  async () => {
    const url = await world.queue();
    await fill(url);
    expect(await take(url)).toBeLessThan(10);
    await expect(world.receive(url)).rejects.toMatchObject({ name: 'OverLimit' });
    const poll = world.receive(url, { WaitTimeSeconds: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.cloud.clock.advance(1_000);
    expect(await poll).toEqual([]);
  },
);
