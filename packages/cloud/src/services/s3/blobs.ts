// The bytes of objects: small runs in the database, large ones in files beside it; none is ever changed once written.
import { closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { DamagedStateError } from '../../kernel/damage.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../kernel/store.ts';
import { ownedBytes } from '../../wire/owned-bytes.ts';

/** A piece of a blob. Objects, parts and copies share blobs by naming slices of them. */
export interface Slice {
  readonly blob: number;
  readonly offset: number;
  readonly size: number;
}

/** What was received and is not yet kept: bytes in memory, or a file that nothing names so far. */
export type Received = { readonly size: number } & ({ readonly bytes: Buffer } | { readonly blob: number });

/** Up to this many bytes live in the database. */
export const INLINE_BYTES = 64 * 1024;

/** Files are spread over this many folders. */
const FOLDERS = 256;

/**
 * File calls are synchronous: a write or read of some kilobytes in the page cache takes less time than the way to a thread
 * and back. A blob's row is written, with no references, before its file, and removed after it: whenever the process dies, every file
 * that nothing refers to has a row that says so, and {@link Blobs.sweep} finds it without looking at any other file.
 */
export class Blobs {
  readonly #store: Store;
  readonly #log: Log;
  /** Undefined for a cloud in memory. */
  readonly #folder: string | undefined;
  readonly #memory = new Map<number, Buffer[]>();
  readonly #readers = new Map<number, number>();
  readonly #released = new Set<number>();
  #depth = 0;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
    this.#folder = store.folder === undefined ? undefined : join(store.folder, 's3');
    store.define(`
      CREATE TABLE IF NOT EXISTS s3_blobs (id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, bytes BLOB);
      CREATE INDEX IF NOT EXISTS s3_blobs_unreferenced ON s3_blobs (id) WHERE refs = 0;
    `);
    if (this.#folder !== undefined) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Begins a large blob, to be written by pieces and then kept, or discarded. */
  create(): BlobWriter {
    const { lastInsertRowid } = this.#store.sql('INSERT INTO s3_blobs (refs) VALUES (0)').run();
    const blob = Number(lastInsertRowid);
    if (this.#folder === undefined) {
      const chunks: Buffer[] = [];
      this.#memory.set(blob, chunks);
      // Copied: the network's buffers are parts of larger ones.
      return { blob, write: (chunk) => void chunks.push(Buffer.from(chunk)), close: () => {} };
    }
    const path = this.#path(blob);
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    const file = openSync(path, 'w', 0o600);
    return {
      blob,
      write: (chunk) => {
        for (let written = 0; written < chunk.length;) written += writeSync(file, chunk, written);
      },
      close: () => closeSync(file),
    };
  }

  /**
   * Changes who refers to what, all of it or nothing, and afterwards removes the blobs that lost their last owner: a file
   * may go only when it is certain that no row names it any more.
   */
  change<T>(work: () => T): T {
    this.#depth++;
    try {
      return this.#store.transaction(work);
    } finally {
      this.#depth--;
      if (this.#depth === 0) this.#collect();
    }
  }

  /** Gives what was received its first reference; within a {@link change}. */
  keep(received: Received): Slice[] {
    if (received.size === 0) return [];
    if ('bytes' in received) {
      const insert = this.#store.sql('INSERT INTO s3_blobs (refs, bytes) VALUES (1, ?)');
      return [{ blob: Number(insert.run(received.bytes).lastInsertRowid), offset: 0, size: received.size }];
    }
    this.#store.sql('UPDATE s3_blobs SET refs = 1 WHERE id = ?').run(received.blob);
    return [{ blob: received.blob, offset: 0, size: received.size }];
  }

  /** One more owner of slices that somebody has; within a {@link change}. */
  share(slices: readonly Slice[]): void {
    for (const { blob } of slices) this.#store.sql('UPDATE s3_blobs SET refs = refs + 1 WHERE id = ?').run(blob);
  }

  /** One owner less; within a {@link change}. */
  release(slices: readonly Slice[]): void {
    for (const { blob } of slices) {
      const inline = this.#store.sql('DELETE FROM s3_blobs WHERE id = ? AND refs = 1 AND bytes IS NOT NULL');
      if (inline.run(blob).changes > 0) continue;
      this.#store.sql('UPDATE s3_blobs SET refs = refs - 1 WHERE id = ?').run(blob);
      this.#released.add(blob);
    }
  }

  /** Throws away what was received and is not going to be kept. */
  discard(received: Received): void {
    if (!('blob' in received)) return;
    this.#released.add(received.blob);
    this.#collect();
  }

  /** Removes what a dead process left: to be called before anything is received. */
  sweep(): void {
    const rows = this.#store.sql('SELECT id FROM s3_blobs WHERE refs = 0').all();
    for (const row of rows) this.#remove(row['id'] as number);
    if (rows.length > 0) this.#log('s3.swept', { files: rows.length });
  }

  /** The bytes of a blob that lives in the database. */
  inline(blob: number): Buffer | undefined {
    const bytes = this.#store.sql('SELECT bytes FROM s3_blobs WHERE id = ?').get(blob)?.['bytes'];
    return bytes ? asBuffer(bytes as Uint8Array) : undefined;
  }

  /** Keeps a blob from being removed until the answered function is called. */
  hold(slices: readonly Slice[]): () => void {
    const blobs = slices.map(({ blob }) => blob);
    for (const blob of blobs) this.#readers.set(blob, (this.#readers.get(blob) ?? 0) + 1);
    return () => {
      for (const blob of blobs) {
        const left = this.#readers.get(blob)! - 1;
        if (left > 0) this.#readers.set(blob, left);
        else this.#readers.delete(blob);
      }
      this.#collect();
    };
  }

  /** Opens a large blob, which has so many bytes at least, for reading. */
  open(blob: number, least: number): BlobFile {
    const chunks = this.#memory.get(blob);
    if (this.#folder === undefined) {
      const whole = Buffer.concat(chunks ?? []);
      if (chunks) this.#memory.set(blob, [whole]);
      return { read: (offset, size) => whole.subarray(offset, offset + size), close: () => {} };
    }
    const file = this.#openFile(blob, least);
    return {
      read: (offset, size) => {
        const bytes = ownedBytes(size);
        const read = readSync(file, bytes, 0, size, offset);
        return read === size ? bytes : bytes.subarray(0, read);
      },
      close: () => closeSync(file),
    };
  }

  #openFile(blob: number, least: number): number {
    const name = blobName(blob);
    let file: number;
    try {
      file = openSync(this.#path(blob), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new DamagedStateError(`${name}, which holds the bytes of this object, is missing`);
    }
    const { size } = fstatSync(file);
    if (size >= least) return file;
    closeSync(file);
    throw new DamagedStateError(`${name} has ${size} bytes, of which this object needs ${least}`);
  }

  #collect(): void {
    for (const blob of this.#released) {
      if (this.#readers.has(blob)) continue;
      this.#released.delete(blob);
      const row = this.#store.sql('SELECT refs FROM s3_blobs WHERE id = ?').get(blob);
      if (row?.['refs'] === 0) this.#remove(blob);
    }
  }

  #remove(blob: number): void {
    if (this.#folder !== undefined) rmSync(this.#path(blob), { force: true });
    this.#memory.delete(blob);
    this.#store.sql('DELETE FROM s3_blobs WHERE id = ?').run(blob);
  }

  #path(blob: number): string {
    return join(this.#folder!, String(blob % FOLDERS), String(blob));
  }
}

/** A file's name below the cloud's folder. */
export const blobName = (blob: number): string => `s3/${blob % FOLDERS}/${blob}`;

export interface BlobWriter {
  readonly blob: number;
  write(chunk: Uint8Array): void;
  close(): void;
}

export interface BlobFile {
  read(offset: number, size: number): Buffer;
  close(): void;
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
