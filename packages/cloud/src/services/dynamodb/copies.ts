// Copies of a table's items, in pages: what backups are made of, and what tables are restored from.
import type { Store } from '../../kernel/store.ts';
import type { Engine } from './engine.ts';
import { keyOf, type Journal } from './journal.ts';

/** An item in JSON as it is on the wire, which neither loses digits nor costs a schema. */
type Item = Record<string, unknown>;

/** Items that one BatchWriteItem takes. */
const BATCH_ITEMS = 25;

export class Copies {
  readonly #store: Store;
  readonly #engine: Engine;

  constructor(store: Store, engine: Engine) {
    this.#store = store;
    this.#engine = engine;
    store.define(
      'CREATE TABLE IF NOT EXISTS dynamodb_backup_pages (backup TEXT, page INTEGER, items TEXT NOT NULL, PRIMARY KEY (backup, page)) WITHOUT ROWID',
    );
  }

  /** Copies a table under an id. */
  async make(id: string, region: string, table: string): Promise<{ itemCount: number; sizeBytes: number }> {
    let itemCount = 0;
    let sizeBytes = 0;
    let page = 0;
    for await (const items of scan(this.#engine, region, { TableName: table, ConsistentRead: true })) {
      sizeBytes += this.#put(id, page++, items);
      itemCount += items.length;
    }
    return { itemCount, sizeBytes };
  }

  /** Turns a copy of a table into what the table was at a moment, which the journal knows. */
  rewind(id: string, before: ReturnType<Journal['before']>, keys: readonly string[]): void {
    const keyText = (item: Item) => keyOf(Object.fromEntries(keys.map((name) => [name, item[name]])));
    let page = 0;
    for (let items = this.#page(id, page); items; items = this.#page(id, ++page)) {
      const left = items.filter((item) => !before.has(keyText(item)));
      if (left.length < items.length) this.#put(id, page, left);
    }
    const texts = [...before.values()].filter((text) => text !== undefined);
    for (let first = 0; first < texts.length; first += BATCH_ITEMS) {
      this.#put(
        id,
        page++,
        texts.slice(first, first + BATCH_ITEMS).map((text) => JSON.parse(text) as Item),
      );
    }
  }

  /** Writes a copy's items into a table; may be done again. Stops early, with false, once `stopped`. */
  async restore(id: string, region: string, table: string, stopped: () => boolean): Promise<boolean> {
    let page = 0;
    for (let items = this.#page(id, page); items; items = this.#page(id, ++page)) {
      for (let first = 0; first < items.length; first += BATCH_ITEMS) {
        if (stopped()) return false;
        const requests = items.slice(first, first + BATCH_ITEMS).map((Item) => ({ PutRequest: { Item } }));
        const { status, json } = await this.#engine.ask(
          region,
          'BatchWriteItem',
          JSON.stringify({ RequestItems: { [table]: requests } }),
        );
        if (status >= 400) throw new Error(`the items of ${id} are refused: ${Buffer.from(json).toString()}`);
      }
    }
    return true;
  }

  *pages(id: string): Generator<Item[]> {
    let page = 0;
    for (let items = this.#page(id, page); items; items = this.#page(id, ++page)) yield items;
  }

  delete(id: string): void {
    this.#store.sql('DELETE FROM dynamodb_backup_pages WHERE backup = ?').run(id);
  }

  ids(): string[] {
    const rows = this.#store.sql('SELECT DISTINCT backup FROM dynamodb_backup_pages').all();
    return rows.map(({ backup }) => backup as string);
  }

  #page(id: string, page: number): Item[] | undefined {
    const row = this.#store.sql('SELECT items FROM dynamodb_backup_pages WHERE backup = ? AND page = ?').get(id, page);
    return row && (JSON.parse(row['items'] as string) as Item[]);
  }

  #put(id: string, page: number, items: readonly Item[]): number {
    const text = JSON.stringify(items);
    this.#store.sql('INSERT OR REPLACE INTO dynamodb_backup_pages VALUES (?, ?, ?)').run(id, page, text);
    return text.length;
  }
}

/** A scan's items, page by page. Throws where the table engine refuses it. */
export async function* scan(engine: Engine, region: string, request: Item): AsyncGenerator<Item[]> {
  for (let after: unknown; ;) {
    const { status, json } = await engine.ask(region, 'Scan', JSON.stringify({ ...request, ExclusiveStartKey: after }));
    const { Items, LastEvaluatedKey, message } = JSON.parse(Buffer.from(json).toString()) as {
      Items: Item[];
      LastEvaluatedKey?: unknown;
      message?: string;
    };
    if (status >= 400) throw new Error(`${String(request['TableName'])} cannot be read: ${message}`);
    yield Items;
    after = LastEvaluatedKey;
    if (after === undefined) return;
  }
}
