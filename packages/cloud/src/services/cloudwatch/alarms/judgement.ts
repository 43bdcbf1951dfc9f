// What state the latest values of a metric make an alarm take.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
import type { ComparisonOperator } from '@aws-sdk/client-cloudwatch';

import type { AlarmState, MissingData } from './alarm.ts';

/** A period's value; undefined where there is none. */
export interface Point {
  readonly at: number;
  readonly value: number;
  readonly samples?: number;
}

export interface Criteria {
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  /** How many of them have to breach. */
  readonly datapointsToAlarm: number;
  readonly missing: MissingData;
  /** As many values as a period needs for its percentile to say something; undefined where every one says something. */
  readonly fewestSamples?: number | undefined;
}

export interface Judgement {
  /** Undefined where the alarm stays as it is. */
  readonly state: AlarmState | undefined;
  /** The values that it was judged by, the oldest first. */
  readonly considered: readonly Point[];
  /** How many periods were filled in as the alarm takes missing data. */
  readonly filled: number;
}

/** How many more periods than it evaluates an alarm looks back, in search of values: AWS's documented example has two. */
const EXTRA_PERIODS = 2;

/** How many periods an alarm looks at. */
export const evaluationRange = (evaluationPeriods: number): number => evaluationPeriods + EXTRA_PERIODS;

/** Judges the periods of an evaluation range, the oldest first. */
export function judge(range: readonly (Point | undefined)[], criteria: Criteria): Judgement {
  const { evaluationPeriods, datapointsToAlarm, missing, fewestSamples } = criteria;
  const real = range.filter((point) => point !== undefined);
  const considered = real.slice(-evaluationPeriods);
  const filled = evaluationPeriods - considered.length;
  const judged = (state: AlarmState | undefined): Judgement => ({ state, considered, filled });
  if (fewestSamples !== undefined && considered.some(({ samples = 0 }) => samples < fewestSamples)) {
    return judged(undefined);
  }
  const breaching = considered.filter(({ value }) => breaches(value, criteria)).length;
  if (breaching >= datapointsToAlarm) return judged('ALARM');
  if (filled === 0) return judged('OK');
  switch (missing) {
    case 'breaching':
      return judged(breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK');
    case 'notBreaching':
      return judged('OK');
    case 'ignore':
      return judged(breaching < considered.length ? 'OK' : undefined);
    case 'missing':
      if (considered.length === 0) return judged('INSUFFICIENT_DATA');
      return judged(isPremature(range, breaching, criteria) ? 'ALARM' : 'OK');
  }
}

// Nothing but breaching values, the oldest at least as many periods ago as have to breach: too few, but enough.
function isPremature(range: readonly (Point | undefined)[], breaching: number, criteria: Criteria): boolean {
  const real = range.filter((point) => point !== undefined).length;
  const oldest = range.findIndex((point) => point !== undefined);
  return breaching === real && range.length - oldest >= criteria.datapointsToAlarm;
}

const COMPARISONS: Readonly<Partial<Record<ComparisonOperator, (value: number, threshold: number) => boolean>>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

export const isComparison = (operator: string): boolean => Object.hasOwn(COMPARISONS, operator);

/** Whether a value is wrong. */
export const breaches = (value: number, { comparison, threshold }: Criteria): boolean =>
  COMPARISONS[comparison]!(value, threshold);

/**
 * After how many periods without a new value the state would be another one, each judged as if time had come there; undefined
 * where it never would.
 */
export function periodsUntilChange(
  range: readonly (Point | undefined)[],
  criteria: Criteria,
  state: AlarmState,
): number | undefined {
  for (let passed = 1; passed <= range.length; passed++) {
    const later = [...range.slice(passed), ...Array<undefined>(passed).fill(undefined)];
    const next = judge(later, criteria).state ?? state;
    if (next !== state) return passed;
  }
  return undefined;
}
