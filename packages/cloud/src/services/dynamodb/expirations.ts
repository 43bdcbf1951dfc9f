// Time to live: which items are to go when, and their going, on the cloud's clock.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../kernel/store.ts';
import type { Engine } from './engine.ts';
import { keyOf } from './journal.ts';

type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Due {
  readonly region: string;
  readonly table: string;
  readonly key: string;
  readonly value: string;
  readonly attribute: string;
}

/** An item whose time was over this long ago was never meant to go. */
const FORGOTTEN_MILLISECONDS = 5 * 365 * 86_400_000;

/** When what failed is tried again. */
const AGAIN_MILLISECONDS = 60_000;

/** How many items are looked up at a time. */
const PAGE_ITEMS = 100;

export class Expirations {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #engine: Engine;
  readonly #log: Log;
  #collect: (region: string) => void = () => {};
  #armed: { at: number; cancel: () => void } | undefined;
  #running: Promise<void> | undefined;
  /** Items that were deleted because their time is over, as long as the journal does not have that. */
  readonly #expiring = new Set<string>();
  #stopped = false;

  constructor({ store, clock, log }: { store: Store; clock: Clock; log: Log }, engine: Engine) {
    this.#store = store;
    this.#clock = clock;
    this.#engine = engine;
    this.#log = log;
    // A row is a promise to look at the item then; it is deleted only where it still has this value.
    store.define(`
      CREATE TABLE IF NOT EXISTS dynamodb_expirations (
        region TEXT, name TEXT, key TEXT, value TEXT, attribute TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (region, name, key, value)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS dynamodb_expirations_by_time ON dynamodb_expirations (at, region, name, key);`);
  }

  /** `collect` takes a deletion over into the journal. */
  start(collect: (region: string) => void): void {
    this.#collect = collect;
    this.arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#armed?.cancel();
    await this.#running;
  }

  /** Keeps in mind what a change means for its item's end. */
  note(
    region: string,
    table: string,
    attribute: string,
    change: { key: string; before?: string | undefined; after?: string | undefined },
  ): void {
    const before = valueOf(change.before, attribute);
    const after = valueOf(change.after, attribute);
    if (before === after) return;
    if (before !== undefined) this.#forget(region, table, change.key, before);
    if (after !== undefined) this.#remember({ region, table, key: change.key, value: after, attribute });
  }

  /** Keeps an item in mind that was there before its table had a time to live. */
  noteItem(region: string, table: string, attribute: string, keys: readonly string[], item: Item): void {
    const value = item[attribute]?.['N'];
    const key = keyOf(Object.fromEntries(keys.map((name) => [name, item[name]])));
    if (typeof value === 'string') this.#remember({ region, table, key, value, attribute });
  }

  forgetTable(region: string, table: string): void {
    this.#store.sql('DELETE FROM dynamodb_expirations WHERE region = ? AND name = ?').run(region, table);
  }

  /** True of an item that is being deleted because its time is over. */
  isExpiring(region: string, table: string, key: string): boolean {
    return this.#expiring.has(idOf({ region, table, key }));
  }

  /** To be called when the first item to go may be another one. */
  arm(soonest = 0): void {
    if (this.#stopped || this.#running) return;
    const row = this.#store
      .sql('SELECT at FROM dynamodb_expirations WHERE at >= ? ORDER BY at LIMIT 1')
      .get(this.#clock.now() - FORGOTTEN_MILLISECONDS);
    const at = row && Math.max(row['at'] as number, soonest);
    if (at === this.#armed?.at) return;
    this.#armed?.cancel();
    this.#armed = at === undefined ? undefined : { at, cancel: this.#clock.at(at, () => this.#run()) };
  }

  #run(): Promise<void> {
    this.#armed = undefined;
    this.#running = this.#deleteDue()
      .then(
        () => 0,
        (error: unknown) => {
          this.#log('expiration failed', { reason: String(error) });
          return this.#clock.now() + AGAIN_MILLISECONDS;
        },
      )
      .then((soonest) => {
        this.#running = undefined;
        this.arm(soonest);
      });
    return this.#running;
  }

  async #deleteDue(): Promise<void> {
    for (let due = this.#due(); due.length > 0; due = this.#due()) {
      for (const item of due) {
        if (this.#stopped) return;
        await this.#delete(item);
      }
    }
  }

  #due(): Due[] {
    const now = this.#clock.now();
    return this.#store
      .sql(
        'SELECT region, name AS "table", key, value, attribute FROM dynamodb_expirations WHERE at >= ? AND at <= ? ORDER BY at, region, name, key LIMIT ?',
      )
      .all(now - FORGOTTEN_MILLISECONDS, now, PAGE_ITEMS) as unknown as Due[];
  }

  async #delete(due: Due): Promise<void> {
    const { region, table, key, value, attribute } = due;
    const request = {
      TableName: table,
      Key: JSON.parse(key) as unknown,
      ConditionExpression: '#a = :v',
      ExpressionAttributeNames: { '#a': attribute },
      ExpressionAttributeValues: { ':v': { N: value } },
    };
    this.#expiring.add(idOf(due));
    const { status, json } = await this.#engine.ask(region, 'DeleteItem', JSON.stringify(request));
    if (status >= 500) throw new Error(Buffer.from(json).toString());
    this.#collect(region);
    this.#expiring.delete(idOf(due));
    // Gone, changed or gone before: there is nothing more to do.
    this.#forget(region, table, key, value);
  }

  #remember({ region, table, key, value, attribute }: Due): void {
    const at = Math.ceil(Number(value) * 1000);
    if (!Number.isSafeInteger(at)) return;
    this.#store
      .sql('INSERT OR REPLACE INTO dynamodb_expirations VALUES (?, ?, ?, ?, ?, ?)')
      .run(region, table, key, value, attribute, at);
  }

  #forget(region: string, table: string, key: string, value: string): void {
    this.#store
      .sql('DELETE FROM dynamodb_expirations WHERE region = ? AND name = ? AND key = ? AND value = ?')
      .run(region, table, key, value);
  }
}

const idOf = ({ region, table, key }: Pick<Due, 'region' | 'table' | 'key'>): string => `${region}/${table}/${key}`;

/** What is no number means nothing. */
function valueOf(item: string | undefined, attribute: string): string | undefined {
  if (item === undefined) return undefined;
  const value = (JSON.parse(item) as Item)[attribute]?.['N'];
  return typeof value === 'string' ? value : undefined;
}
