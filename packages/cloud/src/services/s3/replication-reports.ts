// What is told of replication, where a rule asks for it: how long it takes and what waits, to CloudWatch; what fails or is
// late, to the bucket's notifications. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics.html
import type { Kernel } from '../../kernel/service.ts';
import type { BucketEvents } from './bucket-events.ts';
import type { Bucket } from './buckets.ts';
import type { Version } from './objects.ts';
import type { ReplicationJob } from './replication.ts';

/** What S3 promises: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html */
const THRESHOLD_MILLISECONDS = 15 * 60_000;

interface Done {
  readonly job: ReplicationJob;
  readonly destination: Bucket;
  /** The jobs of its rule that are still to be done. */
  readonly waiting: readonly ReplicationJob[];
}

/** Measures a replication that is done. */
export function measure({ clock, measurements }: Kernel, { job, destination, waiting }: Done): void {
  if (!job.measured || !measurements.listened) return;
  const bytes = waiting.reduce((sum, { size }) => sum + size, 0);
  const values = [
    ['ReplicationLatency', 'Seconds', (clock.now() - job.startedAt) / 1_000],
    ['BytesPendingReplication', 'Bytes', bytes],
    ['OperationsPendingReplication', 'Count', waiting.length],
  ] as const;
  for (const [name, unit, value] of values) {
    measurements.publish({ ...metricOf(job, destination.region), name, unit, value });
  }
}

/** Tells of a replication that failed, the first time it does. */
export function tellOfFailure(
  { measurements }: Kernel,
  events: BucketEvents,
  source: Bucket,
  entry: Version,
  job: ReplicationJob,
): void {
  if (!job.measured) return;
  const metric = metricOf(job, source.region);
  measurements.publish({ ...metric, name: 'OperationsFailedReplication', unit: 'Count', value: 1 });
  events.publish(source, { name: 'Replication:OperationFailedReplication', entry }, undefined);
}

/** Tells of a replication that takes longer than S3 promises, or did; true where there was something to tell. */
export function tellOfDelay(
  events: BucketEvents,
  source: Bucket,
  entry: Version,
  { measured, startedAt, late }: ReplicationJob,
  name: 'OperationMissedThreshold' | 'OperationReplicatedAfterThreshold',
  now?: number,
): boolean {
  if (!measured) return false;
  if (now !== undefined && (late || now - startedAt <= THRESHOLD_MILLISECONDS)) return false;
  events.publish(source, { name: `Replication:${name}`, entry }, undefined);
  return true;
}

const metricOf = ({ source, destination, rule }: ReplicationJob, region: string) => ({
  namespace: 'AWS/S3',
  region,
  dimensions: { SourceBucket: source, DestinationBucket: destination, RuleId: rule },
});
