// A cloud with SQS for tests, or whatever has AWS's API at PLINTH_PEER_ENDPOINT, such as moto_server.
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
  type QueueAttributeName,
  type ReceiveMessageCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';

import { startCloud, type Cloud, type CloudOptions } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { sts } from '../sts/index.ts';
import { sqs } from './index.ts';

export const peer = process.env['PLINTH_PEER_ENDPOINT'];

export interface TestSqs {
  /** The cloud itself; only for tests that a peer does not run. */
  readonly cloud: Cloud;
  readonly client: SQSClient;
  /** Makes a queue of a name that no other test has, and answers its URL. */
  queue(attributes?: Record<string, string>, name?: string): Promise<string>;
  send(QueueUrl: string, MessageBody: string, input?: Partial<SendMessageCommandInput>): Promise<string>;
  receive(QueueUrl: string, input?: Partial<ReceiveMessageCommandInput>): Promise<Message[]>;
  bodies(QueueUrl: string, input?: Partial<ReceiveMessageCommandInput>): Promise<(string | undefined)[]>;
  stop(): Promise<void>;
}

export async function startSqs(options: CloudOptions = {}): Promise<TestSqs> {
  const cloud = peer === undefined ? await startCloud({ services: [sts, iam, sqs], ...options }) : undefined;
  const credentials = cloud?.credentials ?? { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new SQSClient({
    endpoint: cloud?.endpoint ?? peer!,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  const unique = Date.now().toString(36);
  let names = 0;
  const receive: TestSqs['receive'] = async (QueueUrl, input) =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl, ...input }))).Messages ?? [];
  return {
    get cloud() {
      return cloud!;
    },
    client,
    async queue(Attributes = {}, name = `test-${unique}-${++names}`) {
      const QueueName = Attributes['FifoQueue'] ? `${name}.fifo` : name;
      return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
    },
    send: async (QueueUrl, MessageBody, input) =>
      (await client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...input }))).MessageId!,
    receive,
    bodies: async (QueueUrl, input) => (await receive(QueueUrl, input)).map(({ Body }) => Body),
    async stop() {
      client.destroy();
      await cloud?.stop();
    },
  };
}

/** How many messages of a queue are visible, in flight and delayed. */
export async function countsOf({ client }: TestSqs, QueueUrl: string): Promise<number[]> {
  const names = ['', 'NotVisible', 'Delayed'].map((end) => `ApproximateNumberOfMessages${end}` as const);
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names as QueueAttributeName[] }),
  );
  return names.map((name) => Number(Attributes?.[name as QueueAttributeName]));
}
