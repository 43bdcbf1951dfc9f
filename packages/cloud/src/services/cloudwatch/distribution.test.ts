// A distribution's statistics against those of the sorted values themselves.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { datumOf, mergeDatum, type Datum } from './datum.ts';
import { Distribution, RELATIVE_ERROR } from './distribution.ts';
import { findStatistic } from './statistic.ts';

const RUNS = 200;

/** The values in several parts, as they come in several calls, merged in the order of `parts`. */
function merged(parts: readonly (readonly number[])[]): Datum {
  const [first, ...rest] = parts.filter((part) => part.length > 0).map(added);
  for (const part of rest) mergeDatum(first!, part);
  return first!;
}

function added(values: readonly number[]): Datum {
  const [first, ...rest] = values.map((value) => datumOf(value));
  for (const value of rest) mergeDatum(first!, value);
  return first!;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const nearestRank = (sorted: readonly number[], percent: number) =>
  sorted[Math.max(Math.ceil((sorted.length * percent) / 100 - 1e-9), 1) - 1]!;
const trimmedMean = (sorted: readonly number[], percent: number) => {
  const kept = sorted.slice(0, Math.ceil((sorted.length * percent) / 100 - 1e-9));
  return sum(kept) / kept.length;
};

const ask = (datum: Datum, name: string): number => findStatistic(name)!(datum)!;

test('few different values are exact, however they were merged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 1_000 }).map((tenth) => tenth / 10),
      (parts, percent) => {
        const sorted = parts.flat().toSorted((left, right) => left - right);
        fc.pre(sorted.length > 0);
        const datum = merged(parts);
        expect(ask(datum, `p${percent}`)).toBe(nearestRank(sorted, percent));
        expect(ask(datum, `tm${percent}`)).toBeCloseTo(trimmedMean(sorted, percent), 9);
        expect(ask(datum, 'SampleCount')).toBe(sorted.length);
        expect(ask(datum, 'PR(:25)')).toBeCloseTo(
          (100 * sorted.filter((each) => each <= 25).length) / sorted.length,
          9,
        );
        expect(ask(datum, 'TC(10:40)')).toBe(sorted.filter((each) => each > 10 && each <= 40).length);
      },
    ),
    { numRuns: RUNS },
  );
});

test('many different values are within the error that is documented', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 300, maxLength: 900 }),
      fc.constantFrom(1, 25, 50, 90, 99, 99.9, 100),
      fc.integer({ min: 1, max: 299 }),
      (values, percent, cut) => {
        const sorted = values.toSorted((left, right) => left - right);
        const datum = merged([values.slice(0, cut), values.slice(cut)]);
        const exact = nearestRank(sorted, percent);
        expect(Math.abs(ask(datum, `p${percent}`) - exact) / exact).toBeLessThanOrEqual(RELATIVE_ERROR * 1.001);
        const mean = trimmedMean(sorted, percent);
        expect(Math.abs(ask(datum, `tm${percent}`) - mean) / mean).toBeLessThanOrEqual(RELATIVE_ERROR * 1.001);
        expect([datum.minimum, datum.maximum, datum.samples]).toEqual([sorted[0], sorted.at(-1), sorted.length]);
      },
    ),
    { numRuns: RUNS },
  );
});

test('a distribution is the same after it was written and read', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 600 }), (values) => {
      const distribution = new Distribution();
      for (const value of values) distribution.add(value, 2);
      const read = Distribution.decode(distribution.encode());
      expect(read.entries()).toEqual(distribution.entries());
      read.add(3, 1);
      distribution.add(3, 1);
      expect(read.entries()).toEqual(distribution.entries());
    }),
    { numRuns: RUNS },
  );
});
