// Permissions by tags (ABAC) in every service whose resources have some: those of the resource, and those of the request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html
import { PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud } from './cloud.ts';
import { account, allow, document, TestIdentity, type Keys } from './services/iam/test-identity.ts';
import { loadWireModel } from './wire/schemas.ts';
import { sdkRequest } from './wire/sdk-speaker.ts';
import { sendSigned } from './wire/signed-request.ts';

interface Tagged {
  /** The name that signatures have, the one of the SDK's client, and the prefix of actions. */
  readonly service: readonly [signed: string, client: string, prefix: string];
  readonly what: string;
  /** Makes one with a name, which is also the value of its tag `team`. */
  readonly create: (name: string) => readonly [operation: string, input: object];
  /** Something that the resource's tags decide on. */
  readonly use: (name: string) => readonly [operation: string, input: object];
}

const upper = (name: string) => [{ Key: 'team', Value: name }];
const lower = (name: string) => [{ key: 'team', value: name }];
const arn = (service: string, path: string) => `arn:aws:${service}:us-east-1:${account}:${path}`;

const TAGGED: readonly Tagged[] = [
  {
    service: ['logs', 'cloudwatch-logs', 'logs'],
    what: 'a log group',
    create: (name) => ['CreateLogGroup', { logGroupName: name, tags: { team: name } }],
    use: (name) => ['PutRetentionPolicy', { logGroupName: name, retentionInDays: 1 }],
  },
  {
    service: ['logs', 'cloudwatch-logs', 'logs'],
    what: 'a log group’s metric filters',
    create: (name) => ['CreateLogGroup', { logGroupName: `${name}-filtered`, tags: { team: name } }],
    use: (name) => ['DescribeSubscriptionFilters', { logGroupName: `${name}-filtered` }],
  },
  {
    service: ['monitoring', 'cloudwatch', 'cloudwatch'],
    what: 'an alarm',
    create: (name) => ['PutMetricAlarm', { ...metricAlarm(name), Tags: upper(name) }],
    use: (name) => ['DisableAlarmActions', { AlarmNames: [name] }],
  },
  {
    service: ['events', 'eventbridge', 'events'],
    what: 'an event bus',
    create: (name) => ['CreateEventBus', { Name: name, Tags: upper(name) }],
    use: (name) => ['DescribeEventBus', { Name: name }],
  },
  {
    service: ['events', 'eventbridge', 'events'],
    what: 'a rule',
    create: (name) => ['PutRule', { Name: name, EventPattern: '{"source":["app"]}', Tags: upper(name) }],
    use: (name) => ['DisableRule', { Name: name }],
  },
  {
    service: ['scheduler', 'scheduler', 'scheduler'],
    what: 'a schedule group',
    create: (name) => ['CreateScheduleGroup', { Name: name, Tags: upper(name) }],
    use: (name) => ['GetScheduleGroup', { Name: name }],
  },
  {
    service: ['codebuild', 'codebuild', 'codebuild'],
    what: 'a report group',
    create: (name) => [
      'CreateReportGroup',
      { name, type: 'TEST', exportConfig: { exportConfigType: 'NO_EXPORT' }, tags: lower(name) },
    ],
    use: (name) => ['BatchGetReportGroups', { reportGroupArns: [arn('codebuild', `report-group/${name}`)] }],
  },
  {
    service: ['codebuild', 'codebuild', 'codebuild'],
    what: 'a project',
    create: (name) => ['CreateProject', { ...buildProject(name), tags: lower(name) }],
    use: (name) => ['ListBuildsForProject', { projectName: name }],
  },
  {
    service: ['sqs', 'sqs', 'sqs'],
    what: 'a queue',
    create: (name) => ['CreateQueue', { QueueName: name, tags: { team: name } }],
    use: (name) => ['PurgeQueue', { QueueUrl: `${identity.cloud.endpoint}/${account}/${name}` }],
  },
  {
    service: ['sns', 'sns', 'SNS'],
    what: 'a topic',
    create: (name) => ['CreateTopic', { Name: name, Tags: upper(name) }],
    use: (name) => ['GetTopicAttributes', { TopicArn: arn('sns', name) }],
  },
  {
    service: ['secretsmanager', 'secrets-manager', 'secretsmanager'],
    what: 'a secret',
    create: (name) => ['CreateSecret', { Name: name, Tags: upper(name) }],
    use: (name) => ['DescribeSecret', { SecretId: name }],
  },
  {
    service: ['ssm', 'ssm', 'ssm'],
    what: 'a parameter',
    create: (name) => ['PutParameter', { Name: name, Type: 'String', Value: 'v', Tags: upper(name) }],
    use: (name) => ['GetParameter', { Name: name }],
  },
  {
    service: ['iam', 'iam', 'iam'],
    what: 'a user',
    create: (name) => ['CreateUser', { UserName: name, Tags: upper(name) }],
    use: (name) => ['GetUser', { UserName: name }],
  },
  {
    service: ['dynamodb', 'dynamodb', 'dynamodb'],
    what: 'a table',
    create: (name) => ['CreateTable', { ...itemTable(`${name}-table`), Tags: upper(name) }],
    use: (name) => ['DescribeTable', { TableName: `${name}-table` }],
  },
];

let identity: TestIdentity;
let member: Keys;

beforeAll(async () => {
  identity = new TestIdentity(await startCloud());
  member = await identity.user('member');
});
afterAll(() => identity.cloud.stop());

describe('who may do everything to what is the red team’s', () => {
  it.each(TAGGED)('makes $what for that team alone, and uses what is its alone', async (tagged) => {
    await permit('aws:RequestTag/team');
    expect(await ask(tagged, tagged.create('blue'))).toMatchObject({ status: 4, denied: true });
    expect(await ask(tagged, tagged.create('red'))).toMatchObject({ status: 2 });
    await ask(tagged, tagged.create('blue'), identity.cloud.credentials);

    await permit('aws:ResourceTag/team');
    expect(await ask(tagged, tagged.use('blue'))).toMatchObject({ status: 4, denied: true });
    expect(await ask(tagged, tagged.use('red'))).toMatchObject({ status: 2 });
  });
});

const permit = (key: string) =>
  identity.iam.send(
    new PutUserPolicyCommand({
      UserName: 'member',
      PolicyName: 'red',
      PolicyDocument: document(allow('iam:PassRole'), {
        ...allow('*'),
        Condition: { StringEquals: { [key]: 'red' } },
      }),
    }),
  );

async function ask(
  { service: [signed, client] }: Tagged,
  [name, input]: readonly [string, object],
  credentials = member,
) {
  const model = await loadWireModel(client);
  const made = await sdkRequest(signed, model.protocol, model, model.operations.get(name)!, input);
  const { status, body } = await sendSigned({ port: identity.cloud.port, credentials }, made);
  return { status: Math.floor(status / 100), denied: body.includes('is not authorized to perform'), body };
}

function metricAlarm(AlarmName: string) {
  return {
    AlarmName,
    Namespace: 'app',
    MetricName: 'm',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
  };
}

function buildProject(name: string) {
  return {
    name,
    serviceRole: `arn:aws:iam::${account}:role/any`,
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'i', computeType: 'BUILD_GENERAL1_SMALL' },
  };
}

function itemTable(TableName: string) {
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  };
}
