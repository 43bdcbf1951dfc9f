// Replication: what is written to a bucket is written to others, soon after, by the role that its configuration names.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
import type { ReplicationRule } from '@aws-sdk/client-s3';

import { createCall } from '../../calls.ts';
import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Access, Call, Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { Guard } from './access.ts';
import type { Bucket, Buckets } from './buckets.ts';
import { noSuchBucket } from './errors.ts';
import { inScope } from './lifecycle-rules.ts';
import type { About, Objects, Version } from './objects.ts';

/** A version on its way to another bucket. */
interface Job {
  readonly source: string;
  readonly key: string;
  readonly version: string;
  readonly destination: string;
  readonly storageClass: string | undefined;
  readonly role: string;
  readonly attempts: number;
}

interface Parts {
  readonly kernel: Kernel;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly guard: Guard;
}

const FIRST_RETRY_MILLISECONDS = 5_000;
const MOST_ATTEMPTS = 12;

export class Replication {
  readonly #parts: Parts;
  readonly #jobs: Collection<Job>;
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#jobs = parts.kernel.store.collection('s3.replication');
  }

  /** Sends a new version, or a delete marker, to where the bucket's rules want it. */
  note(bucket: Bucket, version: Version): void {
    const { replication } = bucket.settings;
    if (!replication || version.about.replication === 'REPLICA') return;
    const rules = rulesFor(replication.Rules ?? [], version);
    for (const { Destination: destination } of rules) {
      const id = uuid();
      this.#jobs.put(id, {
        source: bucket.name,
        key: version.key,
        version: version.version,
        destination: destination!.Bucket!.slice('arn:aws:s3:::'.length),
        storageClass: destination!.StorageClass,
        role: replication.Role!,
        attempts: 0,
      });
      setImmediate(() => this.#run(id));
    }
    if (rules.length > 0 && !version.marker) this.#mark(version, 'PENDING');
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    for (const { key } of this.#jobs.list()) this.#run(key);
  }

  stop(): void {
    this.#stopped = true;
  }

  #run(id: string): void {
    const job = this.#stopped ? undefined : this.#jobs.get(id);
    if (!job) return;
    const { buckets, objects, kernel } = this.#parts;
    const source = buckets.find(job.source);
    const version = source && objects.version(source, job.key, job.version);
    // What was deleted meanwhile needs no replica.
    if (!source || !version) {
      this.#jobs.delete(id);
      return;
    }
    try {
      this.#replicate(job, version);
      this.#jobs.delete(id);
      if (!version.marker) this.#mark(version, 'COMPLETED');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      kernel.log('s3.replication-failed', { bucket: job.source, key: job.key, reason: error.message });
      if (!version.marker) this.#mark(version, 'FAILED');
      if (job.attempts + 1 >= MOST_ATTEMPTS) {
        this.#jobs.delete(id);
        return;
      }
      this.#jobs.put(id, { ...job, attempts: job.attempts + 1 });
      kernel.clock.at(kernel.clock.now() + FIRST_RETRY_MILLISECONDS * 2 ** job.attempts, () => this.#run(id));
    }
  }

  #replicate(job: Job, version: Version): void {
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
    if (version.marker) {
      objects.delete(destination, job.key, version.modified);
      return;
    }
    const { size, etag, modified, slices, parts } = version;
    const about: About = {
      ...version.about,
      replication: 'REPLICA',
      ...(job.storageClass !== undefined && { storageClass: job.storageClass }),
    };
    objects.put(destination, job.key, { size, etag, modified, about, parts, content: { shared: slices } });
  }

  #mark(version: Version, replication: NonNullable<About['replication']>): void {
    const { objects } = this.#parts;
    objects.describe(version, { ...version.about, replication });
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

/** The rules that want a version: of those with one destination, the one of the highest priority. */
function rulesFor(rules: readonly ReplicationRule[], version: Version): ReplicationRule[] {
  const chosen = new Map<string, ReplicationRule>();
  for (const rule of rules.toSorted((a, b) => (b.Priority ?? 0) - (a.Priority ?? 0))) {
    const destination = rule.Destination!.Bucket!;
    if (rule.Status === 'Enabled' && !chosen.has(destination) && isAbout(rule, version)) chosen.set(destination, rule);
  }
  return [...chosen.values()];
}

function isAbout(rule: ReplicationRule, { key, size, marker, about }: Version): boolean {
  // Rules of the first kind, with a prefix of their own, replicate delete markers unasked.
  if (marker && rule.Filter && rule.DeleteMarkerReplication?.Status !== 'Enabled') return false;
  // What is under a KMS key is not replicated unless a rule says how, and the cloud takes no such rule.
  if (about.encryption) return false;
  const { Filter: filter } = rule;
  const tags = filter?.And?.Tags ?? (filter?.Tag ? [filter.Tag] : []);
  const scope = {
    prefix: filter?.And?.Prefix ?? filter?.Prefix ?? rule.Prefix ?? '',
    tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    largerThan: -1,
    smallerThan: Infinity,
  };
  return inScope(scope, key, size, about.tags);
}
