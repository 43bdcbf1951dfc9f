// Server access logs: every request to a bucket that wants them, in objects of another bucket, each hour on the cloud's clock.
// S3's own deliveries are not logged, so that a bucket that is its own log does not fill itself.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
import type { LoggingEnabled } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { FinishedCall } from '../../kernel/feed.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { alphanumeric } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import { recordOf } from './access-log-record.ts';
import { isLogDelivery, LOG_DELIVERY_SERVICE } from './access.ts';
import type { Bucket, Buckets } from './buckets.ts';

const HOUR = 3_600_000;

/** How many requests one object tells of. */
const LARGEST_LOG = 10_000;

interface Line {
  readonly at: number;
  readonly text: string;
}

export class AccessLogs {
  readonly #kernel: Kernel;
  readonly #buckets: Buckets;
  readonly #lines: Collection<Line>;
  #count = 0;
  #stop = () => {};
  #cancel: (() => void) | undefined;

  constructor(kernel: Kernel, buckets: Buckets) {
    this.#kernel = kernel;
    this.#buckets = buckets;
    this.#lines = kernel.store.collection('s3.access-log');
  }

  /** Listens, and takes up what a stopped cloud had not delivered. */
  start(): void {
    this.#stop = this.#kernel.calls.subscribe((call) => this.#note(call));
    if (this.#lines.list({ limit: 1 }).length > 0) this.#arm();
  }

  stop(): void {
    this.#stop();
    this.#cancel?.();
  }

  #note(finished: FinishedCall): void {
    const { call, input } = finished;
    if (call.service !== 's3' || isLogDelivery(call)) return;
    const bucket = this.#buckets.find((input as { Bucket?: string } | undefined)?.Bucket);
    if (!bucket?.settings.logging) return;
    const now = this.#kernel.clock.now();
    const order = `${now.toString(36).padStart(9, '0')}${(this.#count++).toString(36).padStart(8, '0')}`;
    this.#lines.put(`${bucket.name}|${order}`, { at: call.now, text: recordOf(finished, Math.max(now - call.now, 0)) });
    this.#arm();
  }

  #arm(): void {
    if (this.#cancel) return;
    const { clock } = this.#kernel;
    this.#cancel = clock.at((Math.floor(clock.now() / HOUR) + 1) * HOUR, async () => {
      await this.#deliverAll();
      this.#cancel = undefined;
      if (this.#lines.list({ limit: 1 }).length > 0) this.#arm();
    });
  }

  async #deliverAll(): Promise<void> {
    for (const bucket of this.#buckets.list()) {
      for (;;) {
        const lines = this.#lines.list({ prefix: `${bucket.name}|`, limit: LARGEST_LOG });
        if (lines.length === 0) break;
        const { logging } = bucket.settings;
        if (logging)
          await this.#deliver(
            bucket,
            logging,
            lines.map(({ value }) => value),
          );
        for (const { key } of lines) this.#lines.delete(key);
      }
    }
    // What a bucket was asked that is gone has no log any more.
    for (const { key } of this.#lines.list()) {
      if (!this.#buckets.find(key.split('|')[0])) this.#lines.delete(key);
    }
  }

  // As S3's own, delivery is tried once: what the target does not let in is lost, and the cloud's log says why.
  async #deliver(bucket: Bucket, logging: LoggingEnabled, lines: readonly Line[]): Promise<void> {
    const kernel = this.#kernel;
    const as = {
      principal: servicePrincipal(kernel.account, LOG_DELIVERY_SERVICE),
      region: bucket.region,
      sourceArn: `arn:aws:s3:::${bucket.name}`,
    };
    const Key = keyOf(bucket, logging, { account: kernel.account, now: kernel.clock.now(), first: lines[0]!.at });
    const Body = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''));
    try {
      await kernel.invoke(
        's3',
        'PutObject',
        { Bucket: logging.TargetBucket, Key, Body, ContentType: 'text/plain' },
        as,
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      kernel.log('s3.access-log-lost', { bucket: bucket.name, target: logging.TargetBucket, reason: error.message });
    }
  }
}

function keyOf(
  { name, region }: Bucket,
  { TargetPrefix: prefix = '', TargetObjectKeyFormat: format }: LoggingEnabled,
  { account, now, first }: { account: string; now: number; first: number },
): string {
  const unique = alphanumeric(16).toUpperCase();
  const partitioned = format?.PartitionedPrefix;
  if (!partitioned) return `${prefix}${stamp(now)}-${unique}`;
  const byEvent = partitioned.PartitionDateSource === 'EventTime';
  const time = byEvent ? Math.floor(first / (24 * HOUR)) * 24 * HOUR : now;
  const day = new Date(time).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${prefix}${account}/${region}/${name}/${day}/${stamp(time)}-${unique}`;
}

/** `2019-02-06-00-00-38` */
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
