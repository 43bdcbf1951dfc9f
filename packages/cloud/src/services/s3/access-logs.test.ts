// Access logs: what a bucket was asked, in another bucket an hour later.
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketLoggingCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type LoggingEnabled,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startS3, type TestS3 } from './test-s3.ts';

const HOUR = 3_600_000;

let world: TestS3;

beforeAll(async () => {
  world = await startS3();
});
afterAll(() => world.stop());

/** A bucket, and one for its logs that lets S3 deliver them. */
async function logged(more: Partial<LoggingEnabled> = {}, open: 'policy' | 'acl' | 'closed' = 'policy') {
  const [Bucket, TargetBucket] = [world.name(), world.name()];
  const ObjectOwnership = open === 'acl' ? 'ObjectWriter' : 'BucketOwnerEnforced';
  await world.client.send(new CreateBucketCommand({ Bucket }));
  await world.client.send(new CreateBucketCommand({ Bucket: TargetBucket, ObjectOwnership }));
  if (open === 'acl')
    await world.client.send(new PutBucketAclCommand({ Bucket: TargetBucket, ACL: 'log-delivery-write' as 'private' }));
  if (open === 'policy') {
    const allow = {
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${TargetBucket}/*`,
      Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
    await world.client.send(new PutBucketPolicyCommand({ Bucket: TargetBucket, Policy }));
  }
  const LoggingEnabled = { TargetBucket, TargetPrefix: 'log/', ...more };
  await world.client.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } }));
  return { Bucket, TargetBucket };
}

/** The keys of the logs, and their lines, after an hour. */
async function delivered(Bucket: string): Promise<{ keys: string[]; lines: string[][] }> {
  await world.cloud.clock.advance(HOUR);
  const { Contents = [] } = await world.client.send(new ListObjectsV2Command({ Bucket, Prefix: 'log/' }));
  const keys = Contents.map(({ Key }) => Key!);
  const bodies = await Promise.all(
    keys.map(async (Key) => (await world.client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString()),
  );
  const lines = bodies.flatMap((body) => body.trimEnd().split('\n'));
  return { keys, lines: lines.map((line) => line.match(/"[^"]*"|\[[^\]]*\]|\S+/g)!) };
}

test('each request is a line of twenty-six fields, refused ones too', async () => {
  const { Bucket, TargetBucket } = await logged();
  await world.client.send(new PutObjectCommand({ Bucket, Key: 'a b.txt', Body: 'hello' }));
  await world.client.send(new GetObjectCommand({ Bucket, Key: 'a b.txt' }));
  await world.client.send(new GetObjectCommand({ Bucket, Key: 'none' })).catch(() => {});
  await fetch(`${world.cloud.endpoint}/${Bucket}/a%20b.txt`);
  const { keys, lines } = await delivered(TargetBucket);
  expect(keys).toEqual([expect.stringMatching(/^log\/\d{4}(-\d\d){5}-[0-9A-Z]{16}$/)]);
  expect(lines.every((line) => line.length === 26)).toBe(true);
  expect(lines.map((line) => [line[6], line[7], line[9], line[10], line[21]])).toEqual([
    ['REST.PUT.LOGGING_STATUS', '-', '200', '-', 'AuthHeader'],
    ['REST.PUT.OBJECT', 'a%20b.txt', '200', '-', 'AuthHeader'],
    ['REST.GET.OBJECT', 'a%20b.txt', '200', '-', 'AuthHeader'],
    ['REST.GET.OBJECT', 'none', '404', 'NoSuchKey', 'AuthHeader'],
    ['REST.GET.OBJECT', 'a%20b.txt', '403', 'AccessDenied', '-'],
  ]);
  expect(lines[2]).toEqual(expect.arrayContaining([Bucket, `"GET /${Bucket}/a%20b.txt?x-id=GetObject HTTP/1.1"`, '5']));
  expect(lines[2]![2]).toMatch(/^\[\d\d\/[A-Z][a-z]{2}\/\d{4}(:\d\d){3} \+0000\]$/);
  expect(lines[4]![4]).toBe('-');
});

test('logs lie under their day where the bucket says so', async () => {
  const { Bucket, TargetBucket } = await logged({
    TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: 'EventTime' } },
  });
  const { keys } = await delivered(TargetBucket);
  expect(keys).toEqual([
    expect.stringMatching(
      new RegExp(`^log/000000000000/us-east-1/${Bucket}/(\\d+/){3}\\d{4}-\\d\\d-\\d\\d-00-00-00-[0-9A-Z]{16}$`),
    ),
  ]);
});

test('an ACL lets S3 deliver as a policy does; without either logs are lost, and so they are once nobody wants them', async () => {
  const acl = await logged({}, 'acl');
  expect((await delivered(acl.TargetBucket)).keys).toHaveLength(1);
  const closed = await logged({}, 'closed');
  expect((await delivered(closed.TargetBucket)).keys).toEqual([]);
  const over = await logged();
  await world.client.send(new PutBucketLoggingCommand({ Bucket: over.Bucket, BucketLoggingStatus: {} }));
  expect((await delivered(over.TargetBucket)).keys).toEqual([]);
});
