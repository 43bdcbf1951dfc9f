// How changes of items get from dynoxide, which records them with the change itself, into the journal, once each. Where the
// disk is full they wait in dynoxide's file: a change that is recorded there is as durable as its item.
import { DatabaseSync, type StatementSync } from 'node:sqlite';

import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { isOutOfSpace } from '../../kernel/space.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { Engine } from './engine.ts';
import type { Expirations } from './expirations.ts';
import { keyOf, type Journal } from './journal.ts';
import type { Tables } from './tables.ts';

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly engine: Engine;
  readonly tables: Tables;
  readonly journal: Journal;
  readonly expirations: Expirations;
  /** Told once the journal has changes of a table with a stream. */
  readonly streamed: (region: string, table: string) => void;
}

/** What is read of a region's database: the file that dynoxide writes. */
interface Reader {
  readonly database: DatabaseSync;
  readonly after: StatementSync;
  readonly trim: StatementSync;
  /** The latest record that the journal has, and the one up to which dynoxide's are gone. */
  collected: number;
  trimmed: number;
  /** Up to which record there were some when, of those that the journal has not. */
  readonly seen: { readonly upTo: number; readonly at: number }[];
  retry: NodeJS.Timeout | undefined;
}

/** Each write makes dynoxide look through the records that it has, so they never become many. */
const KEPT_RECORDS = 100;

/** When changes that found no room are tried again. Space is this machine's, and so is the time until there is some. */
const RETRY_MILLISECONDS = 1_000;

export class Changes {
  readonly #parts: Parts;
  readonly #collected: Collection<number>;
  readonly #readers = new Map<string, Reader>();
  #latest = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#collected = parts.store.collection('dynamodb.collected');
    parts.engine.onStart(async (region, file) => {
      this.#open(region, file);
      this.collectOrWait(region);
    });
    parts.engine.onEnd((region) => this.#close(region));
  }

  /** Takes over what dynoxide has recorded, if there is room; for the moment before a write of a tracked table is acknowledged. */
  collectOrWait(region: string): void {
    try {
      this.collect(region);
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
      const reader = this.#readers.get(region)!;
      if (reader.retry) return;
      this.#parts.log('dynamodb changes wait for space', { region });
      const retry = () => {
        reader.retry = undefined;
        this.collectOrWait(region);
      };
      reader.retry = setTimeout(retry, RETRY_MILLISECONDS).unref();
    }
  }

  /** Takes over what dynoxide has recorded; throws where there is no room for it. */
  collect(region: string): void {
    const reader = this.#readers.get(region);
    if (!reader) return;
    const records = reader.after.all(reader.collected);
    const last = records.at(-1)?.['id'] as number | undefined;
    if (last === undefined) return;
    const { seen } = reader;
    if (seen.at(-1)?.upTo !== last) {
      this.#latest = Math.max(this.#latest, this.#parts.clock.now());
      seen.push({ upTo: last, at: this.#latest });
    }
    const streamed = new Set<string>();
    this.#parts.store.transaction(() => {
      for (const record of records) {
        const { at } = seen.find(({ upTo }) => (record['id'] as number) <= upTo)!;
        if (this.#append(region, record, at)) streamed.add(record['table_name'] as string);
      }
      this.#collected.put(region, last);
    });
    reader.collected = last;
    seen.length = 0;
    clearTimeout(reader.retry);
    reader.retry = undefined;
    this.#parts.expirations.arm();
    for (const table of streamed) this.#parts.streamed(region, table);
    if (reader.collected - reader.trimmed >= KEPT_RECORDS) trim(reader);
  }

  stop(): void {
    for (const region of this.#readers.keys()) this.#close(region);
  }

  #open(region: string, file: string): void {
    this.#close(region);
    const database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 1000');
    const row = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = '_stream_records'`).get();
    // Where the file was put back to an earlier state, its records are counted from there.
    const collected = Math.min(this.#collected.get(region) ?? 0, Number(row?.['seq'] ?? 0));
    this.#readers.set(region, {
      database,
      after: database.prepare(
        'SELECT id, table_name, keys_json, old_image, new_image FROM _stream_records WHERE id > ? ORDER BY id',
      ),
      trim: database.prepare('DELETE FROM _stream_records WHERE id <= ?'),
      collected,
      trimmed: 0,
      seen: [],
      retry: undefined,
    });
  }

  #close(region: string): void {
    const reader = this.#readers.get(region);
    clearTimeout(reader?.retry);
    reader?.database.close();
    this.#readers.delete(region);
  }

  /** True where the table's stream has one more. */
  #append(region: string, record: Record<string, unknown>, at: number): boolean {
    const { tables, journal, expirations } = this.#parts;
    const table = record['table_name'] as string;
    const settings = tables.find(region, table);
    if (!settings?.tracked) return false;
    const before = (record['old_image'] ?? undefined) as string | undefined;
    const after = (record['new_image'] ?? undefined) as string | undefined;
    if (before !== undefined && after !== undefined && isSame(before, after)) return false;
    const key = keyOf(JSON.parse(record['keys_json'] as string) as Record<string, unknown>);
    const change = { at, key, before, after };
    const expired = after === undefined && expirations.isExpiring(region, table, key);
    if (settings.timeToLive) expirations.note(region, table, settings.timeToLive.attribute, change);
    if (settings.stream?.enabled || settings.recovery) journal.append(region, table, { ...change, expired });
    return settings.stream?.enabled ?? false;
  }
}

// Readers never wait for dynoxide, but who deletes may have to: then it is done another time.
function trim(reader: Reader): void {
  reader.database.exec('PRAGMA busy_timeout = 0');
  try {
    reader.trim.run(reader.collected);
    reader.trimmed = reader.collected;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('locked')) throw error;
  } finally {
    reader.database.exec('PRAGMA busy_timeout = 1000');
  }
}

/** A write that changes nothing is no change. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
const isSame = (before: string, after: string): boolean =>
  before === after || (before.length === after.length && canonical(before) === canonical(after));

const canonical = (item: string): string => JSON.stringify(JSON.parse(item, inOrder));

// Neither attributes nor the elements of sets have an order.
function inOrder(name: string, value: unknown): unknown {
  if (Array.isArray(value))
    return name === 'SS' || name === 'NS' || name === 'BS' ? value.map(String).toSorted() : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
