// The interval in which a rate lies with 95 % confidence, from few observations as well as from many.

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/** Wilson's score interval, without continuity correction: within 0 and 1, and of some width at both. */
export function wilson(successes: number, trials: number): Interval {
  if (!(trials > 0) || successes < 0 || successes > trials) {
    throw new RangeError(`${successes} of ${trials} is no proportion`);
  }
  const rate = successes / trials;
  const weight = 1 + Z ** 2 / trials;
  const centre = (rate + Z ** 2 / (2 * trials)) / weight;
  const half = (Z / weight) * Math.sqrt((rate * (1 - rate)) / trials + Z ** 2 / (4 * trials ** 2));
  // At the ends the formula is exact; its floating point is not.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}
