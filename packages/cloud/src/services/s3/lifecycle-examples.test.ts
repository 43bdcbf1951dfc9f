// The examples of AWS's documentation of lifecycle configurations, each with what it says becomes of the objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type LifecycleRule,
  type PutBucketLifecycleConfigurationCommandInput,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startS3, type TestS3 } from './test-s3.ts';

const DAY = 86_400_000;

/** Objects below this size are left where they are, unless a rule speaks of sizes. */
const LARGE = Buffer.alloc(128 * 1024);

let world: TestS3;

beforeAll(async () => {
  world = await startS3();
});
afterAll(() => world.stop());

type Rule = Partial<LifecycleRule>;

async function bucketWith(
  rules: readonly Rule[],
  { versions = false, ...more }: { versions?: boolean } & Partial<PutBucketLifecycleConfigurationCommandInput> = {},
): Promise<string> {
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket }));
  if (versions) {
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await world.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  const Rules = rules.map((rule): LifecycleRule => ({ Status: 'Enabled', Filter: {}, ...rule }));
  const LifecycleConfiguration = { Rules };
  await world.client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration, ...more }));
  return Bucket;
}

const put = (Bucket: string, Key: string, Body: Buffer = LARGE, Tagging?: string) =>
  world.client.send(new PutObjectCommand({ Bucket, Key, Body, Tagging }));

/** What is under each key, newest first: the classes of its versions, `marker` for a delete marker. */
async function stateOf(Bucket: string): Promise<Record<string, string>> {
  const page = await world.client.send(new ListObjectVersionsCommand({ Bucket }));
  const entries = [
    ...(page.Versions ?? []).map((one) => ({ ...one, what: one.StorageClass ?? '' })),
    ...(page.DeleteMarkers ?? []).map((one) => ({ ...one, what: 'marker' })),
  ].toSorted((one, other) => Number(other.IsLatest) - Number(one.IsLatest));
  const state: Record<string, string> = {};
  for (const { Key = '', what } of entries) state[Key] = state[Key] === undefined ? what : `${state[Key]} ${what}`;
  return state;
}

/** The state after so many days, each counted from the one before. */
async function after(days: number, bucket: string): Promise<Record<string, string>> {
  await world.cloud.clock.advance(days * DAY);
  return stateOf(bucket);
}

const GLACIER = 'GLACIER' as const;

test('a prefix, two actions: archived after a year, deleted after ten', async () => {
  const bucket = await bucketWith([
    { Filter: { Prefix: 'tax/' }, Transitions: [{ Days: 365, StorageClass: GLACIER }], Expiration: { Days: 3650 } },
  ]);
  await put(bucket, 'tax/doc1.txt');
  await put(bucket, 'other');
  expect(await after(365, bucket)).toEqual({ 'tax/doc1.txt': 'STANDARD', other: 'STANDARD' });
  expect(await after(1, bucket)).toEqual({ 'tax/doc1.txt': 'GLACIER', other: 'STANDARD' });
  expect(await after(3285, bucket)).toEqual({ other: 'STANDARD' });
});

test('zero days: everything is archived at the midnight after it was made', async () => {
  const bucket = await bucketWith([{ Filter: { Prefix: '' }, Transitions: [{ Days: 0, StorageClass: GLACIER }] }]);
  await put(bucket, 'a');
  expect(await after(1, bucket)).toEqual({ a: 'GLACIER' });
});

test('a prefix and tags, all of which an object has to have; several rules, one for each prefix', async () => {
  const tags = [
    { Key: 'key1', Value: 'value1' },
    { Key: 'key2', Value: 'value2' },
  ];
  const bucket = await bucketWith([
    { Filter: { And: { Prefix: 'tax/', Tags: tags } }, Transitions: [{ Days: 0, StorageClass: GLACIER }] },
    { Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } },
    { Filter: { Prefix: 'off/' }, Expiration: { Days: 1 }, Status: 'Disabled' },
  ]);
  await put(bucket, 'tax/both', LARGE, 'key1=value1&key2=value2');
  await put(bucket, 'tax/one', LARGE, 'key1=value1');
  await put(bucket, 'tmp/a');
  await put(bucket, 'off/a');
  expect(await after(2, bucket)).toEqual({ 'tax/both': 'GLACIER', 'tax/one': 'STANDARD', 'off/a': 'STANDARD' });
});

test('an object goes down the classes over its life', async () => {
  const bucket = await bucketWith([
    {
      Filter: { Prefix: 'logs/' },
      Transitions: [
        { Days: 30, StorageClass: 'STANDARD_IA' },
        { Days: 90, StorageClass: GLACIER },
      ],
      Expiration: { Days: 365 },
    },
  ]);
  await put(bucket, 'logs/a');
  expect(await after(31, bucket)).toEqual({ 'logs/a': 'STANDARD_IA' });
  expect(await after(60, bucket)).toEqual({ 'logs/a': 'GLACIER' });
  expect(await after(275, bucket)).toEqual({});
});

test('overlapping prefixes without a conflict: both rules are done', async () => {
  const bucket = await bucketWith([
    { Expiration: { Days: 365 } },
    { Filter: { Prefix: 'logs/' }, Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }] },
  ]);
  await put(bucket, 'logs/a');
  await put(bucket, 'b');
  expect(await after(31, bucket)).toEqual({ 'logs/a': 'STANDARD_IA', b: 'STANDARD' });
  expect(await after(335, bucket)).toEqual({});
});

test('an expiration and a transition on one day: what is deleted for good is not moved before', async () => {
  const bucket = await bucketWith([
    { Expiration: { Days: 365 } },
    { Filter: { Prefix: 'logs/' }, Transitions: [{ Days: 365, StorageClass: 'STANDARD_IA' }] },
  ]);
  await put(bucket, 'logs/a');
  expect(await after(366, bucket)).toEqual({});
});

test('overlapping prefixes, conflicting expirations: the shorter one', async () => {
  const bucket = await bucketWith([
    { Expiration: { Days: 30 } },
    { Filter: { Prefix: 'logs/' }, Expiration: { Days: 365 } },
  ]);
  await put(bucket, 'logs/a');
  expect(await after(31, bucket)).toEqual({});
});

test('conflicting transitions: the cheaper class, which Intelligent-Tiering comes before except for archives', async () => {
  const cheaper = await bucketWith([
    { Filter: { Prefix: 'logs/' }, Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }] },
    { Transitions: [{ Days: 30, StorageClass: GLACIER }] },
  ]);
  await put(cheaper, 'logs/a');
  const tiering = await bucketWith([
    { Transitions: [{ Days: 30, StorageClass: 'INTELLIGENT_TIERING' }] },
    { Transitions: [{ Days: 30, StorageClass: 'ONEZONE_IA' }] },
  ]);
  await put(tiering, 'a');
  expect(await after(31, cheaper)).toEqual({ 'logs/a': 'GLACIER' });
  expect(await stateOf(tiering)).toEqual({ a: 'INTELLIGENT_TIERING' });
});

test('tags that overlap: the shorter life counts, and where it ends in a delete marker, the move comes first', async () => {
  const Tag = (Key: string) => ({ Filter: { Tag: { Key, Value: 'value' } } });
  const rules: Rule[] = [
    { ...Tag('tag1'), Transitions: [{ Days: 14, StorageClass: GLACIER }] },
    { ...Tag('tag2'), Expiration: { Days: 14 } },
  ];
  const [plain, versioned] = [await bucketWith(rules), await bucketWith(rules, { versions: true })];
  for (const bucket of [plain, versioned]) await put(bucket, 'a', LARGE, 'tag1=value&tag2=value');
  expect(await after(15, plain)).toEqual({});
  expect(await stateOf(versioned)).toEqual({ a: 'GLACIER' });
  expect(await after(1, versioned)).toEqual({ a: 'marker GLACIER' });
});

test('versions: the current one expires into a marker, the others are archived, then deleted', async () => {
  const bucket = await bucketWith(
    [
      {
        Expiration: { Days: 60 },
        NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: GLACIER }],
        NoncurrentVersionExpiration: { NewerNoncurrentVersions: 1, NoncurrentDays: 90 },
      },
    ],
    { versions: true },
  );
  await put(bucket, 'a');
  await put(bucket, 'a');
  expect(await after(31, bucket)).toEqual({ a: 'STANDARD GLACIER' });
  expect(await after(30, bucket)).toEqual({ a: 'marker STANDARD GLACIER' });
  expect(await after(31, bucket)).toEqual({ a: 'marker GLACIER' });
});

test('a delete marker that is left alone goes', async () => {
  const bucket = await bucketWith(
    [{ Expiration: { ExpiredObjectDeleteMarker: true }, NoncurrentVersionExpiration: { NoncurrentDays: 30 } }],
    { versions: true },
  );
  await put(bucket, 'a');
  await world.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
  expect(await after(30, bucket)).toEqual({ a: 'marker STANDARD' });
  // The last version goes, and once it is gone, the marker.
  expect(await after(2, bucket)).toEqual({});
});

test('an upload that was not completed is aborted', async () => {
  const bucket = await bucketWith([
    { Filter: { Prefix: 'SomeKeyPrefix/' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
  ]);
  for (const Key of ['SomeKeyPrefix/a', 'other']) {
    await world.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
  }
  const uploads = async () => {
    const { Uploads = [] } = await world.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.map(({ Key }) => Key);
  };
  await world.cloud.clock.advance(7 * DAY);
  expect(await uploads()).toEqual(['SomeKeyPrefix/a', 'other']);
  await world.cloud.clock.advance(DAY);
  expect(await uploads()).toEqual(['other']);
});

test('sizes: rules that name them decide, others leave small objects where they are', async () => {
  const small = Buffer.alloc(1_000);
  const move = { Transitions: [{ Days: 0, StorageClass: GLACIER }] };
  const buckets = {
    larger: await bucketWith([{ ...move, Filter: { ObjectSizeGreaterThan: 500 } }]),
    between: await bucketWith([
      { ...move, Filter: { And: { Prefix: 'tax/', ObjectSizeGreaterThan: 500, ObjectSizeLessThan: 64_000 } } },
    ]),
    unsaid: await bucketWith([move]),
    varying: await bucketWith([move], { TransitionDefaultMinimumObjectSize: 'varies_by_storage_class' }),
  };
  for (const bucket of Object.values(buckets)) {
    await put(bucket, 'tax/large');
    await put(bucket, 'tax/small', small);
    await put(bucket, 'tax/tiny', Buffer.alloc(500));
  }
  await world.cloud.clock.advance(DAY);
  const [LARGER, SMALL, TINY] = ['tax/large', 'tax/small', 'tax/tiny'];
  expect(await stateOf(buckets.larger)).toEqual({ [LARGER]: 'GLACIER', [SMALL]: 'GLACIER', [TINY]: 'STANDARD' });
  expect(await stateOf(buckets.between)).toEqual({ [LARGER]: 'STANDARD', [SMALL]: 'GLACIER', [TINY]: 'STANDARD' });
  expect(await stateOf(buckets.unsaid)).toEqual({ [LARGER]: 'GLACIER', [SMALL]: 'STANDARD', [TINY]: 'STANDARD' });
  expect(await stateOf(buckets.varying)).toEqual({ [LARGER]: 'GLACIER', [SMALL]: 'GLACIER', [TINY]: 'GLACIER' });
});
