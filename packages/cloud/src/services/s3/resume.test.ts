// What S3 still has to do when the cloud stops is done by the one that starts on its state.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as S3 from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';

import type { ServiceEvent } from '../../kernel/feed.ts';
import { startS3, type TestS3 } from './test-s3.ts';

const HOUR = 3_600_000;

const folder = mkdtempSync(join(tmpdir(), 'plinth-s3-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const allow = {
  Effect: 'Allow',
  Principal: { Service: 'logging.s3.amazonaws.com' },
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::logs/*',
};

async function leaveUndone({ client }: TestS3): Promise<void> {
  const make = (command: object) => client.send(command as never);
  await make(new S3.CreateBucketCommand({ Bucket: 'source' }));
  await make(new S3.CreateBucketCommand({ Bucket: 'logs' }));
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
  await make(new S3.PutBucketPolicyCommand({ Bucket: 'logs', Policy }));
  const LoggingEnabled = { TargetBucket: 'logs', TargetPrefix: 'log/' };
  await make(new S3.PutBucketLoggingCommand({ Bucket: 'source', BucketLoggingStatus: { LoggingEnabled } }));
  const NotificationConfiguration = { EventBridgeConfiguration: {} };
  await make(new S3.PutBucketNotificationConfigurationCommand({ Bucket: 'source', NotificationConfiguration }));
  await make(new S3.PutObjectCommand({ Bucket: 'source', Key: 'old', Body: 'x', StorageClass: 'GLACIER' }));
  const RestoreRequest = { Days: 1, GlacierJobParameters: { Tier: 'Standard' as const } };
  await make(new S3.RestoreObjectCommand({ Bucket: 'source', Key: 'old', RestoreRequest }));
}

test('logs are delivered and restores are told after a restart', async () => {
  const before = await startS3({ folder });
  await leaveUndone(before);
  await before.stop();

  const after = await startS3({ folder });
  const heard: ServiceEvent[] = [];
  after.cloud.kernel.events.subscribe((event) => heard.push(event));
  await after.cloud.clock.advance(6 * HOUR);
  expect(heard.map(({ detailType }) => detailType)).toEqual(['Object Restore Completed']);
  const { Contents = [] } = await after.client.send(new S3.ListObjectsV2Command({ Bucket: 'logs' }));
  expect(Contents).toHaveLength(1);
  await after.cloud.clock.advance(72 * HOUR);
  expect(heard.map(({ detailType }) => detailType)).toEqual(['Object Restore Completed', 'Object Restore Expired']);
  await after.stop();
});
