// Which metrics there are: a namespace, a name and dimensions, in a region.
import type { Store } from '../../kernel/store.ts';

export interface Metric {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface StoredMetric extends Metric {
  readonly id: number;
  /** The newest value's time, in milliseconds. */
  readonly lastAt: number;
}

interface Row {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: string;
  readonly last_at: number;
}

/** The same text for the same metric, whatever the order of its dimensions. */
export const metricKey = ({ region, namespace, name, dimensions }: Metric): string =>
  `${region}\n${namespace}\n${name}\n${dimensionsText(dimensions)}`;

export class Metrics {
  readonly #store: Store;
  readonly #ids = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
    store.define(
      `CREATE TABLE IF NOT EXISTS cloudwatch_metrics (
        id INTEGER PRIMARY KEY, region TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
        dimensions TEXT NOT NULL, last_at INTEGER NOT NULL, UNIQUE (region, namespace, name, dimensions)
      )`,
    );
  }

  find(metric: Metric): number | undefined {
    const key = metricKey(metric);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const { region, namespace, name, dimensions } = metric;
    const row = this.#store
      .sql('SELECT id FROM cloudwatch_metrics WHERE region = ? AND namespace = ? AND name = ? AND dimensions = ?')
      .get(region, namespace, name, dimensionsText(dimensions));
    if (!row) return undefined;
    this.#ids.set(key, row['id'] as number);
    return row['id'] as number;
  }

  /** The metric's number; notes that it has a value of this time. */
  ensure(metric: Metric, at: number): number {
    const { region, namespace, name, dimensions } = metric;
    const row = this.#store
      .sql(
        `INSERT INTO cloudwatch_metrics (region, namespace, name, dimensions, last_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at) RETURNING id`,
      )
      .get(region, namespace, name, dimensionsText(dimensions), at);
    const id = row!['id'] as number;
    this.#ids.set(metricKey(metric), id);
    return id;
  }

  /** A region's metrics with values since `since`, by namespace, name and dimensions. */
  list(
    region: string,
    since: number,
    { namespace, name }: { namespace?: string | undefined; name?: string | undefined } = {},
  ): StoredMetric[] {
    return this.#store
      .sql(
        `SELECT * FROM cloudwatch_metrics WHERE region = ? AND last_at >= ?
         AND namespace = coalesce(?, namespace) AND name = coalesce(?, name) ORDER BY namespace, name, dimensions`,
      )
      .all(region, since, namespace ?? null, name ?? null)
      .map((row) => {
        const { id, last_at: lastAt, dimensions, ...rest } = row as unknown as Row;
        return {
          id,
          lastAt,
          region,
          namespace: rest.namespace,
          name: rest.name,
          dimensions: Object.fromEntries(JSON.parse(dimensions) as [string, string][]),
        };
      });
  }

  /** Forgets metrics without a value since `before`. */
  expire(before: number): void {
    this.#store.sql('DELETE FROM cloudwatch_metrics WHERE last_at < ?').run(before);
    this.#ids.clear();
  }
}

const dimensionsText = (dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(dimensions).toSorted(([left], [right]) => (left < right ? -1 : 1)));
