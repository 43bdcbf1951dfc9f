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

/** Each period in seconds, and how long its values are kept before they join the next one's. */
const LEVELS = [
  { period: 1, kept: 3 * HOUR },
  { period: 60, kept: 15 * DAY },
  { period: 300, kept: 63 * DAY },
  { period: 3_600, kept: 455 * DAY },
] as const;

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
  readonly #listeners: ((metric: string) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #nextExpiry = Infinity;
  #cancelExpiry = () => {};

  constructor(store: Store, clock: Clock, metrics: Metrics) {
    this.#store = store;
    this.#clock = clock;
    this.#metrics = metrics;
    store.define(
      `CREATE TABLE IF NOT EXISTS cloudwatch_data (
        metric INTEGER NOT NULL, period INTEGER NOT NULL, at INTEGER NOT NULL, unit TEXT NOT NULL,
        samples REAL NOT NULL, sum REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL, distribution BLOB,
        PRIMARY KEY (metric, period, at, unit)
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS cloudwatch_data_by_age ON cloudwatch_data (period, at);`,
    );
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
    const id = this.#metrics.find(metric);
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
    const id = this.#metrics.find(metric);
    if (id === undefined) return [];
    return [...new Set(this.#rows(id, window).map(({ unit }) => unit))].toSorted();
  }

  /** True where the metric has a value since `from`, the future included. */
  hasSince(metric: Metric, from: number): boolean {
    this.flush();
    const id = this.#metrics.find(metric);
    if (id === undefined) return false;
    return [1, 60].some(
      (period) =>
        this.#store
          .sql('SELECT 1 FROM cloudwatch_data WHERE metric = ? AND period = ? AND at >= ? LIMIT 1')
          .get(id, period, Math.floor(from / 1_000)) !== undefined,
    );
  }

  /** Arms what rolls up and expires. */
  start(): void {
    for (const { period } of LEVELS) {
      const oldest = this.#store.sql('SELECT min(at) AS at FROM cloudwatch_data WHERE period = ?').get(period)!['at'];
      if (oldest !== null) this.#expectExpiry(period, oldest as number);
    }
  }

  stop(): void {
    this.#cancelExpiry();
    this.flush();
  }

  #rows(metric: number, { from, to, period, unit }: Window): Row[] {
    const now = this.#clock.now();
    const levels = LEVELS.filter(
      (level, index) =>
        level.period <= period &&
        // Values of a level are younger than it keeps them, but for the hour until they are moved, and older than the one before keeps them.
        to > now - level.kept - HOUR &&
        (index <= 1 || from <= now - LEVELS[index - 1]!.kept),
    );
    return levels.flatMap(
      (level) =>
        this.#store
          .sql(
            'SELECT * FROM cloudwatch_data WHERE metric = ? AND period = ? AND at >= ? AND at < ? AND unit = coalesce(?, unit)',
          )
          .all(metric, level.period, Math.ceil(from / 1_000), Math.ceil(to / 1_000), unit ?? null) as unknown as Row[],
    );
  }

  #add(metric: number, unit: string, period: number, at: number, added: Datum): void {
    const row = this.#store
      .sql('SELECT * FROM cloudwatch_data WHERE metric = ? AND period = ? AND at = ? AND unit = ?')
      .get(metric, period, at, unit) as unknown as Row | undefined;
    const datum = row ? datumOfRow(row) : copyDatum(added);
    if (row) mergeDatum(datum, added);
    const { samples, sum, minimum, maximum, distribution } = datum;
    this.#store
      .sql('INSERT OR REPLACE INTO cloudwatch_data VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        metric,
        period,
        at,
        unit,
        samples,
        sum,
        minimum,
        maximum,
        isUniform(datum) ? null : (distribution?.encode() ?? HIDDEN),
      );
    if (!row) this.#expectExpiry(period, at);
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
        const next = LEVELS[index + 1];
        if (next) {
          const old = this.#store
            .sql('SELECT * FROM cloudwatch_data WHERE period = ? AND at < ?')
            .all(period, before) as unknown as Row[];
          for (const row of old) {
            const at = Math.floor(row.at / next.period) * next.period;
            this.#add(row.metric, row.unit, next.period, at, datumOfRow(row));
          }
        }
        this.#store.sql('DELETE FROM cloudwatch_data WHERE period = ? AND at < ?').run(period, before);
      }
      this.#metrics.expire(now - LONGEST_KEPT);
    });
  }
}

/** The second in which the period begins that a time is in. */
const beginning = (at: number, resolution: number): number => Math.floor(at / (resolution * 1_000)) * resolution;

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
