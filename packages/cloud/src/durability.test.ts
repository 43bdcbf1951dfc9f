// What was answered with success is there after kill -9, whenever that comes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateUserCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, expect, test } from 'vitest';

const KILLS = 100;

/** The longest time that a cloud has between its first write and its end, in milliseconds. */
const LONGEST_LIFE = 120;

/** Large enough for a file of its own. */
const LARGE = 200_000;

const folder = mkdtempSync(join(tmpdir(), 'plinth-durability-'));
let cloud: ChildProcess | undefined;

afterAll(() => {
  cloud?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** One write, and how to find out that it is there. */
interface Write {
  run(): Promise<unknown>;
  check(clients: Clients): Promise<void>;
}

interface Clients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly logs: CloudWatchLogsClient;
  readonly iam: IAMClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
}

test(`no acknowledged write is lost in ${KILLS} kills at random moments`, { timeout: 600_000 }, async () => {
  const acknowledged: Write[] = [];
  let checked = 0;
  for (let kill = 0; kill <= KILLS; kill++) {
    const clients = await start();
    if (kill === 0) await prepare(clients);
    // What the last life acknowledged; the whole of it once more at the end.
    if (kill === KILLS) checked = 0;
    for (; checked < acknowledged.length; checked++) await acknowledged[checked]!.check(clients);
    if (kill === KILLS) break;
    const load = ['object', 'large', 'item', 'event', 'user', 'message', 'notification'].map((kind) =>
      writeUntilKilled(kind, kill, clients, acknowledged),
    );
    await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE));
    const ended = once(cloud!, 'exit');
    cloud!.kill('SIGKILL');
    await Promise.all([ended, ...load]);
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS);
});

async function start(): Promise<Clients> {
  const daemon = join(import.meta.dirname, 'daemon.ts');
  cloud = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', daemon, folder, '0'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  expect((await once(cloud, 'message'))[0]).toEqual({ ready: true });
  const record = JSON.parse(readFileSync(join(folder, 'process.json'), 'utf8')) as Record<string, string>;
  const configuration = {
    endpoint: record['endpoint']!,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: record['accessKeyId']!, secretAccessKey: record['secretAccessKey']! },
  };
  return {
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(configuration),
    logs: new CloudWatchLogsClient(configuration),
    iam: new IAMClient(configuration),
    sqs: new SQSClient(configuration),
    sns: new SNSClient(configuration),
  };
}

async function prepare({ s3, dynamodb, logs }: Clients): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'kept' }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'kept',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
}

async function writeUntilKilled(kind: string, life: number, clients: Clients, acknowledged: Write[]): Promise<void> {
  for (let count = 0; ; count++) {
    const write = writes(kind, `${kind}-${life}-${count}`, clients);
    try {
      await write.run();
    } catch (error) {
      // The end of the cloud ends the connection; an answer that is an error is one that nobody expects here.
      expect((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode).toBeUndefined();
      return;
    }
    acknowledged.push(write);
  }
}

function writes(kind: string, name: string, { s3, dynamodb, logs, iam, sqs, sns }: Clients): Write {
  const Body = kind === 'large' ? name.padEnd(LARGE, '.') : name;
  switch (kind) {
    case 'item':
      return {
        run: () => dynamodb.send(new PutItemCommand({ TableName: 'kept', Item: { pk: { S: name } } })),
        check: async (now) => {
          const { Item } = await now.dynamodb.send(new GetItemCommand({ TableName: 'kept', Key: { pk: { S: name } } }));
          expect(Item).toEqual({ pk: { S: name } });
        },
      };
    case 'event': {
      const stream = { logGroupName: 'kept', logStreamName: name };
      const logEvents = [{ timestamp: Date.now(), message: name }];
      return {
        run: async () => {
          await logs.send(new CreateLogStreamCommand(stream));
          await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
        },
        check: async (now) => {
          const { events } = await now.logs.send(new GetLogEventsCommand({ ...stream, startFromHead: true }));
          expect(events).toMatchObject(logEvents);
        },
      };
    }
    case 'user':
      return {
        run: () => iam.send(new CreateUserCommand({ UserName: name })),
        check: async (now) => {
          expect((await now.iam.send(new GetUserCommand({ UserName: name }))).User?.UserName).toBe(name);
        },
      };
    case 'message':
      return {
        run: async () => {
          const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
          await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: name }));
        },
        check: async (now) => {
          const { QueueUrl } = await now.sqs.send(new GetQueueUrlCommand({ QueueName: name }));
          const { Messages } = await now.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
          expect(Messages).toMatchObject([{ Body: name }]);
        },
      };
    case 'notification':
      return {
        run: async () => {
          const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
          const Endpoint = TopicArn.replace(':sns:', ':sqs:');
          const statement = {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: Endpoint,
          };
          const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
          await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
          const raw = { RawMessageDelivery: 'true' };
          await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: raw }));
          await sns.send(new PublishCommand({ TopicArn, Message: name }));
        },
        // What was published but not delivered when the cloud ended is delivered after its next start, at least once.
        check: async (now) => {
          const { QueueUrl } = await now.sqs.send(new GetQueueUrlCommand({ QueueName: name }));
          const { Messages } = await now.sqs.send(
            new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, MaxNumberOfMessages: 1, WaitTimeSeconds: 10 }),
          );
          expect(Messages).toMatchObject([{ Body: name }]);
        },
      };
    default:
      return {
        run: () => s3.send(new PutObjectCommand({ Bucket: 'kept', Key: name, Body })),
        check: async (now) => {
          const { Body: found } = await now.s3.send(new GetObjectCommand({ Bucket: 'kept', Key: name }));
          expect(await found!.transformToString()).toBe(Body);
        },
      };
  }
}
