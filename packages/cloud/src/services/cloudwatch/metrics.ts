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
  readonly #known = new Map<string, { readonly id: number; readonly lastAt: number }>();

  constructor(store: Store) {
    this.#store = store;
    store.define(
      `CREATE TABLE IF NOT EXISTS cloudwatch_metrics (
        id INTEGER PRIMARY KEY, region TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
        dimensions TEXT NOT NULL, last_at INTEGER NOT NULL, UNIQUE (region, namespace, name, dimensions)
      )`,
    );
  }

  find(metric: Metric): { readonly id: number; readonly lastAt: number } | undefined {
    const key = metricKey(metric);
    const known = this.#known.get(key);
    if (known) return known;
    const { region, namespace, name, dimensions } = metric;
    const row = this.#store
      .sql(
        'SELECT id, last_at FROM cloudwatch_metrics WHERE region = ? AND namespace = ? AND name = ? AND dimensions = ?',
      )
      .get(region, namespace, name, dimensionsText(dimensions));
    if (!row) return undefined;
    const found = { id: row['id'] as number, lastAt: row['last_at'] as number };
    this.#known.set(key, found);
    return found;
  }

  /** The metric's number; notes that it has a value of this time. */
  ensure(metric: Metric, at: number): number {
    const known = this.find(metric);
    if (known) {
      if (at > known.lastAt) {
        this.#store.sql('UPDATE cloudwatch_metrics SET last_at = ? WHERE id = ?').run(at, known.id);
        this.#known.set(metricKey(metric), { id: known.id, lastAt: at });
      }
      return known.id;
    }
    const { region, namespace, name, dimensions } = metric;
    const { lastInsertRowid } = this.#store
      .sql('INSERT INTO cloudwatch_metrics (region, namespace, name, dimensions, last_at) VALUES (?, ?, ?, ?, ?)')
      .run(region, namespace, name, dimensionsText(dimensions), at);
    return Number(lastInsertRowid);
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
    this.#known.clear();
  }
}

const dimensionsText = (dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(dimensions).toSorted(([left], [right]) => (left < right ? -1 : 1)));
