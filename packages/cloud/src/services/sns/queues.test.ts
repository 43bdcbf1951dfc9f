// Topics and real queues: the queue's policy decides, and what it refuses ends in the dead-letter queue.
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { kms } from '../kms/index.ts';
import { sqs } from '../sqs/index.ts';
import { sns } from './index.ts';

let cloud: Cloud;
let topics: SNSClient;
let queues: SQSClient;

beforeAll(async () => {
  cloud = await startCloud({ services: [iam, kms, sns, sqs] });
  const { endpoint, credentials } = cloud;
  const configuration = { endpoint, credentials, region: 'us-east-1', maxAttempts: 1 };
  topics = new SNSClient(configuration);
  queues = new SQSClient(configuration);
});
afterAll(() => cloud.stop());

interface TestQueue {
  readonly url: string;
  readonly arn: string;
}

async function queue(QueueName: string, Attributes: Record<string, string> = {}): Promise<TestQueue> {
  const { QueueUrl: url = '' } = await queues.send(new CreateQueueCommand({ QueueName, Attributes }));
  const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
  return { url, arn: (await queues.send(asked)).Attributes!['QueueArn']! };
}

/** Lets a topic put messages into a queue. */
const open = ({ url, arn }: TestQueue, topicArn: string) => {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn,
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  return queues.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
};

const topic = async (Name: string, Attributes: Record<string, string> = {}) =>
  (await topics.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn!;

const receive = async ({ url }: TestQueue, count = 1): Promise<Message[]> => {
  const received: Message[] = [];
  while (received.length < count) {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        WaitTimeSeconds: 5,
      }),
    );
    received.push(...Messages);
  }
  return received;
};

test('a queue that lets the topic in gets its messages, raw ones with their attributes', async () => {
  const [letters, plain] = [await queue('letters'), await queue('plain')];
  const TopicArn = await topic('orders');
  for (const { arn: Endpoint } of [letters, plain]) {
    const Attributes = { RawMessageDelivery: String(Endpoint === plain.arn) };
    await topics.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
  }
  await open(letters, TopicArn);
  await open(plain, TopicArn);
  const total = { DataType: 'Number', StringValue: '5' };
  await topics.send(new PublishCommand({ TopicArn, Message: 'hello', MessageAttributes: { total } }));
  const [letter] = await receive(letters);
  expect(JSON.parse(letter!.Body!)).toMatchObject({ Type: 'Notification', Message: 'hello', TopicArn });
  expect((await receive(plain))[0]).toMatchObject({ Body: 'hello', MessageAttributes: { total } });
});

test('a queue that does not let the topic in leaves it to the dead-letter queue', async () => {
  const [shut, dead] = [await queue('shut'), await queue('dead')];
  const TopicArn = await topic('refused');
  const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) };
  await topics.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: shut.arn, Attributes }));
  await open(dead, TopicArn);
  await topics.send(new PublishCommand({ TopicArn, Message: 'nobody wants me' }));
  const [letter] = await receive(dead);
  expect(JSON.parse(letter!.Body!)).toMatchObject({ Message: 'nobody wants me' });
});

test('a FIFO queue gets the messages of a FIFO topic in order, each once', async () => {
  const line = await queue('line.fifo', { FifoQueue: 'true' });
  const TopicArn = await topic('line.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' });
  const raw = { RawMessageDelivery: 'true' };
  await topics.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: line.arn, Attributes: raw }));
  await open(line, TopicArn);
  for (const Message of ['a', 'b', 'a', 'c']) {
    await topics.send(new PublishCommand({ TopicArn, Message, MessageGroupId: 'one' }));
  }
  const messages = await receive(line, 3);
  expect(messages.map(({ Body }) => Body)).toEqual(['a', 'b', 'c']);
  expect(messages[0]!.Attributes).toMatchObject({ MessageGroupId: 'one' });
});
