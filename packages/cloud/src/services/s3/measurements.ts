// What S3 tells CloudWatch: of requests, where a bucket's metrics configurations want it; of storage, every midnight.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
import type { MetricsConfiguration } from '@aws-sdk/client-s3';

import type { FinishedCall } from '../../kernel/feed.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Bucket, Buckets } from './buckets.ts';
import { DAY } from './expiration.ts';
import { inScope } from './lifecycle-rules.ts';
import type { Objects } from './objects.ts';

interface Parts {
  readonly kernel: Kernel;
  readonly buckets: Buckets;
  readonly objects: Objects;
}

interface Input {
  readonly Bucket?: string;
  readonly Key?: string;
}

const STORAGE_TYPES: Readonly<Record<string, string>> = {
  STANDARD: 'StandardStorage',
  REDUCED_REDUNDANCY: 'ReducedRedundancyStorage',
  STANDARD_IA: 'StandardIAStorage',
  ONEZONE_IA: 'OneZoneIAStorage',
  INTELLIGENT_TIERING: 'IntelligentTieringFAStorage',
  GLACIER_IR: 'GlacierInstantRetrievalStorage',
  GLACIER: 'GlacierStorage',
  DEEP_ARCHIVE: 'DeepArchiveStorage',
};

/** Measures until the answer is called. */
export function measure(parts: Parts): () => void {
  const { kernel } = parts;
  const stop = kernel.calls.subscribe((call) => measureRequest(parts, call));
  let cancel = () => {};
  const arm = () => {
    const next = (Math.floor(kernel.clock.now() / DAY) + 1) * DAY;
    cancel = kernel.clock.at(next, () => {
      arm();
      measureStorage(parts);
    });
  };
  arm();
  return () => {
    stop();
    cancel();
  };
}

function measureRequest(parts: Parts, finished: FinishedCall): void {
  const { call } = finished;
  if (call.service !== 's3') return;
  const { Bucket: name, Key: key } = (finished.input ?? {}) as Input;
  const bucket = parts.buckets.find(name);
  const wanted = bucket?.settings.metrics?.filter((one) => isAbout(parts, bucket, one, key)) ?? [];
  if (!bucket || wanted.length === 0) return;
  const { measurements, clock } = parts.kernel;
  const values = valuesOf(finished, Math.max(clock.now() - call.now, 0));
  for (const { Id } of wanted) {
    const common = {
      namespace: 'AWS/S3',
      region: bucket.region,
      dimensions: { BucketName: bucket.name, FilterId: Id! },
    };
    for (const [metric, unit, value] of values) measurements.publish({ ...common, name: metric, unit, value });
  }
}

type Value = readonly [name: string, unit: string, value: number];

function valuesOf({ call, output, error }: FinishedCall, elapsed: number): Value[] {
  const { headers, operation, line = '' } = call;
  const method = line.split(' ')[0] ?? '';
  const kind = operation.startsWith('List')
    ? 'List'
    : { GET: 'Get', PUT: 'Put', HEAD: 'Head', POST: 'Post', DELETE: 'Delete' }[method];
  const down = (output as { ContentLength?: number } | undefined)?.ContentLength;
  const up = Number(headers['x-amz-decoded-content-length'] ?? headers['content-length'] ?? 0);
  const sends = operation === 'PutObject' || operation === 'UploadPart' || operation === 'PostObject';
  return [
    ['AllRequests', 'Count', 1],
    ...(kind === undefined ? [] : [[`${kind}Requests`, 'Count', 1] as const]),
    ...(operation === 'GetObject' && down !== undefined ? [['BytesDownloaded', 'Bytes', down] as const] : []),
    ...(sends ? [['BytesUploaded', 'Bytes', up] as const] : []),
    ['4xxErrors', 'Count', error && error.status < 500 ? 1 : 0],
    ['5xxErrors', 'Count', error && error.status >= 500 ? 1 : 0],
    ['FirstByteLatency', 'Milliseconds', elapsed],
    ['TotalRequestLatency', 'Milliseconds', elapsed],
  ];
}

function isAbout(
  { objects }: Parts,
  bucket: Bucket,
  { Filter: filter }: MetricsConfiguration,
  key: string | undefined,
): boolean {
  if (!filter) return true;
  if (key === undefined) return false;
  const tags = filter.And?.Tags ?? (filter.Tag ? [filter.Tag] : []);
  const scope = {
    prefix: filter.And?.Prefix ?? filter.Prefix ?? '',
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    largerThan: -1,
    smallerThan: Infinity,
  };
  return inScope(scope, key, 0, tags.length > 0 ? objects.latest(bucket, key)?.about.tags : {});
}

function measureStorage({ kernel, buckets, objects }: Parts): void {
  const { measurements } = kernel;
  if (!measurements.listened) return;
  for (const bucket of buckets.list()) {
    const classes = objects.usageByClass(bucket);
    const common = { namespace: 'AWS/S3', region: bucket.region };
    for (const { storageClass, bytes } of classes) {
      const dimensions = { BucketName: bucket.name, StorageType: STORAGE_TYPES[storageClass]! };
      measurements.publish({ ...common, name: 'BucketSizeBytes', unit: 'Bytes', dimensions, value: bytes });
    }
    const count = classes.reduce((sum, one) => sum + one.objects, 0);
    if (count === 0) continue;
    const dimensions = { BucketName: bucket.name, StorageType: 'AllStorageTypes' };
    measurements.publish({ ...common, name: 'NumberOfObjects', unit: 'Count', dimensions, value: count });
  }
}
