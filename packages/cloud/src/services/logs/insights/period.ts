// Periods of time such as `5m` or `1mo`, and the moments at which they begin.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html#CWL_QuerySyntax-datetime
import type { Cursor } from './cursor.ts';

export interface Period {
  readonly count: number;
  readonly unit: 'milliseconds' | 'months';
}

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const WEEK = 7 * DAY;

/** The first Monday of 1970 is the fifth of January. */
const FIRST_WEEK = 4 * DAY;

const UNITS: readonly (readonly [names: RegExp, unit: Period['unit'], length: number])[] = [
  [/^(ms|msec|msecs|millisecond|milliseconds)$/, 'milliseconds', 1],
  [/^(s|sec|secs|second|seconds)$/, 'milliseconds', SECOND],
  [/^(m|min|mins|minute|minutes)$/, 'milliseconds', 60 * SECOND],
  [/^(h|hr|hrs|hour|hours)$/, 'milliseconds', 3_600 * SECOND],
  [/^(d|day|days)$/, 'milliseconds', DAY],
  [/^(w|week|weeks)$/, 'milliseconds', WEEK],
  [/^(mo|mon|month|months)$/, 'months', 1],
  [/^(q|qtr|qtrs|quarter|quarters)$/, 'months', 3],
  [/^(y|yr|yrs|year|years)$/, 'months', 12],
];

export function readPeriod(cursor: Cursor): Period {
  const [, count, name = ''] = cursor.match(/(\d+)\s*([a-z]+)/iy) ?? [];
  const [, unit, length = 0] = UNITS.find(([names]) => names.test(name.toLowerCase())) ?? [];
  if (unit === undefined || !(Number(count) > 0)) throw cursor.unexpected('a period such as 5m');
  return { count: Number(count) * length, unit };
}

/** The beginning of the period that a moment lies in, in milliseconds. */
export function floorTo({ count, unit }: Period, moment: number): number {
  if (unit === 'milliseconds') {
    const start = count % WEEK === 0 ? FIRST_WEEK : 0;
    return Math.floor((moment - start) / count) * count + start;
  }
  const date = new Date(moment);
  const months = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  return Date.UTC(1970, Math.floor(months / count) * count);
}

/** The beginning of the next period, unless one begins right then. */
export function ceilTo(period: Period, moment: number): number {
  const floor = floorTo(period, moment);
  if (floor === moment) return moment;
  if (period.unit === 'milliseconds') return floor + period.count;
  const date = new Date(floor);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + period.count);
}
