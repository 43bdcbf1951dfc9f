// The functions of `stats`: each takes values one by one and has a result at the end.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
import type { Row } from './row.ts';
import { Structure } from './structure.ts';
import { Moment, order, toNumber, toText, type Value } from './value.ts';

export interface Aggregate {
  /** `value` is the first argument's; true for `count(*)`. */
  add(value: Value, row: Row): void;
  result(): Value;
}

/** Results of divisions have this many decimals. */
const DECIMALS = 4;

const round = (number: number): number => Number(number.toFixed(DECIMALS));

/** Makes an aggregate from its other, constant arguments. */
type AggregateFactory = (...constants: readonly number[]) => Aggregate;

const fold =
  <State>(start: State, add: (state: State, value: Value, row: Row) => State, result: (state: State) => Value) =>
  (): Aggregate => {
    let state = start;
    return {
      add: (value, row) => {
        if (value !== undefined) state = add(state, value, row);
      },
      result: () => result(state),
    };
  };

const onNumbers =
  (result: (numbers: number[]) => number): AggregateFactory =>
  () => {
    const numbers: number[] = [];
    return {
      add: (value) => {
        const number = toNumber(value);
        if (number !== undefined) numbers.push(number);
      },
      result: () => (numbers.length === 0 ? undefined : result(numbers)),
    };
  };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

/** The one of two that `wanted` prefers, by what `key` sees in them. */
const pick = (key: (value: Value, row: Row) => Value, wanted: 1 | -1): AggregateFactory =>
  fold<{ key: Value; value: Value } | undefined>(
    undefined,
    (best, value, row) => {
      const found = { key: key(value, row), value };
      return !best || order(found.key, best.key) * wanted > 0 ? found : best;
    },
    // Moments are told as numbers here.
    (best) => (best?.value instanceof Moment ? best.value.milliseconds : best?.value),
  );

const timeOf = (_value: Value, row: Row): Value => row.get('@timestamp');
const itself = (value: Value): Value => value;

const counter = fold(
  0,
  (count) => count + 1,
  (count) => count,
);

/** By name in lower case; `constants` is how many further arguments, numbers, they take. */
export const AGGREGATES: Readonly<Record<string, { readonly constants: number; readonly create: AggregateFactory }>> = {
  count: { constants: 0, create: counter },
  count_distinct: {
    constants: 0,
    create: () => {
      const seen = new Set<Value>();
      return {
        add: (value) => {
          if (value !== undefined) seen.add(toNumber(value) ?? value);
        },
        result: () => seen.size,
      };
    },
  },
  values: {
    constants: 0,
    create: () => {
      const seen = new Set<string>();
      return {
        add: (value) => {
          if (value !== undefined) seen.add(toText(value));
        },
        result: () => new Structure([...seen]),
      };
    },
  },
  count_over_time: { constants: 0, create: counter },
  sum_over_time: { constants: 0, create: onNumbers(sum) },
  sum: { constants: 0, create: onNumbers(sum) },
  avg: { constants: 0, create: onNumbers((numbers) => round(mean(numbers))) },
  min: { constants: 0, create: onNumbers((numbers) => numbers.reduce((a, b) => Math.min(a, b))) },
  max: { constants: 0, create: onNumbers((numbers) => numbers.reduce((a, b) => Math.max(a, b))) },
  stddev: {
    constants: 0,
    create: onNumbers((numbers) => {
      const middle = mean(numbers);
      return round(Math.sqrt(mean(numbers.map((number) => (number - middle) ** 2))));
    }),
  },
  pct: {
    constants: 1,
    create: (percent = 50) =>
      onNumbers((numbers) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        return round(sorted[Math.max(Math.ceil((percent / 100) * sorted.length) - 1, 0)]!);
      })(),
  },
  earliest: { constants: 0, create: pick(timeOf, -1) },
  latest: { constants: 0, create: pick(timeOf, 1) },
  sortsfirst: { constants: 0, create: pick(itself, -1) },
  sortslast: { constants: 0, create: pick(itself, 1) },
};
