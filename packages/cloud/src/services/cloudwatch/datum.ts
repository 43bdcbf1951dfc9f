// What is known of the values of one metric in one period.
import { Distribution } from './distribution.ts';

export interface Datum {
  samples: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** Undefined where a statistic set tells of values without saying which. */
  distribution: Distribution | undefined;
}

export const datumOf = (value: number, count = 1): Datum => ({
  samples: count,
  sum: value * count,
  minimum: value,
  maximum: value,
  distribution: Distribution.of(value, count),
});

/** Adds `other` to `datum`. */
export function mergeDatum(datum: Datum, other: Datum): void {
  datum.samples += other.samples;
  datum.sum += other.sum;
  datum.minimum = Math.min(datum.minimum, other.minimum);
  datum.maximum = Math.max(datum.maximum, other.maximum);
  if (other.distribution && datum.distribution) datum.distribution.merge(other.distribution);
  else datum.distribution = undefined;
}

export const copyDatum = (datum: Datum): Datum => ({ ...datum, distribution: datum.distribution?.copy() });
