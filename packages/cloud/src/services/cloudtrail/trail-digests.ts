// Digest files: each hour the log files that were delivered, hashed, signed and chained, so that none is changed unseen. An
// hour without log files has none.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { AwsError } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import { SIGNATURE_ALGORITHM, type DigestKeys } from './digest-keys.ts';
import type { StoredTrail, Trails } from './trails.ts';

const HOUR_MILLISECONDS = 3_600_000;

/** A log file that was delivered. */
export interface LogFile {
  readonly key: string;
  /** What it holds, not yet compressed. */
  readonly text: string;
  /** The times of its first and its last record. */
  readonly oldest: string;
  readonly newest: string;
}

interface Chain {
  readonly region: string;
  /** When the hour began, in milliseconds. */
  readonly from: number;
  readonly files: readonly DigestedFile[];
  readonly previous?: {
    readonly bucket: string;
    readonly key: string;
    readonly hash: string;
    readonly signature: string;
  };
}

/** In the spelling of digest files. */
interface DigestedFile {
  readonly s3Bucket: string;
  readonly s3Object: string;
  readonly hashValue: string;
  readonly hashAlgorithm: 'SHA-256';
  readonly newestEventTime: string;
  readonly oldestEventTime: string;
}

/** Puts an object into a trail's bucket. */
export type PutObject = (
  trail: StoredTrail,
  key: string,
  body: Uint8Array,
  metadata: Readonly<Record<string, string>>,
) => Promise<unknown>;

export class TrailDigests {
  readonly #kernel: Kernel;
  readonly #trails: Trails;
  readonly #keys: DigestKeys;
  readonly #put: PutObject;
  readonly #chains: Collection<Chain>;
  /** Those that could not be delivered, until somebody tries again. */
  readonly #stuck = new Set<string>();
  #cancel: (() => void) | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(kernel: Kernel, trails: Trails, keys: DigestKeys, put: PutObject) {
    this.#kernel = kernel;
    this.#trails = trails;
    this.#keys = keys;
    this.#put = put;
    this.#chains = kernel.store.collection('cloudtrail.digests');
  }

  /** Arms the clock for the hour that is over next, and tries again what failed. */
  start(): void {
    this.#stuck.clear();
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#working;
  }

  /** To be told of each log file that was delivered. */
  note(trail: StoredTrail, region: string, { key, text, oldest, newest }: LogFile): void {
    if (!trail.validated) return;
    const place = `${trail.arn}|${region}`;
    const chain = this.#chains.get(place) ?? { region, from: Date.parse(oldest), files: [] };
    const file: DigestedFile = {
      s3Bucket: trail.bucket,
      s3Object: key,
      hashValue: sha256(text),
      hashAlgorithm: 'SHA-256',
      newestEventTime: newest,
      oldestEventTime: oldest,
    };
    this.#chains.put(place, { ...chain, files: [...chain.files, file] });
    this.#arm();
  }

  /** Ends a trail's chains: what they hold is delivered now. */
  end(trail: StoredTrail): Promise<void> {
    return this.#work(async () => {
      for (const { key } of this.#chains.list({ prefix: `${trail.arn}|` })) {
        await this.#deliver(trail, key);
        this.#chains.delete(key);
      }
    });
  }

  #arm(): void {
    if (this.#cancel) return;
    const next = this.#waiting().toSorted((a, b) => a.due - b.due)[0];
    if (!next) return;
    this.#cancel = this.#kernel.clock.at(next.due, () => {
      this.#cancel = undefined;
      return this.#work(() => this.#deliverDue());
    });
  }

  #waiting(): { place: string; due: number }[] {
    return this.#chains
      .list()
      .filter(({ key, value }) => value.files.length > 0 && !this.#stuck.has(key))
      .map(({ key, value }) => ({ place: key, due: value.from + HOUR_MILLISECONDS }));
  }

  #work(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work);
    // What fails here is told to who asked for it, and stands in nobody else's way.
    this.#working = done.catch(() => {});
    return done;
  }

  async #deliverDue(): Promise<void> {
    const now = this.#kernel.clock.now();
    for (const { place } of this.#waiting().filter(({ due }) => due <= now)) {
      const arn = place.slice(0, place.lastIndexOf('|'));
      const trail = this.#trails.list().find((each) => each.arn === arn);
      if (!trail) this.#chains.delete(place);
      else if (!(await this.#deliver(trail, place))) this.#stuck.add(place);
    }
    this.#arm();
  }

  /** False where the bucket did not take it. */
  async #deliver(trail: StoredTrail, place: string): Promise<boolean> {
    const { clock, account, log } = this.#kernel;
    const chain = this.#chains.get(place);
    if (!chain || chain.files.length === 0) return true;
    const now = clock.now();
    const digestS3Object = keyOf(trail, chain.region, account, now);
    const { previous, files } = chain;
    let text = '';
    const signature = await this.#keys.sign(chain.region, now, (fingerprint) => {
      text = JSON.stringify({
        awsAccountId: account,
        digestStartTime: seconds(chain.from),
        digestEndTime: seconds(now),
        digestS3Bucket: trail.bucket,
        digestS3Object,
        digestPublicKeyFingerprint: fingerprint,
        digestSignatureAlgorithm: SIGNATURE_ALGORITHM,
        newestEventTime: files
          .map(({ newestEventTime }) => newestEventTime)
          .toSorted()
          .at(-1),
        oldestEventTime: files.map(({ oldestEventTime }) => oldestEventTime).toSorted()[0],
        previousDigestS3Bucket: previous?.bucket ?? null,
        previousDigestS3Object: previous?.key ?? null,
        previousDigestHashValue: previous?.hash ?? null,
        previousDigestHashAlgorithm: previous ? 'SHA-256' : null,
        previousDigestSignature: previous?.signature ?? null,
        logFiles: files,
      });
      // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
      const place = `${trail.bucket}/${digestS3Object}`;
      return [seconds(now), place, sha256(text), previous?.signature ?? 'null'].join('\n');
    });
    try {
      await this.#put(trail, digestS3Object, gzipSync(text), {
        signature: signature.text,
        'signature-algorithm': SIGNATURE_ALGORITHM,
      });
    } catch (error) {
      const digestError = error instanceof AwsError ? error.code : (error as Error).message;
      log('cloudtrail.digest-failed', { trail: trail.arn, reason: (error as Error).message });
      this.#update(trail, { digestError });
      return false;
    }
    // Further log files may have come meanwhile.
    const came = this.#chains.get(place)?.files.slice(files.length) ?? [];
    this.#chains.put(place, {
      region: chain.region,
      from: now,
      files: came,
      previous: { bucket: trail.bucket, key: digestS3Object, hash: sha256(text), signature: signature.text },
    });
    this.#update(trail, { digestAt: now, digestError: undefined });
    return true;
  }

  // The trail may have been changed, or deleted, meanwhile.
  #update({ region, arn }: StoredTrail, change: Partial<StoredTrail>): void {
    const current = this.#trails.find(region, arn);
    if (current) this.#trails.save({ ...current, ...change });
  }
}

function keyOf({ prefix, name, region: home }: StoredTrail, region: string, account: string, now: number): string {
  const moment = seconds(now);
  const day = moment.slice(0, 10).replaceAll('-', '/');
  const file = `${account}_CloudTrail-Digest_${region}_${name}_${home}_${moment.replace(/[-:]/g, '')}.json.gz`;
  return [prefix, 'AWSLogs', account, 'CloudTrail-Digest', region, day, file].filter(Boolean).join('/');
}

const seconds = (moment: number): string => `${new Date(moment).toISOString().slice(0, 19)}Z`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
