import fc from 'fast-check';
import { expect, test } from 'vitest';

import { wilson } from './wilson.ts';

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i: %f to %f, as published', (successes, trials, low, high) => {
  const interval = wilson(successes, trials);
  expect(interval.low).toBeCloseTo(low, 4);
  expect(interval.high).toBeCloseTo(high, 4);
});

const proportion = fc
  .integer({ min: 1, max: 5_000 })
  .chain((trials) => fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials)));

test('the interval holds the rate, stays within 0 and 1, and mirrors with the outcome', () => {
  fc.assert(
    fc.property(proportion, ([successes, trials]) => {
      const { low, high } = wilson(successes, trials);
      const rate = successes / trials;
      expect(0 <= low && low <= rate && rate <= high && high <= 1).toBe(true);
      expect(wilson(trials - successes, trials).low).toBeCloseTo(1 - high, 12);
    }),
  );
});

test('✗ at 0 and 1 the normal approximation is certain of what it cannot know; this interval has width', () => {
  expect(wilson(0, 10)).toEqual({ low: 0, high: expect.closeTo(0.27753, 4) as number });
  expect(wilson(10, 10)).toEqual({ low: expect.closeTo(0.72247, 4) as number, high: 1 });
});

test('no proportion, no interval', () => {
  for (const [successes, trials] of [
    [0, 0],
    [-1, 3],
    [4, 3],
    [1, Number.NaN],
  ] as const)
    expect(() => wilson(successes, trials)).toThrow(RangeError);
});
