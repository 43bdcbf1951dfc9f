// The buckets of the cloud: their names, homes and settings, kept in the database and, as every request asks, in memory.
import type {
  BucketAccelerateStatus,
  CORSRule,
  Grant,
  LifecycleRule,
  LoggingEnabled,
  MetricsConfiguration,
  NotificationConfiguration,
  ObjectLockConfiguration,
  ObjectOwnership,
  Payer,
  PublicAccessBlockConfiguration,
  ReplicationConfiguration,
  ServerSideEncryptionConfiguration,
  Tag,
  TransitionDefaultMinimumObjectSize,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Store } from '../../kernel/store.ts';
import { noSuchBucket } from './errors.ts';

/** What a bucket has been told to be; everything left out has AWS's default. */
export interface Settings {
  /** Undefined where versioning was never turned on. */
  readonly versioning?: 'Enabled' | 'Suspended';
  /** Undefined until a request speaks of it. */
  readonly mfaDelete?: 'Disabled';
  readonly ownership?: ObjectOwnership;
  readonly publicAccessBlock?: PublicAccessBlockConfiguration;
  readonly policy?: string;
  /** Undefined where the owner alone has rights. */
  readonly acl?: readonly Grant[];
  readonly encryption?: ServerSideEncryptionConfiguration;
  readonly tags?: readonly Tag[];
  readonly lifecycle?: Lifecycle;
  readonly cors?: readonly CORSRule[];
  readonly website?: WebsiteConfiguration;
  readonly logging?: LoggingEnabled;
  readonly payer?: Payer;
  readonly acceleration?: BucketAccelerateStatus;
  readonly replication?: ReplicationConfiguration;
  readonly objectLock?: ObjectLockConfiguration;
  readonly notification?: NotificationConfiguration;
  /** In the order of their ids. */
  readonly metrics?: readonly MetricsConfiguration[];
}

export interface Lifecycle {
  readonly rules: readonly LifecycleRule[];
  readonly minimumSize: TransitionDefaultMinimumObjectSize;
}

export interface Bucket {
  readonly id: number;
  readonly name: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly settings: Settings;
}

/** Settings to change; `undefined` takes one away. */
export type SettingsChange = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

export class Buckets {
  readonly #store: Store;
  readonly #byName = new Map<string, Bucket>();

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS s3_buckets (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, region TEXT NOT NULL,
        created INTEGER NOT NULL, settings TEXT NOT NULL
      )`);
    for (const row of store.sql('SELECT * FROM s3_buckets').all()) {
      const settings = JSON.parse(row['settings'] as string, reviveDates) as Settings;
      const bucket = { ...row, settings } as unknown as Bucket;
      this.#byName.set(bucket.name, bucket);
    }
  }

  find(name: string | undefined): Bucket | undefined {
    return this.#byName.get(name ?? '');
  }

  require(name: string | undefined): Bucket {
    const bucket = this.find(name);
    if (!bucket) throw noSuchBucket(name ?? '');
    return bucket;
  }

  /** All of them, by name. */
  list(): Bucket[] {
    return [...this.#byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(name: string, region: string, created: number, settings: Settings): Bucket {
    const insert = this.#store.sql('INSERT INTO s3_buckets (name, region, created, settings) VALUES (?, ?, ?, ?)');
    const { lastInsertRowid } = insert.run(name, region, created, JSON.stringify(settings));
    const bucket: Bucket = { id: Number(lastInsertRowid), name, region, created, settings };
    this.#byName.set(name, bucket);
    return bucket;
  }

  change(bucket: Bucket, change: SettingsChange): Bucket {
    // Through JSON, so that what is in memory is what would be read back.
    const text = JSON.stringify({ ...bucket.settings, ...change });
    this.#store.sql('UPDATE s3_buckets SET settings = ? WHERE id = ?').run(text, bucket.id);
    const changed = { ...bucket, settings: JSON.parse(text, reviveDates) as Settings };
    this.#byName.set(bucket.name, changed);
    return changed;
  }

  /** Removes an empty bucket. */
  delete(bucket: Bucket): void {
    if (this.#store.sql('SELECT 1 FROM s3_versions WHERE bucket = ? LIMIT 1').get(bucket.id)) {
      const versions = bucket.settings.versioning ? '. You must delete all versions in the bucket.' : '';
      throw new AwsError('BucketNotEmpty', `The bucket you tried to delete is not empty${versions}`, {
        status: 409,
        members: { BucketName: bucket.name },
      });
    }
    this.#store.sql('DELETE FROM s3_buckets WHERE id = ?').run(bucket.id);
    this.#byName.delete(bucket.name);
  }
}

/** `Date` is the one member of a setting's shape that is a moment: lifecycle rules have it. */
const reviveDates = (key: string, value: unknown): unknown =>
  key === 'Date' && typeof value === 'string' ? new Date(value) : value;
