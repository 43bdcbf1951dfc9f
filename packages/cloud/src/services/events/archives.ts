// Archives: events that came by a bus, kept to be replayed.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive-event.html
import type { Clock } from '../../kernel/clock.ts';
import type { EventTest } from '../../kernel/event-pattern.ts';
import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { archiveExists, archiveNotFound, tooManyArchives, validation } from './errors.ts';
import type { BusEvent } from './event.ts';
import { compilePattern } from './rules.ts';

export interface Archive {
  readonly region: string;
  readonly name: string;
  readonly bus: string;
  readonly description?: string | undefined;
  /** JSON; undefined keeps every event. */
  readonly pattern?: string | undefined;
  /** 0 keeps them for ever. */
  readonly retentionDays: number;
  readonly createdAt: number;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_ARCHIVES = 100;

const DAY_MILLISECONDS = 86_400_000;

export class Archives {
  readonly #store: Store;
  readonly #archives: Collection<Archive>;
  readonly #clock: Clock;
  /** The archives of each bus, until one changes: every event asks for them. */
  readonly #ofBus = new Map<string, { readonly archive: Archive; readonly test: EventTest }[]>();
  #cancel = () => {};

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#archives = store.collection('events.archives');
    this.#clock = clock;
    store.define(`
      CREATE TABLE IF NOT EXISTS archived_events (
        id INTEGER PRIMARY KEY, archive TEXT NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS archived_events_by_time ON archived_events (archive, at, id);
    `);
  }

  find(region: string, name: string): Archive | undefined {
    return this.#archives.get(keyOf({ region, name }));
  }

  require(region: string, name = ''): Archive {
    const archive = this.find(region, name);
    if (!archive) throw archiveNotFound(name);
    return archive;
  }

  create(archive: Archive): void {
    if (!/^[\w.-]{1,48}$/.test(archive.name)) throw validation(`${archive.name} is no name for an archive.`);
    if (this.find(archive.region, archive.name)) throw archiveExists(archive.name);
    if (this.list(archive.region).length >= MOST_ARCHIVES) throw tooManyArchives();
    this.save(archive);
  }

  save(archive: Archive): void {
    if (archive.pattern !== undefined) compilePattern(archive.pattern);
    if (!Number.isInteger(archive.retentionDays) || archive.retentionDays < 0) {
      throw validation('RetentionDays has to be a whole number from 0 on.');
    }
    this.#archives.put(keyOf(archive), archive);
    this.#ofBus.clear();
  }

  delete(archive: Archive): void {
    this.#store.transaction(() => {
      this.#archives.delete(keyOf(archive));
      this.#ofBus.clear();
      this.#store.sql('DELETE FROM archived_events WHERE archive = ?').run(keyOf(archive));
    });
  }

  list(region: string): Archive[] {
    return this.#archives.list({ prefix: `${region}/` }).map(({ value }) => value);
  }

  /** False where no archive of the bus could want any event. */
  anyFor(region: string, bus: string): boolean {
    return this.#of(region, bus).length > 0;
  }

  /** Keeps an event in the bus's archives that want it. */
  take(region: string, bus: string, event: BusEvent): void {
    for (const { archive, test } of this.#of(region, bus)) {
      if (!test(event)) continue;
      this.#store
        .sql('INSERT INTO archived_events (archive, at, event) VALUES (?, ?, ?)')
        .run(keyOf(archive), Date.parse(event.time), JSON.stringify(event));
    }
  }

  #of(region: string, bus: string) {
    const key = `${region}/${bus}`;
    let archives = this.#ofBus.get(key);
    if (!archives) {
      archives = this.list(region)
        .filter((archive) => archive.bus === bus)
        .map((archive) => ({ archive, test: archive.pattern ? compilePattern(archive.pattern) : () => true }));
      this.#ofBus.set(key, archives);
    }
    return archives;
  }

  /** The next event of an archive, in order of time, between two moments, both inclusive. */
  next(archive: Archive, range: { from: number; to: number }, after?: ArchivedEvent): ArchivedEvent | undefined {
    const row = this.#store
      .sql(
        `SELECT id, at, event FROM archived_events WHERE archive = ? AND at >= ? AND at <= ? AND (at, id) > (?, ?)
         ORDER BY at, id LIMIT 1`,
      )
      .get(keyOf(archive), range.from, range.to, after?.at ?? -1, after?.id ?? -1);
    return (
      row && {
        id: row['id'] as number,
        at: row['at'] as number,
        event: JSON.parse(row['event'] as string) as BusEvent,
      }
    );
  }

  /** How many events an archive holds, and their bytes. */
  size(archive: Archive): { count: number; bytes: number } {
    const row = this.#store
      .sql('SELECT count(*) AS count, coalesce(sum(length(event)), 0) AS bytes FROM archived_events WHERE archive = ?')
      .get(keyOf(archive))!;
    return { count: row['count'] as number, bytes: row['bytes'] as number };
  }

  /** Begins to forget, once a day on the cloud's clock, what archives keep no longer. */
  start(): void {
    const now = this.#clock.now();
    for (const { value: archive } of this.#archives.list()) {
      if (archive.retentionDays === 0) continue;
      this.#store
        .sql('DELETE FROM archived_events WHERE archive = ? AND at < ?')
        .run(keyOf(archive), now - archive.retentionDays * DAY_MILLISECONDS);
    }
    this.#cancel = this.#clock.at(now + DAY_MILLISECONDS, () => this.start());
  }

  stop(): void {
    this.#cancel();
  }
}

/** An event, and where it stands in its archive. */
export interface ArchivedEvent {
  readonly id: number;
  readonly at: number;
  readonly event: BusEvent;
}

const keyOf = ({ region, name }: Pick<Archive, 'region' | 'name'>): string => `${region}/${name}`;

export const archiveArn = ({ region, account }: Pick<Call, 'region' | 'account'>, name: string): string =>
  `arn:aws:events:${region}:${account}:archive/${name}`;
