import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
// The drills of the README, through the deployed endpoints: who is counted, what is told, and what happens when a part breaks.
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type { Credentials } from './client.ts';
import { ALARMS, LIMITS, type SaltValue } from './contract.ts';
import { DeployedSystem } from './testing/deployed-system.ts';

const TEN = Array.from({ length: LIMITS.k }, (_, index) => `org${index}`);

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let service: DeployedSystem;
let organizations: Map<string, Credentials>;
let anyone: Credentials;

beforeAll(async () => {
  service = await DeployedSystem.start();
  service.advanceToNoonOf(3);
  organizations = await service.organizations(TEN);
  anyone = organizations.get('org0')!;
});

afterAll(() => service.stop());

/** Each organization reports two false and three true positives of a rule: fifty reviews of ten. */
async function reportFifty(ruleId: string, names: readonly string[]): Promise<void> {
  const now = service.now();
  for (const name of names) {
    const reports = ['false_positive', 'false_positive', 'true_positive', 'true_positive', 'true_positive'] as const;
    for (const [index, actualOutcome] of reports.entries()) {
      const event = { ruleId, finding: `${name} ${index} ${now}`, actualOutcome };
      const { status, body } = await service.report(organizations.get(name)!, event, now);
      expect({ status, body }).toMatchObject({ status: 202, body: { eventId: expect.any(String) } });
    }
  }
}

const eventCount = async (): Promise<number> => {
  const client = new DynamoDBClient(service.configuration);
  const { Count } = await client.send(
    new ScanCommand({ TableName: service.output('fp_events_table_name'), Select: 'COUNT' }),
  );
  return Count ?? 0;
};

const saltVersion = async (): Promise<string | undefined> => {
  const client = new SecretsManagerClient(service.configuration);
  const secret = await client.send(new DescribeSecretCommand({ SecretId: service.output('hmac_salt_secret_name') }));
  return Object.entries(secret.VersionIdsToStages ?? {}).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
};

const alarmState = async (id: string): Promise<string | undefined> => {
  const client = new CloudWatchClient(service.configuration);
  const AlarmNames = [`phase-mirror-fp-calibration-${id}-staging`];
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames }));
  return MetricAlarms[0]?.StateValue;
};

const FIFTY = {
  count: 50,
  k: 10,
  rate: 0.4,
  interval: { low: 0.27608389730256544, high: 0.5381856225241064 },
};

it('nine organizations are refused, the tenth makes an answer that is right to the last digit', async () => {
  await reportFifty('R-NINE', TEN.slice(1));
  await reportFifty('R-TEN', TEN);
  for (let credential = 0; credential < 10; credential++) {
    const event = { ruleId: 'R-ONE', finding: `finding ${credential}` };
    expect((await service.report(await service.credential('org1'), event, service.now())).status).toBe(202);
  }
  const early = await service.ask('R-TEN', anyone);
  service.advance('7d');
  const nine = await service.ask('R-NINE', anyone);
  const none = await service.ask('R-NOBODY', anyone);
  expect(nine).toEqual({ status: 403, body: { error: 'INSUFFICIENT_K_ANONYMITY', requiredK: 10 } });
  expect(none).toEqual(nine);
  expect(early).toEqual(nine);
  // One organization with ten credentials is one.
  expect(await service.ask('R-ONE', anyone)).toEqual(nine);
  const ten = await service.ask('R-TEN', anyone);
  expect(ten).toMatchObject({ status: 200, body: { ruleId: 'R-TEN', epochs: [FIFTY] } });
  const all = await service.call('calibration', { path: '/v1/calibration' }, anyone);
  expect(all.body.rules.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(['R-TEN']);
});

it('a month later the salt is another: old answers stay, and nobody is counted across epochs', async () => {
  const before = await service.ask('R-TEN', anyone, { weeks: '20' });
  const version = await saltVersion();
  service.advance('24d');
  expect(await saltVersion()).not.toBe(version);
  for (const [name, credentials] of organizations) expect((await service.consent(name, credentials)).status).toBe(200);
  service.advanceToNoonOf(3);
  await reportFifty('R-TEN', TEN);
  // Six organizations before the rotation and six after it are not twelve.
  await reportFifty('R-SIX', TEN.slice(0, 6));
  service.advance('7d');
  const { body } = await service.ask('R-TEN', anyone, { weeks: '20' });
  expect(body.epochs).toHaveLength(2);
  expect(body.epochs).toContainEqual(before.body.epochs[0]);
  expect(body.epochs).toMatchObject([FIFTY, FIFTY]);
  expect((await service.ask('R-SIX', anyone, { weeks: '20' })).status).toBe(403);
});

it('a consent that is taken back is asked at once, and one that expires, too', async () => {
  const credentials = organizations.get('org2')!;
  const event = { ruleId: 'R-CONSENT', finding: 'x' };
  expect((await service.report(credentials, event, service.now())).status).toBe(202);
  const path = '/v1/consent/org2';
  expect((await service.call('consent', { method: 'DELETE', path }, credentials)).status).toBe(200);
  expect(await service.report(credentials, { ...event, finding: 'y' }, service.now())).toMatchObject({
    status: 403,
    body: { error: 'CONSENT_REQUIRED', state: 'revoked' },
  });
  const expiresAt = new Date(service.now() + 3_600_000).toISOString();
  expect((await service.consent('org2', credentials, { expiresAt })).status).toBe(200);
  expect((await service.report(credentials, { ...event, finding: 'z' }, service.now())).status).toBe(202);
  service.advance('2h');
  expect(await service.report(credentials, { ...event, finding: 'late' }, service.now())).toMatchObject({
    status: 403,
    body: { error: 'CONSENT_REQUIRED', state: expect.stringMatching(/expired|not_requested/) },
  });
  await service.consent('org2', credentials);
});

it('the salt is in no state, plan or log, nor anywhere else but under its key', async () => {
  const secrets = new SecretsManagerClient(service.configuration);
  const SecretId = service.output('hmac_salt_secret_name');
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const { salt } = JSON.parse(SecretString) as SaltValue;
  expect(salt).toMatch(/^[0-9a-f]{64}$/);
  expect(service.filesWith(salt)).toEqual([]);
  // The secret's name is in the state, so that the search would find the salt there.
  expect(service.filesWith(SecretId)).not.toEqual([]);
});

it('a function is asked by hand, with an event from standard input', () => {
  const event = JSON.stringify({ method: 'GET', path: '/v1/calibration/R-NOBODY' });
  const asked = service.plinthWith(event, 'invoke', 'fp-calibration', 'calibration', '--event', '-');
  expect(asked.status).toBe(0);
  expect(JSON.parse(asked.stdout)).toMatchObject({ statusCode: 403 });
});

it('a broken salt is a 503 that writes nothing and wakes somebody; a rotation mends it', async () => {
  const secrets = new SecretsManagerClient(service.configuration);
  const SecretId = service.output('hmac_salt_secret_name');
  await service.call('ingestion', { method: 'POST', path: '/v1/events', body: '' }, anyone);
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'no salt at all' }));
  // As long as a function may go on with the salt that it has.
  service.advance('6m');
  const before = await eventCount();
  for (let attempt = 0; attempt <= ALARMS.anonymizationErrors.above; attempt++) {
    const event = { ruleId: 'R-BROKEN', finding: `finding ${attempt}` };
    expect(await service.report(anyone, event, service.now())).toMatchObject({
      status: 503,
      body: { error: 'UNAVAILABLE', retryAfter: expect.any(Number), requestId: expect.any(String) },
    });
  }
  expect(await eventCount()).toBe(before);
  service.advance('10m');
  expect(await alarmState('anonymization-errors')).toBe('ALARM');

  expect(service.plinth('rotate', 'fp-calibration', 'salt')).toMatchObject({ status: 0 });
  expect((await service.report(anyone, { ruleId: 'R-BROKEN', finding: 'mended' }, service.now())).status).toBe(202);
  service.advance('10m');
  expect(await alarmState('anonymization-errors')).toBe('OK');
});
