// SQS beside moto_server: the same bytes sent by the same client, one kind of call after the other.
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

import { CALLS, WARM_UP } from './measure.ts';
import { startMoto, startPlinth, type Subject } from './peers.ts';
import { recorder } from './replay.ts';
import { sideBySide, type Workload } from './side-by-side.ts';

const BATCH = 10;

/** moto_server looks at every message of a queue, so queues are kept short. */
const MESSAGES_IN_A_QUEUE = 100;

export async function benchQueues(): Promise<void> {
  const subjects = [await startPlinth(), await startMoto()].filter((subject) => subject !== undefined);
  await sideBySide('queues', subjects, workloads);
}

async function workloads({ endpoint, credentials }: Subject): Promise<Workload[]> {
  const configuration = { endpoint, region: 'us-east-1', credentials };
  const client = new SQSClient(configuration);
  const { handler, record } = recorder();
  const recording = new SQSClient({ ...configuration, requestHandler: handler, maxAttempts: 1 });
  const MessageBody = 'x'.repeat(1_024);
  const create = async (QueueName: string) => (await client.send(new CreateQueueCommand({ QueueName }))).QueueUrl;
  const [sent, received] = [await create('sent'), await create('received')];
  // Each receive gets this one, which is never hidden.
  await client.send(new SendMessageCommand({ QueueUrl: received, MessageBody }));
  const deletions: (() => Promise<void>)[] = [];
  for (let queue = 0; deletions.length < CALLS + WARM_UP; queue++) {
    const QueueUrl = await create(`deleted-${queue}`);
    const Entries = Array.from({ length: BATCH }, (_, index) => ({ Id: `${index}`, MessageBody }));
    for (let sent = 0; sent < MESSAGES_IN_A_QUEUE; sent += BATCH) {
      await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH }));
      for (const { ReceiptHandle } of Messages) {
        deletions.push(await record(() => recording.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))));
      }
    }
  }
  let next = 0;
  const receive = new ReceiveMessageCommand({ QueueUrl: received, VisibilityTimeout: 0 });
  return [
    ['Send 1 KB', await record(() => recording.send(new SendMessageCommand({ QueueUrl: sent, MessageBody })))],
    ['Receive 1 KB', await record(() => recording.send(receive))],
    ['Delete', async () => deletions[next++]?.()],
  ];
}
