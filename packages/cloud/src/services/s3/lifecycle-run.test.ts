// Lifecycle rules at work: time is moved, and what is due happens at midnight.
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  UploadPartCommand,
  type LifecycleRule,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Cloud } from '../../cloud.ts';
import { startS3, type TestS3 } from './test-s3.ts';

const DAY = 86_400_000;

let world: TestS3;
let cloud: Cloud;
let client: S3Client;

beforeAll(async () => {
  world = await startS3();
  ({ cloud, client } = world);
});
afterAll(() => world.stop());

async function bucketWith(
  Bucket: string,
  rules: Partial<LifecycleRule>[],
  options: { versions?: boolean; lock?: boolean } = {},
) {
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: options.lock }));
  if (options.versions) {
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  const Rules = rules.map((rule, index) => ({
    ID: `r${index}`,
    Status: 'Enabled' as const,
    Filter: { Prefix: '' },
    ...rule,
  }));
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
}

const put = (Bucket: string, Key: string, extra = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...extra }));

const keys = async (Bucket: string) =>
  ((await client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

const versions = async (Bucket: string) => {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return { versions: Versions.length, markers: DeleteMarkers.length };
};

test('objects expire after their days, those that the rule is about', async () => {
  await bucketWith('expiring', [
    { Filter: { Prefix: 'logs/' }, Expiration: { Days: 3 } },
    { Filter: { Tag: { Key: 'temporary', Value: 'yes' } }, Expiration: { Days: 1 } },
  ]);
  await put('expiring', 'logs/a');
  await put('expiring', 'kept');
  await put('expiring', 'tagged', { Tagging: 'temporary=yes' });
  await cloud.clock.advance(2 * DAY);
  expect(await keys('expiring')).toEqual(['kept', 'logs/a']);
  await cloud.clock.advance(2 * DAY);
  expect(await keys('expiring')).toEqual(['kept']);
});

test('with versions an expired object is hidden, its versions go later, and at last the marker', async () => {
  await bucketWith(
    'versioned',
    [
      {
        Expiration: { Days: 1 },
        NoncurrentVersionExpiration: { NoncurrentDays: 5 },
      },
    ],
    { versions: true },
  );
  await put('versioned', 'a');
  await put('versioned', 'a');
  await cloud.clock.advance(2 * DAY);
  expect(await versions('versioned')).toEqual({ versions: 2, markers: 1 });
  await cloud.clock.advance(4 * DAY);
  expect(await versions('versioned')).toEqual({ versions: 1, markers: 1 });
  await cloud.clock.advance(5 * DAY);
  expect(await versions('versioned')).toEqual({ versions: 0, markers: 0 });
});

test('so many noncurrent versions are kept, and what is locked stays', async () => {
  const NoncurrentVersionExpiration = { NoncurrentDays: 1, NewerNoncurrentVersions: 2 };
  await bucketWith('kept-few', [{ NoncurrentVersionExpiration }], { lock: true });
  const { VersionId } = await put('kept-few', 'a');
  await client.send(
    new PutObjectLegalHoldCommand({ Bucket: 'kept-few', Key: 'a', VersionId, LegalHold: { Status: 'ON' } }),
  );
  for (let count = 0; count < 5; count++) await put('kept-few', 'a');
  await cloud.clock.advance(3 * DAY);
  // The current one, two newer ones, and the one that is held.
  expect(await versions('kept-few')).toEqual({ versions: 4, markers: 0 });
});

test('objects move to other classes, and have to be restored from an archive', async () => {
  await bucketWith('moving', [
    {
      Transitions: [
        { Days: 30, StorageClass: 'STANDARD_IA' },
        { Days: 90, StorageClass: 'GLACIER' },
      ],
    },
  ]);
  await put('moving', 'a', { Body: Buffer.alloc(128 * 1024) });
  const storageClass = async () =>
    (await client.send(new HeadObjectCommand({ Bucket: 'moving', Key: 'a' }))).StorageClass;
  await cloud.clock.advance(31 * DAY);
  expect(await storageClass()).toBe('STANDARD_IA');
  await cloud.clock.advance(60 * DAY);
  expect(await storageClass()).toBe('GLACIER');
  await expect(client.send(new GetObjectCommand({ Bucket: 'moving', Key: 'a' }))).rejects.toMatchObject({
    name: 'InvalidObjectState',
  });
});

test('answers tell when an object expires, and when an upload will be ended', async () => {
  await bucketWith('told', [
    { ID: 'über, 7 Tage', Filter: { Prefix: 'a/' }, Expiration: { Days: 7 } },
    { ID: 'late', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 9 } },
    { ID: 'soon', Filter: { Prefix: 'a/' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } },
    { ID: 'off', Status: 'Disabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
  ]);
  const Bucket = 'told';
  const midnight = (days: number) => new Date((Math.floor(cloud.clock.now() / DAY) + 1 + days) * DAY);
  const expiration = `expiry-date="${midnight(7).toUTCString()}", rule-id="%C3%BCber%2C%207%20Tage"`;
  const put = await client.send(new PutObjectCommand({ Bucket, Key: 'a/1', Body: 'x' }));
  const copy = await client.send(new CopyObjectCommand({ Bucket, Key: 'a/2', CopySource: 'told/a/1' }));
  const upload = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a/3' }));
  expect(upload).toMatchObject({ AbortDate: midnight(3), AbortRuleId: 'soon' });
  const place = { Bucket, Key: 'a/3', UploadId: upload.UploadId };
  const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand({ ...place, PartNumber: 1, Body: 'x' }));
  expect(await client.send(new ListPartsCommand(place))).toMatchObject({ AbortDate: midnight(3), AbortRuleId: 'soon' });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
  const done = await client.send(new CompleteMultipartUploadCommand({ ...place, MultipartUpload }));
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'a/1' }));
  expect([put, copy, done, head].map(({ Expiration }) => Expiration)).toEqual(Array(4).fill(expiration));

  const other = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'b' }));
  expect(other).toMatchObject({ AbortDate: midnight(9), AbortRuleId: 'late' });
  expect(await client.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'x' }))).not.toHaveProperty('Expiration');
});

test('a marker that hides nothing goes, unfinished uploads end', async () => {
  await bucketWith(
    'tidy',
    [
      { Expiration: { ExpiredObjectDeleteMarker: true } },
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
    ],
    { versions: true },
  );
  await client.send(new DeleteObjectCommand({ Bucket: 'tidy', Key: 'never' }));
  await client.send(new CreateMultipartUploadCommand({ Bucket: 'tidy', Key: 'half' }));
  await cloud.clock.advance(DAY);
  expect(await versions('tidy')).toEqual({ versions: 0, markers: 0 });
  const uploads = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: 'tidy' }))).Uploads ?? [];
  expect(await uploads()).toHaveLength(1);
  await cloud.clock.advance(3 * DAY);
  expect(await uploads()).toEqual([]);
});
