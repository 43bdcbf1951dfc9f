// The alarms there are, with an eye on which metrics and which other alarms they watch.
import type { Collection, Store } from '../../../kernel/store.ts';
import { metricKey, type Metric } from '../metrics.ts';
import { metricOf } from '../queries.ts';
import { alarmKey, alarmName, type Alarm, type CompositeAlarm, type MetricAlarm } from './alarm.ts';
import { alarmsIn, parseRule } from './composite-rule.ts';

export class Alarms {
  readonly #collection: Collection<Alarm>;
  /** All of them, in the order of their keys. They are asked for with every value of every metric. */
  readonly #alarms = new Map<string, Alarm>();
  readonly #byMetric = new Map<string, Set<string>>();
  /** Composite alarms by the alarms that they watch, their suppressors included. */
  readonly #parents = new Map<string, Set<string>>();

  constructor(store: Store) {
    this.#collection = store.collection('cloudwatch.alarms');
    for (const { value } of this.#collection.list()) this.#remember(value);
  }

  find(region: string, nameOrArn: string): Alarm | undefined {
    return this.#alarms.get(alarmKey({ region, name: alarmName(nameOrArn) }));
  }

  findByKey(key: string): Alarm | undefined {
    return this.#alarms.get(key);
  }

  save(alarm: Alarm): void {
    this.#collection.put(alarmKey(alarm), alarm);
    const before = this.#alarms.get(alarmKey(alarm));
    // What it watches is looked for only where that may have changed.
    if (before && watchesTheSame(before, alarm)) this.#alarms.set(alarmKey(alarm), alarm);
    else {
      if (before) this.#forget(before);
      this.#remember(alarm);
    }
  }

  delete(alarm: Alarm): void {
    this.#collection.delete(alarmKey(alarm));
    this.#forget(alarm);
  }

  /** A region's alarms by name, or all of them. */
  list(region?: string): Alarm[] {
    return [...this.#alarms.values()]
      .filter((alarm) => region === undefined || alarm.region === region)
      .toSorted((left, right) => (alarmKey(left) < alarmKey(right) ? -1 : 1));
  }

  /** The keys of the alarms that watch a metric. */
  watching(metric: string): ReadonlySet<string> {
    return this.#byMetric.get(metric) ?? NONE;
  }

  /** The composite alarms that watch an alarm, by name. */
  parentsOf(alarm: Alarm): CompositeAlarm[] {
    return [...(this.#parents.get(alarmKey(alarm)) ?? NONE)]
      .toSorted()
      .map((key) => this.#alarms.get(key))
      .filter((parent) => parent?.kind === 'composite');
  }

  #remember(alarm: Alarm): void {
    const key = alarmKey(alarm);
    this.#alarms.set(key, alarm);
    for (const [index, watched] of watchedBy(alarm)) this.#indexOf(index, watched).add(key);
  }

  #forget(alarm: Alarm): void {
    const key = alarmKey(alarm);
    this.#alarms.delete(key);
    for (const [index, watched] of watchedBy(alarm)) this.#indexOf(index, watched).delete(key);
  }

  #indexOf(index: 'metric' | 'alarm', watched: string): Set<string> {
    const map = index === 'metric' ? this.#byMetric : this.#parents;
    let keys = map.get(watched);
    if (!keys) map.set(watched, (keys = new Set()));
    return keys;
  }
}

/** A new state keeps what an alarm watches as it is, the very same objects. */
function watchesTheSame(before: Alarm, after: Alarm): boolean {
  if (before.kind === 'metric') return after.kind === 'metric' && before.watches === after.watches;
  return after.kind === 'composite' && before.rule === after.rule && before.suppressor === after.suppressor;
}

const NONE: ReadonlySet<string> = new Set();

function watchedBy(alarm: Alarm): ['metric' | 'alarm', string][] {
  if (alarm.kind === 'metric') return metricsOf(alarm).map((metric) => ['metric', metricKey(metric)]);
  return [...childrenOf(alarm), ...(alarm.suppressor ? [alarmName(alarm.suppressor.alarm)] : [])].map((name) => [
    'alarm',
    alarmKey({ region: alarm.region, name }),
  ]);
}

/** The names of the alarms in a composite alarm's rule. */
export const childrenOf = ({ rule }: CompositeAlarm): string[] => alarmsIn(parseRule(rule));

/** The metrics that an alarm watches, directly or through an expression. */
export function metricsOf({ region, watches }: MetricAlarm): Metric[] {
  if ('queries' in watches) {
    return watches.queries.flatMap(({ MetricStat }) => (MetricStat ? [metricOf(MetricStat.Metric, region)] : []));
  }
  const { namespace, metric: name, dimensions } = watches;
  return [{ region, namespace, name, dimensions }];
}
