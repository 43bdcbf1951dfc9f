// SQS beside moto_server: the same bytes sent by the same client; messages are sent, received and deleted one by one.
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

import { CALLS, measure, WARM_UP, type Measure } from './measure.ts';
import { startMoto, startPlinth, type Subject } from './peers.ts';
import { recorder } from './replay.ts';
import { compare } from './report.ts';

/** As many as are taken out while one kind of call is measured. */
const MESSAGES = CALLS + WARM_UP;
const BATCH = 10;

export async function benchQueues(): Promise<void> {
  const subjects = [await startPlinth(), await startMoto()].filter((subject) => subject !== undefined);
  const results = new Map<string, Record<string, Measure>>();
  for (const subject of subjects) {
    for (const [name, prepare] of workloads(subject)) {
      // moto_server fails on some calls that come at the same time; what it could not do is not compared.
      const measured = await measure(await prepare()).catch((error: unknown) => {
        if (subject.name === 'plinth') throw error;
        console.log(`${subject.name} failed at ${name}: ${String(error)}`);
        return undefined;
      });
      if (measured) results.set(name, { ...results.get(name), [subject.name]: measured });
    }
    await subject.stop();
  }
  compare('queues', results);
}

type Workload = [name: string, prepare: () => Promise<(index: number) => Promise<unknown>>];

function workloads({ endpoint, credentials }: Subject): Workload[] {
  const configuration = { endpoint, region: 'us-east-1', credentials };
  const client = new SQSClient(configuration);
  const { handler, record } = recorder();
  const recording = new SQSClient({ ...configuration, requestHandler: handler, maxAttempts: 1 });
  const MessageBody = 'x'.repeat(1_024);
  const create = async (QueueName: string, VisibilityTimeout = '600') =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout } }))).QueueUrl;
  const filled = async (name: string) => {
    const QueueUrl = await create(name);
    const Entries = Array.from({ length: BATCH }, (_, index) => ({ Id: `${index}`, MessageBody }));
    for (let sent = 0; sent < MESSAGES; sent += BATCH) {
      await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    }
    return QueueUrl;
  };
  return [
    [
      'Send 1 KB',
      async () => {
        const QueueUrl = await create('send');
        return record(() => recording.send(new SendMessageCommand({ QueueUrl, MessageBody })));
      },
    ],
    [
      'Receive',
      async () => {
        const QueueUrl = await filled('receive');
        return record(() => recording.send(new ReceiveMessageCommand({ QueueUrl })));
      },
    ],
    [
      'Delete',
      async () => {
        const QueueUrl = await filled('delete');
        const deletions: (() => Promise<void>)[] = [];
        while (deletions.length < MESSAGES) {
          const received = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH }));
          for (const { ReceiptHandle } of received.Messages ?? []) {
            deletions.push(await record(() => recording.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))));
          }
        }
        let next = 0;
        return async () => deletions[next++]?.();
      },
    ],
  ];
}
