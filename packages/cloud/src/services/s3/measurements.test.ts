// What CloudWatch hears of buckets.
import {
  CreateBucketCommand,
  DeleteBucketMetricsConfigurationCommand,
  GetBucketMetricsConfigurationCommand,
  GetObjectCommand,
  ListBucketMetricsConfigurationsCommand,
  ListObjectsV2Command,
  PutBucketMetricsConfigurationCommand,
  PutObjectCommand,
  type MetricsFilter,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Measurement } from '../../kernel/feed.ts';
import { codeOf, startS3, type TestS3 } from './test-s3.ts';

let world: TestS3;
let stop: () => void;
const measured: Measurement[] = [];

beforeAll(async () => {
  world = await startS3();
  stop = world.cloud.kernel.measurements.subscribe((one) => measured.push(one));
});
afterAll(async () => {
  stop();
  await world.stop();
});

async function bucketWith(filters: Record<string, MetricsFilter | undefined>): Promise<string> {
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket }));
  for (const [Id, Filter] of Object.entries(filters)) {
    const MetricsConfiguration = { Id, Filter };
    await world.client.send(new PutBucketMetricsConfigurationCommand({ Bucket, Id, MetricsConfiguration }));
  }
  measured.length = 0;
  return Bucket;
}

const put = (Bucket: string, Key: string, Body: string, more = {}) =>
  world.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

/** The sum of a metric, by the configuration that wanted it. */
const sumOf = (FilterId: string, name: string): number =>
  measured
    .filter((one) => one.dimensions['FilterId'] === FilterId && one.name === name)
    .reduce((sum, { value }) => sum + value, 0);

test('requests are counted for each configuration that is about them', async () => {
  const Bucket = await bucketWith({
    everything: undefined,
    images: { Prefix: 'images/' },
    marked: { Tag: { Key: 'kind', Value: 'marked' } },
  });
  await put(Bucket, 'images/a', 'hello', { Tagging: 'kind=marked' });
  await put(Bucket, 'b', 'hi');
  await world.client.send(new GetObjectCommand({ Bucket, Key: 'images/a' }));
  await world.client.send(new GetObjectCommand({ Bucket, Key: 'none' })).catch(() => {});
  await world.client.send(new ListObjectsV2Command({ Bucket }));
  const counts = ['AllRequests', 'PutRequests', 'GetRequests', 'ListRequests', '4xxErrors', 'BytesDownloaded'];
  const sums = (id: string) => counts.map((name) => sumOf(id, name));
  expect(sums('everything')).toEqual([5, 2, 2, 1, 1, 5]);
  expect(sums('images')).toEqual([2, 1, 1, 0, 0, 5]);
  expect(sums('marked')).toEqual([2, 1, 1, 0, 0, 5]);
  expect(sumOf('everything', 'BytesUploaded')).toBe(7);
  expect(measured[0]).toMatchObject({ namespace: 'AWS/S3', dimensions: { BucketName: Bucket } });
});

test('every midnight tells how much lies in a bucket, by class', async () => {
  const Bucket = await bucketWith({});
  await put(Bucket, 'a', 'hello');
  await put(Bucket, 'b', 'hi', { StorageClass: 'STANDARD_IA' });
  await world.cloud.clock.advance(86_400_000);
  const mine = measured.filter(({ dimensions }) => dimensions['BucketName'] === Bucket);
  expect(mine.map(({ name, dimensions, value }) => [name, dimensions['StorageType'], value])).toEqual([
    ['BucketSizeBytes', 'StandardStorage', 5],
    ['BucketSizeBytes', 'StandardIAStorage', 2],
    ['NumberOfObjects', 'AllStorageTypes', 2],
  ]);
});

test('configurations are kept, told, listed and deleted', async () => {
  const Bucket = await bucketWith({ second: { Prefix: 'b/' }, first: undefined });
  const listed = await world.client.send(new ListBucketMetricsConfigurationsCommand({ Bucket }));
  expect(listed.MetricsConfigurationList).toEqual([{ Id: 'first' }, { Id: 'second', Filter: { Prefix: 'b/' } }]);
  await world.client.send(new DeleteBucketMetricsConfigurationCommand({ Bucket, Id: 'first' }));
  const get = (Id: string) => world.client.send(new GetBucketMetricsConfigurationCommand({ Bucket, Id }));
  expect((await get('second')).MetricsConfiguration).toEqual({ Id: 'second', Filter: { Prefix: 'b/' } });
  expect(await codeOf(get('first'))).toEqual(['NoSuchConfiguration', 404]);
});
