// Clients correct their clocks by the `Date` of an answer, which is the cloud's: they go on working when somebody moves it.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';

import { startCloud, type Cloud, type CloudOptions } from './cloud.ts';
import { iam } from './services/iam/index.ts';
import { s3 } from './services/s3/index.ts';
import { sqs } from './services/sqs/index.ts';
import { sts } from './services/sts/index.ts';

const HOUR = 3_600_000;

const hasCli = spawnSync('aws', ['--version']).status === 0;

async function start(options: CloudOptions = {}): Promise<Cloud> {
  const cloud = await startCloud({ services: [sts, iam, s3, sqs], ...options });
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

test('every answer tells the cloud’s time', async () => {
  const cloud = await start();
  const away = () =>
    Promise.all(['/', '/?Action=GetCallerIdentity', '/_plinth/status'].map((path) => hoursAway(cloud.endpoint, path)));
  expect(await away()).toEqual([0, 0, 0]);
  await cloud.clock.advance(31 * 24 * HOUR);
  expect(await away()).toEqual([744, 744, 744]);
});

test('an SDK’s client goes on through moves of the clock, without a second attempt', async () => {
  const cloud = await start();
  const once = configuration(cloud, 1);
  const [ofS3, ofSqs, ofSts] = [
    new S3Client({ ...once, forcePathStyle: true }),
    new SQSClient(once),
    new STSClient(once),
  ];
  await ofS3.send(new CreateBucketCommand({ Bucket: 'moved' }));
  const { QueueUrl } = await ofSqs.send(new CreateQueueCommand({ QueueName: 'moved' }));
  for (const hours of [0, 1, 1, 5, 24]) {
    await cloud.clock.advance(hours * HOUR);
    for (const Key of ['first', 'second']) {
      // A stream cannot be sent again.
      const Body = Readable.from([Buffer.from('hello')]);
      await ofS3.send(new PutObjectCommand({ Bucket: 'moved', Key, Body, ContentLength: 5 }));
      await ofSqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
      expect((await ofSts.send(new GetCallerIdentityCommand({}))).Account).toBe('000000000000');
    }
    // It keeps the cloud's time by now.
    const { systemClockOffset } = ofS3.config as unknown as { systemClockOffset: number };
    expect(Math.abs(Date.now() + systemClockOffset - cloud.clock.now())).toBeLessThan(5_000);
  }
});

test('an SDK’s client corrects a time that the cloud has forgotten that it told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-skew-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const before = await start({ folder });
  const client = new S3Client({ ...configuration(before, 3), forcePathStyle: true });
  await before.clock.advance(HOUR);
  await client.send(new ListBucketsCommand({}));
  await before.clock.advance(HOUR);
  await before.stop();
  const cloud = await start({ folder, port: before.port });
  const statuses: number[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      statuses.push((answer.response as { statusCode: number }).statusCode);
      return answer;
    },
    { step: 'deserialize', priority: 'low' },
  );
  await client.send(new ListBucketsCommand({}));
  await client.send(new ListBucketsCommand({}));
  expect(statuses).toEqual([403, 200, 200]);
  expect(cloud.clock.now() - Date.now()).toBeGreaterThan(1.9 * HOUR);
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
