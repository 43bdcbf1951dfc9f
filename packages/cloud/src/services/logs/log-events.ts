// Log streams and their events: kept in order of time, read by pages in both directions.
import type { Store } from '../../kernel/store.ts';
import { streamExists, streamNotFound } from './errors.ts';

export interface LogEvent {
  /** Where the event stands among all of the cloud's: its id, and the order of arrival. */
  readonly id: number;
  readonly stream: string;
  /** Milliseconds, as the sender said. */
  readonly timestamp: number;
  readonly ingestedAt: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  readonly firstEventAt: number | undefined;
  readonly lastEventAt: number | undefined;
  readonly lastIngestedAt: number | undefined;
  readonly storedBytes: number;
}

/** A place between two events in order of time. */
export interface Position {
  readonly timestamp: number;
  readonly id: number;
}

export interface EventRange {
  /** Inclusive. */
  readonly from?: number | undefined;
  /** Exclusive. */
  readonly to?: number | undefined;
}

/** A group as the rows know it. */
export interface GroupKey {
  readonly region: string;
  readonly name: string;
}

export type NewEvent = Pick<LogEvent, 'timestamp' | 'message'>;

export class LogEvents {
  readonly #store: Store;
  readonly #listeners = new Set<(group: GroupKey, events: readonly LogEvent[]) => void>();

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS log_streams (
        id INTEGER PRIMARY KEY, region TEXT NOT NULL, log_group TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
        first_at INTEGER, last_at INTEGER, ingested_at INTEGER, bytes INTEGER NOT NULL DEFAULT 0,
        UNIQUE (region, log_group, name));
      CREATE TABLE IF NOT EXISTS log_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, timestamp INTEGER NOT NULL, ingested_at INTEGER NOT NULL,
        message TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS log_events_by_time ON log_events (stream, timestamp, id);
    `);
  }

  createStream(group: GroupKey, name: string, now: number): void {
    const { changes } = this.#store
      .sql('INSERT OR IGNORE INTO log_streams (region, log_group, name, created_at) VALUES (?, ?, ?, ?)')
      .run(group.region, group.name, name, now);
    if (changes === 0) throw streamExists();
  }

  deleteStream(group: GroupKey, name: string): void {
    const stream = this.#requireStream(group, name);
    this.#store.transaction(() => {
      this.#store.sql('DELETE FROM log_events WHERE stream = ?').run(stream);
      this.#store.sql('DELETE FROM log_streams WHERE id = ?').run(stream);
    });
  }

  deleteGroup(group: GroupKey): void {
    this.#store.transaction(() => {
      this.#store
        .sql('DELETE FROM log_events WHERE stream IN (SELECT id FROM log_streams WHERE region = ? AND log_group = ?)')
        .run(group.region, group.name);
      this.#store.sql('DELETE FROM log_streams WHERE region = ? AND log_group = ?').run(group.region, group.name);
    });
  }

  streams(group: GroupKey): LogStream[] {
    return this.#store
      .sql('SELECT * FROM log_streams WHERE region = ? AND log_group = ? ORDER BY name')
      .all(group.region, group.name)
      .map((row) => ({
        name: row['name'] as string,
        createdAt: row['created_at'] as number,
        firstEventAt: (row['first_at'] as number | null) ?? undefined,
        lastEventAt: (row['last_at'] as number | null) ?? undefined,
        lastIngestedAt: (row['ingested_at'] as number | null) ?? undefined,
        storedBytes: row['bytes'] as number,
      }));
  }

  put(group: GroupKey, streamName: string, events: readonly NewEvent[], now: number): void {
    const stream = this.#requireStream(group, streamName);
    this.#store.transaction(() => {
      const insert = this.#store.sql(
        'INSERT INTO log_events (stream, timestamp, ingested_at, message) VALUES (?, ?, ?, ?)',
      );
      const stored = events.map((event): LogEvent => {
        const { lastInsertRowid } = insert.run(stream, event.timestamp, now, event.message);
        return { ...event, id: Number(lastInsertRowid), stream: streamName, ingestedAt: now };
      });
      const times = events.map((event) => event.timestamp);
      const bytes = events.reduce((sum, event) => sum + Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES, 0);
      this.#store
        .sql(
          `UPDATE log_streams SET first_at = min(coalesce(first_at, ?1), ?1), last_at = max(coalesce(last_at, ?2), ?2),
           ingested_at = ?3, bytes = bytes + ?4 WHERE id = ?5`,
        )
        .run(Math.min(...times), Math.max(...times), now, bytes, stream);
      // What listeners store is there if, and only if, the events are.
      for (const listener of this.#listeners) listener(group, stored);
    });
  }

  /** Calls `listener` with events as they are stored; the answer ends it. */
  listen(listener: (group: GroupKey, events: readonly LogEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events of one stream in order of time, at most `limit`, after or before a position. */
  page(
    group: GroupKey,
    streamName: string,
    range: EventRange,
    options: { after?: Position; before?: Position; newestFirst?: boolean; limit: number },
  ): LogEvent[] {
    const stream = this.#requireStream(group, streamName);
    const after = options.after ?? { timestamp: -1, id: -1 };
    const before = options.before ?? { timestamp: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };
    const order = options.newestFirst ? 'DESC' : 'ASC';
    const rows = this.#store
      .sql(
        `SELECT *, '' AS name FROM log_events WHERE stream = ? AND timestamp >= ? AND timestamp < ?
         AND (timestamp, id) > (?, ?) AND (timestamp, id) < (?, ?) ORDER BY timestamp ${order}, id ${order} LIMIT ?`,
      )
      .all(
        stream,
        range.from ?? 0,
        range.to ?? Number.MAX_SAFE_INTEGER,
        after.timestamp,
        after.id,
        before.timestamp,
        before.id,
        options.limit,
      );
    const events = rows.map((row) => toEvent(row, streamName));
    return options.newestFirst ? events.toReversed() : events;
  }

  /** Events of a group's streams in order of time, or the newest first, after a position, one by one. */
  *scan(
    group: GroupKey,
    streams: readonly string[] | undefined,
    range: EventRange,
    { after, newestFirst = false }: { readonly after?: Position | undefined; readonly newestFirst?: boolean } = {},
  ): Generator<LogEvent> {
    const wanted = streams && new Set(streams);
    const [beyond, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
    const edge = newestFirst ? Number.MAX_SAFE_INTEGER : -1;
    const rows = this.#store
      .sql(
        `SELECT e.*, s.name AS name FROM log_events e JOIN log_streams s ON s.id = e.stream
         WHERE s.region = ? AND s.log_group = ? AND e.timestamp >= ? AND e.timestamp < ? AND (e.timestamp, e.id) ${beyond} (?, ?)
         ORDER BY e.timestamp ${order}, e.id ${order}`,
      )
      .iterate(
        group.region,
        group.name,
        range.from ?? 0,
        range.to ?? Number.MAX_SAFE_INTEGER,
        after?.timestamp ?? edge,
        after?.id ?? edge,
      );
    for (const row of rows) {
      const name = row['name'] as string;
      if (!wanted || wanted.has(name)) yield toEvent(row, name);
    }
  }

  /** The id of the event that came in last; 0 where there is none. */
  lastId(): number {
    return this.#store.sql('SELECT coalesce(max(id), 0) AS id FROM log_events').get()!['id'] as number;
  }

  find(id: number): { readonly group: GroupKey; readonly event: LogEvent } | undefined {
    const row = this.#store
      .sql(
        `SELECT e.*, s.name AS name, s.region AS region, s.log_group AS log_group
         FROM log_events e JOIN log_streams s ON s.id = e.stream WHERE e.id = ?`,
      )
      .get(id);
    return (
      row && {
        group: { region: row['region'] as string, name: row['log_group'] as string },
        event: toEvent(row, row['name'] as string),
      }
    );
  }

  /** Forgets a group's events from before `moment`. */
  expire(group: GroupKey, moment: number): void {
    this.#store
      .sql(
        `DELETE FROM log_events WHERE timestamp < ? AND stream IN
         (SELECT id FROM log_streams WHERE region = ? AND log_group = ?)`,
      )
      .run(moment, group.region, group.name);
  }

  #requireStream(group: GroupKey, name: string): number {
    const row = this.#store
      .sql('SELECT id FROM log_streams WHERE region = ? AND log_group = ? AND name = ?')
      .get(group.region, group.name, name);
    if (!row) throw streamNotFound();
    return row['id'] as number;
  }
}

/** What AWS adds to each event when it counts bytes. */
export const EVENT_OVERHEAD_BYTES = 26;

const toEvent = (row: Record<string, unknown>, stream: string): LogEvent => ({
  id: row['id'] as number,
  stream,
  timestamp: row['timestamp'] as number,
  ingestedAt: row['ingested_at'] as number,
  message: row['message'] as string,
});
