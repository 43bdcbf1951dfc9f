// Exports of log groups to buckets, which have to let CloudWatch Logs in.
import { gunzipSync } from 'node:zlib';

import * as Logs from '@aws-sdk/client-cloudwatch-logs';
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { account, document } from '../iam/test-identity.ts';
import { s3 } from '../s3/index.ts';
import { groupWith, startLogs, type TestLogs } from './test-logs.ts';

let logs: TestLogs;
let buckets: S3.S3Client;

beforeAll(async () => {
  logs = await startLogs(s3);
  const { endpoint, credentials } = logs.cloud;
  buckets = new S3.S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  for (const Bucket of ['exports', 'closed']) await buckets.send(new S3.CreateBucketCommand({ Bucket }));
  const Policy = document(
    statement('s3:GetBucketAcl', 'arn:aws:s3:::exports'),
    statement('s3:PutObject', 'arn:aws:s3:::exports/*'),
  );
  await buckets.send(new S3.PutBucketPolicyCommand({ Bucket: 'exports', Policy }));
});
afterAll(() => logs.cloud.stop());

const statement = (Action: string, Resource: string) => ({
  Effect: 'Allow',
  Principal: { Service: 'logs.us-east-1.amazonaws.com' },
  Action,
  Resource,
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});

const create = (logGroupName: string, more: Partial<Logs.CreateExportTaskCommandInput> = {}) =>
  logs.client.send(
    new Logs.CreateExportTaskCommand({
      logGroupName,
      from: 0,
      to: logs.cloud.clock.now() + 1_000,
      destination: 'exports',
      ...more,
    }),
  );

async function ended(taskId: string) {
  for (;;) {
    const { exportTasks } = await logs.client.send(new Logs.DescribeExportTasksCommand({ taskId }));
    if (exportTasks![0]!.status!.code !== 'RUNNING') return exportTasks![0]!;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function text(Key: string): Promise<string> {
  const { Body } = await buckets.send(new S3.GetObjectCommand({ Bucket: 'exports', Key }));
  const bytes = await Body!.transformToByteArray();
  return (Key.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString();
}

test('a group’s events of some time lie in the bucket, a folder for each stream', async () => {
  const first = await groupWith(logs, 'exported', ['one', 'two\n', 'three']);
  const other = { logGroupName: 'exported', logStreamName: 'other/stream' };
  await logs.client.send(new Logs.CreateLogStreamCommand(other));
  await logs.client.send(
    new Logs.PutLogEventsCommand({ ...other, logEvents: [{ timestamp: first + 1, message: 'beside' }] }),
  );
  const { taskId } = await create('exported', { taskName: 'monthly', to: first + 2_000, destinationPrefix: 'of-logs' });
  expect(await ended(taskId!)).toMatchObject({
    taskName: 'monthly',
    logGroupName: 'exported',
    destination: 'exports',
    destinationPrefix: 'of-logs',
    status: { code: 'COMPLETED', message: 'Completed successfully' },
    executionInfo: { completionTime: expect.any(Number) as number },
  });
  const iso = (moment: number) => new Date(moment).toISOString();
  expect(await text(`of-logs/${taskId}/stream/000000.gz`)).toBe(`${iso(first)} one\n${iso(first + 1_000)} two\n`);
  expect(await text(`of-logs/${taskId}/other-stream/000000.gz`)).toBe(`${iso(first + 1)} beside\n`);
  expect(await text('of-logs/aws-logs-write-test')).toBe('Permission Check Successful');
  const named = await create('exported', { logStreamNamePrefix: 'oth' });
  await ended(named.taskId!);
  const listed = new S3.ListObjectsV2Command({ Bucket: 'exports', Prefix: `exportedlogs/${named.taskId}/` });
  expect((await buckets.send(listed)).Contents!.map(({ Key }) => Key)).toEqual([
    `exportedlogs/${named.taskId}/other-stream/000000.gz`,
  ]);
  const cancel = new Logs.CancelExportTaskCommand({ taskId });
  await expect(logs.client.send(cancel)).rejects.toMatchObject({ name: 'InvalidOperationException' });
});

test('a bucket that does not let CloudWatch Logs in, or is not there, is refused', async () => {
  await groupWith(logs, 'kept', ['x']);
  for (const destination of ['closed', 'no-such-bucket']) {
    await expect(create('kept', { destination })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('GetBucketAcl call on the given bucket failed') as string,
    });
  }
  await expect(create('kept', { from: 5, to: 5 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(create('gone')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const cancel = new Logs.CancelExportTaskCommand({ taskId: 'none' });
  await expect(logs.client.send(cancel)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
