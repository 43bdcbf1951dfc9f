// The trail through the SDK: who did what to what, and nothing that is a secret.
import {
  CloudTrailClient,
  GetTrailStatusCommand,
  LookupEventsCommand,
  paginateLookupEvents,
  type LookupAttribute,
} from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, DeleteAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DeleteUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, DeletePublicAccessBlockCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import type { Service } from '../../kernel/service.ts';
import { cloudwatch } from '../cloudwatch/index.ts';
import { events } from '../events/index.ts';
import { iam } from '../iam/index.ts';
import { allow, TestIdentity, theAccount, trust } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { s3 } from '../s3/index.ts';
import { secretsManager } from '../secrets-manager/index.ts';
import { ssm } from '../ssm/index.ts';
import { sts } from '../sts/index.ts';
import { eventName } from './event-names.ts';
import { cloudtrail } from './index.ts';
import type { TrailRecord } from './record.ts';

let world: TestIdentity;
const told: Uint8Array[] = [];

/** Stands in for AWS Lambda, which EventBridge tells. */
const lambda = (): Service => ({
  name: 'lambda',
  client: 'lambda',
  resources: [],
  operations: {
    Invoke: {
      access: () => [],
      run: ({ Payload }: { Payload: Uint8Array }) => {
        told.push(Payload);
        return {};
      },
    },
  },
});

beforeAll(async () => {
  const services = [iam, sts, kms, cloudtrail, events, s3, secretsManager, ssm, lambda, cloudwatch];
  world = new TestIdentity(await startCloud({ services }));
});
afterAll(() => world.cloud.stop());

const client = () => new CloudTrailClient(world.as());

async function lookUp(key: LookupAttribute['AttributeKey'], value: string) {
  const LookupAttributes = [{ AttributeKey: key, AttributeValue: value }];
  const { Events = [] } = await client().send(new LookupEventsCommand({ LookupAttributes }));
  return Events.map((event) => ({ ...event, record: JSON.parse(event.CloudTrailEvent!) as TrailRecord }));
}

test('a call is found by its name, its caller and what it was about', async () => {
  await new S3Client({ ...world.as(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'trailed' }));
  const [byName] = await lookUp('EventName', 'CreateBucket');
  expect(byName).toMatchObject({ EventSource: 's3.amazonaws.com', ReadOnly: 'false', Username: 'root' });
  expect(byName!.record).toMatchObject({
    userIdentity: { type: 'Root', arn: 'arn:aws:iam::000000000000:root' },
    eventSource: 's3.amazonaws.com',
    eventName: 'CreateBucket',
    awsRegion: 'us-east-1',
    sourceIPAddress: '127.0.0.1',
    requestParameters: { bucketName: 'trailed' },
    readOnly: false,
    managementEvent: true,
    resources: [{ type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::trailed' }],
  });
  expect((await lookUp('ResourceName', 'trailed')).map(({ EventName }) => EventName)).toContain('CreateBucket');
  expect(await lookUp('EventId', byName!.EventId!)).toHaveLength(1);
});

test('a name is of what the operation is about', async () => {
  await new EventBridgeClient(world.as()).send(new CreateEventBusCommand({ Name: 'named-bus' }));
  await client()
    .send(new GetTrailStatusCommand({ Name: 'named-trail' }))
    .catch(() => {});
  const arn = (service: string, of: string) => `arn:aws:${service}:us-east-1:000000000000:${of}`;
  const [bus] = await lookUp('ResourceName', 'named-bus');
  expect(bus!.record.resources).toMatchObject([
    { type: 'AWS::Events::EventBus', ARN: arn('events', 'event-bus/named-bus') },
  ]);
  const [trail] = await lookUp('ResourceName', 'named-trail');
  expect(trail!.record.resources).toMatchObject([
    { type: 'AWS::CloudTrail::Trail', ARN: arn('cloudtrail', 'trail/named-trail') },
  ]);
  await new SSMClient(world.as()).send(new PutParameterCommand({ Name: '/named/one', Value: 'v', Type: 'String' }));
  const [parameter] = await lookUp('ResourceName', '/named/one');
  expect(parameter!.record.resources).toMatchObject([
    { type: 'AWS::SSM::Parameter', ARN: arn('ssm', 'parameter/named/one') },
  ]);
});

test('what is denied is recorded with its error, for the session that tried', async () => {
  const role = await world.role('visitor', [trust(theAccount)], allow('iam:ListUsers'));
  const visitor = new IAMClient(world.as(await world.assume(role)));
  await visitor.send(new ListUsersCommand({}));
  await expect(visitor.send(new DeleteUserCommand({ UserName: 'somebody' }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  const [denied] = await lookUp('EventName', 'DeleteUser');
  expect(denied!.record).toMatchObject({
    errorCode: 'AccessDenied',
    errorMessage: expect.stringContaining('is not authorized to perform: iam:DeleteUser') as string,
    userIdentity: { type: 'AssumedRole', sessionContext: { sessionIssuer: { type: 'Role', userName: 'visitor' } } },
    requestParameters: { userName: 'somebody' },
    responseElements: null,
  });
  expect((await lookUp('EventName', 'ListUsers'))[0]).toMatchObject({ ReadOnly: 'true' });
});

test('who became whom, and with which key they called, can be followed', async () => {
  const role = await world.role('follower', [trust(theAccount)], allow('iam:ListUsers'));
  const session = await world.assume(role);
  await new IAMClient(world.as(session)).send(new ListUsersCommand({}));
  const [assumed] = await lookUp('ResourceName', role);
  expect(assumed!.record).toMatchObject({
    eventName: 'AssumeRole',
    readOnly: true,
    userIdentity: { type: 'Root', accessKeyId: world.cloud.credentials.accessKeyId },
    responseElements: {
      credentials: { accessKeyId: session.accessKeyId, secretAccessKey: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    },
  });
  const [listed, ...others] = await lookUp('AccessKeyId', session.accessKeyId);
  expect(others).toEqual([]);
  expect(listed).toMatchObject({ EventName: 'ListUsers', AccessKeyId: session.accessKeyId });
  expect(listed!.record.userIdentity).toMatchObject({
    type: 'AssumedRole',
    accessKeyId: session.accessKeyId,
    sessionContext: { attributes: { creationDate: expect.stringMatching(/Z$/) as string } },
  });
});

test('calls of S3 and of Lambda have the names that CloudTrail gives them', async () => {
  const s3Client = new S3Client({ ...world.as(), forcePathStyle: true });
  await s3Client.send(new DeletePublicAccessBlockCommand({ Bucket: 'trailed' }));
  expect(await lookUp('EventName', 'DeleteBucketPublicAccessBlock')).toHaveLength(1);
  expect(await lookUp('EventName', 'DeletePublicAccessBlock')).toEqual([]);
  expect(
    ['CreateFunction', 'UpdateFunctionCode', 'TagResource', 'PublishVersion', 'Invoke', 'GetAccountSettings'].map(
      (operation) => eventName('lambda', operation),
    ),
  ).toEqual([
    'CreateFunction20150331',
    'UpdateFunctionCode20150331v2',
    'TagResource20170331v2',
    'PublishVersion20150331',
    'Invoke',
    'GetAccountSettings',
  ]);
});

test('no secret is ever written down', async () => {
  const secret = 'do-not-write-me-down';
  await new SecretsManagerClient(world.as()).send(new CreateSecretCommand({ Name: 'hidden', SecretString: secret }));
  await new SSMClient(world.as()).send(new PutParameterCommand({ Name: '/p', Type: 'SecureString', Value: secret }));
  const s3Client = new S3Client({ ...world.as(), forcePathStyle: true });
  await s3Client.send(new PutObjectCommand({ Bucket: 'trailed', Key: 'k', Body: secret }));
  const session = await world.assume('arn:aws:iam::000000000000:role/visitor');
  const [created] = await lookUp('EventName', 'CreateSecret');
  expect(created!.record.requestParameters).toMatchObject({
    name: 'hidden',
    secretString: 'HIDDEN_DUE_TO_SECURITY_REASONS',
  });
  const lines: string[] = [];
  for await (const { Events = [] } of paginateLookupEvents({ client: client() }, {})) {
    lines.push(...Events.map(({ CloudTrailEvent }) => CloudTrailEvent!));
  }
  const data = await (await ask('trail?data=true')).text();
  const everything = [...lines, data].join('\n');
  for (const hidden of [secret, session.secretAccessKey, session.sessionToken!]) {
    expect(everything).not.toContain(hidden);
  }
  expect(data).toContain('PutObject');
  expect(lines.join()).not.toContain('PutObject');
});

const ask = (path: string) =>
  fetch(`${world.cloud.endpoint}/_plinth/${path}`, { headers: { authorization: `Bearer ${world.cloud.token}` } });

test('the trail can be followed', async () => {
  const response = await ask('trail?follow=true&from=99999999999999');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  await new KMSClient(world.as()).send(new CreateKeyCommand({}));
  const { value } = await reader.read();
  expect(JSON.parse(value!.split('\n')[0]!)).toMatchObject({ eventName: 'CreateKey', user: 'root' });
  await reader.cancel();
});

test('calls that write are events for rules, and those that read are not', async () => {
  const bridge = new EventBridgeClient(world.as());
  const EventPattern = JSON.stringify({ 'detail-type': ['AWS API Call via CloudTrail'], source: ['aws.iam'] });
  await bridge.send(new PutRuleCommand({ Name: 'calls', EventPattern }));
  const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:watch';
  await bridge.send(new PutTargetsCommand({ Rule: 'calls', Targets: [{ Id: 'f', Arn }] }));
  const iamClient = new IAMClient(world.as());
  await iamClient.send(new ListUsersCommand({}));
  await iamClient.send(new DeleteUserCommand({ UserName: 'nobody' })).catch(() => {});
  await client().send(new LookupEventsCommand({}));
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(JSON.parse(Buffer.from(told[0]!).toString())).toMatchObject({
    source: 'aws.iam',
    detail: { eventName: 'DeleteUser', errorCode: 'NoSuchEntity', requestParameters: { userName: 'nobody' } },
  });
  expect(told).toHaveLength(1);
});

test('CloudWatch’s calls come from monitoring, and values of metrics are data', async () => {
  const cloudwatchClient = new CloudWatchClient(world.as());
  await cloudwatchClient.send(new DeleteAlarmsCommand({ AlarmNames: ['gone'] }));
  await cloudwatchClient.send(
    new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'sold', Value: 1 }] }),
  );
  expect(await lookUp('EventName', 'DeleteAlarms')).toMatchObject([{ EventSource: 'monitoring.amazonaws.com' }]);
  expect(await lookUp('EventName', 'PutMetricData')).toEqual([]);
});
