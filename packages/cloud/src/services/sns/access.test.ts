import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
// Who may publish: users by their policies, other services by the topic's, and everybody by the topic's key.
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  AddPermissionCommand as AddTopicPermissionCommand,
  CreateTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { TestLambda } from '../lambda/test-lambda.ts';

let world: TestLambda;
let admin: SNSClient;
let names = 0;

beforeAll(async () => {
  world = await TestLambda.start();
  admin = new SNSClient(world.as());
});
afterAll(() => world.stop());

const topic = async (Attributes: Record<string, string> = {}) =>
  (await admin.send(new CreateTopicCommand({ Name: `topic-${++names}`, Attributes }))).TopicArn!;

/** A client of a user who may do these things. */
async function userWith(Action: string[], Resource = '*'): Promise<SNSClient> {
  const iam = new IAMClient(world.as());
  const UserName = `user-${++names}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return new SNSClient(
    world.as({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }),
  );
}

const open = (TopicArn: string, Service: string, Condition: object = {}) =>
  admin.send(
    new SetTopicAttributesCommand({
      TopicArn,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sns:Publish', Resource: TopicArn, Condition }],
      }),
    }),
  );

interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly confirmUrl?: string;
}

async function mails(): Promise<Mail[]> {
  const { endpoint, token } = world.cloud;
  const answer = await fetch(`${endpoint}/_plinth/inbox`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.text()).split('\n').flatMap((line) => (line ? [JSON.parse(line) as Mail] : []));
}

/** The mails that an address gets from a topic, without the one that asks for its consent. */
async function readerOf(TopicArn: string): Promise<() => Promise<Mail[]>> {
  const Endpoint = `reader-${++names}@example.com`;
  await admin.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint }));
  const own = async () => (await mails()).filter(({ to }) => to === Endpoint);
  await vi.waitFor(async () => expect(await own()).toHaveLength(1));
  await fetch((await own())[0]!.confirmUrl!);
  return async () => (await own()).slice(1);
}

test('a user publishes who may, and is told what is missing otherwise', async () => {
  const [allowed, other] = [await topic(), await topic()];
  const user = await userWith(['sns:Publish'], allowed);
  await user.send(new PublishCommand({ TopicArn: allowed, Message: 'x' }));
  await expect(user.send(new PublishCommand({ TopicArn: other, Message: 'x' }))).rejects.toMatchObject({
    name: 'AuthorizationErrorException',
    message: expect.stringMatching(
      /^User: arn:aws:iam::\d{12}:user\/user-\d+ is not authorized to perform: SNS:Publish on resource: .+ because no identity-based policy allows the SNS:Publish action$/,
    ),
    $metadata: { httpStatusCode: 403 },
  });
  await admin.send(
    new AddTopicPermissionCommand({
      TopicArn: other,
      Label: 'own',
      AWSAccountId: ['000000000000'],
      ActionName: ['Publish'],
    }),
  );
  // A statement for the account only passes the question on to the user's own policies.
  await expect(user.send(new PublishCommand({ TopicArn: other, Message: 'x' }))).rejects.toMatchObject({
    name: 'AuthorizationErrorException',
  });
});

test('alarms may publish to a topic with its first policy, other services need one of their own', async () => {
  const TopicArn = await topic();
  const read = await readerOf(TopicArn);
  const cloudwatch = new CloudWatchClient(world.as());
  const alarm = { AlarmName: 'too-warm', Namespace: 'Oven', MetricName: 'Degrees', Statistic: 'Average' as const };
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...alarm,
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 250,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [TopicArn],
    }),
  );
  await cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: 'too-warm', StateValue: 'ALARM', StateReason: 'a drill' }),
  );
  await vi.waitFor(async () =>
    expect(await read()).toMatchObject([
      { subject: expect.stringContaining('ALARM: "too-warm"'), body: expect.stringContaining('a drill') },
    ]),
  );
  const budgets = { principal: servicePrincipal('000000000000', 'budgets.amazonaws.com'), region: 'us-east-1' };
  await expect(world.cloud.kernel.invoke('sns', 'Publish', { TopicArn, Message: 'x' }, budgets)).rejects.toMatchObject({
    code: 'AuthorizationError',
  });
});

test('a policy about nobody is refused', async () => {
  const TopicArn = await topic();
  const Principal = { AWS: 'arn:aws:iam::000000000000:user/none' };
  const AttributeValue = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sns:Publish', Resource: TopicArn }],
  });
  await expect(
    admin.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue })),
  ).rejects.toThrow('Policy Error: PrincipalNotFound');
});

test('an EventBridge rule publishes once the topic’s policy lets it', async () => {
  const TopicArn = await topic();
  const read = await readerOf(TopicArn);
  const events = new EventBridgeClient(world.as());
  const { RuleArn } = await events.send(
    new PutRuleCommand({ Name: 'orders', EventPattern: JSON.stringify({ source: ['shop'] }) }),
  );
  const Targets = [{ Id: 'topic', Arn: TopicArn, InputPath: '$.detail.text' }];
  await events.send(new PutTargetsCommand({ Rule: 'orders', Targets }));
  const put = (text: string) =>
    events.send(
      new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'Order', Detail: JSON.stringify({ text }) }] }),
    );
  const failed: string[] = [];
  const stop = world.cloud.kernel.measurements.subscribe(({ name }) => void failed.push(name));
  await put('denied');
  await vi.waitFor(() => expect(failed).toContain('FailedInvocations'));
  stop();
  await open(TopicArn, 'events.amazonaws.com', { ArnEquals: { 'aws:SourceArn': RuleArn } });
  await put('allowed');
  await vi.waitFor(async () => expect(await read()).toMatchObject([{ body: expect.stringContaining('allowed') }]));
});

test('a bucket tells a topic of its objects once the topic’s policy lets it', async () => {
  const TopicArn = await topic();
  const read = await readerOf(TopicArn);
  const s3 = new S3Client({ ...world.as(), forcePathStyle: true });
  const Bucket = 'pictures';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const NotificationConfiguration = { TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:*' as const] }] };
  const configure = () => s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  await expect(configure()).rejects.toMatchObject({
    message: expect.stringContaining('Unable to validate the following destination configurations'),
  });
  await open(TopicArn, 's3.amazonaws.com', { ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` } });
  await configure();
  await s3.send(new PutObjectCommand({ Bucket, Key: 'cat.png', Body: 'x' }));
  await vi.waitFor(async () =>
    expect((await read()).map(({ body }) => body)).toEqual([
      expect.stringContaining('s3:TestEvent'),
      expect.stringContaining('"key":"cat.png"'),
    ]),
  );
});

test('a function is run where its policy lets the topic in', async () => {
  const TopicArn = await topic();
  const { FunctionArn } = await world.create(
    'reader',
    'export const handler = async ({ Records }) => console.log("read " + Records[0].Sns.Message);',
  );
  await admin.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: FunctionArn }));
  await admin.send(new PublishCommand({ TopicArn, Message: 'denied' }));
  const permission = { FunctionName: 'reader', StatementId: 'topic', Action: 'lambda:InvokeFunction' };
  await vi.waitFor(async () => {
    await world.lambda.send(
      new AddPermissionCommand({ ...permission, Principal: 'sns.amazonaws.com', SourceArn: TopicArn }),
    );
  });
  await admin.send(new PublishCommand({ TopicArn, Message: 'allowed' }));
  await vi.waitFor(async () => expect((await world.logLines('reader')).join('\n')).toMatch(/read allowed/));
  expect((await world.logLines('reader')).join('\n')).not.toMatch(/read denied/);
});

test('an encrypted topic is only for who may use its key', async () => {
  const kms = new KMSClient(world.as());
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  const TopicArn = await topic({ KmsMasterKeyId: key!.KeyId! });
  const message = new PublishCommand({ TopicArn, Message: 'secret' });
  const without = await userWith(['sns:Publish']);
  await expect(without.send(message)).rejects.toMatchObject({
    name: 'KMSAccessDeniedException',
    message: expect.stringContaining('kms:GenerateDataKey'),
  });
  const half = await userWith(['sns:Publish', 'kms:GenerateDataKey']);
  await expect(half.send(message)).rejects.toMatchObject({ message: expect.stringContaining('kms:Decrypt') });
  const full = await userWith(['sns:Publish', 'kms:GenerateDataKey', 'kms:Decrypt']);
  await full.send(message);
  await kms.send(new DisableKeyCommand({ KeyId: key!.KeyId! }));
  await expect(admin.send(message)).rejects.toMatchObject({ name: 'KMSDisabledException' });
});

test('a topic logs its deliveries as the roles that it names', async () => {
  const role = await world.createRole('feedback', ['logs:*'], 'sns.amazonaws.com');
  const { FunctionArn } = await world.create('heard', 'export const handler = async () => {};');
  const TopicArn = await topic({
    LambdaSuccessFeedbackRoleArn: role,
    LambdaSuccessFeedbackSampleRate: '100',
    LambdaFailureFeedbackRoleArn: role,
  });
  await admin.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: FunctionArn }));
  const group = `sns/us-east-1/000000000000/${TopicArn.split(':')[5]}`;
  const entryIn = async (logGroup: string) => {
    const line = await vi.waitFor(async () => {
      const lines = await world.logLines('', logGroup);
      expect(lines).toHaveLength(1);
      return lines[0];
    });
    return JSON.parse(line!) as unknown;
  };
  const { MessageId } = await admin.send(new PublishCommand({ TopicArn, Message: 'denied' }));
  expect(await entryIn(`${group}/Failure`)).toMatchObject({
    notification: { messageId: MessageId, topicArn: TopicArn },
    delivery: { destination: FunctionArn, attempts: 1, providerResponse: expect.stringContaining('AccessDenied') },
    status: 'FAILURE',
  });
  const permission = { FunctionName: 'heard', StatementId: 'topic', Action: 'lambda:InvokeFunction' };
  await world.lambda.send(new AddPermissionCommand({ ...permission, Principal: 'sns.amazonaws.com' }));
  await admin.send(new PublishCommand({ TopicArn, Message: 'allowed' }));
  expect(await entryIn(group)).toMatchObject({
    notification: { messageMD5Sum: '22ee71e9dcc9ca12fc313c6e1ce3f806' },
    delivery: { statusCode: 202, dwellTimeMs: expect.any(Number) },
    status: 'SUCCESS',
  });
  const user = await userWith(['sns:CreateTopic']);
  const Attributes = { SQSFailureFeedbackRoleArn: role };
  await expect(user.send(new CreateTopicCommand({ Name: 'not-mine', Attributes }))).rejects.toMatchObject({
    message: expect.stringContaining('iam:PassRole'),
  });
  await expect(topic({ SQSSuccessFeedbackSampleRate: '101' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});
