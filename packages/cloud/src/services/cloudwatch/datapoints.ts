import type { Clock } from '../../kernel/clock.ts';
// The values of metrics, added up by period: seconds for three hours, minutes for 15 days, five minutes for 63 days, hours for
// 455 days. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Metric
//
// What is recorded waits in memory, added up, for at most a second. PutMetricData writes it down before it answers; what
// services measure of themselves a killed cloud may lose a second of.
import { isOutOfSpace } from '../../kernel/space.ts';
import type { Store } from '../../kernel/store.ts';
import { copyDatum, mergeDatum, type Datum } from './datum.ts';
import { Distribution } from './distribution.ts';
import { metricKey, type Metric, type Metrics } from './metrics.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Each period in seconds, and how long its values are kept before they join the next one's. What all metrics have within a
 * chunk, in seconds too, lies together on the disk: a minute's values of a thousand metrics are written to few pages.
 */
const LEVELS = [
  { period: 1, kept: 3 * HOUR, chunk: 600 },
  { period: 60, kept: 15 * DAY, chunk: 3_600 },
  { period: 300, kept: 63 * DAY, chunk: 6 * 3_600 },
  { period: 3_600, kept: 455 * DAY, chunk: 24 * 3_600 },
] as const;

type Level = (typeof LEVELS)[number];

/** The resolution of metrics that are not of high resolution. */
const COARSE_SECONDS = 60;

export const LONGEST_KEPT = 455 * DAY;

const FLUSH_MILLISECONDS = 1_000;

export interface Recorded {
  readonly metric: Metric;
  readonly unit: string;
  /** Milliseconds. */
  readonly at: number;
  readonly resolution: 1 | 60;
  readonly datum: Datum;
}

interface Pending extends Omit<Recorded, 'at'> {
  /** Seconds. */
  readonly second: number;
  lastAt: number;
}

interface Row {
  readonly metric: number;
  readonly period: number;
  readonly at: number;
  readonly unit: string;
  readonly samples: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly distribution: Uint8Array | null;
}

/** What is asked of the values: times in milliseconds, the period in seconds. */
export interface Window {
  /** The first period begins here. */
  readonly from: number;
  readonly to: number;
  readonly period: number;
  /** @default values of any unit, added up */
  readonly unit?: string | undefined;
}

export class Datapoints {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #pending = new Map<string, Pending>();
  /** Metrics that have, or had, values by the second. */
  readonly #fine = new Set<number>();
  readonly #listeners: ((metric: string) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #nextExpiry = Infinity;
  #cancelExpiry = () => {};

  constructor(store: Store, clock: Clock, metrics: Metrics) {
    this.#store = store;
    this.#clock = clock;
    this.#metrics = metrics;
    store.define(
      `CREATE TABLE IF NOT EXISTS cloudwatch_datapoints (
        period INTEGER NOT NULL, chunk INTEGER NOT NULL, metric INTEGER NOT NULL, at INTEGER NOT NULL, unit TEXT NOT NULL,
        samples REAL NOT NULL, sum REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL, distribution BLOB,
        PRIMARY KEY (period, chunk, metric, at, unit)
      ) WITHOUT ROWID`,
    );
    const fine = store.sql('SELECT DISTINCT metric FROM cloudwatch_datapoints WHERE period < ?').all(COARSE_SECONDS);
    for (const { metric } of fine) this.#fine.add(metric as number);
  }

  /** `listener` hears the {@link metricKey} of every metric that gets a value, at once. */
  listen(listener: (metric: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Writes values down, all of them or none. */
  put(values: readonly Recorded[]): void {
    this.#store.transaction(() => {
      for (const { metric, unit, at, resolution, datum } of values) {
        this.#add(this.#metrics.ensure(metric, at), unit, resolution, beginning(at, resolution), datum);
      }
    });
    for (const { metric } of values) this.#tell(metricKey(metric));
  }

  /** Takes a value that may wait. */
  record({ metric, unit, at, resolution, datum }: Recorded): void {
    const second = beginning(at, resolution);
    const name = metricKey(metric);
    const key = `${resolution}\n${second}\n${unit}\n${name}`;
    const pending = this.#pending.get(key);
    if (pending) {
      mergeDatum(pending.datum, datum);
      pending.lastAt = Math.max(pending.lastAt, at);
    } else this.#pending.set(key, { metric, unit, second, lastAt: at, resolution, datum: copyDatum(datum) });
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MILLISECONDS).unref();
    this.#tell(name);
  }

  /** Writes down what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0) return;
    try {
      this.#store.transaction(() => {
        for (const { metric, unit, second, lastAt, resolution, datum } of this.#pending.values()) {
          this.#add(this.#metrics.ensure(metric, lastAt), unit, resolution, second, datum);
        }
      });
      this.#pending.clear();
    } catch (error) {
      // What waits is written together with what comes next.
      if (!isOutOfSpace(error)) throw error;
    }
  }

  /** A metric's values, by the beginnings of their periods. Values kept for longer periods than asked for are left out. */
  read(metric: Metric, window: Window): Map<number, Datum> {
    this.flush();
    const points = new Map<number, Datum>();
    const id = this.#metrics.find(metric)?.id;
    if (id === undefined) return points;
    const step = window.period * 1_000;
    for (const row of this.#rows(id, window)) {
      const at = window.from + Math.floor((row.at * 1_000 - window.from) / step) * step;
      const point = points.get(at);
      if (point) mergeDatum(point, datumOfRow(row));
      else points.set(at, datumOfRow(row));
    }
    return points;
  }

  /** The units in which a metric has values in the window. */
  units(metric: Metric, window: Window): string[] {
    this.flush();
    const id = this.#metrics.find(metric)?.id;
    if (id === undefined) return [];
    return [...new Set(this.#rows(id, window).map(({ unit }) => unit))].toSorted();
  }

  /** True where the metric has a value of this time, or of a later one. */
  hasSince(metric: Metric, from: number): boolean {
    this.flush();
    return (this.#metrics.find(metric)?.lastAt ?? -Infinity) >= from;
  }

  /** Arms what rolls up and expires. */
  start(): void {
    for (const { period } of LEVELS) {
      const oldest = this.#store
        .sql(
          `SELECT min(at) AS at FROM cloudwatch_datapoints WHERE period = ?1
           AND chunk = (SELECT chunk FROM cloudwatch_datapoints WHERE period = ?1 ORDER BY chunk LIMIT 1)`,
        )
        .get(period);
      const at = oldest?.['at'];
      if (typeof at === 'number') this.#expectExpiry(period, at);
    }
  }

  stop(): void {
    this.#cancelExpiry();
    this.flush();
  }

  #rows(metric: number, window: Window): Row[] {
    const { from, to, period } = window;
    const now = this.#clock.now();
    const levels = LEVELS.filter(
      (level, index) =>
        level.period <= period &&
        (level.period >= COARSE_SECONDS || this.#fine.has(metric)) &&
        // Values of a level are younger than it keeps them, but for the hour until they are moved, and older than the one before keeps them.
        to > now - level.kept - HOUR &&
        (index <= 1 || from <= now - LEVELS[index - 1]!.kept),
    );
    return levels.flatMap((level) => {
      const oldest = now - level.kept - HOUR;
      return this.#chunks(level, metric, from < oldest ? { ...window, from: oldest } : window);
    });
  }

  #chunks({ period, chunk }: Level, metric: number, { from, to, unit }: Window): Row[] {
    const [first, end] = [Math.ceil(from / 1_000), Math.ceil(to / 1_000)];
    const statement = this.#store.sql(
      `SELECT * FROM cloudwatch_datapoints WHERE period = ? AND chunk = ? AND metric = ? AND at >= ? AND at < ?
       AND unit = coalesce(?, unit)`,
    );
    const rows: Row[] = [];
    for (let at = chunkOf(period, first); at < end; at += chunk) {
      rows.push(...(statement.all(period, at, metric, first, end, unit ?? null) as unknown as Row[]));
    }
    return rows;
  }

  #add(metric: number, unit: string, period: number, at: number, added: Datum): void {
    if (this.#write('INSERT OR IGNORE', { metric, unit, period, at }, added)) {
      if (period < COARSE_SECONDS) this.#fine.add(metric);
      this.#expectExpiry(period, at);
      return;
    }
    const row = this.#store
      .sql('SELECT * FROM cloudwatch_datapoints WHERE period = ? AND chunk = ? AND metric = ? AND at = ? AND unit = ?')
      .get(period, chunkOf(period, at), metric, at, unit) as unknown as Row;
    const datum = datumOfRow(row);
    mergeDatum(datum, added);
    this.#write('REPLACE', { metric, unit, period, at }, datum);
  }

  /** False where there is such a row already that is not to be replaced. */
  #write(
    verb: 'INSERT OR IGNORE' | 'REPLACE',
    { metric, period, at, unit }: Pick<Row, 'metric' | 'period' | 'at' | 'unit'>,
    datum: Datum,
  ): boolean {
    const { samples, sum, minimum, maximum, distribution } = datum;
    const bytes = isUniform(datum) ? null : (distribution?.encode() ?? HIDDEN);
    const { changes } = this.#store
      .sql(`${verb} INTO cloudwatch_datapoints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(period, chunkOf(period, at), metric, at, unit, samples, sum, minimum, maximum, bytes);
    return changes > 0;
  }

  /** Hourly at most: the first whole hour after which something is older than its level keeps it. */
  #expectExpiry(period: number, at: number): void {
    const { kept } = LEVELS.find((level) => level.period === period)!;
    const due = Math.floor((at * 1_000 + kept) / HOUR) * HOUR + HOUR;
    if (due >= this.#nextExpiry) return;
    this.#cancelExpiry();
    this.#nextExpiry = due;
    this.#cancelExpiry = this.#clock.at(due, () => {
      this.#nextExpiry = Infinity;
      this.#rollUp(Math.max(due, this.#clock.now()));
      this.start();
    });
  }

  #tell(metric: string): void {
    for (const listener of this.#listeners) listener(metric);
  }

  #rollUp(now: number): void {
    this.flush();
    this.#store.transaction(() => {
      for (const [index, { period, kept }] of LEVELS.entries()) {
        const before = Math.floor((now - kept) / 1_000);
        const old = [period, chunkOf(period, before), before] as const;
        const next = LEVELS[index + 1];
        const rows = next
          ? this.#store
              .sql('SELECT * FROM cloudwatch_datapoints WHERE period = ? AND chunk <= ? AND at < ?')
              .all(...old)
          : [];
        for (const row of rows as unknown as Row[]) {
          const at = Math.floor(row.at / next!.period) * next!.period;
          this.#add(row.metric, row.unit, next!.period, at, datumOfRow(row));
        }
        this.#store.sql('DELETE FROM cloudwatch_datapoints WHERE period = ? AND chunk <= ? AND at < ?').run(...old);
      }
      this.#metrics.expire(now - LONGEST_KEPT);
    });
  }
}

/** The second in which the period begins that a time is in. */
const beginning = (at: number, resolution: number): number => Math.floor(at / (resolution * 1_000)) * resolution;

/** The second in which the chunk begins that a second is in. */
function chunkOf(period: number, at: number): number {
  const { chunk } = LEVELS.find((level) => level.period === period)!;
  return Math.floor(at / chunk) * chunk;
}

/** Stands for a distribution that nobody knows. */
const HIDDEN = new Uint8Array(0);

/** Values that are all the same need no distribution beside the sums. */
const isUniform = ({ minimum, maximum, distribution }: Datum): boolean =>
  distribution !== undefined && minimum === maximum;

function datumOfRow({ samples, sum, minimum, maximum, distribution }: Row): Datum {
  const known =
    distribution === null
      ? Distribution.of(minimum, samples)
      : distribution.byteLength === 0
        ? undefined
        : Distribution.decode(distribution);
  return { samples, sum, minimum, maximum, distribution: known };
}
