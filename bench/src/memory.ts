// An hour's worth of requests of every kind, and an hour on the cloud's clock: what the process weighs from beginning to end.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

import { residentMegabytes, startPlinth, type Plinth } from './peers.ts';
import { held } from './report.ts';

/** A hundred a second for an hour; `PLINTH_BENCH_REQUESTS` says another number. */
const REQUESTS = Number(process.env['PLINTH_BENCH_REQUESTS'] ?? 360_000);
const HOUR = 3_600_000;
const MARKS = 10;
const CONCURRENCY = 8;

/** Different objects, items and the like. What is kept does not become more, so what memory holds should not either. */
const NAMES = 500;

/** What a process weighs goes up and down by its collector's turns: the heaviest of so many marks counts. */
const COMPARED = 3;

/** By how much the last marks may weigh more than the first ones. */
const GROWTH_LIMIT = 1.15;

export async function benchMemory(): Promise<void> {
  console.log(`\n${REQUESTS} requests in an hour of the cloud's time`);
  const plinth = await startPlinth();
  try {
    const calls = await mixture(plinth);
    const weights: number[] = [];
    let made = 0;
    for (let mark = 1; mark <= MARKS; mark++) {
      const end = Math.floor((REQUESTS * mark) / MARKS);
      const worker = async () => {
        for (let index = made++; index < end; index = made++) await calls[index % calls.length]?.(index);
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      made = end;
      await plinth.advance(HOUR / MARKS);
      const weight = residentMegabytes(plinth.pid);
      weights.push(weight);
      console.log(`  after ${String(end).padStart(7)}  ${weight} MB`);
    }
    const growth = Math.max(...weights.slice(-COMPARED)) / Math.max(...weights.slice(0, COMPARED));
    held('the last marks beside the first', growth, '×', GROWTH_LIMIT);
  } finally {
    await plinth.stop();
  }
}

/** One call of each kind, given a number that says which thing it is about. */
async function mixture({ endpoint, credentials }: Plinth): Promise<((index: number) => Promise<unknown>)[]> {
  const configuration = { endpoint, region: 'us-east-1', credentials };
  const s3 = new S3Client({ ...configuration, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(configuration);
  const sqs = new SQSClient(configuration);
  const logs = new CloudWatchLogsClient(configuration);
  const kms = new KMSClient(configuration);
  const secrets = new SecretsManagerClient(configuration);
  const ssm = new SSMClient(configuration);
  const sts = new STSClient(configuration);
  const events = new EventBridgeClient(configuration);
  const metrics = new CloudWatchClient(configuration);
  const [Bucket, TableName, logGroupName, logStreamName] = ['memory', 'memory', 'memory', 'one'];
  await s3.send(new CreateBucketCommand({ Bucket }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'memory' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  await secrets.send(new CreateSecretCommand({ Name: 'memory', SecretString: 'hush' }));
  await ssm.send(new PutParameterCommand({ Name: '/memory', Type: 'SecureString', Value: 'hush' }));
  const { Role: role } = await new IAMClient(configuration).send(
    new CreateRoleCommand({ RoleName: 'memory', AssumeRolePolicyDocument: TRUST }),
  );
  const name = (index: number) => `name-${index % NAMES}`;
  const body = Buffer.alloc(4_096, 'x');
  const large = Buffer.alloc(200_000, 'x');
  const put = (Body: Buffer) => (index: number) => s3.send(new PutObjectCommand({ Bucket, Key: name(index), Body }));
  return [
    put(body),
    put(large),
    async (index) => {
      await put(body)(index);
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: name(index) }));
      await Body?.transformToByteArray();
    },
    (index) => s3.send(new DeleteObjectCommand({ Bucket, Key: name(index) })),
    (index) =>
      dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: name(index) }, v: { N: String(index) } } })),
    (index) => dynamodb.send(new GetItemCommand({ TableName, Key: { pk: { S: name(index) } } })),
    (index) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: name(index) })),
    async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
    (index) =>
      logs.send(
        new PutLogEventsCommand({
          logGroupName,
          logStreamName,
          logEvents: [{ timestamp: Date.now(), message: `request ${index}` }],
        }),
      ),
    () => kms.send(new EncryptCommand({ KeyId: key?.KeyId, Plaintext: body })),
    () => secrets.send(new GetSecretValueCommand({ SecretId: 'memory' })),
    () => ssm.send(new GetParameterCommand({ Name: '/memory', WithDecryption: true })),
    () => sts.send(new AssumeRoleCommand({ RoleArn: role?.Arn, RoleSessionName: 'memory' })),
    (index) =>
      events.send(
        new PutEventsCommand({
          Entries: [{ Source: 'bench', DetailType: 'Memory', Detail: JSON.stringify({ index }) }],
        }),
      ),
    (index) =>
      metrics.send(
        new PutMetricDataCommand({ Namespace: 'Bench', MetricData: [{ MetricName: name(index), Value: index }] }),
      ),
  ];
}

/** Everybody in the account may take the role on. */
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'sts:AssumeRole' }],
});
