// The drills through deployed functions: bundles in the cloud's Lambda, requests signed by organizations, months on its clock.
import { randomUUID } from 'node:crypto';

import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { AddPermissionCommand, CreateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, PutSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { addWeeks, startOf, weekOf } from './app/domain/iso-week.ts';
import { LIMITS, METRICS, POLICY_VERSION, SALT, tableName } from './contract.ts';
import { Deployment } from './testing/deployment.ts';
import { ACCOUNT } from './testing/handlers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SECRET = SALT.secretName('staging');

let service: Deployment;
const members: { readonly organization: string; readonly credentials: Awaited<ReturnType<Deployment['member']>> }[] =
  [];

beforeAll(async () => {
  service = await Deployment.start();
  // From a Wednesday's noon on, far from where weeks and hours end.
  const now = service.cloud.clock.now();
  const wednesday = startOf(addWeeks(weekOf(now), 1)) + 2 * DAY + 12 * HOUR;
  await service.cloud.clock.advance(wednesday - now);
  for (let index = 0; index < 10; index++) {
    const organization = `org${index}`;
    members.push({ organization, credentials: await service.member(organization) });
  }
}, 120_000);

afterAll(() => service.stop());

const event = (more: Record<string, unknown> = {}) => ({
  ruleId: 'R-TEN',
  ruleVersion: '1.0.0',
  finding: randomUUID(),
  outcome: 'block',
  actualOutcome: 'false_positive',
  confidence: 1,
  timestamp: new Date(service.cloud.clock.now()).toISOString(),
  environment: 'production',
  ...more,
});

const send = (index: number, body: unknown) =>
  service.call('ingest', members[index]!.credentials, ['POST', '/v1/events'], body);

const ask = (ruleId: string, query = '') =>
  service.call('calibration', members[0]!.credentials, ['GET', `/v1/calibration/${ruleId}${query}`]);

const consentOf = (index: number, method: string, body?: unknown, part = '') =>
  service.call('consent', members[index]!.credentials, [method, `/v1/consent/org${index}${part}`], body);

const stages = async (): Promise<string[]> => {
  const { VersionIdsToStages } = await service.secrets.send(new DescribeSecretCommand({ SecretId: SECRET }));
  return Object.values(VersionIdsToStages ?? {}).flat();
};

const rows = async (): Promise<number> =>
  (await service.dynamodb.send(new ScanCommand({ TableName: tableName('events', 'staging') }))).Count ?? 0;

/** All that a metric of the application ever added up to. */
async function sumOf(name: keyof typeof METRICS.names): Promise<number> {
  const now = service.cloud.clock.now();
  const { Datapoints } = await new CloudWatchClient(service.as()).send(
    new GetMetricStatisticsCommand({
      Namespace: METRICS.namespace,
      MetricName: METRICS.names[name],
      Dimensions: Object.entries(METRICS.dimensions('staging')).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - 60 * DAY),
      EndTime: new Date(now + HOUR),
      Period: 86_400,
      Statistics: ['Sum'],
    }),
  );
  return (Datapoints ?? []).reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

it('has no salt until the rotation makes it; until then it takes nothing in', async () => {
  const consent = { type: 'explicit', scope: ['rule_calibration'], policyVersion: POLICY_VERSION };
  for (const index of members.keys()) expect((await consentOf(index, 'PUT', consent)).status).toBe(200);
  expect(await send(0, event())).toMatchObject({ status: 503, body: { error: 'UNAVAILABLE', retryAfter: 30 } });
  expect(await rows()).toBe(0);
  await service.lambda.send(
    new AddPermissionCommand({
      FunctionName: 'rotate-salt',
      StatementId: 'secrets-manager',
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: ACCOUNT,
    }),
  );
  await service.secrets.send(
    new RotateSecretCommand({
      SecretId: SECRET,
      RotationLambdaARN: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:rotate-salt`,
      RotationRules: { AutomaticallyAfterDays: SALT.rotationDays },
    }),
  );
  await vi.waitFor(async () => expect(await stages()).toContain('AWSCURRENT'));
});

it('answers for ten organizations once their week is closed, and for nine as for none', async () => {
  for (const index of members.keys()) {
    expect((await send(index, event())).status).toBe(202);
    if (index < 9) expect((await send(index, event({ ruleId: 'R-NINE' }))).status).toBe(202);
  }
  expect((await ask('R-TEN')).status).toBe(403);
  await service.cloud.clock.advance(7 * DAY + LIMITS.weekGraceSeconds * 1_000 + LIMITS.freezeDelaySeconds * 1_000);
  expect(await service.invoke('freeze-weeks')).toEqual({ published: 1 });
  expect(await ask('R-TEN')).toMatchObject({
    status: 200,
    body: { requiredK: 10, epochs: [{ count: 10, k: 10, rate: 1, interval: { high: 1 }, parts: [{ kind: 'week' }] }] },
  });
  const nine = await ask('R-NINE');
  expect(nine).toEqual({ status: 403, body: { error: 'INSUFFICIENT_K_ANONYMITY', requiredK: 10 } });
  expect(await ask('R-NOBODY')).toEqual(nine);
  expect(await ask('R-TEN', '?version=2.0.0')).toEqual(nine);
});

it('takes events from the queue, from those who enrolled', async () => {
  const sqs = new SQSClient(service.as());
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'events', Attributes: { VisibilityTimeout: '180' } }),
  );
  expect((await consentOf(1, 'PUT', undefined, '/credential')).status).toBe(200);
  for (const index of [1, 1, 2]) {
    const MessageBody = JSON.stringify(event({ actualOutcome: 'pending' }));
    const sender = new SQSClient(service.as(members[index]!.credentials));
    await sender.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  const before = await rows();
  await service.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'ingest-batch',
      EventSourceArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:events`,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
  );
  // Two events, and a mark for each.
  await vi.waitFor(async () => expect(await rows()).toBe(before + 4));
});

it('a month later there is another salt: old answers stay, duplicates are known, six organizations remain six', async () => {
  const before = await ask('R-TEN');
  await service.cloud.clock.advance(
    SALT.rotationDays * DAY - (9 * DAY + LIMITS.freezeDelaySeconds * 1_000) - 12 * HOUR,
  );
  const finding = event();
  const first = await send(0, finding);
  const six = async () => {
    for (let index = 0; index < 6; index++) {
      expect((await send(index, event({ ruleId: 'R-SIX' }))).status).toBe(202);
    }
  };
  await six();
  await service.cloud.clock.advance(13 * HOUR);
  await vi.waitFor(async () => expect(await stages()).toContain('AWSPREVIOUS'));
  await service.cloud.clock.advance(SALT.cacheSeconds * 1_000);
  await six();
  expect(await send(0, finding)).toMatchObject({ status: 409, body: { priorEventId: first.body.eventId } });
  expect(await ask('R-TEN')).toMatchObject({ body: { epochs: before.body.epochs } });
});

it('takes the previous salt away a day after the rotation', async () => {
  expect(await service.invoke('retire-salt')).toMatchObject({ retired: false });
  await service.cloud.clock.advance(DAY + HOUR);
  expect(await service.invoke('retire-salt')).toMatchObject({ retired: true });
  expect(await stages()).not.toContain('AWSPREVIOUS');
});

it('refuses who took consent back, at once', async () => {
  expect((await consentOf(3, 'DELETE')).status).toBe(200);
  expect(await send(3, event())).toMatchObject({ status: 403, body: { error: 'CONSENT_REQUIRED', state: 'revoked' } });
});

it('takes nothing in by a salt that is none, and goes on once it is mended', async () => {
  await service.secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString: 'p@ssw0rd' }));
  await service.cloud.clock.advance(SALT.cacheSeconds * 1_000 + 1_000);
  const before = await rows();
  const errors = await sumOf('anonymizationErrors');
  expect(await send(0, event())).toMatchObject({ status: 503 });
  expect(await rows()).toBe(before);
  // What the alarm watches: the contract's name and dimensions, and no others.
  await vi.waitFor(async () => expect(await sumOf('anonymizationErrors')).toBe(errors + 1));
  await service.secrets.send(new RotateSecretCommand({ SecretId: SECRET }));
  await vi.waitFor(async () => expect((await send(0, event())).status).toBe(202));
});

it('trips a breaker at the tenth block', async () => {
  const block = () => service.call('blocks', members[0]!.credentials, ['POST', '/v1/blocks'], { ruleId: 'R-TEN' });
  const verdicts = [];
  for (let count = 0; count < 10; count++) verdicts.push((await block()).body.enforcement as string);
  expect(verdicts).toEqual([...Array.from({ length: 9 }, () => 'block'), 'warn']);
});

it('counts nobody twice: of six organizations on both sides of a rotation nothing is told', async () => {
  await service.cloud.clock.advance(10 * DAY);
  await service.invoke('freeze-weeks');
  expect(await ask('R-SIX')).toEqual({ status: 403, body: { error: 'INSUFFICIENT_K_ANONYMITY', requiredK: 10 } });
  expect((await ask('R-TEN')).body.epochs[0]).toMatchObject({ count: 10 });
});
