// The functions of metric math.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
import { isList, isSeries, mapPoints, times, values, withPoints, type Series, type Value } from './series.ts';
import { MathError } from './syntax.ts';

/** What a function knows besides its arguments. */
export interface Place {
  /** The beginnings of the query's periods, in milliseconds. */
  readonly grid: (period: number) => readonly number[];
  /** The period of what the query returns, in seconds. */
  readonly period: number;
  /** Every metric of the query, or those whose id has the text in it. */
  readonly metrics: (part: string | undefined) => readonly Series[];
  readonly search: (expression: string, statistic: string, period: number) => readonly Series[];
}

type MathFunction = (args: readonly Value[], place: Place) => Value;

/** What AWS has and the cloud has not. */
const REFUSED = ['ANOMALY_DETECTION_BAND', 'INSIGHT_RULE_METRIC', 'SERVICE_QUOTA', 'LAMBDA', 'DB_PERF_INSIGHTS'];

/** Functions whose answer depends on the hour, so that it may change without a new value. */
export const TIME_FUNCTIONS = ['MINUTE', 'HOUR', 'DAY', 'DATE', 'MONTH', 'YEAR', 'EPOCH'];

/** Throws {@link MathError} where there is no such function. */
export function findFunction(name: string): MathFunction {
  const found = Object.hasOwn(FUNCTIONS, name) && FUNCTIONS[name];
  if (found) return found;
  throw new MathError(
    REFUSED.includes(name) ? `the function ${name} is not supported here` : `there is no function ${name}`,
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;
const deviation = (numbers: readonly number[]): number => {
  const middle = mean(numbers);
  return Math.sqrt(mean(numbers.map((each) => (each - middle) ** 2)));
};
const least = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), Infinity);
const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), -Infinity);

const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  SUM: reduce(sum),
  AVG: reduce(mean),
  MIN: reduce(least),
  MAX: reduce(most),
  STDDEV: reduce(deviation),
  ABS: each(Math.abs),
  CEIL: each(Math.ceil),
  FLOOR: each(Math.floor),
  LOG: each(Math.log),
  LOG10: each(Math.log10),
  RUNNING_SUM: perSeries((series) => {
    let total = 0;
    return withPoints(
      series,
      times(series).map((at) => [at, (total += series.points.get(at)!)] as const),
    );
  }),
  DIFF: perSeries((series) => steps(series, (change) => change)),
  DIFF_TIME: perSeries((series) => steps(series, (_change, seconds) => seconds)),
  RATE: perSeries((series) => steps(series, (change, seconds) => change / seconds)),
  MINUTE: ofTime((date) => date.getUTCMinutes()),
  HOUR: ofTime((date) => date.getUTCHours()),
  DAY: ofTime((date) => date.getUTCDay() || 7),
  DATE: ofTime((date) => date.getUTCDate()),
  MONTH: ofTime((date) => date.getUTCMonth() + 1),
  YEAR: ofTime((date) => date.getUTCFullYear()),
  EPOCH: ofTime((date) => date.getTime() / 1_000),
  IF: ([condition, then, otherwise]) => choose(required(condition, 'IF'), required(then, 'IF'), otherwise),
  FILL: ([what, filler], place) =>
    onSeries(required(what, 'FILL'), 'FILL', (series) => fill(series, required(filler, 'FILL'), place)),
  METRICS: ([part], place) => {
    if (part !== undefined && typeof part !== 'string') throw new MathError('METRICS takes a text');
    return place.metrics(part);
  },
  PERIOD: ([what]) => oneSeries(what, 'PERIOD').period,
  TIME_SERIES: ([value], { period, grid }) => {
    if (typeof value !== 'number') throw new MathError('TIME_SERIES takes a number');
    return { label: '', period, points: new Map(grid(period).map((at) => [at, value])) };
  },
  FIRST: ends((items) => items[0]),
  LAST: ends((items) => items.at(-1)),
  DATAPOINT_COUNT: ([what]) =>
    what !== undefined && isList(what)
      ? sum(what.map(({ points }) => points.size))
      : oneSeries(what, 'DATAPOINT_COUNT').points.size,
  METRIC_COUNT: ([what]) => someSeries(what, 'METRIC_COUNT').length,
  REMOVE_EMPTY: ([what]) => someSeries(what, 'REMOVE_EMPTY').filter(({ points }) => points.size > 0),
  SLICE: ([what, from, to]) => {
    const list = someSeries(what, 'SLICE');
    const cut = list.slice(number(from, 'SLICE'), to === undefined ? undefined : number(to, 'SLICE'));
    return cut.length === 1 && to === undefined && from === list.length - 1 ? cut[0]! : cut;
  },
  SORT: ([what, by, order, count]) => {
    const list = someSeries(what, 'SORT');
    const measure = typeof by === 'string' ? SORTS[by.toUpperCase()] : undefined;
    const sign = order === 'ASC' ? 1 : order === 'DESC' ? -1 : undefined;
    if (!measure || !sign) throw new MathError('SORT takes series, AVG, MIN, MAX or SUM, and ASC or DESC');
    return list
      .toSorted((left, right) => sign * (measure(values(left)) - measure(values(right))))
      .slice(0, count === undefined ? undefined : number(count, 'SORT'));
  },
  SEARCH: ([expression, statistic, period], place) => {
    if (typeof expression !== 'string' || typeof statistic !== 'string') {
      throw new MathError('SEARCH takes a search expression and a statistic');
    }
    return place.search(expression, statistic, period === undefined ? place.period : number(period, 'SEARCH'));
  },
};

const SORTS: Readonly<Record<string, (numbers: readonly number[]) => number>> = {
  AVG: mean,
  MIN: least,
  MAX: most,
  SUM: sum,
};

/** Of one series, a number; of several, a series with a value for every time that one of them has. */
function reduce(compute: (numbers: readonly number[]) => number): MathFunction {
  return ([what]) => {
    if (what === undefined || typeof what === 'string') throw new MathError('a time series is missing');
    if (typeof what === 'number') return what;
    if (isSeries(what)) return what.points.size === 0 ? NaN : compute(values(what));
    const all = new Set(what.flatMap(({ points }) => [...points.keys()]));
    const at = (time: number) => what.flatMap(({ points }) => points.get(time) ?? []);
    return withPoints(
      { label: '', period: Math.min(...what.map(({ period }) => period)), points: new Map() },
      [...all].map((time) => [time, compute(at(time))] as const),
    );
  };
}

function each(compute: (value: number) => number): MathFunction {
  return ([what]) =>
    typeof what === 'number'
      ? compute(what)
      : onSeries(required(what, 'the function'), 'the function', (series) => mapPoints(series, compute));
}

function perSeries(compute: (series: Series) => Series): MathFunction {
  return ([what]) => onSeries(required(what, 'the function'), 'the function', compute);
}

function ofTime(part: (date: Date) => number): MathFunction {
  return perSeries((series) => mapPoints(series, (_value, at) => part(new Date(at))));
}

function steps(series: Series, compute: (change: number, seconds: number) => number): Series {
  const order = times(series);
  return withPoints(
    series,
    order.slice(1).map((at, index) => {
      const before = order[index]!;
      return [at, compute(series.points.get(at)! - series.points.get(before)!, (at - before) / 1_000)] as const;
    }),
  );
}

/** The first or the last number of a series, the first or the last series of several. */
function ends(pick: <T>(items: readonly T[]) => T | undefined): MathFunction {
  return ([what]) => {
    if (what !== undefined && isList(what)) {
      const found = pick(what);
      if (!found) throw new MathError('there is no series to take');
      return found;
    }
    return pick(values(oneSeries(what, 'FIRST and LAST'))) ?? NaN;
  };
}

function choose(condition: Value, then: Value, otherwise: Value | undefined): Value {
  if (isList(condition)) throw new MathError('the condition of IF is one series or a number');
  if (typeof condition === 'string' || typeof then === 'string' || typeof otherwise === 'string') {
    throw new MathError('IF takes series and numbers');
  }
  if (typeof condition === 'number') {
    const chosen = condition === 0 ? otherwise : then;
    return chosen ?? { label: '', period: 60, points: new Map() };
  }
  const branch = (value: Value | undefined, at: number): number | undefined =>
    typeof value === 'number' ? value : value !== undefined && isSeries(value) ? value.points.get(at) : undefined;
  const list = [then, otherwise].find((value): value is readonly Series[] => value !== undefined && isList(value));
  if (list) return list.map((_, index) => choose(condition, nth(then, index)!, nth(otherwise, index)) as Series);
  return mapPoints(condition, (value, at) => branch(value === 0 ? otherwise : then, at));
}

const nth = (value: Value | undefined, index: number): Value | undefined =>
  value !== undefined && isList(value) ? (value[index] ?? NaN) : value;

/** `filler` is a number, REPEAT, LINEAR, or a series whose values are taken. */
function fill(series: Series, filler: Value, { grid }: Place): Series {
  const order = times(series);
  const missing = (at: number): number | undefined => {
    if (typeof filler === 'number') return filler;
    if (isSeries(filler)) return filler.points.get(at);
    const before = order.findLast((time) => time < at);
    if (before === undefined) return undefined;
    if (filler === 'REPEAT') return series.points.get(before);
    const after = order.find((time) => time > at);
    if (filler !== 'LINEAR') throw new MathError('FILL takes a number, a metric, REPEAT or LINEAR');
    if (after === undefined) return undefined;
    const [low, high] = [series.points.get(before)!, series.points.get(after)!];
    return low + ((high - low) * (at - before)) / (after - before);
  };
  const all = new Set([...grid(series.period), ...order]);
  return withPoints(
    series,
    [...all].map((at) => [at, series.points.get(at) ?? missing(at)] as const),
  );
}

function onSeries(what: Value, name: string, change: (series: Series) => Series): Value {
  if (isList(what)) return what.map(change);
  return change(oneSeries(what, name));
}

function required(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new MathError(`${name} needs another argument`);
  return value;
}

function oneSeries(what: Value | undefined, name: string): Series {
  if (what === undefined || !isSeries(what)) throw new MathError(`${name} takes a time series`);
  return what;
}

function someSeries(what: Value | undefined, name: string): readonly Series[] {
  if (what !== undefined && isList(what)) return what;
  return [oneSeries(what, name)];
}

function number(what: Value | undefined, name: string): number {
  if (typeof what !== 'number') throw new MathError(`${name} takes a number`);
  return what;
}
