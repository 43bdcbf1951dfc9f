// Names that every object of JavaScript has are names of nothing in AWS: refused like any other that is not known.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startCloud, type Cloud } from './cloud.ts';
import { AwsError } from './kernel/errors.ts';
import { rootPrincipal } from './kernel/identity/principal.ts';
import { account } from './services/iam/test-identity.ts';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
  await ask('sns', 'CreateTopic', { Name: 't' });
  await ask('logs', 'CreateLogGroup', { logGroupName: 'g' });
  await ask('events', 'PutRule', { Name: 'r', ScheduleExpression: 'rate(1 day)' });
  await ask('secretsmanager', 'CreateSecret', { Name: 'a' });
  await ask('secretsmanager', 'CreateSecret', { Name: 'b' });
});
afterAll(() => cloud.stop());

// Inside the cloud, where calls are as they are from outside but for the wire.
const ask = (service: string, operation: string, input: object): Promise<unknown> =>
  cloud.kernel.invoke(service, operation, input, { principal: rootPrincipal(account), region: 'us-east-1' });

const TopicArn = `arn:aws:sns:us-east-1:${account}:t`;

const schedule = (Arn: string) => ({
  Name: 's',
  ScheduleExpression: 'rate(1 day)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn, RoleArn: `arn:aws:iam::${account}:role/r`, Input: '{}' },
});

const alarm = {
  AlarmName: 'a',
  Namespace: 'N',
  MetricName: 'm',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanThreshold',
};

const REQUESTS: [service: string, operation: string, input: (name: string) => object][] = [
  ['kms', 'CreateKey', (KeySpec) => ({ KeySpec, KeyUsage: 'SIGN_VERIFY' })],
  ['sns', 'Subscribe', (Protocol) => ({ TopicArn, Protocol, Endpoint: 'x' })],
  ['sns', 'SetTopicAttributes', (AttributeName) => ({ TopicArn, AttributeName, AttributeValue: 'x' })],
  ['sqs', 'CreateQueue', (name) => ({ QueueName: 'q', Attributes: { [name]: '1' } })],
  ['iam', 'CreateServiceLinkedRole', (AWSServiceName) => ({ AWSServiceName })],
  ['cloudtrail', 'LookupEvents', (AttributeKey) => ({ LookupAttributes: [{ AttributeKey, AttributeValue: 'x' }] })],
  ['secretsmanager', 'ListSecrets', (SortBy) => ({ SortBy })],
  [
    'events',
    'PutTargets',
    (name) => ({ Rule: 'r', Targets: [{ Id: 't', Arn: `arn:aws:${name}:us-east-1:${account}:x` }] }),
  ],
  ['scheduler', 'CreateSchedule', (name) => schedule(`arn:aws:${name}:us-east-1:${account}:x`)],
  ['scheduler', 'CreateSchedule', (name) => schedule(`arn:aws:scheduler:::aws-sdk:${name}:sendMessage`)],
  ['cloudwatch', 'PutMetricAlarm', (ComparisonOperator) => ({ ...alarm, ComparisonOperator })],
  ['cloudwatch', 'PutMetricAlarm', (Statistic) => ({ ...alarm, Statistic })],
  ['cloudwatch', 'PutMetricAlarm', (name) => ({ ...alarm, AlarmActions: [`arn:aws:${name}:us-east-1:${account}:x`] })],
  [
    'cloudwatch',
    'PutDashboard',
    (type) => ({ DashboardName: 'd', DashboardBody: JSON.stringify({ widgets: [{ type, properties: {} }] }) }),
  ],
  [
    'cloudwatch',
    'GetMetricData',
    (name) => ({
      StartTime: new Date(0),
      EndTime: new Date(60_000),
      MetricDataQueries: [{ Id: 'a', Expression: `${name}(1)`, Period: 60 }],
    }),
  ],
  [
    'logs',
    'StartQuery',
    (name) => ({ logGroupName: 'g', startTime: 0, endTime: 1, queryString: `stats ${name}(@message)` }),
  ],
];

it.each(REQUESTS)('%s %s', async (service, operation, input) => {
  for (const name of ['constructor', 'toString', 'valueOf']) {
    const refusal = await ask(service, operation, input(name)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AwsError);
  }
});
