// Trails at work: what was called goes to each trail's bucket and log group within five minutes on the cloud's clock. What
// cannot be delivered is tried again with what is called next.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
import { gzipSync } from 'node:zlib';

import { AwsError } from '../../kernel/errors.ts';
import { rootPrincipal, servicePrincipal, type Principal } from '../../kernel/identity/principal.ts';
import { alphanumeric } from '../../kernel/ids.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { wantsByFields } from './advanced-selectors.ts';
import type { DigestKeys } from './digest-keys.ts';
import { insufficientBucketPolicy, noBucket } from './errors.ts';
import type { TrailRecord } from './record.ts';
import { wants } from './selectors.ts';
import { TrailDigests } from './trail-digests.ts';
import type { Trail } from './trail.ts';
import type { StoredTrail, Trails } from './trails.ts';

const INTERVAL_MILLISECONDS = 5 * 60_000;

/** Records in one file. */
const MOST_RECORDS = 5_000;

/** What PutLogEvents takes, and adds for each event. */
const LOG_BATCH_BYTES = 1_000_000;
const LOG_OVERHEAD_BYTES = 26;

/** Where records of services without regions belong. */
const GLOBAL_REGION = 'us-east-1';
const GLOBAL_SOURCES = new Set(['iam.amazonaws.com', 'sts.amazonaws.com', 'cloudfront.amazonaws.com']);

export class TrailDelivery {
  readonly #kernel: Kernel;
  readonly #trail: Trail;
  readonly #trails: Trails;
  readonly #digests: TrailDigests;
  #cancel: (() => void) | undefined;
  #unsubscribe = () => {};
  #working: Promise<void> = Promise.resolve();

  constructor(kernel: Kernel, trail: Trail, trails: Trails, keys: DigestKeys) {
    this.#kernel = kernel;
    this.#trail = trail;
    this.#trails = trails;
    this.#digests = new TrailDigests(kernel, trails, keys, (each, key, body, metadata) =>
      this.#put(each, key, body, metadata),
    );
  }

  /** Listens, and takes up what a stopped cloud had not delivered. */
  start(): void {
    this.#unsubscribe = this.#kernel.calls.subscribe(({ call }) => {
      // A delivery's own calls would have it go on for ever.
      if (!isOwn(call)) this.#arm();
    });
    this.#arm();
    this.#digests.start();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#cancel?.();
    await this.#working;
    await this.#digests.stop();
  }

  /** To be called where a trail's log files are not to be validated any more, or it goes. */
  endDigests(trail: StoredTrail): Promise<void> {
    return this.#digests.end(trail);
  }

  /** Delivers what waits, for every trail that is on. */
  deliver(): Promise<void> {
    const work = this.#working.then(async () => {
      const active = this.#trails.active();
      if (active.length === 0) return;
      await this.#trail.flush();
      for (const trail of active) await this.#deliver(trail);
      this.#digests.start();
    });
    // What fails here is told to who waits for it, and stands in nobody else's way.
    this.#working = work.catch(() => {});
    return work;
  }

  /** Refuses a bucket that CloudTrail may not write to. */
  async requireBucket(trail: StoredTrail): Promise<void> {
    try {
      await this.#s3(trail, 'GetBucketAcl', { Bucket: trail.bucket });
      await this.#put(trail, `${folderOf(trail, this.#kernel.account)}/`, new Uint8Array());
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw (await this.#isThere(trail)) ? insufficientBucketPolicy(trail.bucket) : noBucket(trail.bucket);
    }
  }

  // A quiet cloud, or one without trails, has no moments to stop at while its clock is moved.
  #arm(): void {
    if (this.#cancel || this.#trails.active().length === 0) return;
    const { clock } = this.#kernel;
    this.#cancel = clock.at(clock.now() + INTERVAL_MILLISECONDS, () => {
      this.#cancel = undefined;
      return this.deliver();
    });
  }

  // CloudTrail itself is told nothing of a bucket that is not open to it.
  async #isThere({ bucket, region }: StoredTrail): Promise<boolean> {
    const as = { principal: rootPrincipal(this.#kernel.account), region, via: ['cloudtrail'] };
    try {
      await this.#kernel.invoke('s3', 'HeadBucket', { Bucket: bucket }, as);
      return true;
    } catch (error) {
      if (error instanceof AwsError && error.status === 404) return false;
      throw error;
    }
  }

  async #deliver(trail: StoredTrail): Promise<void> {
    const stored = await this.#pass(trail, trail.deliveredId, {
      send: (records) => this.#store(trail, records),
      passed: (deliveredId, at) => ({
        deliveredId,
        ...(at !== undefined && { deliveredAt: at, deliveryError: undefined }),
      }),
      failed: (deliveryError) => ({ deliveryError }),
    });
    const told =
      !isToldToLogs(trail) ||
      (await this.#pass(trail, trail.logsId ?? trail.deliveredId, {
        send: (records) => this.#tellLogs(trail, records),
        passed: (logsId, at) => ({ logsId, ...(at !== undefined && { logsAt: at, logsError: undefined }) }),
        failed: (logsError) => ({ logsError }),
      }));
    if (trail.draining && stored && told) this.#update(trail, { draining: false });
  }

  /** Sends the records after one, on one of a trail's ways; false where it failed, and is to be tried again. */
  async #pass(trail: StoredTrail, afterId: number, way: Way): Promise<boolean> {
    const { clock, log } = this.#kernel;
    for (;;) {
      const entries = [...this.#trail.since(afterId, MOST_RECORDS)];
      const last = entries.at(-1);
      if (!last) return true;
      const wanted = entries
        .filter(({ at }) => !trail.draining || at <= trail.stoppedAt!)
        .map(({ record }) => record)
        .filter((record) => isOf(trail, record) && isWanted(trail, record));
      try {
        await way.send(wanted);
      } catch (error) {
        log('cloudtrail.delivery-failed', { trail: trail.arn, reason: (error as Error).message });
        this.#update(trail, way.failed(codeOf(error)));
        return false;
      }
      if (!this.#update(trail, way.passed(last.id, wanted.length > 0 ? clock.now() : undefined))) return false;
      afterId = last.id;
    }
  }

  // The trail may have been changed, or deleted, while its records were on their way.
  #update(trail: StoredTrail, change: Partial<StoredTrail>): boolean {
    const current = this.#trails.find(trail.region, trail.arn);
    if (current) this.#trails.save({ ...current, ...change });
    return current !== undefined;
  }

  // A file for each region, and one message for all of them.
  async #store(trail: StoredTrail, records: readonly TrailRecord[]): Promise<void> {
    const { account, clock } = this.#kernel;
    const keys: string[] = [];
    for (const [region, found = []] of Object.entries(Object.groupBy(records, ({ awsRegion }) => awsRegion))) {
      const moment = new Date(clock.now()).toISOString();
      const day = moment.slice(0, 10).replaceAll('-', '/');
      const time = `${moment.slice(0, 16).replace(/[-:]/g, '')}Z`;
      const name = `${account}_CloudTrail_${region}_${time}_${alphanumeric(16)}.json.gz`;
      const key = `${folderOf(trail, account)}/${region}/${day}/${name}`;
      const text = JSON.stringify({ Records: found });
      await this.#put(trail, key, gzipSync(text));
      const times = found.map(({ eventTime }) => eventTime).toSorted();
      this.#digests.note(trail, region, { key, text, oldest: times[0]!, newest: times.at(-1)! });
      keys.push(key);
    }
    if (trail.topic !== undefined && keys.length > 0) await this.#notify(trail, trail.topic, keys);
  }

  // The files are there, whether anybody hears of them or not.
  async #notify(trail: StoredTrail, TopicArn: string, s3ObjectKey: readonly string[]): Promise<void> {
    const Message = JSON.stringify({ s3Bucket: trail.bucket, s3ObjectKey });
    try {
      await this.#invoke(trail, 'sns', 'Publish', { TopicArn, Message });
      this.#update(trail, { notifiedAt: this.#kernel.clock.now(), notificationError: undefined });
    } catch (error) {
      this.#kernel.log('cloudtrail.notification-failed', { trail: trail.arn, reason: (error as Error).message });
      this.#update(trail, { notificationError: codeOf(error) });
    }
  }

  async #tellLogs(trail: StoredTrail, records: readonly TrailRecord[]): Promise<void> {
    if (!isToldToLogs(trail) || records.length === 0) return;
    const { account, sessions, clock } = this.#kernel;
    const { principal } = sessions.assumeForService(
      'cloudtrail.amazonaws.com',
      trail.logRoleArn,
      'CLOUDWATCH_LOGS_DELIVERY_SESSION',
      trail.arn,
    );
    const logGroupName = trail.logGroupArn.split(':log-group:')[1]?.replace(/:\*$/, '');
    const stream = { logGroupName, logStreamName: `${account}_CloudTrail_${trail.region}` };
    await this.#invoke(trail, 'logs', 'CreateLogStream', stream, principal).catch((error: unknown) => {
      if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
    });
    for (const messages of batchesOf(records.map((record) => JSON.stringify(record)))) {
      const logEvents = messages.map((message) => ({ timestamp: clock.now(), message }));
      await this.#invoke(trail, 'logs', 'PutLogEvents', { ...stream, logEvents }, principal);
    }
  }

  #put(trail: StoredTrail, Key: string, Body: Uint8Array, Metadata?: Readonly<Record<string, string>>) {
    const encryption = trail.kmsKeyId && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: trail.kmsKeyId };
    const object = { Bucket: trail.bucket, Key, Body, ACL: 'bucket-owner-full-control' };
    return this.#s3(trail, 'PutObject', { ...object, ...encryption, ...(Metadata && { Metadata }) });
  }

  #s3(trail: StoredTrail, operation: string, input: object): Promise<unknown> {
    return this.#invoke(trail, 's3', operation, input);
  }

  #invoke(
    { region, arn }: StoredTrail,
    service: string,
    operation: string,
    input: object,
    principal: Principal = servicePrincipal(this.#kernel.account, SERVICE),
  ): Promise<unknown> {
    return this.#kernel.invoke(service, operation, input, { principal, region, sourceArn: arn });
  }
}

/** One of the ways on which a trail's records go: to its bucket, or to its log group. */
interface Way {
  readonly send: (records: readonly TrailRecord[]) => Promise<void>;
  /** What the trail knows once records up to this one are through; `at` where there were some. */
  readonly passed: (id: number, at: number | undefined) => Partial<StoredTrail>;
  readonly failed: (code: string) => Partial<StoredTrail>;
}

const SERVICE = 'cloudtrail.amazonaws.com';

const isToldToLogs = (trail: StoredTrail): trail is StoredTrail & { logGroupArn: string; logRoleArn: string } =>
  trail.logGroupArn !== undefined && trail.logRoleArn !== undefined;

const codeOf = (error: unknown): string => (error instanceof AwsError ? error.code : (error as Error).message);

const isOwn = ({ principal, sourceArn }: Call): boolean =>
  sourceArn?.startsWith('arn:aws:cloudtrail:') || (principal.kind === 'service' && principal.name === SERVICE);

const folderOf = ({ prefix }: StoredTrail, account: string): string =>
  [prefix, 'AWSLogs', account, 'CloudTrail'].filter(Boolean).join('/');

/** As many texts as one PutLogEvents takes, with room to spare. */
function batchesOf(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let bytes = Infinity;
  for (const text of texts) {
    bytes += Buffer.byteLength(text) + LOG_OVERHEAD_BYTES;
    if (bytes > LOG_BATCH_BYTES) {
      batches.push([]);
      bytes = Buffer.byteLength(text) + LOG_OVERHEAD_BYTES;
    }
    batches.at(-1)!.push(text);
  }
  return batches;
}

const isWanted = ({ selectors, advancedSelectors }: StoredTrail, record: TrailRecord): boolean =>
  advancedSelectors ? wantsByFields(advancedSelectors, record) : wants(selectors, record);

function isOf({ region, multiRegion, globalServices }: StoredTrail, record: TrailRecord): boolean {
  if (GLOBAL_SOURCES.has(record.eventSource)) return globalServices && (multiRegion || region === GLOBAL_REGION);
  return multiRegion || record.awsRegion === region;
}
