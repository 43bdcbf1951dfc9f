// EventBridge through the SDK: what is put, scheduled or sent by other services reaches its targets, sooner or later.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, CreateProjectCommand, StartBuildCommand } from '@aws-sdk/client-codebuild';
import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Measurement } from '../../kernel/feed.ts';
import type { Call, Service } from '../../kernel/service.ts';
import { codebuild } from '../codebuild/index.ts';
import { iam } from '../iam/index.ts';
import { logs } from '../logs/index.ts';
import { events } from './index.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:reader';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:letters';

let cloud: Cloud;
let client: EventBridgeClient;
let logsClient: CloudWatchLogsClient;

/** An event, or what a template made of one. */
type Received = Readonly<Record<string, unknown>> & {
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

interface Told {
  readonly Payload?: Uint8Array;
  readonly QueueUrl?: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue: string }>>;
}

/** What functions and queues were told. */
const told: { readonly input: Told; readonly call: Call }[] = [];
let failure: AwsError | undefined;

/** Stands in for a service that is told something. */
const standIn = (name: string, client: string, operation: string) => (): Service => ({
  name,
  client,
  resources: [],
  operations: {
    [operation]: {
      access: () => [],
      run: (input: Told, call: Call) => {
        if (failure && name === 'lambda') throw failure;
        told.push({ input, call });
        return {};
      },
    },
  },
});

beforeAll(async () => {
  const others = [standIn('lambda', 'lambda', 'Invoke'), standIn('sqs', 'sqs', 'SendMessage')];
  cloud = await startCloud({ services: [iam, logs, events, codebuild, ...others] });
  const configuration = {
    endpoint: cloud.endpoint,
    credentials: cloud.credentials,
    region: 'us-east-1',
    maxAttempts: 1,
  };
  client = new EventBridgeClient(configuration);
  logsClient = new CloudWatchLogsClient(configuration);
});
afterAll(() => cloud.stop());

async function rule(Name: string, given: object, ...targets: Partial<Target>[]): Promise<void> {
  told.length = 0;
  failure = undefined;
  await client.send(new PutRuleCommand({ Name, ...given }));
  const Targets = targets.map((target, index) => ({ Id: `t${index}`, Arn: FUNCTION, ...target }));
  const { EventBusName } = given as { EventBusName?: string };
  if (Targets.length > 0) await client.send(new PutTargetsCommand({ Rule: Name, EventBusName, Targets }));
}

const pattern = (given: object) => ({ EventPattern: JSON.stringify(given) });

const put = (Source: string, detail: unknown = {}, extra = {}) =>
  client.send(
    new PutEventsCommand({ Entries: [{ Source, DetailType: 'Test', Detail: JSON.stringify(detail), ...extra }] }),
  );

/** The payloads that the function got, once there are so many. */
async function payloads(count: number): Promise<Received[]> {
  const received = () => told.filter(({ input }) => 'Payload' in input);
  while (received().length < count) await new Promise((resolve) => setImmediate(resolve));
  return received().map(({ input }) => JSON.parse(Buffer.from(input.Payload!).toString()) as Received);
}

test('an event reaches the targets of the rules that want it, on behalf of the rule', async () => {
  await rule('wanted', pattern({ source: ['shop'], detail: { total: [{ numeric: ['>', 10] }] } }), {});
  await put('shop', { total: 5 });
  const { Entries } = await put(
    'shop',
    { total: 50 },
    { Resources: ['order/1'], Time: new Date('2027-01-01T12:00:00Z') },
  );
  expect(await payloads(1)).toEqual([
    {
      version: '0',
      id: Entries![0]!.EventId,
      'detail-type': 'Test',
      source: 'shop',
      account: '000000000000',
      time: '2027-01-01T12:00:00Z',
      region: 'us-east-1',
      resources: ['order/1'],
      detail: { total: 50 },
    },
  ]);
  expect(told[0]!.call).toMatchObject({
    principal: { name: 'events.amazonaws.com' },
    sourceArn: 'arn:aws:events:us-east-1:000000000000:rule/wanted',
  });
  await client.send(new DisableRuleCommand({ Name: 'wanted' }));
  await put('shop', { total: 50 });
  expect(await payloads(1)).toHaveLength(1);
});

test('what a trace header says goes on to the targets, from bus to bus', async () => {
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/traced';
  await client.send(new CreateEventBusCommand({ Name: 'traced' }));
  await rule('onward', { ...pattern({ source: ['traced'] }), EventBusName: 'traced' }, {}, { Arn: QUEUE });
  await rule('entry', pattern({ source: ['traced'] }), { Arn: bus });
  const TraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
  await put('traced', {}, { TraceHeader });
  await payloads(1);
  const queued = () => told.find(({ input }) => 'QueueUrl' in input);
  while (!queued()) await new Promise((resolve) => setImmediate(resolve));
  expect(queued()!.input).toMatchObject({
    MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: TraceHeader } },
  });
  expect(told.find(({ input }) => 'Payload' in input)!.call.headers).toEqual({ 'x-amzn-trace-id': TraceHeader });
});

test('a bus of another region is none of this one’s', async () => {
  await client.send(new CreateEventBusCommand({ Name: 'near' }));
  const name = 'arn:aws:events:eu-west-1:000000000000:event-bus/near';
  await rule('near', { ...pattern({ source: ['far'] }), EventBusName: 'near' }, {});
  await put('far', {}, { EventBusName: name });
  await expect(client.send(new DescribeEventBusCommand({ Name: name }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await put('far', { here: true }, { EventBusName: 'near' });
  expect(await payloads(1)).toMatchObject([{ detail: { here: true } }]);
});

test('requests for nothing are refused', async () => {
  const reason = 'Member must have length greater than or equal to 1';
  await expect(client.send(new PutEventsCommand({ Entries: [] }))).rejects.toThrow(reason);
  await client.send(new PutRuleCommand({ Name: 'none', ...pattern({ source: ['x'] }) }));
  await expect(client.send(new PutTargetsCommand({ Rule: 'none', Targets: [] }))).rejects.toThrow(reason);
});

test('each entry is judged by itself', async () => {
  const good = { Source: 'a', DetailType: 'b', Detail: '{}' };
  const Entries = [good, { ...good, Detail: '[]' }, { ...good, Source: 'aws.ec2' }, { ...good, DetailType: '' }];
  expect(await client.send(new PutEventsCommand({ Entries }))).toMatchObject({
    FailedEntryCount: 3,
    Entries: [
      { EventId: expect.any(String) as string },
      { ErrorCode: 'MalformedDetail' },
      { ErrorCode: 'NotAuthorizedForSourceException' },
      { ErrorCode: 'InvalidArgument' },
    ],
  });
});

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
test.for([
  [{ Input: '{"a": 1}' }, '{"a": 1}'],
  [{ InputPath: '$.detail.state' }, '"running"'],
  [{ InputPath: '$.detail.nothing' }, 'null'],
  [
    {
      InputTransformer: {
        InputPathsMap: { instance: '$.detail.instance', state: '$.detail.state' },
        InputTemplate: '"instance <instance> is in <state>"',
      },
    },
    '"instance i-1 is in running"',
  ],
  [
    {
      InputTransformer: {
        InputPathsMap: { instance: '$.detail.instance', all: '$.detail', gone: '$.detail.gone' },
        InputTemplate: '{"instance": <instance>, "text": "it is <instance>", "all": <all>, "gone": <gone>}',
      },
    },
    '{"instance": "i-1", "text": "it is i-1", "all": {"instance":"i-1","state":"running"}, "gone": ""}',
  ],
  [
    { InputTransformer: { InputTemplate: '{"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>}' } },
    '{"rule": "templates", "arn": "arn:aws:events:us-east-1:000000000000:rule/templates"}',
  ],
] as [Partial<Target>, string][])('a target with %j gets %s', async ([input, text]) => {
  await rule('templates', pattern({ source: ['ec2'] }), input);
  await put('ec2', { instance: 'i-1', state: 'running' });
  await payloads(1);
  expect(Buffer.from(told[0]!.input.Payload!).toString()).toBe(text);
  await client.send(new RemoveTargetsCommand({ Rule: 'templates', Ids: ['t0'] }));
});

test('a schedule fires at each of its moments, in order, while time is moved', async () => {
  await rule('hourly', { ScheduleExpression: 'cron(30 * * * ? *)' }, {});
  await cloud.clock.advance(5 * 3_600_000);
  const times = (await payloads(5)).map(({ time, source }) => [source, time.slice('2027-01-01T00:'.length)]);
  expect(times).toEqual(Array.from({ length: 5 }, () => ['aws.events', '30:00Z']));
  const hours = (await payloads(5)).map(({ time }) => Date.parse(time));
  expect(hours).toEqual(hours.toSorted((a, b) => a - b));
  await client.send(new DisableRuleCommand({ Name: 'hourly' }));
});

test('what a target cannot take now it gets later; what it never takes is a dead letter', async () => {
  const measured: Measurement[] = [];
  const stop = cloud.kernel.measurements.subscribe((one) => measured.push(one));
  const RetryPolicy = { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3_600 };
  await rule('stubborn', pattern({ source: ['stubborn'] }), { RetryPolicy, DeadLetterConfig: { Arn: QUEUE } });
  failure = new AwsError('TooManyRequestsException', 'Rate exceeded', { status: 429 });
  await put('stubborn', { n: 1 });
  while (!measured.some(({ name }) => name === 'Invocations')) await new Promise((resolve) => setImmediate(resolve));
  failure = undefined;
  await cloud.clock.advance(1_500);
  expect(await payloads(1)).toMatchObject([{ detail: { n: 1 } }]);
  failure = new AwsError('TooManyRequestsException', 'Rate exceeded', { status: 429 });
  await put('stubborn', { n: 2 });
  const letters = () => told.filter(({ input }) => 'QueueUrl' in input);
  while (letters().length === 0) {
    await cloud.clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(letters()[0]!.input).toMatchObject({
    QueueUrl: `${cloud.endpoint}/000000000000/letters`,
    MessageAttributes: {
      ERROR_CODE: { StringValue: 'TooManyRequestsException' },
      EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
      RULE_ARN: { StringValue: 'arn:aws:events:us-east-1:000000000000:rule/stubborn' },
    },
  });
  expect(measured.map(({ name }) => name)).toContain('FailedInvocations');
  stop();
});

test('what EventBridge may not do is not tried again', async () => {
  await rule('forbidden', pattern({ source: ['forbidden'] }), { DeadLetterConfig: { Arn: QUEUE } });
  failure = new AwsError('AccessDeniedException', 'No', { status: 403 });
  await put('forbidden');
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(told[0]!.input.MessageAttributes).toMatchObject({
    ERROR_CODE: { StringValue: 'AccessDeniedException' },
    RETRY_ATTEMPTS: { StringValue: '0' },
  });
});

test('a log group takes events once its region’s policy lets EventBridge write', async () => {
  const logGroupName = '/aws/events/all';
  await logsClient.send(new CreateLogGroupCommand({ logGroupName }));
  const Arn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
  await rule('logged', pattern({ source: ['logged'] }), { Arn, DeadLetterConfig: { Arn: QUEUE } });
  await put('logged', { n: 1 });
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(told[0]!.input.MessageAttributes?.['ERROR_CODE']?.StringValue).toMatch('AccessDenied');
  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${Arn}:*`,
      },
    ],
  });
  await logsClient.send(new PutResourcePolicyCommand({ policyName: 'events', policyDocument }));
  await put('logged', { n: 2 });
  expect((await logged(logGroupName, 1)).map(({ detail }) => detail)).toEqual([{ n: 2 }]);
});

/** The events in a log group, once there are so many. */
async function logged(logGroupName: string, count: number): Promise<Received[]> {
  for (;;) {
    const { events: lines = [] } = await logsClient.send(new FilterLogEventsCommand({ logGroupName }));
    if (lines.length >= count) return lines.map(({ message }) => JSON.parse(message!) as Received);
  }
}

test('events go on to another bus and another region, and keep where they came from', async () => {
  const west = new EventBridgeClient({ endpoint: cloud.endpoint, credentials: cloud.credentials, region: 'us-west-2' });
  await west.send(new CreateEventBusCommand({ Name: 'hub' }));
  await west.send(new PutRuleCommand({ Name: 'all', EventBusName: 'hub', ...pattern({ source: ['far'] }) }));
  await west.send(new PutTargetsCommand({ Rule: 'all', EventBusName: 'hub', Targets: [{ Id: 'f', Arn: FUNCTION }] }));
  await rule('outward', pattern({ source: ['far'] }), {
    Arn: 'arn:aws:events:us-west-2:000000000000:event-bus/hub',
  });
  await put('far', { n: 1 });
  expect(await payloads(1)).toMatchObject([{ source: 'far', region: 'us-east-1', detail: { n: 1 } }]);
  expect(told[0]!.call.sourceArn).toBe('arn:aws:events:us-west-2:000000000000:rule/hub/all');
});

test('a build’s state and phases are events', async () => {
  const iamClient = new IAMClient({ endpoint: cloud.endpoint, credentials: cloud.credentials, region: 'us-east-1' });
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'codebuild.amazonaws.com' } };
  const { Role } = await iamClient.send(
    new CreateRoleCommand({
      RoleName: 'builder',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const builds = new CodeBuildClient({ endpoint: cloud.endpoint, credentials: cloud.credentials, region: 'us-east-1' });
  await builds.send(
    new CreateProjectCommand({
      name: 'quick',
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases:\n  build:\n    commands:\n      - "true"\n' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'aws/codebuild/standard:7.0',
        computeType: 'BUILD_GENERAL1_SMALL',
      },
      logsConfig: { cloudWatchLogs: { status: 'DISABLED' } },
      serviceRole: Role!.Arn!,
    }),
  );
  await rule('states', pattern({ source: ['aws.codebuild'], 'detail-type': ['CodeBuild Build State Change'] }), {});
  await builds.send(new StartBuildCommand({ projectName: 'quick' }));
  const [started, ended] = (await payloads(2)) as [Received, Received];
  expect(started.detail).toMatchObject({ 'build-status': 'IN_PROGRESS', 'project-name': 'quick' });
  expect(ended.detail).toMatchObject({
    'build-status': 'SUCCEEDED',
    'additional-information': { 'build-complete': true, 'build-number': 1 },
  });
  expect(ended.resources).toEqual([ended.detail['build-id']]);
});

test('rules are described, listed and deleted, not before their targets', async () => {
  await rule('kept', { ...pattern({ source: ['x'] }), Description: 'For a while' }, {});
  expect(await client.send(new DescribeRuleCommand({ Name: 'kept' }))).toMatchObject({
    Arn: 'arn:aws:events:us-east-1:000000000000:rule/kept',
    State: 'ENABLED',
    Description: 'For a while',
  });
  expect((await client.send(new ListRulesCommand({ NamePrefix: 'ke' }))).Rules).toHaveLength(1);
  await expect(client.send(new DeleteRuleCommand({ Name: 'kept' }))).rejects.toThrow('since it has targets');
  await client.send(new RemoveTargetsCommand({ Rule: 'kept', Ids: ['t0'] }));
  await client.send(new DeleteRuleCommand({ Name: 'kept' }));
  await expect(client.send(new DescribeRuleCommand({ Name: 'kept' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test.for([
  [{ EventPattern: '{"source": "x"}' }, 'InvalidEventPatternException'],
  [{ ScheduleExpression: 'every day' }, 'ValidationException'],
  [{ ...pattern({ source: ['x'] }), State: 'ASLEEP' }, 'ValidationException'],
  [{ ScheduleExpression: 'at(2027-01-01T00:00:00)' }, 'ValidationException'],
  [{}, 'ValidationException'],
] as [object, string][])('a rule with %j is refused', async ([given, name]) => {
  await expect(client.send(new PutRuleCommand({ Name: 'wrong', ...given }))).rejects.toMatchObject({ name });
});

test.for([
  [{ Arn: 'nowhere' }, 'not in correct format'],
  [{ Arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/x' }, 'service ecs is not supported'],
  [{ Input: '{' }, 'JSON syntax error'],
  [{ RetryPolicy: { MaximumRetryAttempts: 186 } }, 'less than or equal to 185'],
  [{ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }, 'greater than or equal to 60'],
  [{ Id: 'a b' }, "Value 'a b' at 'targets.1.member.id' failed to satisfy constraint"],
  [{ DeadLetterConfig: { Arn: `${QUEUE}.fifo` } }, 'is no standard queue'],
  [{ Arn: `${QUEUE}.fifo` }, 'SqsParameters must be specified for target: t'],
  [{ Input: '{}', InputPath: '$.detail' }, 'Only one of'],
  [{ InputTransformer: { InputTemplate: '<x>' } }, 'undefined variable <x>'],
] as [Partial<Target>, string][])('a target with %j is refused', async ([target, reason]) => {
  await client.send(new PutRuleCommand({ Name: 'strict', ...pattern({ source: ['x'] }) }));
  const Targets = [{ Id: 't', Arn: FUNCTION, ...target }];
  await expect(client.send(new PutTargetsCommand({ Rule: 'strict', Targets }))).rejects.toThrow(reason);
});

test('patterns are tried out, and buses opened to others', async () => {
  const Event = JSON.stringify({ source: 'a', detail: { n: 1 } });
  const test = (EventPattern: string) => client.send(new TestEventPatternCommand({ EventPattern, Event }));
  expect(await test('{"detail": {"n": [1]}}')).toMatchObject({ Result: true });
  expect(await test('{"detail": {"n": [2]}}')).toMatchObject({ Result: false });
  await client.send(new CreateEventBusCommand({ Name: 'open' }));
  const permission = {
    EventBusName: 'open',
    StatementId: 'friends',
    Principal: '111122223333',
    Action: 'events:PutEvents',
  };
  await client.send(new PutPermissionCommand(permission));
  const { Policy } = await client.send(new DescribeEventBusCommand({ Name: 'open' }));
  expect(JSON.parse(Policy!)).toMatchObject({
    Statement: [{ Sid: 'friends', Principal: { AWS: 'arn:aws:iam::111122223333:root' } }],
  });
});
