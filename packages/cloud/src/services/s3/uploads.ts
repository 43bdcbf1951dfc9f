// Multipart uploads: parts that come in any order, and become an object when they are listed as complete.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
import { createHash } from 'node:crypto';

import { AwsError } from '../../kernel/errors.ts';
import { alphanumeric } from '../../kernel/ids.ts';
import type { Store } from '../../kernel/store.ts';
import type { Blobs, Received, Slice } from './blobs.ts';
import type { Bucket } from './buckets.ts';
import type { ChecksumAlgorithm, ChecksumType } from './checksums.ts';
import { noSuchUpload } from './errors.ts';
import { behind, fold, type Page, type PageRequest } from './listing.ts';
import type { About } from './objects.ts';

export interface Upload {
  readonly id: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly about: About;
  /** Undefined where the client asked for no checksum: the object then has AWS's default one. */
  readonly algorithm?: ChecksumAlgorithm;
  readonly type?: ChecksumType;
}

export interface Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  /** In base64, of the upload's algorithm or of the default one. */
  readonly checksum: string;
  readonly slices: readonly Slice[];
}

/** A part as a client lists it to complete an upload. */
export interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum?: string | undefined;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const PARTS_LIMIT = 10_000;
export const SMALLEST_PART = 5 * 1024 * 1024;

export class Uploads {
  readonly #store: Store;
  readonly #blobs: Blobs;

  constructor(store: Store, blobs: Blobs) {
    this.#store = store;
    this.#blobs = blobs;
    store.define(`
      CREATE TABLE IF NOT EXISTS s3_uploads (
        bucket INTEGER NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, started INTEGER NOT NULL, upload TEXT NOT NULL,
        PRIMARY KEY (bucket, key, id)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS s3_parts (
        upload TEXT NOT NULL, number INTEGER NOT NULL, part TEXT NOT NULL, PRIMARY KEY (upload, number)
      ) WITHOUT ROWID;
    `);
  }

  create(bucket: Bucket, key: string, started: number, upload: Pick<Upload, 'about' | 'algorithm' | 'type'>): Upload {
    // Begins with the time, so that uploads of one key are listed in the order in which they began.
    const id = started.toString(36).padStart(9, '0') + alphanumeric(71);
    this.#store
      .sql('INSERT INTO s3_uploads VALUES (?, ?, ?, ?, ?)')
      .run(bucket.id, key, id, started, JSON.stringify(upload));
    return { id, key, started, ...upload };
  }

  find(bucket: Bucket, key: string, id: string): Upload | undefined {
    const text = 'SELECT * FROM s3_uploads WHERE bucket = ? AND key = ? AND id = ?';
    const row = this.#store.sql(text).get(bucket.id, key, id);
    return row && toUpload(row);
  }

  require(bucket: Bucket, key: string, id: string): Upload {
    const upload = this.find(bucket, key, id);
    if (!upload) throw noSuchUpload(id);
    return upload;
  }

  list(bucket: Bucket, request: PageRequest & { readonly afterUpload?: string | undefined }): Page<Upload> {
    const statement = this.#store.sql(
      `SELECT * FROM s3_uploads WHERE bucket = ? AND key >= CAST(? AS TEXT) AND key < CAST(? AS TEXT)
         AND (key <> ? OR id > ?) ORDER BY key, id`,
    );
    const end = behind(request.prefix);
    const { after = '', afterUpload } = request;
    return fold({ ...request, within: afterUpload !== undefined }, function* (from) {
      for (const row of statement.iterate(bucket.id, from, end, after, afterUpload ?? '')) yield toUpload(row);
    });
  }

  /** Stores a part in place of one with its number. */
  putPart(
    upload: Upload,
    part: Omit<Part, 'slices'>,
    content: { received: Received } | { shared: readonly Slice[] },
  ): void {
    this.#blobs.change(() => {
      const replaced = this.#part(upload, part.number);
      if (replaced) this.#blobs.release(replaced.slices);
      const slices = 'received' in content ? this.#blobs.keep(content.received) : content.shared;
      if ('shared' in content) this.#blobs.share(slices);
      this.#store
        .sql('INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?)')
        .run(upload.id, part.number, JSON.stringify({ ...part, slices }));
    });
  }

  parts(upload: Upload, after = 0, limit = -1): Part[] {
    return this.#store
      .sql('SELECT part FROM s3_parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?')
      .all(upload.id, after, limit)
      .map((row) => JSON.parse(row['part'] as string) as Part);
  }

  /** The uploaded parts that a client lists, checked against what it says of them. */
  choose(upload: Upload, listed: readonly ListedPart[]): Part[] {
    const stored = new Map(this.parts(upload).map((part) => [part.number, part]));
    let previous = 0;
    const chosen = listed.map(({ number, etag, checksum }) => {
      if (number <= previous) throw invalidPartOrder(upload);
      previous = number;
      const part = stored.get(number);
      if (!part || part.etag !== etag.replaceAll('"', '')) throw invalidPart(upload, number, etag);
      if (checksum !== undefined && checksum !== part.checksum) throw invalidPart(upload, number, etag);
      return part;
    });
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompletedPart.html: parts with checksums of their own leave no gap.
    if (upload.type === 'COMPOSITE' && chosen.some(({ number }, index) => number !== index + 1)) {
      throw invalidPartOrder(upload);
    }
    for (const part of chosen.slice(0, -1)) if (part.size < SMALLEST_PART) throw entityTooSmall(part);
    return chosen;
  }

  /** Ends an upload whose chosen parts now belong to an object; in the change that stores it. */
  finish(bucket: Bucket, upload: Upload, chosen: readonly Part[]): void {
    const taken = new Set(chosen.map(({ number }) => number));
    for (const part of this.parts(upload)) if (!taken.has(part.number)) this.#blobs.release(part.slices);
    this.#forget(bucket, upload);
  }

  abort(bucket: Bucket, upload: Upload): void {
    this.#blobs.change(() => {
      for (const part of this.parts(upload)) this.#blobs.release(part.slices);
      this.#forget(bucket, upload);
    });
  }

  /** Ends every upload of a bucket that is deleted. */
  abortAll(bucket: Bucket): void {
    const rows = this.#store.sql('SELECT * FROM s3_uploads WHERE bucket = ?').all(bucket.id);
    for (const row of rows) this.abort(bucket, toUpload(row));
  }

  #part(upload: Upload, number: number): Part | undefined {
    const row = this.#store.sql('SELECT part FROM s3_parts WHERE upload = ? AND number = ?').get(upload.id, number);
    return row && (JSON.parse(row['part'] as string) as Part);
  }

  #forget(bucket: Bucket, upload: Upload): void {
    this.#store.sql('DELETE FROM s3_parts WHERE upload = ?').run(upload.id);
    this.#store
      .sql('DELETE FROM s3_uploads WHERE bucket = ? AND key = ? AND id = ?')
      .run(bucket.id, upload.key, upload.id);
  }
}

/** The entity tag of an object made of parts: the MD5 of their MD5s, and how many there were. */
export function partsETag(parts: readonly Pick<Part, 'etag'>[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

const toUpload = (row: Record<string, unknown>): Upload => ({
  id: row['id'] as string,
  key: row['key'] as string,
  started: row['started'] as number,
  ...(JSON.parse(row['upload'] as string) as Pick<Upload, 'about' | 'algorithm' | 'type'>),
});

const invalidPart = (upload: Upload, number: number, etag: string): AwsError =>
  new AwsError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { members: { ETag: etag.replaceAll('"', ''), PartNumber: number, UploadId: upload.id } },
  );

const invalidPartOrder = (upload: Upload): AwsError =>
  new AwsError(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    { members: { UploadId: upload.id } },
  );

const entityTooSmall = (part: Part): AwsError =>
  new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    members: { ETag: part.etag, MinSizeAllowed: SMALLEST_PART, PartNumber: part.number, ProposedSize: part.size },
  });
