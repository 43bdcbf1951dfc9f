// Metric data queries: metrics and expressions over them, by their ids.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';

import { unsupported } from '../../kernel/errors.ts';
import type { Datapoints } from './datapoints.ts';
import { checkUnit, fromDimensions } from './dimensions.ts';
import { validation } from './errors.ts';
import { evaluateMath, type Scope } from './math/evaluate.ts';
import { findFunction } from './math/functions.ts';
import { isList, isSeries, type Series, type Value } from './math/series.ts';
import { MathError, namesIn, parseMath, type Node } from './math/syntax.ts';
import type { Metric, Metrics } from './metrics.ts';
import { parseSearch } from './search.ts';
import { findStatistic } from './statistic.ts';
import { firstPeriod, isPeriod } from './window.ts';

/** Where and when to look; times in milliseconds. */
export interface QueryWindow {
  readonly region: string;
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

/** A series that came of a metric, which dynamic labels may speak of. */
export interface MetricSeries extends Series {
  readonly metric?: Metric;
  readonly statistic?: string;
}

const MOST_QUERIES = 500;
const MOST_FOUND = 100;
const FOUND_WITHIN = 14 * 86_400_000;

export class Queries {
  readonly #metrics: Metrics;
  readonly #datapoints: Datapoints;

  constructor(metrics: Metrics, datapoints: Datapoints) {
    this.#metrics = metrics;
    this.#datapoints = datapoints;
  }

  /** The series of each query, checked before by {@link checkQueries}; an expression may come to several, or to none. */
  evaluate(queries: readonly MetricDataQuery[], window: QueryWindow): Map<string, readonly MetricSeries[]> {
    const scopes = new Map<string, Value>();
    const find = (id: string): Value | undefined => {
      const known = scopes.get(id);
      if (known !== undefined) return known;
      const query = queries.find(({ Id }) => Id === id);
      if (!query) return undefined;
      const value = query.MetricStat
        ? this.#series(query.MetricStat, window)
        : this.#compute(query, queries, window, find);
      scopes.set(id, value);
      return value;
    };
    return new Map(
      queries.map(({ Id: id = '' }) => {
        const value = find(id)!;
        return [id, isList(value) ? value : isSeries(value) ? [value] : []];
      }),
    );
  }

  #series({ Metric: given, Stat = '', Period = 60, Unit }: MetricStat, window: QueryWindow): MetricSeries {
    const metric = metricOf(given, window.region);
    return this.#read(metric, { statistic: Stat, period: Period, unit: Unit }, window);
  }

  #read(
    metric: Metric,
    { statistic, period, unit }: { statistic: string; period: number; unit?: string | undefined },
    { from, to, now }: QueryWindow,
  ): MetricSeries {
    const compute = findStatistic(statistic)!;
    const found = this.#datapoints.read(metric, { from: firstPeriod(from, period, now), to, period, unit });
    const points = [...found].flatMap(([at, datum]): [number, number][] => {
      const value = compute(datum);
      return value === undefined ? [] : [[at, value]];
    });
    return { label: metric.name, period, points: new Map(points), metric, statistic };
  }

  #compute(
    query: MetricDataQuery,
    queries: readonly MetricDataQuery[],
    window: QueryWindow,
    find: (id: string) => Value | undefined,
  ): Value {
    const { Id: id = '', Expression: expression = '' } = query;
    const period = query.Period ?? periodOf(query, queries);
    const scope: Scope = {
      period,
      find,
      grid: (step) => gridOf(window, step),
      metrics: (part = '') =>
        queries.flatMap((other) => {
          if (!other.MetricStat || !other.Id?.includes(part)) return [];
          return find(other.Id) as Series;
        }),
      search: (text, statistic, step) => this.#search(text, { statistic, period: step }, window),
    };
    const value = inExpression(id, () => evaluateMath(parseMath(expression), scope));
    if (isSeries(value)) return { ...value, label: id };
    return value;
  }

  #search(text: string, read: { statistic: string; period: number }, window: QueryWindow): MetricSeries[] {
    if (!findStatistic(read.statistic)) throw new MathError(`there is no statistic ${read.statistic}`);
    if (!isPeriod(read.period)) throw new MathError(`${read.period} is no period`);
    const test = parseSearch(text);
    this.#datapoints.flush();
    return this.#metrics
      .list(window.region, window.now - FOUND_WITHIN)
      .filter(test)
      .slice(0, MOST_FOUND)
      .map((metric) => {
        const label = [...Object.values(metric.dimensions), metric.name].join(' ');
        return { ...this.#read(metric, read, window), label };
      });
  }
}

export function metricOf(given: MetricStat['Metric'], region: string): Metric {
  const { Namespace: namespace = '', MetricName: name = '', Dimensions } = given ?? {};
  return { region, namespace, name, dimensions: fromDimensions(Dimensions, 'Dimensions') };
}

/** Throws ValidationError for queries that CloudWatch would not evaluate. */
export function checkQueries(queries: readonly MetricDataQuery[]): void {
  if (queries.length > MOST_QUERIES) {
    throw validation(`The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`);
  }
  const ids = new Set<string>();
  for (const [index, query] of queries.entries()) {
    const { Id: id = '' } = query;
    const path = `MetricDataQueries.member.${index + 1}`;
    if (!/^[a-z]\w{0,254}$/.test(id)) {
      throw validation(
        `The value ${id} for parameter ${path}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$`,
      );
    }
    if (ids.has(id)) throw validation(`The values for parameter id in MetricDataQueries are not unique: ${id}`);
    ids.add(id);
    if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
      throw validation(
        `The parameters ${path}.Expression and ${path}.MetricStat are mutually exclusive and one has to be given.`,
      );
    }
    if (query.Period !== undefined && !isPeriod(query.Period)) {
      throw validation(`The parameter ${path}.Period must be 1, 5, 10, 20, 30 or a multiple of 60.`);
    }
    if (query.MetricStat) checkMetricStat(query.MetricStat, `${path}.MetricStat`);
  }
  const trees = new Map(
    queries.flatMap((query) => (query.Expression === undefined ? [] : [[query.Id!, parse(query)]])),
  );
  for (const [id, tree] of trees) checkTree(id, tree, ids, trees);
}

function checkMetricStat({ Metric: metric, Period, Stat, Unit }: MetricStat, path: string): void {
  if (!metric?.Namespace) throw validation(`The parameter ${path}.Metric.Namespace is required.`);
  if (!metric.MetricName) throw validation(`The parameter ${path}.Metric.MetricName is required.`);
  fromDimensions(metric.Dimensions, `${path}.Metric.Dimensions`);
  if (Period === undefined || !isPeriod(Period)) {
    throw validation(`The parameter ${path}.Period must be 1, 5, 10, 20, 30 or a multiple of 60.`);
  }
  if (!findStatistic(Stat ?? '')) throw validation(`The value ${Stat} for parameter ${path}.Stat is not supported.`);
  if (Unit !== undefined) checkUnit(Unit, `${path}.Unit`);
}

/** The tree of a query's expression. */
export function parse({ Id: id = '', Expression: text = '' }: MetricDataQuery): Node {
  if (/^\s*SELECT\b/i.test(text)) throw unsupported('A Metrics Insights query');
  return inExpression(id, () => parseMath(text));
}

function checkTree(id: string, tree: Node, ids: ReadonlySet<string>, trees: ReadonlyMap<string, Node>): void {
  const path = new Set<string>();
  const visit = (name: string, node: Node): void => {
    if (path.has(name)) throw validation(`Error in expression '${id}': it refers to itself`);
    path.add(name);
    const { names, functions } = namesIn(node);
    for (const each of functions) inExpression(id, () => findFunction(each));
    for (const other of names) {
      const next = trees.get(other);
      if (next) visit(other, next);
      else if (/^[a-z]/.test(other) && !ids.has(other)) {
        throw validation(`Error in expression '${id}': Undefined ID: ${other}`);
      }
    }
    path.delete(name);
  };
  visit(id, tree);
}

/** The shortest period of the metrics that an expression uses. */
export function periodOf(query: MetricDataQuery, queries: readonly MetricDataQuery[]): number {
  if (query.MetricStat) return query.MetricStat.Period ?? 60;
  const { names, functions } = namesIn(parse(query));
  const used = queries.filter(
    ({ Id, MetricStat }) => (Id !== query.Id && names.has(Id!)) || (MetricStat && functions.has('METRICS')),
  );
  return used.length === 0 ? (query.Period ?? 60) : Math.min(...used.map((each) => periodOf(each, queries)));
}

function gridOf({ from, to, now }: QueryWindow, period: number): number[] {
  const step = period * 1_000;
  const first = firstPeriod(from, period, now);
  return Array.from({ length: Math.max(Math.ceil((to - first) / step), 0) }, (_, index) => first + index * step);
}

function inExpression<T>(id: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MathError) throw validation(`Error in expression '${id}': ${error.message}`);
    throw error;
  }
}
