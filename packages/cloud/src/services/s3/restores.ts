// When copies taken out of an archive come, and when they go again, told to whoever wants to know; on the cloud's clock.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
import type { Clock } from '../../kernel/clock.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { BucketEvents } from './bucket-events.ts';
import type { Bucket, Buckets } from './buckets.ts';
import type { Objects, Version } from './objects.ts';

/** A restored copy that is still to come, or to go. */
interface Pending {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
}

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly events: BucketEvents;
}

export class Restores {
  readonly #parts: Parts;
  readonly #pending: Collection<Pending>;
  readonly #timers = new Map<string, () => void>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#pending = parts.store.collection('s3.restores');
  }

  /** Tells of a restore that has begun, or whose copy is kept for longer, when its times come. */
  watch(bucket: Bucket, { id, key, version }: Version): void {
    this.#pending.put(String(id), { bucket: bucket.name, key, version });
    this.#arm(String(id));
  }

  /** Takes up what a stopped cloud was waiting for; what fell due meanwhile is told now. */
  start(): void {
    for (const { key } of this.#pending.list()) this.#arm(key);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #arm(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    const found = this.#find(id);
    if (!found) {
      this.#pending.delete(id);
      return;
    }
    const { clock } = this.#parts;
    const { from, until, told } = found.version.about.restore!;
    this.#timers.set(
      id,
      clock.at(told ? until : from, () => this.#tell(id)),
    );
  }

  #tell(id: string): void {
    const found = this.#find(id);
    if (found) {
      const { objects, events, clock, store } = this.#parts;
      const { bucket, version } = found;
      const { restore, ...about } = version.about;
      const { told, ...times } = restore!;
      store.transaction(() => {
        const gone = told && times.until <= clock.now();
        objects.describe(version, gone ? about : { ...about, restore: { ...times, told: true } });
        const name = told ? 'ObjectRestore:Delete' : 'ObjectRestore:Completed';
        events.publish(bucket, { name, entry: version }, undefined);
      });
    }
    this.#arm(id);
  }

  /** The version, while it is there and has a copy. */
  #find(id: string): { bucket: Bucket; version: Version } | undefined {
    const pending = this.#pending.get(id);
    const bucket = pending && this.#parts.buckets.find(pending.bucket);
    const version = bucket && this.#parts.objects.version(bucket, pending.key, pending.version);
    return bucket && version?.about.restore && String(version.id) === id ? { bucket, version } : undefined;
  }
}
