// Archives and replays through the SDK: what came by a bus comes by again, in order, marked, and once.
import * as Events from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { document } from '../iam/test-identity.ts';
import { sqs } from '../sqs/index.ts';
import { events } from './index.ts';

const DAY = 86_400_000;
const arn = (resource: string) => `arn:aws:events:us-east-1:000000000000:${resource}`;
const BUS = arn('event-bus/default');

let cloud: Cloud;
let client: Events.EventBridgeClient;
let queues: SQSClient;
const urls: Record<string, string> = {};

interface Received {
  readonly detail: { readonly n: number };
  readonly 'replay-name'?: string;
  readonly id: string;
}

beforeAll(async () => {
  cloud = await startCloud({ services: [iam, sqs, events] });
  const { endpoint, credentials } = cloud;
  const configuration = { endpoint, credentials, region: 'us-east-1', maxAttempts: 1 };
  client = new Events.EventBridgeClient(configuration);
  queues = new SQSClient(configuration);
  for (const name of ['first', 'second']) {
    const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: name }));
    urls[name] = QueueUrl!;
    const queue = `arn:aws:sqs:us-east-1:000000000000:${name}`;
    const Policy = document({
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue,
    });
    await queues.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const EventPattern = JSON.stringify({ source: ['shop'] });
    await client.send(new Events.PutRuleCommand({ Name: name, EventPattern }));
    await client.send(new Events.PutTargetsCommand({ Rule: name, Targets: [{ Id: 'q', Arn: queue }] }));
  }
});
afterAll(() => cloud.stop());

/** An event for each number, a minute apart. */
async function put(...numbers: readonly number[]): Promise<void> {
  for (const n of numbers) {
    await client.send(
      new Events.PutEventsCommand({
        Entries: [
          {
            Source: 'shop',
            DetailType: n % 2 === 0 ? 'even' : 'odd',
            Detail: JSON.stringify({ n }),
            Time: new Date(cloud.clock.now()),
          },
        ],
      }),
    );
    await cloud.clock.advance(60_000);
  }
}

async function received(queue: string): Promise<Received[]> {
  const found: Received[] = [];
  for (;;) {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({ QueueUrl: urls[queue], MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
    );
    if (Messages.length === 0) return found.toSorted((a, b) => a.detail.n - b.detail.n);
    found.push(...Messages.map(({ Body }) => JSON.parse(Body!) as Received));
  }
}

const describe = async (ArchiveName: string) => client.send(new Events.DescribeArchiveCommand({ ArchiveName }));

async function replayed(ReplayName: string, input: Partial<Events.StartReplayCommandInput>) {
  await client.send(
    new Events.StartReplayCommand({
      ReplayName,
      EventSourceArn: arn('archive/all'),
      EventStartTime: new Date(0),
      EventEndTime: new Date(cloud.clock.now()),
      Destination: { Arn: BUS },
      ...input,
    }),
  );
  for (;;) {
    const replay = await client.send(new Events.DescribeReplayCommand({ ReplayName }));
    if (replay.State === 'COMPLETED') {
      // What was sent reaches its targets a moment later.
      await cloud.clock.advance(1_000);
      return replay;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('an archive keeps what came by its bus and its pattern wants, and a replay sends it again', async () => {
  await client.send(new Events.CreateArchiveCommand({ ArchiveName: 'all', EventSourceArn: BUS }));
  const EventPattern = JSON.stringify({ 'detail-type': ['even'] });
  const even = { ArchiveName: 'even', EventSourceArn: BUS, EventPattern, RetentionDays: 3 };
  await client.send(new Events.CreateArchiveCommand(even));
  const start = cloud.clock.now();
  await put(1, 2, 3, 4);
  expect(await describe('all')).toMatchObject({
    EventCount: 4,
    State: 'ENABLED',
    RetentionDays: 0,
    EventSourceArn: BUS,
  });
  expect(await describe('even')).toMatchObject({ EventCount: 2, EventPattern });
  const before = await received('first');
  await received('second');
  const replay = await replayed('whole', {});
  expect(replay).toMatchObject({
    State: 'COMPLETED',
    Destination: { Arn: BUS },
    ReplayEndTime: expect.any(Date) as Date,
  });
  const again = await received('first');
  expect(again.map(({ detail, id, 'replay-name': name }) => [detail.n, id, name])).toEqual(
    before.map(({ detail, id }) => [detail.n, id, 'whole']),
  );
  expect(await received('second')).toHaveLength(4);
  // Replayed events are not kept a second time.
  expect(await describe('all')).toMatchObject({ EventCount: 4 });
  await replayed('part', {
    EventStartTime: new Date(start + 60_000 - 1_000),
    EventEndTime: new Date(start + 2 * 60_000 + 1_000),
    Destination: { Arn: BUS, FilterArns: [arn('rule/second')] },
  });
  expect((await received('second')).map(({ detail }) => detail.n)).toEqual([2, 3]);
  expect(await received('first')).toEqual([]);
});

test('an archive forgets what is older than it keeps', async () => {
  await cloud.clock.advance(5 * DAY);
  expect(await describe('even')).toMatchObject({ EventCount: 0 });
  expect(await describe('all')).toMatchObject({ EventCount: 4 });
  await client.send(new Events.DeleteArchiveCommand({ ArchiveName: 'even' }));
  const { Archives } = await client.send(new Events.ListArchivesCommand({}));
  expect(Archives!.map(({ ArchiveName }) => ArchiveName)).toEqual(['all']);
});

test('what is not there, is there already, is over or makes no sense is refused', async () => {
  const replay = (input: Partial<Events.StartReplayCommandInput>) => replayed('wrong', input);
  await expect(describe('gone')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const again = new Events.CreateArchiveCommand({ ArchiveName: 'all', EventSourceArn: BUS });
  await expect(client.send(again)).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  const wrong = new Events.UpdateArchiveCommand({ ArchiveName: 'all', EventPattern: '{"a": 1}' });
  await expect(client.send(wrong)).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
  await expect(replay({ Destination: { Arn: arn('event-bus/other') } })).rejects.toMatchObject({
    message: expect.stringContaining('Cross event bus replay is not permitted') as string,
  });
  await expect(replay({ EventEndTime: new Date(0) })).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(replay({ EventSourceArn: arn('archive/gone') })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  const over = new Events.CancelReplayCommand({ ReplayName: 'whole' });
  await expect(client.send(over)).rejects.toMatchObject({ name: 'IllegalStatusException' });
  await expect(replayed('whole', {})).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
});
