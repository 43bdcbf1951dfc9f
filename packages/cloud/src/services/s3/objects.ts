// Objects and their versions: what is stored under each key of a bucket, newest first.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
import type { Grant } from '@aws-sdk/client-s3';

import { alphanumeric } from '../../kernel/ids.ts';
import type { Store } from '../../kernel/store.ts';
import type { Blobs, Received, Slice } from './blobs.ts';
import type { Bucket } from './buckets.ts';
import type { Checksum } from './checksums.ts';
import type { CustomerKey } from './customer-key.ts';
import type { KmsEncryption } from './encryption.ts';

/** A tag set, in the order in which it was given. */
export type Tags = Readonly<Record<string, string>>;

export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What is known of an object besides its bytes. */
export interface About {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly expires?: string;
  readonly redirect?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Undefined for STANDARD. */
  readonly storageClass?: string;
  readonly checksum?: Checksum;
  readonly tags?: Tags;
  readonly retention?: Retention;
  readonly legalHold?: boolean;
  /** Undefined for S3's own keys. */
  readonly encryption?: KmsEncryption;
  /** Where the customer's own key is needed to read it. */
  readonly customerKey?: CustomerKey;
  /** Grants to others than the owner, where the bucket allows ACLs. */
  readonly acl?: readonly Grant[];
  /** A copy taken out of an archive class: from when, and until when, in milliseconds. */
  readonly restore?: {
    readonly from: number;
    readonly until: number;
    /** Its coming has been told. */ readonly told?: true;
  };
  /** How far its replication is; `REPLICA` for what is one. */
  readonly replication?: 'PENDING' | 'COMPLETED' | 'FAILED' | 'REPLICA';
  /** The upload in parts that made it. */
  readonly uploadId?: string;
}

/** A version as listings show it. */
export interface Entry {
  readonly id: number;
  readonly key: string;
  /** `null`, as a word, for a version made while versioning was not on. */
  readonly version: string;
  /** The newest version of its key. */
  readonly current: boolean;
  /** A delete marker. */
  readonly marker: boolean;
  /** Milliseconds since the epoch, whole seconds. */
  readonly modified: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly about: About;
}

/** A part that a multipart object was made of. */
export interface ObjectPart {
  readonly number: number;
  readonly size: number;
  readonly checksum?: string;
}

export interface Version extends Entry {
  readonly slices: readonly Slice[];
  readonly parts: readonly ObjectPart[];
}

/** An object about to be stored. */
export interface Draft {
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly about: About;
  readonly parts?: readonly ObjectPart[];
  /** The id that a replica has of its source. @default a new one */
  readonly version?: string;
  /** New bytes, slices that others have too, or slices whose owner hands them over. */
  readonly content:
    | { readonly received: Received }
    | { readonly shared: readonly Slice[] }
    | { readonly moved: readonly Slice[] };
}

export const NULL_VERSION = 'null';

const LISTED = 'id, key, version, current, marker, modified, size, etag, about';

const NEWEST = 'SELECT id FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1';

export class Objects {
  readonly #store: Store;
  readonly #blobs: Blobs;
  #lastId: number;

  constructor(store: Store, blobs: Blobs) {
    this.#store = store;
    this.#blobs = blobs;
    store.define(`
      CREATE TABLE IF NOT EXISTS s3_versions (
        id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL,
        current INTEGER NOT NULL, marker INTEGER NOT NULL, modified INTEGER NOT NULL,
        size INTEGER NOT NULL, etag TEXT NOT NULL, about TEXT NOT NULL, content TEXT NOT NULL
      );
      CREATE INDEX IF NOT EXISTS s3_versions_by_key ON s3_versions (bucket, key, id DESC);
      CREATE INDEX IF NOT EXISTS s3_objects_by_key ON s3_versions (bucket, key) WHERE current = 1 AND marker = 0;
    `);
    this.#lastId = (store.sql('SELECT max(id) AS id FROM s3_versions').get()?.['id'] as number | null) ?? 0;
  }

  /** The newest version of a key, a delete marker too. */
  latest(bucket: Bucket, key: string): Version | undefined {
    return toVersion(
      this.#store
        .sql(`SELECT ${LISTED}, content FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1`)
        .get(bucket.id, key),
    );
  }

  version(bucket: Bucket, key: string, version: string): Version | undefined {
    if (version === NULL_VERSION) return this.#nullVersion(bucket, key);
    const text = `SELECT ${LISTED}, content FROM s3_versions WHERE id = ? AND bucket = ? AND key = ? AND version = ?`;
    const found = this.#store.sql(text).get(positionOf(version), bucket.id, key, version);
    return toVersion(found ?? this.#replica(bucket, key, version));
  }

  put(bucket: Bucket, key: string, draft: Draft): Version {
    return this.#blobs.change(() => {
      const slices = this.#own(draft.content);
      const { size, etag, modified, about, parts = [], version } = draft;
      return this.#insert(bucket, { key, marker: false, size, etag, modified, about, slices, parts }, version);
    });
  }

  /**
   * Deletes a key as a request without a version does; answers the delete marker where that makes one. A replica of a
   * marker has its source's id.
   */
  delete(bucket: Bucket, key: string, modified: number, id?: string): Version | undefined {
    return this.#blobs.change(() => {
      if (!bucket.settings.versioning) {
        const only = this.latest(bucket, key);
        if (only) this.#remove(only);
        return undefined;
      }
      const marker = { key, marker: true, size: 0, etag: '', modified, about: {}, slices: [], parts: [] };
      return this.#insert(bucket, marker, id);
    });
  }

  /** Deletes one version for good; the one before it becomes the current one. */
  deleteVersion(bucket: Bucket, version: Version): void {
    this.#blobs.change(() => {
      this.#remove(version);
      if (!version.current) return;
      this.#store.sql(`UPDATE s3_versions SET current = 1 WHERE id = (${NEWEST})`).run(bucket.id, version.key);
    });
  }

  /** Changes what is known of a version, its bytes left as they are. */
  describe(version: Version, about: About): void {
    this.#store.sql('UPDATE s3_versions SET about = ? WHERE id = ?').run(JSON.stringify(about), version.id);
  }

  /** How much a bucket holds, all versions counted. */
  usage(bucket: Bucket): { readonly objects: number; readonly bytes: number } {
    const text = 'SELECT count(*) AS objects, coalesce(sum(size), 0) AS bytes FROM s3_versions WHERE bucket = ?';
    const row = this.#store.sql(text).get(bucket.id)!;
    return { objects: row['objects'] as number, bytes: row['bytes'] as number };
  }

  /** The same by storage class. */
  usageByClass(bucket: Bucket): { readonly storageClass: string; readonly objects: number; readonly bytes: number }[] {
    const text = `SELECT coalesce(json_extract(about, '$.storageClass'), 'STANDARD') AS storageClass, count(*) AS objects,
      sum(size) AS bytes FROM s3_versions WHERE bucket = ? GROUP BY storageClass ORDER BY storageClass`;
    return this.#store
      .sql(text)
      .all(bucket.id)
      .map((row) => ({
        storageClass: row['storageClass'] as string,
        objects: row['objects'] as number,
        bytes: row['bytes'] as number,
      }));
  }

  #nullVersion(bucket: Bucket, key: string): Version | undefined {
    if (!bucket.settings.versioning) return this.latest(bucket, key);
    const text = `SELECT ${LISTED}, content FROM s3_versions WHERE bucket = ? AND key = ? AND version = '${NULL_VERSION}'`;
    return toVersion(this.#store.sql(text).get(bucket.id, key));
  }

  /** A version whose id was made elsewhere, and says nothing of its place here. */
  #replica(bucket: Bucket, key: string, version: string) {
    const text = `SELECT ${LISTED}, content FROM s3_versions WHERE bucket = ? AND key = ? AND version = ?`;
    return this.#store.sql(text).get(bucket.id, key, version);
  }

  #own(content: Draft['content']): readonly Slice[] {
    if ('received' in content) return this.#blobs.keep(content.received);
    if ('moved' in content) return content.moved;
    this.#blobs.share(content.shared);
    return content.shared;
  }

  // Without versioning, or with it suspended, there is one version without an id, which the new one takes the place of.
  #insert(bucket: Bucket, version: Omit<Version, 'id' | 'version' | 'current'>, given?: string): Version {
    const { key, marker, modified, size, etag, about, slices, parts } = version;
    const versioned = bucket.settings.versioning === 'Enabled';
    const replaced = versioned ? undefined : this.#nullVersion(bucket, key);
    if (replaced) this.#remove(replaced);
    if (bucket.settings.versioning) {
      this.#store.sql(`UPDATE s3_versions SET current = 0 WHERE id = (${NEWEST})`).run(bucket.id, key);
    }
    const id = ++this.#lastId;
    const name = versioned ? (given ?? versionAt(id)) : NULL_VERSION;
    this.#store
      .sql('INSERT INTO s3_versions VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)')
      .run(
        id,
        bucket.id,
        key,
        name,
        Number(marker),
        modified,
        size,
        etag,
        JSON.stringify(about),
        contentText(slices, parts),
      );
    return { ...version, id, version: name, current: true };
  }

  #remove(version: Version): void {
    this.#store.sql('DELETE FROM s3_versions WHERE id = ?').run(version.id);
    this.#blobs.release(version.slices);
  }
}

/** True for what may be a version's id here. */
export const isVersionId = (version: string): boolean =>
  version === NULL_VERSION || /^[0-9a-z]{10}[0-9A-Za-z]{22}$/.test(version);

// A version's id begins with its place in time, so that a listing can go on after a version that is deleted meanwhile.
const versionAt = (id: number): string => id.toString(36).padStart(10, '0') + alphanumeric(22);

/** Where a version stands, or stood: newer ones have greater numbers. */
export const positionOf = (version: string): number => Number.parseInt(version.slice(0, 10), 36);

const contentText = (slices: readonly Slice[], parts: readonly ObjectPart[]): string =>
  JSON.stringify({
    slices: slices.map(({ blob, offset, size }) => [blob, offset, size]),
    ...(parts.length > 0 && { parts }),
  });

type Row = Record<string, unknown> | undefined;

function toVersion(row: Row): Version | undefined {
  if (!row) return undefined;
  const { slices, parts = [] } = JSON.parse(row['content'] as string) as {
    slices: [number, number, number][];
    parts?: ObjectPart[];
  };
  return { ...toEntry(row), slices: slices.map(([blob, offset, size]) => ({ blob, offset, size })), parts };
}

export const ENTRY_COLUMNS = LISTED;

export function toEntry(row: Record<string, unknown>): Entry {
  return {
    id: row['id'] as number,
    key: row['key'] as string,
    version: row['version'] as string,
    current: row['current'] === 1,
    marker: row['marker'] === 1,
    modified: row['modified'] as number,
    size: row['size'] as number,
    etag: row['etag'] as string,
    about: JSON.parse(row['about'] as string) as About,
  };
}
