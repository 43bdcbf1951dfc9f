// The cloud's durable memory: one SQLite database, and folders beside it for what is too big for a row.
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

import { DamagedStateError, hasBytes, isDamage } from './damage.ts';
import { migrate, MIGRATIONS } from './migrations.ts';

export const STORE_FILE = 'cloud.sqlite';

/** JSON documents under ordered string keys; what `get` and `list` answer is a copy that the caller may change. */
export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  /** True where there was something to delete. */
  delete(key: string): boolean;
  /** Entries in key order (bytewise), those with the prefix only, after `after` where given. */
  list(options?: { prefix?: string; after?: string; limit?: number }): { key: string; value: T }[];
}

/** A store that another process works with: two of them would not see each other's changes. */
export class StoreInUseError extends Error {
  readonly code = 'STORE_IN_USE';

  constructor(folder: string) {
    super(`Another process has the store in ${folder} open.`);
  }
}

/** How long a store that somebody is just closing is waited for. */
const OPEN_MILLISECONDS = 1_000;

/** SQLite's words for it: https://www.sqlite.org/rescode.html#busy */
const BUSY = 5;

/**
 * A cloud's store. Writes are durable when the call returns: SQLite in WAL mode survives the death of the process at any
 * moment. Everything is synchronous, so a function without an `await` is a critical section.
 */
export class Store {
  /** The folder that holds the database and blobs; undefined for a cloud in memory. */
  readonly folder: string | undefined;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  /** Throws {@link StoreInUseError}, {@link DamagedStateError}, or where the folder's store cannot be used: see {@link migrate}. */
  constructor(folder?: string, migrations = MIGRATIONS) {
    this.folder = folder;
    if (folder) mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (folder) requireWhole(folder);
    const file = folder ? join(folder, STORE_FILE) : ':memory:';
    this.#db = new DatabaseSync(file);
    if (folder) chmodSync(file, 0o600);
    try {
      // One process has the store for itself, so no call has to ask for a lock: a read takes half as long.
      this.#db.exec(`PRAGMA busy_timeout = ${OPEN_MILLISECONDS}; PRAGMA locking_mode = EXCLUSIVE;`);
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      migrate(this, migrations);
    } catch (error) {
      this.close();
      if (folder && (error as { errcode?: number }).errcode === BUSY) throw new StoreInUseError(folder);
      throw isDamage(error) ? new DamagedStateError(`${STORE_FILE}: ${(error as Error).message}`) : error;
    }
  }

  /** Runs data definitions, e.g. `CREATE TABLE IF NOT EXISTS …`, for services whose rows are too many for a collection. */
  define(sql: string): void {
    this.#db.exec(sql);
  }

  /** A prepared statement, compiled once for each text. */
  sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) this.#statements.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }

  /** All of `work` or nothing; may be nested. `work` must not await. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#db.exec('BEGIN IMMEDIATE');
    this.#depth++;
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite itself has rolled back where the disk is full.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /** True while {@link transaction} is at work, which may yet be undone. */
  get inTransaction(): boolean {
    return this.#depth > 0;
  }

  collection<T>(name: string): Collection<T> {
    const parse = (text: unknown) => JSON.parse(text as string) as T;
    const all = (text: string, ...values: SQLInputValue[]) =>
      this.sql(text)
        .all(name, ...values)
        .map((row) => ({ key: row['key'] as string, value: parse(row['value']) }));
    return {
      get: (key) => {
        const row = this.sql('SELECT value FROM documents WHERE collection = ? AND key = ?').get(name, key);
        return row && parse(row['value']);
      },
      put: (key, value) => {
        this.sql('INSERT OR REPLACE INTO documents VALUES (?, ?, ?)').run(name, key, JSON.stringify(value));
      },
      delete: (key) => this.sql('DELETE FROM documents WHERE collection = ? AND key = ?').run(name, key).changes > 0,
      list: ({ prefix = '', after = '', limit = -1 } = {}) =>
        all(
          'SELECT key, value FROM documents WHERE collection = ? AND key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?',
          prefix,
          `${prefix}\u{10FFFF}`,
          after,
          limit,
        ),
    };
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}

/** What services keep beside the database says nothing without it: an empty one in its place would have it swept. */
function requireWhole(folder: string): void {
  if (hasBytes(join(folder, STORE_FILE))) return;
  const beside = ['s3', 'dynamodb'].filter((name) => existsSync(join(folder, name)));
  if (beside.length > 0)
    throw new DamagedStateError(`${STORE_FILE} is missing or empty, though there is ${beside.join(' and ')}`);
}
