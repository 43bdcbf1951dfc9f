// Judges metric alarms on the cloud's clock: at the end of each period whose values, or whose lack of values, may change a state.
//
// A state changes with a new value, or when an old one leaves the evaluation range. The second can be foreseen: an alarm without
// a new value sleeps until then, or for good. So a month in which nothing is measured costs an alarm nothing.
import type { Clock } from '../../../kernel/clock.ts';
import type { Datapoints } from '../datapoints.ts';
import { TIME_FUNCTIONS } from '../math/functions.ts';
import { namesIn } from '../math/syntax.ts';
import { parse, type Queries } from '../queries.ts';
import { findStatistic, percentileOf } from '../statistic.ts';
import { alarmKey, missingDataOf, type MetricAlarm } from './alarm.ts';
import { metricsOf, type Alarms } from './alarms.ts';
import { evaluationRange, judge, periodsUntilChange, type Criteria, type Point } from './judgement.ts';
import { reasonData, reasonOf } from './reason.ts';
import type { Transitions } from './transitions.ts';

interface Parts {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly datapoints: Datapoints;
  readonly queries: Queries;
  readonly transitions: Transitions;
}

/** How long a new or changed alarm waits for its first judgement, at most. */
const SOON_MILLISECONDS = 60_000;

export class AlarmWatch {
  readonly #parts: Parts;
  /** When each alarm is to be judged; those that sleep are not in it. */
  readonly #due = new Map<string, number>();
  readonly #moments = new Map<number, Set<string>>();
  #armed = Infinity;
  #cancel = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.datapoints.listen((metric) => {
      for (const key of parts.alarms.watching(metric)) this.#wake(key);
    });
  }

  start(): void {
    for (const alarm of this.#parts.alarms.list()) this.soon(alarm);
  }

  stop(): void {
    this.#cancel();
    this.#due.clear();
    this.#moments.clear();
  }

  /** To be called when an alarm was made or changed, or its state set by hand. */
  soon(alarm: { readonly region: string; readonly name: string }): void {
    const found = this.#parts.alarms.find(alarm.region, alarm.name);
    if (found?.kind !== 'metric') return this.#sleep(alarmKey(alarm));
    this.#judgeAt(
      alarmKey(found),
      endAfter(this.#parts.clock.now(), Math.min(found.period * 1_000, SOON_MILLISECONDS)),
    );
  }

  #wake(key: string): void {
    const alarm = this.#parts.alarms.findByKey(key);
    if (alarm?.kind !== 'metric') return;
    this.#judgeAt(key, endAfter(this.#parts.clock.now(), alarm.period * 1_000));
  }

  /** An earlier moment, if there is one, stays. */
  #judgeAt(key: string, at: number): void {
    const due = this.#due.get(key);
    if (due !== undefined && due <= at) return;
    this.#sleep(key);
    this.#due.set(key, at);
    const others = this.#moments.get(at);
    if (others) others.add(key);
    else this.#moments.set(at, new Set([key]));
    if (at < this.#armed) this.#arm(at);
  }

  #sleep(key: string): void {
    const due = this.#due.get(key);
    if (due === undefined) return;
    this.#due.delete(key);
    const keys = this.#moments.get(due);
    keys?.delete(key);
    if (keys?.size === 0) this.#moments.delete(due);
  }

  #arm(at: number): void {
    this.#cancel();
    this.#armed = at;
    if (at !== Infinity) this.#cancel = this.#parts.clock.at(at, () => this.#run(at));
  }

  #run(at: number): Promise<void> | undefined {
    const keys = [...(this.#moments.get(at) ?? [])].toSorted();
    for (const key of keys) this.#sleep(key);
    const work = keys.flatMap((key) => this.#judge(key, at) ?? []);
    this.#arm(Math.min(...this.#moments.keys()));
    return work.length === 0 ? undefined : Promise.all(work).then(() => {});
  }

  #judge(key: string, now: number): Promise<void> | undefined {
    const alarm = this.#parts.alarms.findByKey(key);
    if (alarm?.kind !== 'metric') return undefined;
    const step = alarm.period * 1_000;
    const end = Math.floor(now / step) * step;
    const criteria = criteriaOf(alarm);
    const { range, ahead } = this.#look(alarm, end);
    const judgement = judge(range, criteria);
    const { state } = judgement;
    const work =
      state === undefined || state === alarm.state
        ? undefined
        : this.#parts.transitions.change(alarm, {
            state,
            reason: reasonOf(judgement, criteria),
            data: reasonData(alarm, judgement, now),
          });
    const next = ahead ? end + step : this.#next(alarm, range, { criteria, state: state ?? alarm.state, end });
    if (next !== undefined) this.#judgeAt(key, Math.max(next, endAfter(now, step)));
    return work;
  }

  /** When the alarm has to be judged again, should no value come. */
  #next(
    { watches, period }: MetricAlarm,
    range: readonly (Point | undefined)[],
    { criteria, state, end }: { criteria: Criteria; state: MetricAlarm['state']; end: number },
  ): number | undefined {
    if ('queries' in watches) return undefined;
    const periods = periodsUntilChange(range, criteria, state);
    return periods === undefined ? undefined : end + periods * period * 1_000;
  }

  /** The periods that an alarm looks at, the oldest first, and whether there is anything that keeps it awake. */
  #look(alarm: MetricAlarm, end: number): { range: (Point | undefined)[]; ahead: boolean } {
    const step = alarm.period * 1_000;
    const length = evaluationRange(alarm.evaluationPeriods);
    const from = end - length * step;
    const { points, ahead } =
      'queries' in alarm.watches ? this.#compute(alarm, from, end) : this.#measure(alarm, from, end);
    return { range: Array.from({ length }, (_, index) => points.get(from + index * step)), ahead };
  }

  #measure({ region, watches, period }: MetricAlarm, from: number, end: number): Looked {
    if ('queries' in watches) return NOTHING;
    const { namespace, metric: name, dimensions, unit } = watches;
    const statistic = findStatistic(watches.statistic ?? watches.extendedStatistic ?? '')!;
    const { datapoints } = this.#parts;
    const watched = { region, namespace, name, dimensions };
    const found = datapoints.read(watched, { from, to: end, period, unit });
    const points = new Map<number, Point>();
    for (const [at, datum] of found) {
      const value = statistic(datum);
      if (value !== undefined) points.set(at, { at, value, samples: datum.samples });
    }
    // Values may come before their time.
    return { points, ahead: datapoints.hasSince(watched, end) };
  }

  #compute(alarm: MetricAlarm, from: number, end: number): Looked {
    const { region, watches } = alarm;
    if (!('queries' in watches)) return NOTHING;
    const { queries, datapoints } = this.#parts;
    // What an expression makes of the same values at other times cannot be foreseen, only what it makes of none.
    const ahead = isTimely(alarm) || metricsOf(alarm).some((metric) => datapoints.hasSince(metric, from));
    const returned = watches.queries.find(({ ReturnData }) => ReturnData !== false)!;
    const all = queries.evaluate(watches.queries, { region, from, to: end, now: end });
    // Of several series nobody can say which one is meant.
    const [series, ...others] = all.get(returned.Id!) ?? [];
    if (!series || others.length > 0) return { points: new Map(), ahead };
    return { points: new Map([...series.points].map(([at, value]) => [at, { at, value }])), ahead };
  }
}

/** What an alarm sees; `ahead` where it has to look again at the end of its next period. */
interface Looked {
  readonly points: ReadonlyMap<number, Point>;
  readonly ahead: boolean;
}

const NOTHING: Looked = { points: new Map(), ahead: false };

/** The first multiple of `step` after a moment. */
const endAfter = (moment: number, step: number): number => Math.floor(moment / step) * step + step;

/** True where an expression looks at the time itself. */
function isTimely({ watches }: MetricAlarm): boolean {
  if (!('queries' in watches)) return false;
  return watches.queries.some((query) => {
    if (query.Expression === undefined) return false;
    const { functions } = namesIn(parse(query));
    return TIME_FUNCTIONS.some((name) => functions.has(name));
  });
}

/** What an alarm is judged by. */
export function criteriaOf(alarm: MetricAlarm): Criteria {
  const { watches, lowSampleCount, evaluationPeriods } = alarm;
  const percentile = 'queries' in watches ? undefined : percentileOf(watches.extendedStatistic ?? '');
  return {
    comparison: alarm.comparison,
    threshold: alarm.threshold,
    evaluationPeriods,
    datapointsToAlarm: alarm.datapointsToAlarm ?? evaluationPeriods,
    missing: missingDataOf(alarm),
    fewestSamples: lowSampleCount === 'ignore' && percentile !== undefined ? fewestSamples(percentile) : undefined,
  };
}

/** As many values as make a percentile significant. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html */
function fewestSamples(percentile: number): number {
  const share = percentile / 100;
  return share >= 0.5 ? 10 / (1 - share) : 10 / share;
}
