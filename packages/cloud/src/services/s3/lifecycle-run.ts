// What lifecycle rules do, once a day at midnight UTC on the cloud's clock: objects expire, move to other classes, and unfinished
// uploads end. https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
import type { LifecycleRule } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Bucket } from './buckets.ts';
import { abortBy, DAY, dueAfter, expiryBy } from './expiration.ts';
import { inScope, mayMove, PREFERRED_CLASSES, scopeOf, TRANSITION_CLASSES } from './lifecycle-rules.ts';
import { listVersions } from './listing.ts';
import { requireUnlocked } from './object-lock.ts';
import type { Entry } from './objects.ts';
import type { S3 } from './service.ts';

/** Versions looked at between two turns of others. */
const PAGE = 1_000;

/** How a version stands among those of its key. */
interface Standing {
  /** When a newer one took its place, in milliseconds; undefined for the current one. */
  readonly since: number | undefined;
  /** How many noncurrent ones are newer. */
  readonly newer: number;
}

export class LifecycleRun {
  readonly #s3: S3;
  #cancel = () => {};

  constructor(s3: S3) {
    this.#s3 = s3;
  }

  /** Arms the next midnight. */
  start(): void {
    const { clock } = this.#s3.kernel;
    this.#cancel = clock.at((Math.floor(clock.now() / DAY) + 1) * DAY, () => {
      this.start();
      return this.#run();
    });
  }

  stop(): void {
    this.#cancel();
  }

  async #run(): Promise<void> {
    const now = this.#s3.kernel.clock.now();
    for (const bucket of this.#s3.buckets.list()) {
      const rules = (bucket.settings.lifecycle?.rules ?? []).filter(({ Status }) => Status === 'Enabled');
      if (rules.length === 0) continue;
      await this.#apply(bucket, rules, now);
      this.#endUploads(bucket, rules, now);
    }
  }

  async #apply(bucket: Bucket, rules: readonly LifecycleRule[], now: number): Promise<void> {
    let after: string | undefined;
    let afterVersion: string | undefined;
    let newer: Entry | undefined;
    let noncurrent = 0;
    for (let more = true; more;) {
      const page = listVersions(this.#s3.kernel.store, bucket, {
        prefix: '',
        delimiter: '',
        limit: PAGE,
        after,
        afterVersion,
      });
      for (const entry of page.items) {
        const follows = newer?.key === entry.key;
        noncurrent = follows ? noncurrent + 1 : 0;
        const standing = { since: follows ? newer!.modified : undefined, newer: Math.max(noncurrent - 1, 0) };
        this.#applyTo(bucket, rules, entry, standing, now);
        newer = entry;
      }
      ({ key: after, version: afterVersion } = page.items.at(-1) ?? { key: undefined, version: undefined });
      more = page.next !== undefined;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #applyTo(bucket: Bucket, rules: readonly LifecycleRule[], entry: Entry, standing: Standing, now: number): void {
    const { objects } = this.#s3;
    if (standing.since !== undefined) {
      if (rules.some((rule) => noncurrentDue(rule, entry, standing, now))) this.#deleteVersion(bucket, entry, now);
      else this.#move(bucket, rules, entry, standing, now);
      return;
    }
    if (entry.marker) {
      const alone = this.#versionsOf(bucket, entry.key) === 1;
      if (alone && rules.some((rule) => markerDue(rule, entry, now))) this.#deleteVersion(bucket, entry, now);
      return;
    }
    if (rules.some((rule) => (expiryBy(rule, entry) ?? Infinity) <= now)) {
      // To move an object comes before hiding it, and after deleting it for good.
      if (bucket.settings.versioning && this.#move(bucket, rules, entry, standing, now)) return;
      const marker = objects.delete(bucket, entry.key, Math.floor(now / 1_000) * 1_000);
      const name = `LifecycleExpiration:${marker ? 'DeleteMarkerCreated' : 'Delete'}`;
      this.#s3.events.publish(bucket, { name, entry: marker ?? entry }, undefined);
    } else {
      this.#move(bucket, rules, entry, standing, now);
    }
  }

  // What is locked outlives the rules.
  #deleteVersion(bucket: Bucket, entry: Entry, now: number): void {
    const version = this.#s3.objects.version(bucket, entry.key, entry.version);
    if (!version) return;
    try {
      requireUnlocked(version, false, now);
    } catch (error) {
      if (error instanceof AwsError) return;
      throw error;
    }
    this.#s3.objects.deleteVersion(bucket, version);
    this.#s3.events.publish(bucket, { name: 'LifecycleExpiration:Delete', entry: version }, undefined);
  }

  #move(bucket: Bucket, rules: readonly LifecycleRule[], entry: Entry, standing: Standing, now: number): boolean {
    if (entry.marker) return false;
    const place = (name: string | undefined) => TRANSITION_CLASSES.indexOf(name ?? '');
    const { minimumSize } = bucket.settings.lifecycle!;
    const [wanted] = rules
      .flatMap((rule) =>
        transitionsDue(rule, entry, standing, now).filter((name) =>
          mayMove(scopeOf(rule), entry.size, name, minimumSize),
        ),
      )
      // Objects only move on, never back.
      .filter((name) => place(name) > place(entry.about.storageClass))
      .toSorted((a, b) => PREFERRED_CLASSES.indexOf(b) - PREFERRED_CLASSES.indexOf(a));
    if (wanted === undefined) return false;
    const version = this.#s3.objects.version(bucket, entry.key, entry.version);
    if (!version) return false;
    const about = { ...version.about, storageClass: wanted };
    this.#s3.objects.describe(version, about);
    this.#s3.events.publish(bucket, { name: 'LifecycleTransition', entry: { ...version, about } }, undefined);
    return true;
  }

  #endUploads(bucket: Bucket, rules: readonly LifecycleRule[], now: number): void {
    if (!rules.some((rule) => rule.AbortIncompleteMultipartUpload)) return;
    const { items } = this.#s3.uploads.list(bucket, { prefix: '', delimiter: '', limit: Infinity });
    for (const upload of items) {
      const due = rules.some((rule) => (abortBy(rule, upload.key, upload.started) ?? Infinity) <= now);
      if (due) this.#s3.uploads.abort(bucket, upload);
    }
  }

  #versionsOf(bucket: Bucket, key: string): number {
    const text = 'SELECT count(*) AS count FROM s3_versions WHERE bucket = ? AND key = ?';
    return this.#s3.kernel.store.sql(text).get(bucket.id, key)!['count'] as number;
  }
}

function noncurrentDue(rule: LifecycleRule, entry: Entry, { since, newer }: Standing, now: number): boolean {
  const { NoncurrentDays: days, NewerNoncurrentVersions: kept = 0 } = rule.NoncurrentVersionExpiration ?? {};
  if (days === undefined || since === undefined || newer < kept) return false;
  return inScope(scopeOf(rule), entry.key, entry.size, entry.about.tags) && dueAfter(since, days) <= now;
}

/** A delete marker that hides nothing any more goes when a rule says so, or would expire objects of its age. */
function markerDue(rule: LifecycleRule, entry: Entry, now: number): boolean {
  if (!entry.key.startsWith(scopeOf(rule).prefix)) return false;
  return rule.Expiration?.ExpiredObjectDeleteMarker === true || (expiryBy(rule, entry) ?? Infinity) <= now;
}

function transitionsDue(rule: LifecycleRule, entry: Entry, { since, newer }: Standing, now: number): string[] {
  if (!inScope(scopeOf(rule), entry.key, entry.size, entry.about.tags)) return [];
  if (since === undefined) {
    return (rule.Transitions ?? []).flatMap(({ Days: days = 0, Date: date, StorageClass: name }) =>
      (date?.getTime() ?? dueAfter(entry.modified, days)) <= now ? [name!] : [],
    );
  }
  return (rule.NoncurrentVersionTransitions ?? []).flatMap(
    ({ NoncurrentDays: days = 0, NewerNoncurrentVersions: kept = 0, StorageClass: name }) =>
      newer >= kept && dueAfter(since, days) <= now ? [name!] : [],
  );
}
