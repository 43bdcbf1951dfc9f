// Schedules as AWS writes them: `rate(5 minutes)`, `cron(0 12 * * ? *)`, `at(2027-01-31T12:00:00)`.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
import { nextCron, parseCron } from './cron.ts';
import { toInstant } from './zone.ts';

export interface Schedule {
  readonly kind: 'rate' | 'cron' | 'at';
  /** The first moment after `after`, in milliseconds; undefined where there is none. `anchor` is when a rate began. */
  next(after: number, anchor: number): number | undefined;
}

/** An expression that means nothing; the message says why. */
export class ScheduleError extends Error {}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Reads an expression; times of cron and at are those of `timeZone`. Throws {@link ScheduleError}. */
export function parseSchedule(expression: string, timeZone = 'UTC'): Schedule {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  switch (kind) {
    case 'rate':
      return rate(inner, expression);
    case 'cron':
      return cron(inner, expression, timeZone);
    case 'at':
      return at(inner, expression, timeZone);
    default:
      throw new ScheduleError(`${expression} is neither rate(…) nor cron(…) nor at(…)`);
  }
}

function rate(inner: string, expression: string): Schedule {
  const [, count = '', unit = '', plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(inner.trim()) ?? [];
  // One minute, two minutes: AWS minds its grammar.
  if (unit === '' || (count === '1') !== (plural === '')) throw new ScheduleError(`${expression} is no rate`);
  const period = Number(count) * UNITS[unit]!;
  return {
    kind: 'rate',
    next: (after, anchor) => anchor + (Math.max(Math.floor((after - anchor) / period), 0) + 1) * period,
  };
}

function cron(inner: string, expression: string, timeZone: string): Schedule {
  const fields = parseCron(inner);
  if (typeof fields === 'string') throw new ScheduleError(`${expression}: ${fields}`);
  return { kind: 'cron', next: (after) => nextCron(fields, after, timeZone) };
}

function at(inner: string, expression: string, timeZone: string): Schedule {
  const [, ...parts] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(inner.trim()) ?? [];
  const [year, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  if (year === undefined || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
    throw new ScheduleError(`${expression} is no moment`);
  }
  const moment = toInstant({ year, month, day, hour, minute }, timeZone) + second * 1_000;
  return { kind: 'at', next: (after) => (moment > after ? moment : undefined) };
}
