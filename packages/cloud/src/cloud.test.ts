// A cloud's life: many at once, kept on disk or forgotten, watched and stopped from outside.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CodeBuildClient, ListProjectsCommand } from '@aws-sdk/client-codebuild';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';

import { startCloud, type Cloud, type CloudOptions } from './cloud.ts';
import { testService } from './wire/test-service.ts';

const start = (options: CloudOptions = {}): Promise<Cloud> =>
  startCloud({
    services: [testService('codebuild', 'codebuild', { ListProjects: () => ({ projects: [] }) })],
    ...options,
  });

const listProjects = ({ endpoint, credentials }: Pick<Cloud, 'endpoint' | 'credentials'>) =>
  new CodeBuildClient({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 }).send(new ListProjectsCommand({}));

const ask = (cloud: Cloud, path: string, init: RequestInit = {}) =>
  fetch(`${cloud.endpoint}/_plinth/${path}`, { headers: { authorization: `Bearer ${cloud.token}` }, ...init });

test('clouds in one process do not meet: each has its port, its keys and its clock', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  await one.clock.advance(3_600_000);
  expect(one.clock.now() - other.clock.now()).toBeGreaterThan(3_500_000);
  await listProjects(one);
  await expect(listProjects({ endpoint: one.endpoint, credentials: other.credentials })).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  });
  await Promise.all([one.stop(), other.stop()]);
});

test('twenty at once, in memory and on disk, leave no process, folder or socket behind', async () => {
  const home = await mkdtemp(join(tmpdir(), 'plinth-twenty-'));
  const temporary = join(home, 'temporary');
  await mkdir(temporary);
  vi.stubEnv('TMPDIR', temporary);
  const before = children();
  const clouds = await Promise.all(
    Array.from({ length: 20 }, (_, index) => startCloud(index % 2 === 0 ? {} : { folder: join(home, String(index)) })),
  );
  expect(new Set(clouds.map(({ port }) => port)).size).toBe(20);
  const use = async ({ endpoint, credentials }: Cloud, index: number) => {
    const configuration = { endpoint, credentials, region: 'us-east-1' };
    const s3 = new S3Client({ ...configuration, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: `of-${index}` }));
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toMatchObject([{ Name: `of-${index}` }]);
    // The table engine is a process of its own.
    if (index < 4) await new DynamoDBClient(configuration).send(new ListTablesCommand({}));
    // A long poll is no reason to wait.
    const sqs = new SQSClient({ ...configuration, maxAttempts: 1 });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'polled' }));
    void sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 })).catch(() => {});
  };
  await Promise.all(clouds.map(use));
  expect(children().length).toBeGreaterThan(before.length);
  await Promise.all(clouds.map((cloud) => cloud.stop()));
  expect(children()).toEqual(before);
  expect(await readdir(temporary)).toEqual([]);
  for (const { endpoint } of clouds) await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

/** The processes that this one has started. */
const children = (): string[] =>
  spawnSync('pgrep', ['-P', String(process.pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .toSorted();

test('a cloud on disk comes back with its keys and its time, readable by its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-cloud-'));
  const first = await start({ folder });
  await first.clock.advance(86_400_000);
  const then = first.clock.now();
  await first.stop();
  const second = await start({ folder });
  expect(second.credentials).toEqual(first.credentials);
  expect(second.clock.now()).toBeGreaterThanOrEqual(then);
  expect((await stat(join(folder, 'cloud.sqlite'))).mode & 0o077).toBe(0);
  await second.stop();
  await rm(folder, { recursive: true });
});

test('a folder keeps its account: it opens without its name, and as no other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-account-'));
  await (await start({ folder, account: '123456789012' })).stop();
  const again = await start({ folder });
  expect(again.kernel.account).toBe('123456789012');
  await again.stop();
  await expect(start({ folder, account: '000000000000' })).rejects.toMatchObject({
    code: 'OTHER_ACCOUNT',
    message: "The store is account 123456789012's, not 000000000000's.",
  });
  await expect(start({ account: '12' })).rejects.toThrow("'12' is no account: it has twelve digits");
  await (await start({ folder, account: '123456789012' })).stop();
  await rm(folder, { recursive: true });
});

test('health is for anyone, status for the holder of the token', async () => {
  const cloud = await start({ account: '123456789012' });
  await listProjects(cloud);
  const health = await (await fetch(`${cloud.endpoint}/_plinth/health`)).json();
  expect(health).toEqual({ version: expect.any(String), account: '123456789012', startedAt: expect.any(String) });
  expect((await fetch(`${cloud.endpoint}/_plinth/status`)).status).toBe(401);
  expect((await ask(cloud, 'status', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  expect(await (await ask(cloud, 'status')).json()).toMatchObject({
    services: ['codebuild'],
    usage: [{ service: 'codebuild', kind: 'requests:ListProjects', region: 'us-east-1', amount: 1 }],
    memoryBytes: expect.any(Number),
  });
  expect((await ask(cloud, 'nonsense')).status).toBe(404);
  await cloud.stop();
});

test('a door for Terraform opens and closes over the admin endpoints', async () => {
  const cloud = await start();
  const answer = await ask(cloud, 'doors', { method: 'POST', body: JSON.stringify({ folder: tmpdir() }) });
  const { id, reattach } = (await answer.json()) as { id: string; reattach: string };
  expect(Object.keys(JSON.parse(reattach) as object)).toContain('registry.terraform.io/hashicorp/aws');
  expect((await ask(cloud, `doors/${id}`, { method: 'DELETE' })).status).toBe(200);
  expect((await ask(cloud, `doors/${id}`, { method: 'DELETE' })).status).toBe(404);
  for (const body of ['{}', 'null', '{"folder":']) {
    expect((await ask(cloud, 'doors', { method: 'POST', body })).status).toBe(400);
  }
  await cloud.stop();
});

test('a cloud stops when it is told to, and says so', async () => {
  const cloud = await start();
  expect((await ask(cloud, 'stop', { method: 'POST' })).status).toBe(202);
  await cloud.stopped;
  await expect(fetch(cloud.endpoint)).rejects.toThrow('fetch failed');
});

test('time stops a few times a day in a cloud where nothing happens, so that it moves over years at once', async () => {
  const cloud = await startCloud();
  const armed = vi.spyOn(cloud.kernel.clock, 'at');
  const days = 30;
  await cloud.clock.advance(days * 86_400_000);
  expect(armed.mock.calls.length).toBeGreaterThan(0);
  expect(armed.mock.calls.length).toBeLessThan(days * 12);
  await cloud.stop();
});
