// What the operations of S3 share: its parts, and how a request comes by its bucket.
import { AwsError } from '../../kernel/errors.ts';
import type { Access, Kernel, Call, Operation } from '../../kernel/service.ts';
import { AccessLogs } from './access-logs.ts';
import { Guard } from './access.ts';
import { Blobs } from './blobs.ts';
import { BucketEvents } from './bucket-events.ts';
import { Buckets, type Bucket } from './buckets.ts';
import { accessDenied } from './errors.ts';
import { Objects } from './objects.ts';
import { Replication } from './replication.ts';
import { Restores } from './restores.ts';
import { Uploads } from './uploads.ts';

/** The service's parts, as operations and its daily work use them. */
export interface S3 {
  readonly kernel: Kernel;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly blobs: Blobs;
  readonly guard: Guard;
  readonly events: BucketEvents;
  readonly replication: Replication;
  readonly restores: Restores;
  readonly logs: AccessLogs;
}

export interface BucketInput {
  Bucket: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

export function createS3(kernel: Kernel): S3 {
  const { store, log } = kernel;
  const blobs = new Blobs(store, log);
  const objects = new Objects(store, blobs);
  const uploads = new Uploads(store, blobs);
  const buckets = new Buckets(store);
  const events = new BucketEvents(kernel);
  const guard = new Guard(buckets, objects);
  const replication = new Replication({ kernel, buckets, objects, guard, events });
  const restores = new Restores({ store, clock: kernel.clock, buckets, objects, events });
  const logs = new AccessLogs(kernel, buckets);
  return { kernel, buckets, objects, uploads, blobs, events, guard, replication, restores, logs };
}

/** The bucket of a request: there, the expected owner's, and of the region that the request was signed for, if for any. */
export function requireBucket({ buckets }: S3, input: BucketInput, call: Call): Bucket {
  const bucket = requireOwned(buckets.require(input.Bucket), input.ExpectedBucketOwner, call);
  if (!call.anyRegion && call.region !== bucket.region) throw permanentRedirect(bucket);
  return bucket;
}

/** Refuses a bucket whose owner is not the one that the client expects. */
export function requireOwned(bucket: Bucket, expectedOwner: string | undefined, call: Call): Bucket {
  if (expectedOwner !== undefined && expectedOwner !== call.account) throw accessDenied();
  return bucket;
}

/** An operation on a bucket that needs one action allowed on it. */
export function onBucket<Input extends BucketInput, Output>(
  s3: S3,
  action: string,
  run: (bucket: Bucket, input: Input, call: Call) => Output,
  more: (input: Input) => Access[] = () => [],
): Operation<Input, Output> {
  return {
    access: (input, call) => [s3.guard.bucket(action, input.Bucket, call), ...more(input)],
    run: (input, call) => run(requireBucket(s3, input, call), input, call),
  };
}

/** The time of a call as S3 keeps it, in whole seconds. */
export const secondOf = (call: Call): number => Math.floor(call.now / 1000) * 1000;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
const permanentRedirect = ({ name, region }: Bucket): AwsError =>
  new AwsError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    {
      status: 301,
      members: { Endpoint: `${name}.s3.${region}.amazonaws.com`, Bucket: name, Region: region },
      headers: { 'x-amz-bucket-region': region },
    },
  );
