// The window of a query: where its first period begins.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
import { invalidValue } from './errors.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** The shortest periods, which only metrics of high resolution have values for. */
const SHORT_PERIODS = [1, 5, 10, 20, 30];

export const isPeriod = (seconds: number): boolean =>
  SHORT_PERIODS.includes(seconds) || (seconds > 0 && seconds % 60 === 0);

export function checkPeriod(seconds: number, path: string): void {
  if (!isPeriod(seconds)) {
    throw invalidValue(`The parameter ${path} must be 1, 5, 10, 20, 30 or a multiple of 60; it is ${seconds}.`);
  }
}

/** A query's start, rounded down as CloudWatch does: the more, the older it is. Times in milliseconds. */
export function firstPeriod(start: number, period: number, now: number): number {
  const age = now - start;
  const grain = period < 60 ? period * 1_000 : age < 15 * DAY ? MINUTE : age < 63 * DAY ? 5 * MINUTE : 60 * MINUTE;
  return Math.floor(start / grain) * grain;
}
