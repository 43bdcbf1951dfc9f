// Writes of every kind that the cloud acknowledges, and how to find out later that each is there.
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeSubscriptionFiltersCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateRoleCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { zipSync } from 'fflate';
import { expect } from 'vitest';

/** One kind of write. Each name is written once, but for those of `overwritten`. */
export interface Kind {
  run(name: string, clients: Clients): Promise<unknown>;
  /** Fails where what was acknowledged is not there. */
  check(name: string, clients: Clients): Promise<void>;
}

export type Clients = ReturnType<typeof clientsOf>;

export function clientsOf({ endpoint, accessKeyId, secretAccessKey }: Readonly<Record<string, string>>) {
  const credentials = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! };
  const configuration = { endpoint: endpoint!, region: 'us-east-1', maxAttempts: 1, credentials };
  const streams = new DynamoDBStreamsClient(configuration);
  let streamed: ReadonlySet<string> = new Set();
  return {
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(configuration),
    logs: new CloudWatchLogsClient(configuration),
    iam: new IAMClient(configuration),
    sqs: new SQSClient(configuration),
    sns: new SNSClient(configuration),
    cloudwatch: new CloudWatchClient(configuration),
    events: new EventBridgeClient(configuration),
    scheduler: new SchedulerClient(configuration),
    lambda: new LambdaClient(configuration),
    ssm: new SSMClient(configuration),
    secrets: new SecretsManagerClient(configuration),
    kms: new KMSClient(configuration),
    /** Whether the stream of the table `streamed` has a record of this key; what was seen there once is not looked for again. */
    wasStreamed: async (key: string) => {
      if (!streamed.has(key)) streamed = await readStream(streams);
      return streamed.has(key);
    },
  };
}

const ROLE = 'arn:aws:iam::000000000000:role/kept';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:kept';

/** Large enough for a file of its own. */
const LARGE = 200_000;

const codeOf = (FunctionName: string, ZipFile: Uint8Array) =>
  new CreateFunctionCommand({
    FunctionName,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: ROLE,
    Code: { ZipFile },
  });

/** What the writes stand on. */
export async function prepare({ s3, dynamodb, logs, iam, kms, lambda }: Clients): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'kept' }));
  for (const TableName of ['kept', 'streamed']) {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        ...(TableName === 'streamed' && {
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' as const },
        }),
      }),
    );
  }
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/kept', TargetKeyId: KeyMetadata!.KeyId! }));
  const services = ['lambda.amazonaws.com', 'scheduler.amazonaws.com'];
  const AssumeRolePolicyDocument = policy({ Action: 'sts:AssumeRole', Principal: { Service: services } });
  await iam.send(new CreateRoleCommand({ RoleName: 'kept', AssumeRolePolicyDocument }));
  const PolicyDocument = policy({ Action: 'sqs:*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'kept', PolicyName: 'queues', PolicyDocument }));
  await lambda.send(codeOf('kept', codeFor('kept')));
  const Principal = 'logs.amazonaws.com';
  const permission = { FunctionName: 'kept', StatementId: 'logs', Action: 'lambda:InvokeFunction', Principal };
  await lambda.send(new AddPermissionCommand(permission));
}

export const KINDS: Readonly<Record<string, Kind>> = {
  object: {
    run: (Key, { s3 }) => s3.send(new PutObjectCommand({ Bucket: 'kept', Key, Body: Key })),
    check: async (name, clients) => expect(await objectOf(name, clients)).toBe(name),
  },
  large: {
    run: (Key, { s3 }) => s3.send(new PutObjectCommand({ Bucket: 'kept', Key, Body: Key.padEnd(LARGE, '.') })),
    check: async (name, clients) => expect(await objectOf(name, clients)).toBe(name.padEnd(LARGE, '.')),
  },
  parts: {
    run: async (Key, { s3 }) => {
      const place = { Bucket: 'kept', Key };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place));
      const part = { ...place, UploadId, PartNumber: 1 };
      const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: Key }));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
    },
    check: async (name, clients) => expect(await objectOf(name, clients)).toBe(name),
  },
  // The object says how many times it was written at least; a write that was not answered may have come last.
  overwritten: {
    run: (name, { s3 }) => s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'latest', Body: numberOf(name) })),
    check: async (name, clients) =>
      expect(Number(await objectOf('latest', clients))).toBeGreaterThanOrEqual(Number(numberOf(name))),
  },
  deleted: {
    run: async (Key, { s3 }) => {
      await s3.send(new PutObjectCommand({ Bucket: 'kept', Key, Body: Key }));
      await s3.send(new DeleteObjectCommand({ Bucket: 'kept', Key }));
    },
    check: (Key, { s3 }) =>
      expect(s3.send(new HeadObjectCommand({ Bucket: 'kept', Key }))).rejects.toMatchObject({ name: 'NotFound' }),
  },
  item: {
    run: (name, { dynamodb }) => dynamodb.send(new PutItemCommand({ TableName: 'kept', Item: { pk: { S: name } } })),
    check: async (name, { dynamodb }) => {
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'kept', Key: { pk: { S: name } } }));
      expect(Item).toEqual({ pk: { S: name } });
    },
  },
  streamed: {
    run: (name, { dynamodb }) =>
      dynamodb.send(new PutItemCommand({ TableName: 'streamed', Item: { pk: { S: name } } })),
    check: async (name, { wasStreamed }) => expect([name, await wasStreamed(name)]).toEqual([name, true]),
  },
  event: {
    run: async (logStreamName, { logs }) => {
      const stream = { logGroupName: 'kept', logStreamName };
      await logs.send(new CreateLogStreamCommand(stream));
      const logEvents = [{ timestamp: Date.now(), message: logStreamName }];
      await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    },
    check: async (logStreamName, { logs }) => {
      const stream = { logGroupName: 'kept', logStreamName, startFromHead: true };
      expect((await logs.send(new GetLogEventsCommand(stream))).events).toMatchObject([{ message: logStreamName }]);
    },
  },
  subscription: {
    run: async (logGroupName, { logs }) => {
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
      const filter = { logGroupName, filterName: 'kept', filterPattern: '', destinationArn: FUNCTION };
      await logs.send(new PutSubscriptionFilterCommand(filter));
    },
    check: async (logGroupName, { logs }) => {
      const { subscriptionFilters } = await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName }));
      expect(subscriptionFilters).toMatchObject([{ destinationArn: FUNCTION }]);
    },
  },
  user: {
    run: (UserName, { iam }) => iam.send(new CreateUserCommand({ UserName })),
    check: async (UserName, { iam }) =>
      expect((await iam.send(new GetUserCommand({ UserName }))).User?.UserName).toBe(UserName),
  },
  message: {
    run: async (QueueName, { sqs }) => {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: QueueName }));
    },
    check: async (name, clients) => expect(await receive(name, clients)).toMatchObject([{ Body: name }]),
  },
  handled: {
    run: async (QueueName, { sqs }) => {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: QueueName }));
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages![0]!.ReceiptHandle }));
    },
    check: async (QueueName, { sqs }) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
      expect(Object.values((await sqs.send(asked)).Attributes ?? {})).toEqual(['0', '0']);
    },
  },
  // What was published but not delivered when the cloud ended is delivered after its next start, at least once.
  notification: {
    run: async (Name, clients) => {
      const { TopicArn = '' } = await clients.sns.send(new CreateTopicCommand({ Name }));
      const Endpoint = await openQueue(Name, 'sns.amazonaws.com', clients);
      const Attributes = { RawMessageDelivery: 'true' };
      await clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
      await clients.sns.send(new PublishCommand({ TopicArn, Message: Name }));
    },
    check: async (name, clients) => expect(await receive(name, clients)).toMatchObject([{ Body: name }]),
  },
  routed: {
    run: async (Name, clients) => {
      const { events } = clients;
      const Arn = await openQueue(Name, 'events.amazonaws.com', clients);
      await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Name] }) }));
      await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn, InputPath: '$.source' }] }));
      await events.send(new PutEventsCommand({ Entries: [{ Source: Name, DetailType: 'kept', Detail: '{}' }] }));
    },
    check: async (name, clients) =>
      expect(await receive(name, clients)).toMatchObject([{ Body: JSON.stringify(name) }]),
  },
  schedule: {
    run: (Name, { scheduler }) =>
      scheduler.send(
        new CreateScheduleCommand({
          Name,
          ScheduleExpression: 'rate(1 day)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn: FUNCTION, RoleArn: ROLE },
        }),
      ),
    check: async (Name, { scheduler }) =>
      expect(await scheduler.send(new GetScheduleCommand({ Name }))).toMatchObject({
        ScheduleExpression: 'rate(1 day)',
      }),
  },
  function: {
    run: (name, { lambda }) => lambda.send(codeOf(name, codeFor(name))),
    check: async (FunctionName, { lambda }) => {
      const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName }));
      const bytes = Buffer.from(await (await fetch(Code!.Location!)).arrayBuffer());
      expect(bytes.equals(codeFor(FunctionName))).toBe(true);
    },
  },
  mapping: {
    run: async (QueueName, { sqs, lambda }) => {
      await sqs.send(new CreateQueueCommand({ QueueName }));
      await lambda.send(
        new CreateEventSourceMappingCommand({ FunctionName: 'kept', EventSourceArn: queueArn(QueueName) }),
      );
    },
    check: async (name, { lambda }) => {
      const EventSourceArn = queueArn(name);
      const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn }));
      expect(EventSourceMappings).toMatchObject([{ FunctionArn: FUNCTION }]);
    },
  },
  metric: {
    run: (name, { cloudwatch }) =>
      cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Kept', MetricData: [{ MetricName: name, Value: 7 }] })),
    check: async (MetricName, { cloudwatch }) => {
      const window = { StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 60_000) };
      const { Datapoints } = await cloudwatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'Kept',
          MetricName,
          Period: 3_600,
          Statistics: ['Sum'],
          ...window,
        }),
      );
      expect(Datapoints!.map(({ Sum }) => Sum)).toEqual([7]);
    },
  },
  alarm: {
    run: (AlarmName, { cloudwatch }) =>
      cloudwatch.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Namespace: 'Kept',
          MetricName: 'Watched',
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      ),
    check: async (name, { cloudwatch }) => {
      const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
      expect(MetricAlarms).toMatchObject([{ AlarmName: name }]);
    },
  },
  parameter: {
    run: (Name, { ssm }) => ssm.send(new PutParameterCommand({ Name, Value: Name, Type: 'SecureString' })),
    check: async (Name, { ssm }) => {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
      expect(Parameter?.Value).toBe(Name);
    },
  },
  secret: {
    run: (Name, { secrets }) => secrets.send(new CreateSecretCommand({ Name, SecretString: Name })),
    check: async (SecretId, { secrets }) =>
      expect((await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe(SecretId),
  },
  // A key that is lost takes everything with it that it has encrypted.
  key: {
    run: async (name, { kms, s3 }) => {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const encrypt = new EncryptCommand({ KeyId: KeyMetadata!.KeyId!, Plaintext: Buffer.from(name) });
      const { CiphertextBlob: Body } = await kms.send(encrypt);
      await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: name, Body: Body! }));
    },
    check: async (Key, { kms, s3 }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'kept', Key }));
      const CiphertextBlob = await Body!.transformToByteArray();
      expect(Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext!).toString()).toBe(Key);
    },
  },
};

const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

/** The same bytes each time: a zip has a time in it. */
const codeFor = (name: string): Uint8Array =>
  zipSync({ 'index.mjs': Buffer.from(`export const handler = () => '${name}';`) }, { mtime: '1980-01-01T00:00:00' });

/** Life and count of a name as one number that grows. */
function numberOf(name: string): string {
  const [, life, count] = name.split('-').map(Number);
  return String(life! * 1_000_000 + count!);
}

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** A queue that a service may send to; its ARN. */
async function openQueue(QueueName: string, Service: string, { sqs }: Clients): Promise<string> {
  const Policy = policy({ Principal: { Service }, Action: 'sqs:SendMessage', Resource: queueArn(QueueName) });
  await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy } }));
  return queueArn(QueueName);
}

async function receive(QueueName: string, { sqs }: Clients) {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const asked = { QueueUrl, VisibilityTimeout: 0, MaxNumberOfMessages: 1, WaitTimeSeconds: 10 };
  return (await sqs.send(new ReceiveMessageCommand(asked))).Messages;
}

async function objectOf(Key: string, { s3 }: Clients): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'kept', Key }));
  return Body!.transformToString();
}

async function readStream(streams: DynamoDBStreamsClient): Promise<Set<string>> {
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName: 'streamed' }));
  const { StreamArn } = Streams![0]!;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const keys = new Set<string>();
  for (const { ShardId } of StreamDescription!.Shards!) {
    const begin = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    let { ShardIterator } = await streams.send(begin);
    for (let more = true; more && ShardIterator !== undefined;) {
      const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator }));
      for (const { dynamodb } of Records) keys.add(dynamodb!.Keys!['pk']!.S!);
      more = Records.length > 0;
      ShardIterator = NextShardIterator;
    }
  }
  return keys;
}
