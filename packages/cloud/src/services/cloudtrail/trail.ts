// The trail: every call of the cloud, written down a second later, kept for 90 days.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
import { Feed, type FinishedCall } from '../../kernel/feed.ts';
import type { Kernel } from '../../kernel/service.ts';
import { isOutOfSpace } from '../../kernel/space.ts';
import { loadWireModel } from '../../wire/schemas.ts';
import { answersItsReads, isData, isRead } from './kinds.ts';
import { recordOf, userNameOf, type TrailRecord } from './record.ts';
import { redact } from './redaction.ts';

/** A record and what it is found by. */
export interface TrailEntry {
  readonly id: number;
  /** When the call was, in milliseconds. */
  readonly at: number;
  readonly user: string;
  readonly record: TrailRecord;
}

export interface TrailQuery {
  readonly region?: string | undefined;
  readonly data: boolean;
  /** Inclusive, in milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Only records older than this one. */
  readonly before?: number | undefined;
}

/** How long calls wait in memory, and how many at most: a killed process may lose these, as CloudTrail itself lags. */
const FLUSH_MILLISECONDS = 1_000;
const MOST_PENDING = 2_000;

const KEPT_MILLISECONDS = 90 * 86_400_000;

/** Records of each kind; the oldest make room. */
const MOST_MANAGEMENT = 100_000;
const MOST_DATA = 20_000;

/** Records between two looks at what is too old, or too many. */
const PRUNED_EVERY = 5_000;

/** Client packages of services that are signed for by another name. */
const CLIENTS: Readonly<Record<string, string>> = {
  events: 'eventbridge',
  logs: 'cloudwatch-logs',
  monitoring: 'cloudwatch',
  secretsmanager: 'secrets-manager',
};

export class Trail {
  /** Records, once they are kept. */
  readonly kept = new Feed<TrailEntry>();
  readonly #kernel: Kernel;
  readonly #unsubscribe: () => void;
  #pending: FinishedCall[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #sincePruned = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.store.define(`
      CREATE TABLE IF NOT EXISTS trail (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, region TEXT NOT NULL, data INTEGER NOT NULL, user TEXT NOT NULL,
        record TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS trail_by_time ON trail (data, at, id);
    `);
    this.#unsubscribe = kernel.calls.subscribe((call) => this.#add(call));
  }

  /** Newest first. */
  *find({ region, data, from, to, before = Number.MAX_SAFE_INTEGER }: TrailQuery): Generator<TrailEntry> {
    const rows = this.#kernel.store
      .sql('SELECT * FROM trail WHERE data = ? AND at >= ? AND at <= ? AND id < ? ORDER BY at DESC, id DESC')
      .iterate(Number(data), from, to, before);
    for (const row of rows) {
      if (region !== undefined && row['region'] !== region) continue;
      yield {
        id: row['id'] as number,
        at: row['at'] as number,
        user: row['user'] as string,
        record: JSON.parse(row['record'] as string) as TrailRecord,
      };
    }
  }

  /** Records of every region and both kinds after one, in the order in which they were written. */
  *since(id: number, limit: number): Generator<TrailEntry> {
    const rows = this.#kernel.store.sql('SELECT * FROM trail WHERE id > ? ORDER BY id LIMIT ?').all(id, limit);
    for (const row of rows) {
      yield {
        id: row['id'] as number,
        at: row['at'] as number,
        user: row['user'] as string,
        record: JSON.parse(row['record'] as string) as TrailRecord,
      };
    }
  }

  /** The record that was written last; 0 where there is none. */
  lastId(): number {
    return this.#kernel.store.sql('SELECT coalesce(max(id), 0) AS id FROM trail').get()!['id'] as number;
  }

  /** Writes down what waits. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write(this.#pending.splice(0)));
    return this.#flushing;
  }

  stop(): Promise<void> {
    this.#unsubscribe();
    return this.flush();
  }

  #add(call: FinishedCall): void {
    // The trail's own look-ups would fill it.
    if (call.call.service === 'cloudtrail' && call.call.operation === 'LookupEvents') return;
    this.#pending.push(call);
    if (this.#pending.length >= MOST_PENDING) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MILLISECONDS).unref();
  }

  async #write(calls: readonly FinishedCall[]): Promise<void> {
    if (calls.length === 0) return;
    const made = await Promise.all(calls.map(async (call) => [call, await describe(call)] as const));
    const { store, events } = this.#kernel;
    try {
      const entries = store.transaction(() => made.map(([call, record]) => this.#insert(call, record)));
      for (const entry of entries) this.kept.publish(entry);
      this.#prune(calls.length);
    } catch (error) {
      // A full disk takes no records; it has refused the calls of its own.
      if (!isOutOfSpace(error)) throw error;
    }
    for (const [, record] of made) {
      if (!record.managementEvent) continue;
      events.publish({
        source: `aws.${record.eventSource.split('.')[0]}`,
        detailType: 'AWS API Call via CloudTrail',
        region: record.awsRegion,
        resources: [],
        detail: { ...record },
      });
    }
  }

  #insert({ call }: FinishedCall, record: TrailRecord): TrailEntry {
    const user = userNameOf(call.principal);
    const { lastInsertRowid } = this.#kernel.store
      .sql('INSERT INTO trail (at, region, data, user, record) VALUES (?, ?, ?, ?, ?)')
      .run(call.now, call.region, Number(!record.managementEvent), user, JSON.stringify(record));
    return { id: Number(lastInsertRowid), at: call.now, user, record };
  }

  #prune(written: number): void {
    this.#sincePruned += written;
    if (this.#sincePruned < PRUNED_EVERY) return;
    this.#sincePruned = 0;
    const { store, clock } = this.#kernel;
    store.sql('DELETE FROM trail WHERE at < ?').run(clock.now() - KEPT_MILLISECONDS);
    for (const [data, most] of [
      [0, MOST_MANAGEMENT],
      [1, MOST_DATA],
    ]) {
      store
        .sql(
          'DELETE FROM trail WHERE data = ?1 AND id <= (SELECT id FROM trail WHERE data = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)',
        )
        .run(data!, most!);
    }
  }
}

async function describe(finished: FinishedCall): Promise<TrailRecord> {
  const { call, input, output } = finished;
  const { service, operation } = call;
  const model = await loadWireModel(CLIENTS[service] ?? service);
  const shapes = model.operations.get(operation);
  if (!shapes) return recordOf(finished, null, null);
  const parameters = redact(shapes.input, input, service);
  const answers = (!isRead(service, operation) && !isData(service, operation)) || answersItsReads(service, operation);
  return recordOf(finished, parameters, answers ? redact(shapes.output, output, service) : null);
}
