// ISO 8601 weeks as text, `2026-W53`: they sort as they follow each other. All in UTC.
import { LIMITS } from '../../contract.ts';

/** `YYYY-Www`. */
export type Week = string;

const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** Monday, 5 January 1970. */
const FIRST_MONDAY = 4 * DAY;

/** The week of a moment; its year is the one that its Thursday is in. */
export function weekOf(time: number): Week {
  const monday = time - ((((time - FIRST_MONDAY) % WEEK) + WEEK) % WEEK);
  const year = new Date(monday + 3 * DAY).getUTCFullYear();
  const number = 1 + Math.round((monday - firstMondayOf(year)) / WEEK);
  return `${String(year).padStart(4, '0')}-W${String(number).padStart(2, '0')}`;
}

/** The first moment of a week. */
export function startOf(week: Week): number {
  const [year, number] = week.split('-W').map(Number);
  if (year === undefined || number === undefined) throw new RangeError(`'${week}' is not a week`);
  return firstMondayOf(year) + (number - 1) * WEEK;
}

export const addWeeks = (week: Week, weeks: number): Week => weekOf(startOf(week) + weeks * WEEK);

/** From this moment on no event of the week is taken any more. */
export const closingOf = (week: Week): number => startOf(week) + WEEK + LIMITS.weekGraceSeconds * 1_000;

export const isClosed = (week: Week, now: number): boolean => now >= closingOf(week);

/** The last week that is closed for so long that nothing can still be on its way to it. */
export const lastFreezable = (now: number): Week =>
  weekOf(now - WEEK - (LIMITS.weekGraceSeconds + LIMITS.freezeDelaySeconds) * 1_000);

/** The block of weeks that a week belongs to: the calendar decides, not what happened in it. */
export function blockOf(week: Week): readonly Week[] {
  const index = Math.round((startOf(week) - FIRST_MONDAY) / WEEK);
  const first = addWeeks(week, -(index % LIMITS.weeksPerBlock));
  return Array.from({ length: LIMITS.weeksPerBlock }, (_, offset) => addWeeks(first, offset));
}

/** 4 January is always in the first week of its year. */
function firstMondayOf(year: number): number {
  const fourth = Date.UTC(year, 0, 4);
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
}
