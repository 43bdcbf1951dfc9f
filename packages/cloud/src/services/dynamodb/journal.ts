// The journal: every change of an item in tables with a stream, time to live or recovery, with what was and what became.
import type { Store } from '../../kernel/store.ts';

export interface Change {
  /** Ever growing, over all tables of a cloud. */
  readonly sequence: number;
  /** When, in milliseconds on the cloud's clock; never less than that of the change before. */
  readonly at: number;
  /** The attributes of the item's key, as {@link keyOf} writes them. */
  readonly key: string;
  /** The item's JSON before, and after. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** True where DynamoDB itself deleted the item, whose time to live was over. */
  readonly expired: boolean;
}

export class Journal {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS dynamodb_changes (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,
        key TEXT NOT NULL, before TEXT, after TEXT, expired INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS dynamodb_changes_of_table ON dynamodb_changes (region, name);`);
  }

  append(region: string, table: string, { at, key, before, after, expired }: Omit<Change, 'sequence'>): void {
    this.#store
      .sql('INSERT INTO dynamodb_changes (region, name, at, key, before, after, expired) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(region, table, at, key, before ?? null, after ?? null, Number(expired));
  }

  /** The number of the latest change of all; 0 before the first one. */
  last(): number {
    const row = this.#store.sql(`SELECT seq FROM sqlite_sequence WHERE name = 'dynamodb_changes'`).get();
    return Number(row?.['seq'] ?? 0);
  }

  /** Changes of a table after one number and up to another, since a moment, in their order. */
  list(region: string, table: string, range: { after: number; upTo: number; since: number; limit: number }): Change[] {
    return this.#store
      .sql(
        'SELECT * FROM dynamodb_changes WHERE region = ? AND name = ? AND sequence > ? AND sequence <= ? AND at >= ? ORDER BY sequence LIMIT ?',
      )
      .all(region, table, range.after, range.upTo, range.since, range.limit)
      .map(changeOf);
  }

  /** Each item that was changed after a moment, by its key, with its JSON at that moment; undefined where there was none. */
  before(region: string, table: string, moment: number): Map<string, string | undefined> {
    const rows = this.#store
      .sql(
        'SELECT key, before, MIN(sequence) FROM dynamodb_changes WHERE region = ? AND name = ? AND at > ? GROUP BY key',
      )
      .all(region, table, moment);
    return new Map(rows.map(({ key, before }) => [key as string, (before ?? undefined) as string | undefined]));
  }

  /** Forgets a table's changes before a moment. */
  prune(region: string, table: string, moment: number): void {
    this.#store.sql('DELETE FROM dynamodb_changes WHERE region = ? AND name = ? AND at < ?').run(region, table, moment);
  }

  tables(): { region: string; table: string }[] {
    return this.#store
      .sql('SELECT DISTINCT region, name FROM dynamodb_changes')
      .all()
      .map(({ region, name }) => ({ region: region as string, table: name as string }));
  }
}

/** A key's attributes as JSON, always the same for the same key. */
export const keyOf = (key: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(key).toSorted(([left], [right]) => (left < right ? -1 : 1))));

const changeOf = (row: Record<string, unknown>): Change => ({
  sequence: row['sequence'] as number,
  at: row['at'] as number,
  key: row['key'] as string,
  before: (row['before'] ?? undefined) as string | undefined,
  after: (row['after'] ?? undefined) as string | undefined,
  expired: row['expired'] === 1,
});
