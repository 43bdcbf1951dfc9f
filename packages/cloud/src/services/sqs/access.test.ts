import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
// Who may do what with a queue: IAM's policies, the queue's own, other services, and keys of KMS.
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  AddPermissionCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { events } from '../events/index.ts';
import { iam } from '../iam/index.ts';
import { allow, document, TestIdentity } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { s3 } from '../s3/index.ts';
import { sts } from '../sts/index.ts';
import { sqs } from './index.ts';
import { startSqs, type TestSqs } from './test-sqs.ts';

let world: TestSqs;
let identity: TestIdentity;

beforeAll(async () => {
  world = await startSqs({ services: [sts, iam, kms, s3, events, sqs] });
  identity = new TestIdentity(world.cloud);
});
afterAll(() => world.stop());

const arnOf = (url: string) => `arn:aws:sqs:us-east-1:000000000000:${url.split('/').at(-1)}`;

const setPolicy = (url: string, ...statements: object[]) =>
  world.client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: document(...statements) } }));

test('a user sends where IAM lets them, and is told why where it does not', async () => {
  const url = await world.queue();
  const keys = await identity.user('sender', { ...allow('sqs:SendMessage'), Resource: arnOf(url) });
  const client = new SQSClient(identity.as(keys));
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'allowed' }));
  const denied = client.send(new ReceiveMessageCommand({ QueueUrl: url }));
  await expect(denied).rejects.toMatchObject({ name: 'AccessDenied', Code: 'AccessDenied' });
  await expect(denied).rejects.toThrow('sqs:receivemessage');
});

test('the queue’s own policy lets in, and keeps out', async () => {
  const url = await world.queue();
  const keys = await identity.user('guest');
  const client = new SQSClient(identity.as(keys));
  const send = () => client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
  await expect(send()).rejects.toMatchObject({ Code: 'AccessDenied' });
  const guest = { AWS: 'arn:aws:iam::000000000000:user/guest' };
  await setPolicy(url, { Effect: 'Allow', Principal: guest, Action: 'SQS:SendMessage', Resource: arnOf(url) });
  await send();
  await setPolicy(url, { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: arnOf(url) });
  await expect(send()).rejects.toThrow('explicit deny in a resource-based policy');
});

test('a policy about nobody, or by nobody’s words, is refused', async () => {
  const url = await world.queue();
  const base = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOf(url) };
  for (const statement of [
    base,
    { ...base, Principal: { AWS: 'arn:aws:iam::000000000000:role/none' } },
    { ...base, Principal: '*', Action: 's3:GetObject' },
  ]) {
    await expect(setPolicy(url, statement)).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  }
});

test('permissions are statements of the policy', async () => {
  const url = await world.queue();
  const add = (Label: string) =>
    world.client.send(
      new AddPermissionCommand({ QueueUrl: url, Label, AWSAccountIds: ['111122223333'], Actions: ['SendMessage'] }),
    );
  const policy = async () => {
    const input = { QueueUrl: url, AttributeNames: ['Policy' as const] };
    return (await world.client.send(new GetQueueAttributesCommand(input))).Attributes?.['Policy'];
  };
  await add('partner');
  expect(JSON.parse((await policy())!)).toMatchObject({
    Statement: [
      {
        Sid: 'partner',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'SQS:SendMessage',
        Resource: arnOf(url),
      },
    ],
  });
  await expect(add('partner')).rejects.toThrow('Already exists');
  await world.client.send(new RemovePermissionCommand({ QueueUrl: url, Label: 'partner' }));
  expect(await policy()).toBeUndefined();
  await expect(
    world.client.send(new RemovePermissionCommand({ QueueUrl: url, Label: 'partner' })),
  ).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
});

test('EventBridge sends to a queue whose policy lets the rule in', async () => {
  const url = await world.queue();
  const bridge = new EventBridgeClient(identity.as());
  const EventPattern = JSON.stringify({ source: ['shop'] });
  const { RuleArn } = await bridge.send(new PutRuleCommand({ Name: 'orders', EventPattern }));
  await bridge.send(new PutTargetsCommand({ Rule: 'orders', Targets: [{ Id: 'queue', Arn: arnOf(url) }] }));
  const put = (Detail: string) =>
    bridge.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'order', Detail }] }));
  await put('{"number":1}');
  await setPolicy(url, {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arnOf(url),
    Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } },
  });
  await put('{"number":2}');
  const [message, ...others] = await world.receive(url, { WaitTimeSeconds: 5, MaxNumberOfMessages: 10 });
  expect(JSON.parse(message!.Body!)).toMatchObject({ source: 'shop', detail: { number: 2 } });
  expect(others).toEqual([]);
});

test('S3 sends to a queue whose policy lets the bucket in', async () => {
  const url = await world.queue();
  const client = new S3Client({ ...identity.as(), forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'notifying' }));
  const notify = () =>
    client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'notifying',
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn: arnOf(url), Events: ['s3:ObjectCreated:*'] }] },
      }),
    );
  await expect(notify()).rejects.toThrow('Unable to validate the following destination configurations');
  await setPolicy(url, {
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arnOf(url),
    Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::notifying' } },
  });
  await notify();
  expect(JSON.parse((await world.bodies(url))[0]!)).toMatchObject({ Event: 's3:TestEvent', Bucket: 'notifying' });
  await client.send(new PutObjectCommand({ Bucket: 'notifying', Key: 'a.txt', Body: 'hello' }));
  const [body] = await world.bodies(url, { WaitTimeSeconds: 5 });
  expect(JSON.parse(body!)).toMatchObject({
    Records: [{ eventName: 'ObjectCreated:Put', s3: { object: { key: 'a.txt' } } }],
  });
});

test('a queue under a key is for those who may use the key', async () => {
  const admin = new KMSClient(identity.as());
  const { KeyMetadata } = await admin.send(new CreateKeyCommand({}));
  const url = await world.queue({ KmsMasterKeyId: KeyMetadata!.KeyId!, KmsDataKeyReusePeriodSeconds: '60' });
  await world.send(url, 'secret');
  const keys = await identity.user('keyless', allow('sqs:*'));
  const keyless = new SQSClient(identity.as(keys));
  await expect(keyless.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }))).rejects.toMatchObject({
    name: 'KmsAccessDenied',
    Code: 'KMS.AccessDeniedException',
  });
  await expect(keyless.send(new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 0 }))).rejects.toMatchObject({
    name: 'KmsAccessDenied',
  });
  expect(await world.bodies(url, { VisibilityTimeout: 0 })).toEqual(['secret']);
  await admin.send(new DisableKeyCommand({ KeyId: KeyMetadata!.KeyId }));
  // The data key serves for as long as the queue says, and no longer.
  await world.send(url, 'with the old data key');
  await world.cloud.clock.advance(60_001);
  await expect(world.send(url, 'too late')).rejects.toMatchObject({ name: 'KmsDisabled' });
});
