// Statistics by name: what one period's values come to.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
//
// Percentiles are nearest-rank. As in AWS, whatever needs single values is unknown where a statistic set hides them, or
// where one of them is negative.
import type { Datum } from './datum.ts';
import { invalidValue } from './errors.ts';

/** Undefined where the statistic cannot be known. */
export type Statistic = (datum: Datum) => number | undefined;

/** What of the values is looked at: by rank in percent, or by value (above the first, up to the second). */
interface Range {
  readonly by: 'rank' | 'value';
  readonly low: number | undefined;
  readonly high: number | undefined;
}

type Entries = readonly (readonly [value: number, count: number])[];

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: ({ samples }) => samples,
  Sum: ({ sum }) => sum,
  Average: ({ sum, samples }) => (samples === 0 ? undefined : sum / samples),
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
};

const known = new Map<string, Statistic>(Object.entries(SIMPLE));

export const isSimple = (name: string): boolean => Object.hasOwn(SIMPLE, name);

/** The percentile that a statistic asks for, e.g. 99.9; undefined for every other statistic. */
export function percentileOf(name: string): number | undefined {
  const [, digits] = /^p(\d{1,3}(?:\.\d{1,10})?)$/i.exec(name) ?? [];
  const percent = Number(digits);
  return digits === undefined || percent > 100 ? undefined : percent;
}

/** Finds a statistic by its name, e.g. `p99.9`, `TM(10%:90%)`; undefined where AWS has none of that name. */
export function findStatistic(name: string): Statistic | undefined {
  let statistic = known.get(name);
  if (!statistic) {
    statistic = compile(name);
    if (statistic) known.set(name, statistic);
  }
  return statistic;
}

/** Throws InvalidParameterValue where there is no such statistic. */
export function requireStatistic(name: string, parameter: string): Statistic {
  const statistic = findStatistic(name);
  if (!statistic) throw invalidValue(`The value ${name} for parameter ${parameter} is not supported.`);
  return statistic;
}

function compile(name: string): Statistic | undefined {
  const percentile = percentileOf(name);
  if (percentile !== undefined) return ofValues((entries, datum) => valueAt(entries, datum, percentile));
  if (/^IQM$/i.test(name))
    return ofValues((entries, datum) => trimmed('tm', entries, datum, { by: 'rank', low: 25, high: 75 }));
  const [, short, percent] = /^(tm|wm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)$/i.exec(name) ?? [];
  if (short && Number(percent) <= 100) {
    return ofValues((entries, datum) =>
      trimmed(short.toLowerCase(), entries, datum, { by: 'rank', low: undefined, high: Number(percent) }),
    );
  }
  const [, kind, bounds = ''] = /^(TM|WM|TC|TS|PR)\(([^)]*)\)$/i.exec(name) ?? [];
  const range = kind === undefined ? undefined : rangeOf(bounds);
  if (!kind || !range || (kind.toUpperCase() === 'PR' && range.by === 'rank')) return undefined;
  return ofValues((entries, datum) => trimmed(kind.toLowerCase(), entries, datum, range));
}

const ofValues =
  (compute: (entries: Entries, datum: Datum) => number | undefined): Statistic =>
  (datum) =>
    datum.distribution && datum.minimum >= 0 && datum.samples > 0
      ? compute(datum.distribution.entries(), datum)
      : undefined;

function rangeOf(text: string): Range | undefined {
  const [, low, lowPercent, high, highPercent] =
    /^(?:([\d.]+)(%?))?:(?:([\d.]+)(%?))?$/.exec(text.replaceAll(' ', '')) ?? [];
  if (low === undefined && high === undefined) return undefined;
  const percents = [low === undefined ? highPercent : lowPercent, high === undefined ? lowPercent : highPercent];
  if (percents[0] !== percents[1]) return undefined;
  const [from, to] = [low, high].map((digits) => (digits === undefined ? undefined : Number(digits)));
  if ([from, to].some(Number.isNaN) || (from !== undefined && to !== undefined && from >= to)) return undefined;
  const by = percents[0] === '%' ? 'rank' : 'value';
  return by === 'rank' && Math.max(from ?? 0, to ?? 0) > 100 ? undefined : { by, low: from, high: to };
}

function trimmed(kind: string, entries: Entries, datum: Datum, range: Range): number | undefined {
  if (kind === 'wm') return winsorized(entries, datum, range);
  const kept = within(entries, datum, range);
  const count = kept.reduce((total, [, each]) => total + each, 0);
  if (kind === 'tc') return count;
  if (kind === 'pr') return (count / datum.samples) * 100;
  const sum = kept.reduce((total, [value, each]) => total + value * each, 0);
  if (kind === 'ts') return sum;
  return count === 0 ? undefined : sum / count;
}

/** The mean of all values, those outside of the range taken for its ends. */
function winsorized(entries: Entries, datum: Datum, { by, low, high }: Range): number {
  const bound = (limit: number | undefined, missing: number) =>
    limit === undefined ? missing : by === 'value' ? limit : valueAt(entries, datum, limit);
  const [least, most] = [bound(low, -Infinity), bound(high, Infinity)];
  const sum = entries.reduce((total, [value, count]) => total + Math.min(Math.max(value, least), most) * count, 0);
  return sum / datum.samples;
}

function within(entries: Entries, { samples }: Datum, { by, low, high }: Range): Entries {
  if (by === 'value') return entries.filter(([value]) => value > (low ?? -Infinity) && value <= (high ?? Infinity));
  const first = Math.floor(rank(low ?? 0, samples) + NEARLY);
  const last = Math.ceil(rank(high ?? 100, samples) - NEARLY);
  let before = 0;
  return entries.flatMap(([value, count]): Entries => {
    const kept = Math.min(before + count, last) - Math.max(before, first);
    before += count;
    return kept > 0 ? [[value, kept]] : [];
  });
}

/** What floating point may add to a product that is a whole number. */
const NEARLY = 1e-9;

const rank = (percent: number, samples: number): number => (percent / 100) * samples;

function valueAt(entries: Entries, { samples, minimum, maximum }: Datum, percent: number): number {
  const wanted = Math.max(Math.ceil(rank(percent, samples) - NEARLY), 1);
  let before = 0;
  for (const [value, count] of entries) {
    before += count;
    // A bucket's value may lie beyond the last one that is in it.
    if (before >= wanted - NEARLY) return Math.min(Math.max(value, minimum), maximum);
  }
  return maximum;
}
