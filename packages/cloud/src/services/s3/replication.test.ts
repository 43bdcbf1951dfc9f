// Replication through the SDK: what is written here is there soon after, if the role may.
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutObjectTaggingCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type Destination,
  type ListObjectVersionsCommandOutput,
  type ReplicationRule,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Measurement } from '../../kernel/feed.ts';
import { iam as iamService } from '../iam/index.ts';
import { kms as kmsService } from '../kms/index.ts';
import { sts } from '../sts/index.ts';
import { s3 } from './index.ts';
import { startS3, type TestS3 } from './test-s3.ts';

let world: TestS3;
let iam: IAMClient;
let kms: KMSClient;

beforeAll(async () => {
  world = await startS3({ services: [sts, iamService, kmsService, s3] });
  const { endpoint, credentials } = world.cloud;
  iam = new IAMClient({ endpoint, credentials, region: 'us-east-1' });
  kms = new KMSClient({ endpoint, credentials, region: 'us-east-1' });
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
  destination: Partial<Destination> = {},
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
      Destination: { ...destination, Bucket: `arn:aws:s3:::${to}` },
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
  const { from, to } = await pair(rule, { StorageClass: 'STANDARD_IA' });
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

test('a replica has its source’s version id, a delete marker’s too, and is listed and read by it', async () => {
  await mayDo(...EVERYTHING);
  const { from, to } = await pair();
  const ids: (string | undefined)[] = [];
  for (let n = 0; n < 3; n++) ids.unshift((await put(from, 'k')).VersionId);
  await reaches(from, 'k', 'COMPLETED');
  const { VersionId: marker } = await world.client.send(new DeleteObjectCommand({ Bucket: from, Key: 'k' }));
  while ((await keys(to)).length > 0);
  const replica = await world.client.send(new GetObjectCommand({ Bucket: to, Key: 'k', VersionId: ids[2] }));
  expect(await replica.Body!.transformToString()).toBe('the body of k');
  const listed: (string | undefined)[] = [];
  for (let markers = {}; ;) {
    const page: ListObjectVersionsCommandOutput = await world.client.send(
      new ListObjectVersionsCommand({ Bucket: to, MaxKeys: 1, ...markers }),
    );
    const [one] = [...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])];
    listed.push(one?.VersionId);
    await world.client.send(new DeleteObjectCommand({ Bucket: to, Key: 'k', VersionId: one?.VersionId }));
    if (!page.IsTruncated) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  expect(listed).toEqual([marker, ...ids]);
});

test('tags that are changed later are changed there too; what was there before the rule stays alone', async () => {
  await mayDo(...EVERYTHING);
  const { from, to } = await pair({ Filter: { Prefix: 'in/' } });
  await put(from, 'in/a', { Tagging: 'state=new' });
  await put(from, 'out');
  await reaches(from, 'in/a', 'COMPLETED');
  const tags = { TagSet: [{ Key: 'state', Value: 'done' }] };
  const tagged = async () => {
    const { TagSet } = await world.client.send(new GetObjectTaggingCommand({ Bucket: to, Key: 'in/a' }));
    return TagSet!.map(({ Value }) => Value).join();
  };
  await world.client.send(new PutObjectTaggingCommand({ Bucket: from, Key: 'in/a', Tagging: tags }));
  await world.client.send(new PutObjectTaggingCommand({ Bucket: from, Key: 'out', Tagging: tags }));
  while ((await tagged()) !== 'done');
  expect(await keys(to)).toEqual(['in/a']);
  await world.client.send(new DeleteObjectTaggingCommand({ Bucket: from, Key: 'in/a' }));
  while ((await tagged()) !== '');
  expect(await status(to, 'in/a')).toBe('REPLICA');
});

test('what is under a KMS key goes only where a rule names the key there, and KMS is asked for both', async () => {
  const [own, theirs] = await Promise.all(
    ['here', 'there'].map(async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!),
  );
  const encrypted = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: own };
  await mayDo(...EVERYTHING);
  const plain = await pair();
  await put(plain.from, 'k', encrypted);
  expect(await status(plain.from, 'k')).toBeUndefined();

  const SourceSelectionCriteria = { SseKmsEncryptedObjects: { Status: 'Enabled' as const } };
  const { from, to } = await pair(
    { SourceSelectionCriteria },
    { EncryptionConfiguration: { ReplicaKmsKeyID: `arn:aws:kms:us-east-1:000000000000:key/${theirs}` } },
  );
  await put(from, 'k', encrypted);
  await reaches(from, 'k', 'FAILED');
  await mayDo(...EVERYTHING, 'kms:Decrypt', 'kms:GenerateDataKey');
  await world.cloud.clock.advance(60_000);
  await reaches(from, 'k', 'COMPLETED');
  const replica = await world.client.send(new GetObjectCommand({ Bucket: to, Key: 'k' }));
  expect(await replica.Body!.transformToString()).toBe('the body of k');
  expect(replica.SSEKMSKeyId).toContain(theirs);
  await kms.send(new DisableKeyCommand({ KeyId: theirs }));
  await expect(world.client.send(new GetObjectCommand({ Bucket: to, Key: 'k' }))).rejects.toMatchObject({
    name: 'KMS.DisabledException',
  });
  await kms.send(new EnableKeyCommand({ KeyId: theirs }));
});

test('a rule that names no key for what is under one, or a key and no such objects, is refused', async () => {
  const SourceSelectionCriteria = { SseKmsEncryptedObjects: { Status: 'Enabled' as const } };
  await expect(pair({ SourceSelectionCriteria })).rejects.toMatchObject({ name: 'InvalidRequest' });
  const EncryptionConfiguration = { ReplicaKmsKeyID: 'alias/aws/s3' };
  await expect(pair({}, { EncryptionConfiguration })).rejects.toMatchObject({ name: 'InvalidRequest' });
});

test('where a rule is measured, CloudWatch hears how it goes', async () => {
  const measured: Measurement[] = [];
  const stop = world.cloud.kernel.measurements.subscribe((one) => measured.push(one));
  await mayDo('s3:GetObjectVersionForReplication');
  const { from, to } = await pair(
    {},
    {
      ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
      Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
    },
  );
  await put(from, 'k');
  await reaches(from, 'k', 'FAILED');
  await world.cloud.clock.advance(25 * 60_000);
  await mayDo(...EVERYTHING);
  await world.cloud.clock.advance(25 * 60_000);
  await reaches(from, 'k', 'COMPLETED');
  stop();
  const dimensions = { SourceBucket: from, DestinationBucket: to, RuleId: 'all' };
  const mine = measured.filter(({ namespace }) => namespace === 'AWS/S3');
  expect(mine.map(({ name }) => name)).toEqual([
    'OperationsFailedReplication',
    'ReplicationLatency',
    'BytesPendingReplication',
    'OperationsPendingReplication',
  ]);
  expect(mine.every((each) => JSON.stringify(each.dimensions) === JSON.stringify(dimensions))).toBe(true);
  expect(mine[1]!.value).toBeGreaterThan(15 * 60);
  await expect(pair({}, { ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } } })).rejects.toMatchObject({
    name: 'InvalidRequest',
  });
});

test('a bucket whose objects are replicated keeps its versions', async () => {
  const { from } = await pair();
  const VersioningConfiguration = { Status: 'Suspended' as const };
  await expect(
    world.client.send(new PutBucketVersioningCommand({ Bucket: from, VersioningConfiguration })),
  ).rejects.toMatchObject({ name: 'InvalidBucketState', message: expect.stringContaining('replication') as string });
});

test('a rule with a filter has to say what AWS wants to know of it', async () => {
  const message = (text: string) => ({ name: 'InvalidRequest', message: expect.stringContaining(text) as string });
  await expect(pair({ DeleteMarkerReplication: undefined })).rejects.toMatchObject(
    message('DeleteMarkerReplication must be specified for this version'),
  );
  await expect(pair({ Priority: undefined })).rejects.toMatchObject(message('Priority must be specified'));
  await expect(pair({ Filter: { Tag: { Key: 'a', Value: 'b' } } })).rejects.toMatchObject(
    message('Delete marker replication is not supported if any Tag filter is specified.'),
  );
  await expect(pair({}, { Metrics: { Status: 'On' as never } })).rejects.toMatchObject({ name: 'MalformedXML' });
  await expect(pair({}, { StorageClass: 'GOLD' as never })).rejects.toMatchObject({ name: 'MalformedXML' });
});

test('what the cloud would not do is refused', async () => {
  await expect(pair({}, { Account: '111111111111' })).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('Destination.Account') as string,
  });
  await expect(pair({ ExistingObjectReplication: { Status: 'Enabled' } })).rejects.toMatchObject({
    message: expect.stringContaining('ExistingObjectReplication') as string,
  });
});
