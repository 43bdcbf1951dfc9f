// Clients correct their clocks by the `Date` of an answer, and send again what failed until then: moves of the cloud’s clock are
// none of theirs.
import { execFile, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

import { DeleteBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';

import { startCloud, type Cloud } from './cloud.ts';
import { iam } from './services/iam/index.ts';
import { s3 } from './services/s3/index.ts';
import { sts } from './services/sts/index.ts';
import { sendSigned } from './wire/signed-request.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const hasCli = spawnSync('aws', ['--version']).status === 0;

async function start(): Promise<Cloud> {
  const cloud = await startCloud({ services: [sts, iam, s3] });
  onTestFinished(() => cloud.stop());
  return cloud;
}

const configuration = ({ endpoint, credentials }: Cloud, maxAttempts: number) => ({
  endpoint,
  credentials,
  region: 'us-east-1',
  maxAttempts,
});

/** How far an answer's time is from the machine's, in hours. */
async function hoursAway(endpoint: string, path = '/'): Promise<number> {
  const answer = await fetch(endpoint + path);
  await answer.arrayBuffer();
  return Math.abs(Math.round((Date.parse(answer.headers.get('date')!) - Date.now()) / HOUR));
}

test('answers tell the cloud’s time to who does not tell his own', async () => {
  const cloud = await start();
  const away = () =>
    Promise.all(['/', '/?Action=GetCallerIdentity', '/_plinth/status'].map((path) => hoursAway(cloud.endpoint, path)));
  expect(await away()).toEqual([0, 0, 0]);
  await cloud.clock.advance(31 * 24 * HOUR);
  expect(await away()).toEqual([744, 744, 744]);
});

test.each([
  ['the machine’s', 0],
  ['the cloud’s', 5 * DAY],
  ['the cloud’s as it was before its clock was moved', 4 * DAY],
])('answers tell the time by which the request was signed: %s', async (_, offset) => {
  const cloud = await start();
  await cloud.clock.advance(4 * DAY);
  await cloud.clock.advance(DAY);
  const request = { service: 's3', method: 'GET', path: '/', headers: {}, body: Buffer.alloc(0) };
  const { status, headers } = await sendSigned(cloud, { ...request, signedAt: Date.now() + offset });
  expect(status).toBe(200);
  expect(Math.abs(Date.parse(String(headers['date'])) - Date.now() - offset)).toBeLessThan(5_000);
});

test('an SDK’s client sends what failed once, wherever the clock was moved', async () => {
  const cloud = await start();
  const client = new S3Client({ ...configuration(cloud, 3), forcePathStyle: true });
  for (const hours of [0, 1, 24]) {
    await cloud.clock.advance(hours * HOUR);
    const remove = client.send(new DeleteBucketCommand({ Bucket: 'not-there' }));
    await expect(remove).rejects.toMatchObject({ name: 'NoSuchBucket', $metadata: { attempts: 1 } });
  }
});

test('an SDK’s client corrects a time that is nobody’s', async () => {
  const cloud = await start();
  const systemClockOffset = -2 * HOUR;
  const client = new S3Client({ ...configuration(cloud, 3), forcePathStyle: true, systemClockOffset });
  await cloud.clock.advance(HOUR);
  await client.send(new ListBucketsCommand({}));
  const { systemClockOffset: corrected } = client.config as unknown as { systemClockOffset: number };
  expect(Math.abs(corrected - HOUR)).toBeLessThan(5_000);
});

test.skipIf(!hasCli)('the AWS CLI goes on when the clock was moved', { timeout: 240_000 }, async () => {
  const cloud = await start();
  const aws = async (...args: string[]) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: tmpdir(),
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
    };
    return (await promisify(execFile)('aws', args, { env })).stdout;
  };
  await aws('s3', 'mb', 's3://moved');
  await cloud.clock.advance(HOUR);
  expect(await aws('s3', 'ls')).toContain('moved');
  expect(await aws('sts', 'get-caller-identity')).toContain('000000000000');
});
