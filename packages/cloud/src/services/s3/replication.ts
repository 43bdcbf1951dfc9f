// Replication: what is written to a bucket is written to others, soon after, by the role that its configuration names; later
// changes of its tags and locks follow. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
import type { ReplicationRule } from '@aws-sdk/client-s3';

import { createCall } from '../../calls.ts';
import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Access, Call, Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { Guard } from './access.ts';
import type { BucketEvents } from './bucket-events.ts';
import type { Bucket, Buckets } from './buckets.ts';
import { encryptionFor, requireDecryptable } from './encryption.ts';
import { noSuchBucket } from './errors.ts';
import { NULL_VERSION, type About, type Objects, type Version } from './objects.ts';
import { measure, tellOfDelay, tellOfFailure } from './replication-reports.ts';
import { rulesFor } from './replication-rules.ts';

/** A version on its way to another bucket, or what has changed about it. */
export interface ReplicationJob {
  readonly source: string;
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly destination: string;
  readonly rule: string;
  readonly storageClass: string | undefined;
  /** The key under which a replica is to be, of what is under one. */
  readonly keyId: string | undefined;
  /** Whether CloudWatch and the bucket's notifications hear of it. */
  readonly measured: boolean;
  readonly role: string;
  readonly startedAt: number;
  readonly attempts: number;
  /** It has taken longer than S3 promises, and that was told. */
  readonly late?: true;
}

interface Parts {
  readonly kernel: Kernel;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly guard: Guard;
  readonly events: BucketEvents;
}

const FIRST_RETRY_MILLISECONDS = 5_000;
const MOST_ATTEMPTS = 12;

export class Replication {
  readonly #parts: Parts;
  readonly #jobs: Collection<ReplicationJob>;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#jobs = parts.kernel.store.collection('s3.replication');
  }

  /** Sends what has changed about a version to where it was replicated. */
  noteChange(bucket: Bucket, version: Version): void {
    if (version.about.replication !== undefined) this.note(bucket, version);
  }

  /** Sends a new version, or a delete marker, to where the bucket's rules want it. */
  note(bucket: Bucket, version: Version): void {
    const { replication } = bucket.settings;
    if (!replication || version.version === NULL_VERSION || version.about.replication === 'REPLICA') return;
    const rules = rulesFor(replication.Rules ?? [], version);
    for (const rule of rules) {
      const id = uuid();
      this.#jobs.put(id, this.#jobFor(bucket, version, rule, replication.Role!));
      setImmediate(() => void this.#enqueue(id));
    }
    if (rules.length > 0 && !version.marker) this.#mark(bucket, version, 'PENDING');
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    for (const { key } of this.#jobs.list()) void this.#enqueue(key);
  }

  stop(): void {
    this.#stopped = true;
  }

  #jobFor(bucket: Bucket, version: Version, rule: ReplicationRule, role: string): ReplicationJob {
    const destination = rule.Destination!;
    return {
      source: bucket.name,
      key: version.key,
      version: version.version,
      size: version.size,
      destination: destination.Bucket!.slice('arn:aws:s3:::'.length),
      rule: rule.ID!,
      storageClass: destination.StorageClass,
      keyId: destination.EncryptionConfiguration?.ReplicaKmsKeyID,
      measured: destination.Metrics?.Status === 'Enabled',
      role,
      startedAt: this.#parts.kernel.clock.now(),
      attempts: 0,
    };
  }

  // One after the other: what was written first is there first.
  #enqueue(id: string): Promise<void> {
    this.#last = this.#last
      .then(() => this.#run(id))
      .catch((error: unknown) => {
        // What is no AWS error is a bug, and ends the process as any other does.
        setImmediate(() => {
          throw error;
        });
      });
    this.#parts.kernel.clock.hold(this.#last);
    return this.#last;
  }

  async #run(id: string): Promise<void> {
    const job = this.#stopped ? undefined : this.#jobs.get(id);
    if (!job) return;
    const { buckets, objects, kernel, events } = this.#parts;
    const source = buckets.find(job.source);
    const version = source && objects.version(source, job.key, job.version);
    // What was deleted meanwhile needs no replica.
    if (!source || !version) {
      this.#jobs.delete(id);
      return;
    }
    try {
      await this.#replicate(job, source, version);
      if (this.#stopped) return;
      this.#jobs.delete(id);
      this.#mark(source, version, 'COMPLETED');
      measure(kernel, { job, destination: buckets.find(job.destination)!, waiting: this.#waiting(job) });
      if (job.late) tellOfDelay(events, source, version, job, 'OperationReplicatedAfterThreshold');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (!this.#stopped) this.#failed(id, job, source, version, error);
    }
  }

  #failed(id: string, job: ReplicationJob, source: Bucket, version: Version, error: AwsError): void {
    const { kernel, events } = this.#parts;
    kernel.log('s3.replication-failed', { bucket: job.source, key: job.key, reason: error.message });
    this.#mark(source, version, 'FAILED');
    if (job.attempts + 1 >= MOST_ATTEMPTS) {
      this.#jobs.delete(id);
      return;
    }
    if (job.attempts === 0) tellOfFailure(kernel, events, source, version, job);
    const late = tellOfDelay(events, source, version, job, 'OperationMissedThreshold', kernel.clock.now());
    this.#jobs.put(id, { ...job, attempts: job.attempts + 1, ...(late && { late }) });
    kernel.clock.at(kernel.clock.now() + FIRST_RETRY_MILLISECONDS * 2 ** job.attempts, () => this.#enqueue(id));
  }

  async #replicate(job: ReplicationJob, source: Bucket, version: Version): Promise<void> {
    const { kernel, buckets, objects, guard } = this.#parts;
    const destination = buckets.find(job.destination);
    if (!destination) throw noSuchBucket(job.destination);
    const { principal } = kernel.sessions.assumeForService('s3.amazonaws.com', job.role, 's3-replication');
    const call: Call = createCall(kernel, {
      service: 's3',
      operation: 'ReplicateObject',
      principal,
      region: destination.region,
    });
    const from = { Bucket: job.source, Key: job.key, VersionId: job.version };
    const to = { Bucket: job.destination, Key: job.key };
    kernel.identity.authorize(accessOf(guard, version, from, to, call), call);
    const replica = objects.version(destination, job.key, job.version);
    if (version.marker) {
      if (!replica) objects.delete(destination, job.key, version.modified, job.version);
      return;
    }
    if (replica) {
      this.#follow(replica, version);
      return;
    }
    await requireDecryptable({ kernel }, version.about.encryption, source, call);
    const ServerSideEncryption = version.about.encryption?.algorithm;
    const asked = ServerSideEncryption && { ServerSideEncryption, SSEKMSKeyId: job.keyId };
    const own = version.about.customerKey;
    const encryption = own ? undefined : await encryptionFor({ kernel }, { ...asked, Key: job.key }, destination, call);
    // KMS was asked meanwhile: a version that is gone has no bytes to share.
    const current = objects.version(source, job.key, job.version);
    if (!current) return;
    const { size, etag, modified, slices, parts } = current;
    const { restore: _taken, encryption: _own, ...about } = current.about;
    const replicated: About = {
      ...about,
      replication: 'REPLICA',
      ...(encryption && { encryption }),
      ...(job.storageClass !== undefined && { storageClass: job.storageClass }),
    };
    const content = { shared: slices };
    objects.put(destination, job.key, {
      size,
      etag,
      modified,
      about: replicated,
      parts,
      content,
      version: job.version,
    });
  }

  /** Gives a replica what may have changed about its source since. */
  #follow(replica: Version, { about: { tags, retention, legalHold, acl } }: Version): void {
    const { tags: _tags, retention: _retention, legalHold: _hold, acl: _acl, ...kept } = replica.about;
    this.#parts.objects.describe(replica, {
      ...kept,
      ...(tags && { tags }),
      ...(retention && { retention }),
      ...(legalHold !== undefined && { legalHold }),
      ...(acl && { acl }),
    });
  }

  #waiting({ source, rule }: ReplicationJob): readonly ReplicationJob[] {
    return this.#jobs
      .list()
      .map(({ value }) => value)
      .filter((job) => job.source === source && job.rule === rule);
  }

  // As it is now: its tags may have changed since.
  #mark(bucket: Bucket, { key, version }: Version, replication: NonNullable<About['replication']>): void {
    const { objects } = this.#parts;
    const current = objects.version(bucket, key, version);
    if (current && !current.marker) objects.describe(current, { ...current.about, replication });
  }
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

function accessOf(guard: Guard, { marker, about }: Version, from: Place, to: Place, call: Call): Access[] {
  const read = guard.object('s3:GetObjectVersionForReplication', from, call);
  if (marker) return [read, guard.object('s3:ReplicateDelete', to, call)];
  const tagged = Object.keys(about.tags ?? {}).length > 0;
  return [
    read,
    guard.object('s3:ReplicateObject', to, call),
    ...(tagged
      ? [guard.object('s3:GetObjectVersionTagging', from, call), guard.object('s3:ReplicateTags', to, call)]
      : []),
  ];
}
