// Time zones: what a clock on a wall shows at a moment, and the moment at which it shows something.

/** What a clock on a wall shows; months from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** True for an IANA name such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export function wallTime(moment: number, timeZone: string): WallTime {
  const date = new Date(moment);
  if (timeZone === 'UTC') {
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
    };
  }
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(date)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return {
    year: parts['year']!,
    month: parts['month']!,
    day: parts['day']!,
    hour: parts['hour']!,
    minute: parts['minute']!,
  };
}

/**
 * The moment at which the clock shows a time. Where it shows it twice, the first; where it never does, because an hour is left
 * out in spring, as much later as was left out.
 */
export function toInstant(time: WallTime, timeZone: string): number {
  const asUtc = utc(time);
  if (timeZone === 'UTC') return asUtc;
  const before = offsetAt(asUtc - DAY, timeZone);
  const after = offsetAt(asUtc + DAY, timeZone);
  const candidates = [asUtc - before, asUtc - after].filter((moment) => utc(wallTime(moment, timeZone)) === asUtc);
  return candidates.length > 0 ? Math.min(...candidates) : asUtc - before;
}

const DAY = 86_400_000;

const utc = ({ year, month, day, hour, minute }: WallTime): number => Date.UTC(year, month - 1, day, hour, minute);

const offsetAt = (moment: number, timeZone: string): number =>
  utc(wallTime(moment, timeZone)) - Math.floor(moment / 60_000) * 60_000;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}
