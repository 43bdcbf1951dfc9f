// EventBridge Scheduler through the SDK: time is moved, and targets are told at their moments, in any time zone.
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
  type CreateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Call, Service } from '../../kernel/service.ts';
import { iam } from '../iam/index.ts';
import { allow, document, TestIdentity, trust } from '../iam/test-identity.ts';
import { scheduler } from './index.ts';

const HOUR = 3_600_000;
const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:report';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:letters';
const SDK = 'arn:aws:scheduler:::aws-sdk:';
const RoleArn = 'arn:aws:iam::000000000000:role/teller';

interface Told {
  readonly Payload?: Uint8Array;
  readonly MessageBody?: string;
  readonly MessageAttributes?: Readonly<
    Record<string, { readonly StringValue?: string; readonly BinaryValue?: Uint8Array }>
  >;
}

const told: { readonly input: Told; readonly at: number }[] = [];
let failure: AwsError | undefined;
let world: TestIdentity;
let client: SchedulerClient;

/** Stands in for a service that is told something, and asks IAM as the service does. */
const standIn = (name: string, operation: string, action: string, resource: string) => (): Service => ({
  name,
  client: name,
  resources: [],
  operations: {
    [operation]: {
      access: () => [{ action, resource }],
      run: (input: Told, { now }: Call) => {
        if (failure && name === 'lambda') throw failure;
        told.push({ input, at: now });
        return {};
      },
    },
  },
});

beforeAll(async () => {
  const lambda = standIn('lambda', 'Invoke', 'lambda:InvokeFunction', Arn);
  const sqs = standIn('sqs', 'SendMessage', 'sqs:SendMessage', QUEUE);
  world = new TestIdentity(await startCloud({ services: [iam, scheduler, lambda, sqs] }));
  client = new SchedulerClient(world.as());
  const AssumeRolePolicyDocument = document(trust({ Service: 'scheduler.amazonaws.com' }));
  await world.iam.send(new CreateRoleCommand({ RoleName: 'teller', AssumeRolePolicyDocument }));
  const PolicyDocument = document(allow('lambda:InvokeFunction', 'sqs:SendMessage'));
  await world.iam.send(new PutRolePolicyCommand({ RoleName: 'teller', PolicyName: 'own', PolicyDocument }));
});
afterAll(() => world.cloud.stop());
beforeEach(() => {
  told.length = 0;
  failure = undefined;
});

const create = (Name: string, given: Partial<CreateScheduleCommandInput>) =>
  client.send(
    new CreateScheduleCommand({
      Name,
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ...given,
      Target: { Arn, RoleArn, ...given.Target },
    }),
  );

const remove = (Name: string) => client.send(new DeleteScheduleCommand({ Name }));

const inputs = () =>
  told.map(({ input }) => JSON.parse(Buffer.from(input.Payload ?? '{}').toString()) as Record<string, unknown>);

const advance = (milliseconds: number) => world.cloud.clock.advance(milliseconds);

test('a rate tells its target at each of its moments, with the input that it names', async () => {
  const Input = '{"schedule": "<aws.scheduler.schedule-arn>", "time": "<aws.scheduler.scheduled-time>", "n": 1}';
  const { ScheduleArn } = await create('hourly', { Target: { Arn, RoleArn, Input } });
  await advance(3 * HOUR);
  expect(inputs()).toMatchObject([{ schedule: ScheduleArn, n: 1 }, { n: 1 }, { n: 1 }]);
  const times = inputs().map(({ time }) => Date.parse(time as string));
  expect(times[1]! - times[0]!).toBe(HOUR);
  await remove('hourly');
  await advance(3 * HOUR);
  expect(told).toHaveLength(3);
});

test('without an input the target gets an event', async () => {
  await create('plain', {});
  await advance(HOUR);
  expect(inputs()).toMatchObject([{ source: 'aws.scheduler', 'detail-type': 'Scheduled Event', detail: '{}' }]);
  await remove('plain');
});

test('a universal target is an operation of its own, called with the request that the input is', async () => {
  const url = `${world.cloud.endpoint}/000000000000/letters`;
  const Input = JSON.stringify({
    QueueUrl: url,
    MessageBody: 'run <aws.scheduler.attempt-number>',
    MessageAttributes: { Image: { DataType: 'Binary', BinaryValue: 'bytes' } },
  });
  await create('letters', { Target: { Arn: `${SDK}sqs:sendMessage`, RoleArn, Input } });
  await create('called', {
    Target: { Arn: `${SDK}lambda:invoke`, RoleArn, Input: JSON.stringify({ FunctionName: Arn, Payload: '{"n":1}' }) },
  });
  // Its role may not do that, which no retry mends.
  const denied = { Arn: `${SDK}iam:deleteRole`, RoleArn, Input: '{"RoleName":"teller"}' };
  await create('denied', { Target: { ...denied, DeadLetterConfig: { Arn: QUEUE } } });
  await advance(HOUR);
  const sent = told.map(({ input }) => input).filter((input) => input.MessageBody?.startsWith('run'));
  expect(sent).toMatchObject([{ QueueUrl: url, MessageBody: 'run 1' }]);
  expect(Buffer.from(sent[0]!.MessageAttributes!['Image']!.BinaryValue!).toString()).toBe('bytes');
  expect(inputs().filter(({ n }) => n === 1)).toHaveLength(1);
  const letter = told.find(({ input }) => input.MessageAttributes?.['ERROR_CODE'])!.input;
  expect(letter.MessageAttributes).toMatchObject({ ERROR_CODE: { StringValue: 'AccessDenied' } });
  for (const name of ['letters', 'called', 'denied']) await remove(name);
});

test('a cron keeps the hour of its time zone when the clocks change', async () => {
  const now = world.cloud.clock.now();
  const year = new Date(now).getUTCFullYear() + 1;
  // Berlin's clocks go forward on the last Sunday of March.
  const sunday = new Date(Date.UTC(year, 2, 31));
  sunday.setUTCDate(31 - sunday.getUTCDay());
  await advance(sunday.getTime() - 36 * HOUR - now);
  await create('morning', { ScheduleExpression: 'cron(0 9 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin' });
  await advance(72 * HOUR);
  expect(told.map(({ at }) => new Date(at).getUTCHours())).toEqual([8, 7, 7]);
  await remove('morning');
});

test('a single moment is kept once, and its schedule goes where it was asked to', async () => {
  const at = new Date(world.cloud.clock.now() + 2 * HOUR).toISOString().slice(0, 19);
  await create('once', { ScheduleExpression: `at(${at})`, ActionAfterCompletion: 'DELETE' });
  await advance(HOUR);
  expect(told).toHaveLength(0);
  await advance(24 * HOUR);
  expect(told).toHaveLength(1);
  await expect(client.send(new GetScheduleCommand({ Name: 'once' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('nothing is invoked before the beginning, after the end, or while it is switched off', async () => {
  const now = world.cloud.clock.now();
  await create('bounded', { StartDate: new Date(now + 5 * HOUR), EndDate: new Date(now + 8 * HOUR) });
  await create('off', { State: 'DISABLED' });
  await advance(24 * HOUR);
  expect(told.map(({ at }) => Math.floor((at - now) / HOUR))).toEqual([6, 7, 8]);
  await remove('bounded');
  const on = { Name: 'off', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' as const } };
  await client.send(new UpdateScheduleCommand({ ...on, Target: { Arn, RoleArn } }));
  told.length = 0;
  await advance(2 * HOUR);
  expect(told).toHaveLength(2);
  await remove('off');
});

test('a target that does not listen is told again, and a dead letter tells of what was in vain', async () => {
  const RetryPolicy = { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3_600 };
  await create('stubborn', {
    ScheduleExpression: 'rate(1 day)',
    Target: { Arn, RoleArn, RetryPolicy, DeadLetterConfig: { Arn: QUEUE } },
  });
  failure = new AwsError('TooManyRequestsException', 'Rate exceeded', { status: 429 });
  await advance(24 * HOUR);
  failure = undefined;
  await advance(60_000);
  expect(inputs()).toHaveLength(1);
  failure = new AwsError('TooManyRequestsException', 'Rate exceeded', { status: 429 });
  told.length = 0;
  await advance(24 * HOUR);
  await advance(HOUR);
  const letters = told.filter(({ input }) => 'MessageAttributes' in input);
  expect(letters.map(({ input }) => input.MessageAttributes)).toMatchObject([
    { ERROR_CODE: { StringValue: 'TooManyRequestsException' }, RETRY_ATTEMPTS: { StringValue: '2' } },
  ]);
  await remove('stubborn');
});

test('groups hold schedules, and take them with them', async () => {
  await client.send(new CreateScheduleGroupCommand({ Name: 'reports' }));
  await create('grouped', { GroupName: 'reports' });
  const { Schedules } = await client.send(new ListSchedulesCommand({ GroupName: 'reports' }));
  expect(Schedules).toMatchObject([{ Name: 'grouped', Target: { Arn } }]);
  await client.send(new DeleteScheduleGroupCommand({ Name: 'reports' }));
  await advance(2 * HOUR);
  expect(told).toHaveLength(0);
  await expect(create('grouped', { GroupName: 'reports' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test.for([
  [{ ScheduleExpression: 'every hour' }, 'Invalid Schedule Expression'],
  [{ ScheduleExpressionTimezone: 'Europe/Atlantis' }, 'Invalid Schedule Expression Timezone'],
  [{ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, '1 to 1440 minutes'],
  [{ Target: { Arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/x', RoleArn } }, 'service ecs is not supported'],
  [{ Target: { Arn: `${SDK}ecs:runTask`, RoleArn } }, 'universal target of the service ecs is not supported'],
  [{ Target: { Arn: `${SDK}sqs:purgeQueue`, RoleArn, Input: '{"QueueUrl":"u"}' } }, 'sqs action PurgeQueue is not'],
  [{ Target: { Arn: `${SDK}sqs:getQueueUrl`, RoleArn } }, 'actions that only read are not supported'],
  [{ Target: { Arn: `${SDK}sqs:GetQueueUrl`, RoleArn } }, 'actions that only read are not supported'],
  [{ Target: { Arn: `${SDK}sqs:shout`, RoleArn } }, 'has no action shout'],
  [{ Target: { Arn: `${SDK}sqs:sendMessage`, RoleArn } }, 'missing the following field(s): QueueUrl, MessageBody'],
  [{ Target: { Arn: `${SDK}sqs:sendMessage`, RoleArn, Input: 'Hello' } }, 'is no JSON'],
  [
    { Target: { Arn: `${SDK}sqs:sendMessage`, RoleArn, Input: '{"QueueUrl":"u","MessageBody":"b","delay":1}' } },
    'The field delay is not supported',
  ],
  [
    { Target: { Arn: `${SDK}sqs:sendMessage`, RoleArn, Input: '{"QueueUrl":"u","MessageBody":{}}' } },
    'Invalid RequestJson provided',
  ],
  [{ Target: { Arn, RoleArn: 'nobody' } }, 'Invalid RoleArn'],
  [{ StartDate: new Date(0) }, 'cannot be earlier than 5 minutes ago'],
  [{ Target: { Arn, RoleArn, DeadLetterConfig: { Arn: `${QUEUE}.fifo` } } }, "at 'target.deadLetterConfig.arn'"],
  [{ State: 'ASLEEP' as never }, "Value 'ASLEEP' at 'state' failed to satisfy constraint"],
  [{ ActionAfterCompletion: 'HIDE' as never }, 'enum value set: [NONE, DELETE]'],
  [{ FlexibleTimeWindow: { Mode: 'BENT' as never } }, 'enum value set: [OFF, FLEXIBLE]'],
  [{ Target: { Arn, RoleArn, RetryPolicy: { MaximumRetryAttempts: 186 } } }, 'less than or equal to 185'],
  [{ Target: { Arn, RoleArn, RetryPolicy: { MaximumEventAgeInSeconds: 59 } } }, 'greater than or equal to 60'],
] as [Partial<CreateScheduleCommandInput>, string][])('a schedule with %j is refused', async ([given, reason]) => {
  await expect(create('wrong', given)).rejects.toThrow(reason);
});

test('a schedule that says nothing of retries has those that AWS gives it', async () => {
  await create('unsaid', {});
  const { Target } = await client.send(new GetScheduleCommand({ Name: 'unsaid' }));
  expect(Target!.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
  await remove('unsaid');
});

test('a request that is sent again with its token makes no second schedule, and no conflict', async () => {
  const given = { ClientToken: 'again', Description: 'once' };
  const { ScheduleArn } = await create('repeated', given);
  expect(await create('repeated', given)).toMatchObject({ ScheduleArn });
  await expect(create('repeated', { ...given, Description: 'twice' })).rejects.toMatchObject({
    name: 'ConflictException',
  });
  await expect(create('repeated', { ...given, ClientToken: 'other' })).rejects.toMatchObject({
    name: 'ConflictException',
  });
  await remove('repeated');
  const group = { Name: 'repeated', ClientToken: 'again' };
  const { ScheduleGroupArn } = await client.send(new CreateScheduleGroupCommand(group));
  expect(await client.send(new CreateScheduleGroupCommand(group))).toMatchObject({ ScheduleGroupArn });
  await client.send(new DeleteScheduleGroupCommand({ Name: 'repeated' }));
});

test('schedules are listed page by page, also by who deletes them on the way', async () => {
  for (const name of ['p1', 'p2', 'p3', 'p4']) await create(name, {});
  const list = (given: object) => client.send(new ListSchedulesCommand({ NamePrefix: 'p', ...given }));
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await list({ MaxResults: 2, NextToken });
    for (const { Name } of page.Schedules!) {
      names.push(Name);
      await remove(Name!);
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  expect(names).toEqual(['p1', 'p2', 'p3', 'p4']);
  const invalid = { name: 'ValidationException' };
  for (const wrong of [{ MaxResults: 0 }, { MaxResults: 101 }, { NextToken: 'x' }, { State: 'ASLEEP' }])
    await expect(list(wrong)).rejects.toMatchObject(invalid);
  await expect(client.send(new ListScheduleGroupsCommand({ MaxResults: 0 }))).rejects.toMatchObject(invalid);
  await expect(list({ GroupName: 'nowhere' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
