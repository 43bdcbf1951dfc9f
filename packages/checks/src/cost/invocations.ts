// How often a schedule expression comes due in a month: rate(…), cron(…) and at(…).
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

const MINUTES_A_MONTH = 730 * 60;

const UNIT_MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

const WEEK_DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Four years, one of them a leap year, have every length of month in due proportion. */
const SAMPLED_YEARS = [2025, 2026, 2027, 2028];

/** Invocations in an average month of those in which the schedule runs at all; undefined for what is no schedule. */
export function monthlyInvocations(expression: string): number | undefined {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'at') return 1;
  if (kind === 'cron') return ofCron(inner.trim().toUpperCase().split(/\s+/));
  const [, count, unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(inner.trim()) ?? [];
  const minutes = UNIT_MINUTES[unit];
  return minutes === undefined ? undefined : MINUTES_A_MONTH / (Number(count) * minutes);
}

function ofCron([minutes = '', hours = '', monthDays = '', months = '', weekDays = '', year]: string[]) {
  if (year === undefined) return undefined;
  const wantedMonths = valuesOf(months, 1, 12, MONTHS);
  const days = SAMPLED_YEARS.flatMap((each) => wantedMonths.map((month) => daysOf(each, month, monthDays, weekDays)));
  const invocationsADay = valuesOf(minutes, 0, 59).length * valuesOf(hours, 0, 23).length;
  const sum = days.reduce((total, count) => total + count, 0);
  return (sum * invocationsADay) / (SAMPLED_YEARS.length * 12);
}

/** On how many days of a month both day fields agree; one of them is always `?`. */
function daysOf(year: number, month: number, monthDays: string, weekDays: string): number {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (weekDays === '?') {
    // The last day, its last weekday, and the weekday nearest to a day are one day each.
    if (/^LW?$/.test(monthDays)) return 1;
    const nearest = /^(\d+)W$/.exec(monthDays)?.[1];
    if (nearest !== undefined) return Number(nearest) <= last ? 1 : 0;
    return valuesOf(monthDays, 1, 31).filter((day) => day <= last).length;
  }
  if (/^\w+L$/.test(weekDays)) return 1;
  const [names = '', which] = weekDays.split('#');
  const wanted = new Set(names === 'L' ? [7] : valuesOf(names, 1, 7, WEEK_DAYS));
  const weekDay = (day: number) => new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
  return Array.from({ length: last }, (_, index) => index + 1).filter(
    (day) => wanted.has(weekDay(day)) && (which === undefined || Math.ceil(day / 7) === Number(which)),
  ).length;
}

/** What a field names: `*`, `5`, `MON-FRI`, `1,15`, `0/10`. */
function valuesOf(field: string, least: number, most: number, names: readonly string[] = []): number[] {
  const read = (text: string) => (names.includes(text) ? names.indexOf(text) + least : Number(text));
  const found = field.split(',').flatMap((part) => {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const first = range === '*' ? least : read(from);
    const last = to !== undefined ? read(to) : range === '*' || step !== undefined ? most : first;
    const all = Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);
    return all.filter((_, index) => index % Number(step ?? 1) === 0);
  });
  return [...new Set(found)];
}
