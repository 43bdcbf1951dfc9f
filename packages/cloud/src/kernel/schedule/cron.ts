// Cron expressions with AWS's six fields: minutes, hours, day of the month, month, day of the week, year.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
import { toInstant, wallTime } from './zone.ts';

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  /** True on a day that both day fields want. */
  readonly isDay: (year: number, month: number, day: number) => boolean;
}

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const MINUTES: Field = { name: 'minutes', least: 0, most: 59 };
const HOURS: Field = { name: 'hours', least: 0, most: 23 };
const MONTH_DAYS: Field = { name: 'day-of-month', least: 1, most: 31 };
const MONTHS: Field = {
  name: 'month',
  least: 1,
  most: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEK_DAYS: Field = {
  name: 'day-of-week',
  least: 1,
  most: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};
const YEARS: Field = { name: 'year', least: 1970, most: 2199 };

type DayTest = (year: number, month: number, day: number) => boolean;

/** Reads what stands between the parentheses; a text is what is wrong with it. */
export function parseCron(text: string): Cron | string {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) return `a cron expression has six fields, not ${fields.length}`;
  const [minutes = '', hours = '', monthDay = '', month = '', weekDay = '', year = ''] = fields.map((field) =>
    field.toUpperCase(),
  );
  if ((monthDay === '?') === (weekDay === '?')) return 'one of day-of-month and day-of-week has to be ?';
  try {
    return {
      minutes: values(MINUTES, minutes),
      hours: values(HOURS, hours),
      months: new Set(values(MONTHS, month)),
      years: new Set(values(YEARS, year)),
      isDay: weekDay === '?' ? monthDayTest(monthDay) : weekDayTest(weekDay),
    };
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** The first moment after `after` that the expression names, in milliseconds; undefined where there is none. */
export function nextCron(cron: Cron, after: number, timeZone: string): number | undefined {
  const start = wallTime(after, timeZone);
  const day = new Date(Date.UTC(start.year, start.month - 1, start.day));
  for (; day.getUTCFullYear() <= YEARS.most; day.setUTCDate(day.getUTCDate() + 1)) {
    const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()];
    if (!cron.years.has(year)) {
      if (year > Math.max(...cron.years)) return undefined;
      day.setUTCMonth(11, 31);
      continue;
    }
    if (!cron.months.has(month) || !cron.isDay(year, month, date)) continue;
    const moment = firstOnDay(cron, { year, month, day: date }, after, timeZone);
    if (moment !== undefined) return moment;
  }
  return undefined;
}

function firstOnDay(
  { hours, minutes }: Cron,
  day: { readonly year: number; readonly month: number; readonly day: number },
  after: number,
  timeZone: string,
): number | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      const moment = toInstant({ ...day, hour, minute }, timeZone);
      if (moment > after) return moment;
    }
  }
  return undefined;
}

/** The values that a field names, in order. Throws a RangeError for one that names none. */
function values(field: Field, text: string): number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) throw wrong(field, text);
    const [from, to] = bounds(field, range, step !== undefined);
    if (from > to) throw wrong(field, text);
    for (let value = from; value <= to; value += Number(step ?? 1)) found.add(value);
  }
  return [...found].toSorted((a, b) => a - b);
}

function bounds(field: Field, range: string, stepped: boolean): [number, number] {
  if (range === '*') return [field.least, field.most];
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) throw wrong(field, range);
  const from = value(field, first);
  // `5/10` begins at five and goes on to the end.
  return [from, last === undefined ? (stepped ? field.most : from) : value(field, last)];
}

function value(field: Field, text: string): number {
  const named = field.names?.indexOf(text) ?? -1;
  const number = named >= 0 ? named + field.least : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= field.least && number <= field.most)) throw wrong(field, text);
  return number;
}

const wrong = (field: Field, text: string): RangeError => new RangeError(`${text} is no ${field.name}`);

const lastDayOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Sunday is 1. */
const weekDayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

/** `L` is the last day, `LW` its last weekday, `15W` the weekday nearest to the 15th within the month. */
function monthDayTest(text: string): DayTest {
  if (text === 'L') return (year, month, day) => day === lastDayOf(year, month);
  const nearest = text === 'LW' ? 'L' : /^(\d{1,2})W$/.exec(text)?.[1];
  if (nearest === undefined) {
    const days = new Set(values(MONTH_DAYS, text));
    return (_year, _month, day) => days.has(day);
  }
  const wanted = nearest === 'L' ? MONTH_DAYS.most : value(MONTH_DAYS, nearest);
  return (year, month, day) => {
    const last = lastDayOf(year, month);
    if (nearest !== 'L' && wanted > last) return false;
    const target = Math.min(wanted, last);
    const weekDay = weekDayOf(year, month, target);
    if (weekDay === 7) return day === (target > 1 ? target - 1 : target + 2);
    if (weekDay === 1) return day === (target < last ? target + 1 : target - 2);
    return day === target;
  };
}

/** `L` is Saturday, `6L` the last Friday of the month, `6#3` the third Friday. */
function weekDayTest(text: string): DayTest {
  const last = /^(\w{1,3})L$/.exec(text)?.[1];
  if (last !== undefined) {
    const wanted = value(WEEK_DAYS, last);
    return (year, month, day) => weekDayOf(year, month, day) === wanted && day + 7 > lastDayOf(year, month);
  }
  const [, which, count] = /^(\w{1,3})#([1-5])$/.exec(text) ?? [];
  if (which !== undefined) {
    const wanted = value(WEEK_DAYS, which);
    return (year, month, day) => weekDayOf(year, month, day) === wanted && Math.ceil(day / 7) === Number(count);
  }
  const days = new Set(text === 'L' ? [7] : values(WEEK_DAYS, text));
  return (year, month, day) => days.has(weekDayOf(year, month, day));
}
