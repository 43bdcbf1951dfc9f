// Every alarm of the deployed system, raised by a fault that is real and quiet again once that is mended; each time with a mail.
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { InboxLine } from '@plinth/cloud';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type { Credentials } from './client.ts';
import { ALARMS, BREAKER, FUNCTIONS, SALT, tableName, TABLES } from './contract.ts';
import { DeployedSystem, eventOf } from './testing/deployed-system.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const FUNCTION_IDS = Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[];
const TABLE_IDS = Object.keys(TABLES) as (keyof typeof TABLES)[];
const MINUTES = ALARMS.functionErrors.periodSeconds / 60;

let service: DeployedSystem;
let organization: Credentials;
let cloudwatch: CloudWatchClient;
let dynamodb: DynamoDBClient;
let lambda: LambdaClient;

beforeAll(async () => {
  service = await DeployedSystem.start();
  const once = { ...service.configuration, maxAttempts: 1 };
  cloudwatch = new CloudWatchClient(service.configuration);
  dynamodb = new DynamoDBClient(once);
  lambda = new LambdaClient(once);
  const TopicArn = service.output('warning_alerts_topic_arn');
  const subscription = { TopicArn, Protocol: 'email', Endpoint: 'governance@phase-mirror.example' };
  await new SNSClient(service.configuration).send(new SubscribeCommand(subscription));
  const confirmed = () => {
    service.plinth('inbox', '--confirm', 'all');
    const topics = (service.answer('inbox') as InboxLine[]).filter(({ pending }) => pending === false);
    expect(topics).toHaveLength(2);
  };
  await vi.waitFor(confirmed, { timeout: 60_000, interval: 1_000 });
  service.advanceToNoonOf(3);
  organization = (await service.organizations(['acme'])).get('acme')!;
});

afterAll(() => service.stop());

const nameOf = (id: string): string => `phase-mirror-fp-calibration-${id}-staging`;
const functionName = (id: string): string => `phase-mirror-fp-${id}-staging`;

/** The alarms that a fault has raised and its end has quieted. */
const driven = new Set<string>();

async function alarms(): Promise<ReadonlyMap<string, string | undefined>> {
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
  return new Map(MetricAlarms.map(({ AlarmName = '', StateValue }) => [AlarmName, StateValue]));
}

/** Once all of them are in a state, each with its mail. */
async function all(ids: readonly string[], state: 'ALARM' | 'OK'): Promise<void> {
  await vi.waitFor(
    async () => {
      const states = await alarms();
      expect(Object.fromEntries(ids.map((id) => [id, states.get(nameOf(id))]))).toEqual(
        Object.fromEntries(ids.map((id) => [id, state])),
      );
    },
    { timeout: 60_000, interval: 250 },
  );
  const told = () => {
    const subjects = (service.answer('inbox') as InboxLine[]).map(({ subject }) => subject);
    return ids.filter((id) => !subjects.some((subject) => subject.startsWith(`${state}: "${nameOf(id)}"`)));
  };
  await vi.waitFor(() => expect(told()).toEqual([]), { timeout: 60_000, interval: 1_000 });
  if (state === 'OK') for (const id of ids) driven.add(nameOf(id));
}

/** A fault's work in so many periods, one after the other. */
async function inPeriods(count: number, seconds: number, work: () => Promise<unknown>): Promise<void> {
  service.advanceToPeriod(seconds);
  for (let period = 0; period < count; period++) {
    await work();
    service.advance(`${seconds}s`);
  }
}

/** Some calls at a time, whatever becomes of each. */
const repeat = async (count: number, call: () => Promise<unknown>): Promise<void> => {
  for (let done = 0; done < count; done += AT_A_TIME) {
    await Promise.allSettled(Array.from({ length: Math.min(AT_A_TIME, count - done) }, call));
  }
};

const AT_A_TIME = 4;

let findings = 0;
const report = (ruleId = 'R-ALARM') =>
  service.report(organization, { ruleId, finding: `finding ${++findings}`, actualOutcome: 'pending' }, service.now());

const block = (ruleId: string) =>
  service.call('blocks', { method: 'POST', path: '/v1/blocks', body: { ruleId } }, organization);

/** Units in a second that a table may be read and written; -1 takes the limit away. */
async function limit(id: keyof typeof TABLES, read: number, write: number): Promise<void> {
  const OnDemandThroughput = { MaxReadRequestUnits: read, MaxWriteRequestUnits: write };
  const TableName = tableName(id, 'staging');
  await dynamodb.send(new UpdateTableCommand({ TableName, OnDemandThroughput }));
  await waitUntilTableExists({ client: dynamodb, minDelay: 1, maxWaitTime: 60 }, { TableName });
}

const hammer = async (id: keyof typeof TABLES): Promise<void> => {
  const TableName = tableName(id, 'staging');
  const key = { [TABLES[id].partitionKey]: { S: 'one key that everybody wants' } };
  await repeat(12, () => dynamodb.send(new GetItemCommand({ TableName, Key: key, ConsistentRead: true })));
  await repeat(12, () => dynamodb.send(new PutItemCommand({ TableName, Item: key })));
};

it('tables that are asked too much, and consents that cannot be read because of it', async () => {
  const throttles = TABLE_IDS.flatMap((id) => [`${id}-read-throttles`, `${id}-write-throttles`]);
  for (const id of TABLE_IDS) await limit(id, 1, 1);
  await inPeriods(ALARMS.throttles.periods, ALARMS.throttles.periodSeconds, async () => {
    await Promise.all(TABLE_IDS.map(hammer));
    await repeat(ALARMS.consentCheckFailures.above + 8, () => report());
  });
  await all([...throttles, 'consent-check-failures'], 'ALARM');
  for (const id of TABLE_IDS) await limit(id, -1, -1);
  service.advance(`${6 * MINUTES}m`);
  await all([...throttles, 'consent-check-failures'], 'OK');
  expect((await report()).status).toBe(202);
});

it('a counter that takes next to nothing: breakers are blind, and events slow', async () => {
  const { periodSeconds } = ALARMS.ingestionLatency;
  await limit('counter', -1, 1);
  const slow = async () => {
    // In one request, so that each event waits for the counter again.
    const body = Array.from({ length: 12 }, () => {
      const event = { ruleId: 'R-SLOW', finding: `finding ${++findings}`, actualOutcome: 'true_positive' } as const;
      return eventOf(event, service.now());
    });
    await service.call('ingestion', { method: 'POST', path: '/v1/events', body }, organization);
  };
  // Somebody else wants the counter at the same time.
  const blind = () => Promise.all([hammer('counter'), repeat(24, () => block('R-BLIND'))]);
  service.advanceToPeriod(periodSeconds);
  await slow();
  await blind();
  service.advance('300s');
  await slow();
  await blind();
  service.advance('300s');
  await all(['breaker-unreadable'], 'ALARM');
  service.advanceToPeriod(periodSeconds);
  await slow();
  service.advance(`${periodSeconds}s`);
  await all(['ingestion-latency'], 'ALARM');
  await limit('counter', -1, -1);
  service.advance(`${5 * periodSeconds}s`);
  await all(['ingestion-latency', 'breaker-unreadable'], 'OK');
  expect((await report()).status).toBe(202);
});

it('a message that nobody can take, a rule that blocks too much, a salt that is none', async () => {
  const { configuration } = service;
  const raised = ['dead-letters', 'breaker-trips', 'anonymization-errors'];
  const credential = { method: 'PUT', path: '/v1/consent/acme/credential' } as const;
  expect((await service.call('consent', credential, organization)).status).toBe(200);
  const sqs = new SQSClient({ ...configuration, credentials: organization });
  await sqs.send(new SendMessageCommand({ QueueUrl: service.output('events_queue_url'), MessageBody: 'no event' }));
  const secrets = new SecretsManagerClient(configuration);
  const SecretId = service.output('hmac_salt_secret_name');
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'no salt at all' }));
  // The message is hidden for three minutes after each of five attempts; meanwhile the functions forget the salt they knew.
  service.advance('16m');
  await inPeriods(1, ALARMS.anonymizationErrors.periodSeconds, () =>
    repeat(ALARMS.anonymizationErrors.above + 4, () => report()),
  );
  expect(service.plinth('rotate', 'fp-calibration', 'salt')).toMatchObject({ status: 0 });
  await all(['anonymization-errors'], 'ALARM');
  await inPeriods(1, ALARMS.breakerTrips.periodSeconds, () => repeat(BREAKER.threshold.default, () => block('R-LOUD')));
  await all(['dead-letters', 'breaker-trips'], 'ALARM');
  const QueueUrl = service.output('events_dead_letters_url');
  await new SQSClient(configuration).send(new PurgeQueueCommand({ QueueUrl }));
  service.advance(`${4 * MINUTES}m`);
  await all(raised, 'OK');
});

it('functions that are broken, and functions that may not run: an apply mends both', async () => {
  const errors = FUNCTION_IDS.map((id) => `${id}-errors`);
  const throttles = FUNCTION_IDS.map((id) => `${id}-throttles`);
  const call = (id: string) => lambda.send(new InvokeCommand({ FunctionName: functionName(id), Payload: '{}' }));
  const callAll = async (count: number) => {
    for (const id of FUNCTION_IDS) await repeat(count, () => call(id));
  };
  for (const id of FUNCTION_IDS) {
    const Handler = 'index.renamed';
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName(id), Handler }));
  }
  const { above, periods, periodSeconds } = ALARMS.functionErrors;
  await inPeriods(periods, periodSeconds, () => callAll(above + 4));
  await all(errors, 'ALARM');
  for (const id of FUNCTION_IDS) {
    const none = { FunctionName: functionName(id), ReservedConcurrentExecutions: 0 };
    await lambda.send(new PutFunctionConcurrencyCommand(none));
  }
  await inPeriods(ALARMS.throttles.periods, ALARMS.throttles.periodSeconds, () => callAll(ALARMS.throttles.above + 4));
  await all(throttles, 'ALARM');
  service.answer('apply', 'fp-calibration', '--yes');
  service.advance(`${6 * MINUTES}m`);
  await all([...errors, ...throttles], 'OK');
  expect((await report()).status).toBe(202);
});

it('a salt that nobody has rotated for a month', async () => {
  // Secrets Manager may not call the function any more.
  const FunctionName = functionName('rotate-salt');
  const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName }));
  const { Statement } = JSON.parse(Policy) as { Statement: { Sid: string; Principal: { Service?: string } }[] };
  const opened = Statement.filter(({ Principal }) => Principal.Service === 'secretsmanager.amazonaws.com');
  expect(opened).toHaveLength(1);
  await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: opened[0]!.Sid }));
  service.advance(`${SALT.overdueHours / 24 + 2}d`);
  await all(['rotation-overdue'], 'ALARM');
  service.answer('apply', 'fp-calibration', '--yes');
  expect(service.plinth('rotate', 'fp-calibration', 'salt')).toMatchObject({ status: 0 });
  service.advance('2d');
  await all(['rotation-overdue'], 'OK');
});

it('no alarm is without a fault', async () => {
  expect([...(await alarms()).keys()].toSorted()).toEqual([...driven].toSorted());
  expect(driven.size).toBeGreaterThan(30);
});
