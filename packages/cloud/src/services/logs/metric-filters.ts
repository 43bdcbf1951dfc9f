// Metric filters: events that match a pattern become values of a metric.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
import type { Clock } from '../../kernel/clock.ts';
import type { Feed, Measurement } from '../../kernel/feed.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { filterNotFound, invalidParameter, tooManyFilters } from './errors.ts';
import { fieldValues } from './filter-fields.ts';
import { jsonValues } from './filter-json.ts';
import { compilePattern } from './filter-pattern.ts';
import type { GroupKey, LogEvent } from './log-events.ts';

export interface MetricFilter {
  readonly name: string;
  readonly pattern: string;
  readonly createdAt: number;
  readonly metric: {
    readonly namespace: string;
    readonly name: string;
    /** A number, or the selector of one: `$.latency`, `$bytes`. */
    readonly value: string;
    readonly unit: string;
    /** Published for a minute in which events came and none matched. */
    readonly defaultValue: number | undefined;
    /** Selectors by name. */
    readonly dimensions: Readonly<Record<string, string>>;
  };
}

const MOST_FILTERS = 100;
const MOST_DIMENSIONS = 3;
const MINUTE_MILLISECONDS = 60_000;

export class MetricFilters {
  readonly #filters: Collection<MetricFilter>;
  readonly #measurements: Feed<Measurement>;
  readonly #clock: Clock;
  /** The last minute in which a filter published anything. */
  readonly #published = new Map<string, number>();

  constructor(store: Store, measurements: Feed<Measurement>, clock: Clock) {
    this.#filters = store.collection('logs.metric-filters');
    this.#measurements = measurements;
    this.#clock = clock;
  }

  put(group: GroupKey, filter: MetricFilter): void {
    const others = this.list(group).filter(({ name }) => name !== filter.name);
    if (others.length >= MOST_FILTERS) throw tooManyFilters();
    check(filter);
    this.#filters.put(key(group, filter.name), filter);
  }

  list(group: GroupKey): MetricFilter[] {
    return this.#filters.list({ prefix: key(group, '') }).map(({ value }) => value);
  }

  /** Every filter of a region, with its group's name. */
  listAll(region: string): { readonly group: string; readonly filter: MetricFilter }[] {
    return this.#filters
      .list({ prefix: `${region}\n` })
      .map((entry) => ({ group: entry.key.split('\n')[1]!, filter: entry.value }));
  }

  delete(group: GroupKey, name: string): void {
    if (!this.#filters.delete(key(group, name))) throw filterNotFound();
  }

  deleteAll(group: GroupKey): void {
    for (const { name } of this.list(group)) this.delete(group, name);
  }

  /** Publishes what a group's filters see in new events. */
  apply(group: GroupKey, events: readonly LogEvent[]): void {
    for (const filter of this.list(group)) {
      const test = compilePattern(filter.pattern);
      const matching = events.filter(({ message }) => test(message));
      for (const { message, timestamp } of matching) this.#publish(group, filter, message, timestamp);
      if (matching.length === 0) this.#publishDefault(group, filter);
    }
  }

  #publish(group: GroupKey, { name, pattern, metric }: MetricFilter, message: string, at: number): void {
    const value = Number(select(pattern, metric.value, message));
    if (!Number.isFinite(value)) return;
    const dimensions: Record<string, string> = {};
    for (const [dimension, selector] of Object.entries(metric.dimensions)) {
      const found = select(pattern, selector, message);
      // As AWS has it, an event without one of the dimensions counts for no metric.
      if (found === undefined) return;
      dimensions[dimension] = found;
    }
    this.#published.set(key(group, name), this.#minute());
    const { namespace, name: metricName, unit } = metric;
    this.#measurements.publish({ namespace, name: metricName, region: group.region, dimensions, value, unit, at });
  }

  #publishDefault(group: GroupKey, { name, metric }: MetricFilter): void {
    const { namespace, name: metricName, unit, defaultValue } = metric;
    const id = key(group, name);
    if (defaultValue === undefined || this.#published.get(id) === this.#minute()) return;
    this.#published.set(id, this.#minute());
    const { region } = group;
    this.#measurements.publish({ namespace, name: metricName, region, dimensions: {}, value: defaultValue, unit });
  }

  #minute(): number {
    return Math.floor(this.#clock.now() / MINUTE_MILLISECONDS);
  }
}

const key = ({ region, name }: GroupKey, filter: string): string => `${region}\n${name}\n${filter}`;

function check({ pattern, metric }: MetricFilter): void {
  compilePattern(pattern);
  const selectors = Object.values(metric.dimensions);
  if (selectors.length > 0 && !/^[[{]/.test(pattern.trim())) {
    throw invalidParameter('The specified filter pattern does not support dimensions');
  }
  if (selectors.length > MOST_DIMENSIONS) throw invalidParameter(`A metric has at most ${MOST_DIMENSIONS} dimensions.`);
  if (selectors.length > 0 && metric.defaultValue !== undefined) {
    throw invalidParameter('Invalid metric transformation: dimensions and default value are mutually exclusive.');
  }
  for (const selector of [metric.value, ...selectors]) {
    if (selector.startsWith('$')) select(pattern, selector, '');
    else if (selector !== metric.value || Number.isNaN(Number(selector))) {
      throw invalidParameter(`Invalid metric transformation: ${selector} is neither a number nor a selector.`);
    }
  }
}

/** What a selector, or a plain value, is for a message; undefined where the message has no such thing. */
export function select(pattern: string, selector: string, message: string): string | undefined {
  if (!selector.startsWith('$')) return selector;
  if (selector.startsWith('$.') || selector.startsWith('$[')) {
    const [value] = jsonValues(selector)(message);
    return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
  }
  const name = selector.slice(1);
  if (!pattern.trim().startsWith('[')) throw invalidParameter(`${selector} needs a pattern of fields.`);
  return fieldValues(pattern.trim())(message)[name];
}
