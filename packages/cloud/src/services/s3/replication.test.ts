// Replication through the SDK: what is written here is there soon after, if the role may.
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type ReplicationRule,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startS3, type TestS3 } from './test-s3.ts';

let world: TestS3;
let iam: IAMClient;

beforeAll(async () => {
  world = await startS3();
  const { endpoint, credentials } = world.cloud;
  iam = new IAMClient({ endpoint, credentials, region: 'us-east-1' });
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 's3.amazonaws.com' } };
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'replicator',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
});
afterAll(() => world.stop());

const mayDo = (...Action: string[]) =>
  iam.send(
    new PutRolePolicyCommand({
      RoleName: 'replicator',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
      }),
    }),
  );

const EVERYTHING = [
  's3:GetObjectVersionForReplication',
  's3:GetObjectVersionTagging',
  's3:ReplicateObject',
  's3:ReplicateDelete',
  's3:ReplicateTags',
];

async function versioned(): Promise<string> {
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await world.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  return Bucket;
}

async function pair(
  rule: Partial<ReplicationRule> = {},
  StorageClass?: 'STANDARD_IA',
): Promise<{ from: string; to: string }> {
  const [from, to] = [await versioned(), await versioned()];
  const Rules: ReplicationRule[] = [
    {
      ID: 'all',
      Priority: 1,
      Status: 'Enabled',
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Enabled' },
      ...rule,
      Destination: { Bucket: `arn:aws:s3:::${to}`, StorageClass },
    },
  ];
  const ReplicationConfiguration = { Role: 'arn:aws:iam::000000000000:role/replicator', Rules };
  await world.client.send(new PutBucketReplicationCommand({ Bucket: from, ReplicationConfiguration }));
  return { from, to };
}

const put = (Bucket: string, Key: string, extra = {}) =>
  world.client.send(new PutObjectCommand({ Bucket, Key, Body: `the body of ${Key}`, ...extra }));

const status = async (Bucket: string, Key: string) =>
  (await world.client.send(new HeadObjectCommand({ Bucket, Key }))).ReplicationStatus;

/** The status of an object once it is this one. */
async function reaches(bucket: string, key: string, wanted: string): Promise<void> {
  while ((await status(bucket, key)) !== wanted);
}

const keys = async (Bucket: string) =>
  ((await world.client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

test('an object is there soon after, with what is known of it', async () => {
  await mayDo(...EVERYTHING);
  const { from, to } = await pair();
  await put(from, 'a', { Metadata: { made: 'by hand' }, Tagging: 'kind=report' });
  await reaches(from, 'a', 'COMPLETED');
  const replica = await world.client.send(new GetObjectCommand({ Bucket: to, Key: 'a' }));
  expect(await replica.Body!.transformToString()).toBe('the body of a');
  expect(replica).toMatchObject({ ReplicationStatus: 'REPLICA', Metadata: { made: 'by hand' }, TagCount: 1 });
  await world.client.send(new DeleteObjectCommand({ Bucket: from, Key: 'a' }));
  while ((await keys(to)).length > 0);
});

test('only what a rule is about goes, into the class that it names; delete markers only where it says so', async () => {
  await mayDo(...EVERYTHING);
  const rule = { Filter: { Prefix: 'reports/' }, DeleteMarkerReplication: { Status: 'Disabled' as const } };
  const { from, to } = await pair(rule, 'STANDARD_IA');
  await put(from, 'reports/a');
  await put(from, 'other');
  await reaches(from, 'reports/a', 'COMPLETED');
  expect(await status(from, 'other')).toBeUndefined();
  expect(await keys(to)).toEqual(['reports/a']);
  const replica = await world.client.send(new HeadObjectCommand({ Bucket: to, Key: 'reports/a' }));
  expect(replica.StorageClass).toBe('STANDARD_IA');
  await world.client.send(new DeleteObjectCommand({ Bucket: from, Key: 'reports/a' }));
  await put(from, 'reports/b');
  await reaches(from, 'reports/b', 'COMPLETED');
  expect(await keys(to)).toEqual(['reports/a', 'reports/b']);
});

test('what the role may not do has failed, and is done once it may', async () => {
  await mayDo('s3:GetObjectVersionForReplication');
  const { from, to } = await pair();
  await put(from, 'a');
  await reaches(from, 'a', 'FAILED');
  expect(await keys(to)).toEqual([]);
  await mayDo(...EVERYTHING);
  await world.cloud.clock.advance(60_000);
  await reaches(from, 'a', 'COMPLETED');
  expect(await keys(to)).toEqual(['a']);
});

test('what the cloud would not do is refused', async () => {
  await expect(pair({ ExistingObjectReplication: { Status: 'Enabled' } })).rejects.toMatchObject({
    message: expect.stringContaining('ExistingObjectReplication') as string,
  });
});
