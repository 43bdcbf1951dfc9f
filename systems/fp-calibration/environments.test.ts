// Staging and production side by side in one cloud: what each has of its own, what they share, and how each ends.
import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { ENVIRONMENTS, tableName, TABLES, type EnvironmentName } from './contract.ts';
import { DeployedSystem } from './testing/deployed-system.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const BUCKET = 'phase-mirror-terraform-state';
const TABLE_IDS = Object.keys(TABLES) as (keyof typeof TABLES)[];
const PRODUCTION = ['fp-calibration', '--env', 'production'] as const;

let service: DeployedSystem;
let dynamodb: DynamoDBClient;
let s3: S3Client;

beforeAll(async () => {
  service = await DeployedSystem.start();
  service.answer('up', ...PRODUCTION);
  dynamodb = new DynamoDBClient(service.configuration);
  s3 = new S3Client({ ...service.configuration, forcePathStyle: true });
});

afterAll(() => service.stop());

const tablesOf = (environment: EnvironmentName): string[] => TABLE_IDS.map((id) => tableName(id, environment));

const tables = async (): Promise<string[]> => (await dynamodb.send(new ListTablesCommand({}))).TableNames ?? [];

const isProtected = async (environment: EnvironmentName): Promise<unknown[]> => {
  const found = tablesOf(environment).map((TableName) => dynamodb.send(new DescribeTableCommand({ TableName })));
  return (await Promise.all(found)).map(({ Table }) => Table?.DeletionProtectionEnabled ?? false);
};

const stateKeys = async (): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key = '' }) => Key).toSorted();
};

const everyTable = (value: unknown): unknown[] => TABLE_IDS.map(() => value);

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly fix: string };
}

/** What a command complains of. */
function complaint(...words: readonly string[]): Failure['error'] {
  const { stdout, status } = service.plinth(...words, '--json');
  expect(status).not.toBe(0);
  return (JSON.parse(stdout) as Failure).error;
}

it('each has tables and a state of its own; the bucket is shared', async () => {
  expect(await tables()).toEqual(expect.arrayContaining(ENVIRONMENTS.flatMap(tablesOf)));
  const { deployed } = service.answer('status', 'fp-calibration') as StatusAnswer;
  expect(deployed.map(({ environment, state }) => [environment, state.bucket])).toEqual(
    ENVIRONMENTS.map((environment) => [environment, BUCKET]),
  );
  const keys = deployed.flatMap(({ state }) => state.keys);
  expect([...new Set(keys)].toSorted()).toEqual(await stateKeys());
  expect(await stateKeys()).toHaveLength(3);
});

interface StatusAnswer {
  readonly deployed: readonly {
    readonly environment: string;
    readonly state: { readonly bucket: string; readonly keys: readonly string[] };
  }[];
}

it.each(ENVIRONMENTS)('the smoke tests pass in %s', (environment) => {
  expect(service.plinth('smoke', 'fp-calibration', '--env', environment)).toMatchObject({ status: 0 });
});

it('a variable that nobody declared is refused, and the others are named', () => {
  const { code, fix } = complaint('up', 'fp-calibration', '--var', 'enable_everything=true');
  expect(code).toBe('unknown-variable');
  for (const name of [
    'enable_point_in_time_recovery',
    'enable_deletion_protection',
    'critical_alert_emails',
    'warning_alert_emails',
  ]) {
    expect(fix).toContain(name);
  }
});

it('point-in-time recovery is on, and off where a variable says so', async () => {
  const recovery = async () => {
    const found = tablesOf('staging').map((TableName) =>
      dynamodb.send(new DescribeContinuousBackupsCommand({ TableName })),
    );
    return (await Promise.all(found)).map(
      ({ ContinuousBackupsDescription: it }) => it?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
    );
  };
  expect(await recovery()).toEqual(everyTable('ENABLED'));
  service.answer('up', 'fp-calibration', '--var', 'enable_point_in_time_recovery=false');
  expect(await recovery()).toEqual(everyTable('DISABLED'));
});

it('a plan is applied as it was shown', async () => {
  const unprotected = ['--var', 'enable_deletion_protection=false'] as const;
  const { plans } = service.answer('plan', ...PRODUCTION, ...unprotected) as { plans: Plan[] };
  const changed = plans.flatMap(({ resources }) => resources.map(({ address, action }) => `${action} ${address}`));
  expect(changed.toSorted()).toEqual(
    ['block_counter', 'calibration_store', 'consent_store', 'fp_events'].map((id) => `update aws_dynamodb_table.${id}`),
  );
  expect(await isProtected('production')).toEqual(everyTable(true));
  // A new plan, without the variable, would change nothing.
  const { applied } = service.answer('apply', ...PRODUCTION, '--yes') as { applied: Plan[] };
  expect(applied.map(({ resources }) => resources)).toEqual(plans.map(({ resources }) => resources));
  expect(await isProtected('production')).toEqual(everyTable(false));
});

interface Plan {
  readonly resources: readonly { readonly address: string; readonly action: string }[];
}

it('production cannot be destroyed by accident', async () => {
  service.answer('up', ...PRODUCTION);
  expect(await isProtected('production')).toEqual(everyTable(true));
  expect(await isProtected('staging')).toEqual(everyTable(false));
  const [TableName] = tablesOf('production');
  await expect(dynamodb.send(new DeleteTableCommand({ TableName: TableName! }))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(/deletion protection/i) as string,
  });
  const { code, message, fix } = complaint('destroy', ...PRODUCTION, '--yes');
  expect(code).toBe('deletion-protected');
  for (const name of tablesOf('production')) expect(message).toContain(name);
  expect(fix).toContain('plinth up fp-calibration --env production --var enable_deletion_protection=false');
  // Nothing of it is gone.
  expect(service.plinth('smoke', ...PRODUCTION)).toMatchObject({ status: 0 });
  expect(service.answer('plan', ...PRODUCTION)).toMatchObject({ plans: [{ resources: [] }, { resources: [] }] });
});

it('the bucket stays as long as an environment keeps its state there, and goes with the last', async () => {
  service.answer('destroy', 'fp-calibration', '--yes');
  expect((await tables()).filter((name) => tablesOf('staging').includes(name))).toEqual([]);
  await s3.send(new HeadBucketCommand({ Bucket: BUCKET }));
  expect(await stateKeys()).toHaveLength(2);
  expect(service.plinth('smoke', ...PRODUCTION)).toMatchObject({ status: 0 });

  service.answer('up', ...PRODUCTION, '--var', 'enable_deletion_protection=false');
  service.answer('destroy', ...PRODUCTION, '--yes');
  expect(await tables()).toEqual([]);
  await expect(s3.send(new HeadBucketCommand({ Bucket: BUCKET }))).rejects.toMatchObject({ name: 'NotFound' });
});
