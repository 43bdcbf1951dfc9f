// The values of a query's fields, and how they compare, count and read.
import { Structure } from './structure.ts';

/** A moment, which counts as its milliseconds and reads as a date. */
export class Moment {
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }
}

/** Undefined is a field that the event does not have. */
export type Value = string | number | boolean | Moment | Structure | undefined;

export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Moment) return value.milliseconds;
  if (value instanceof Structure) return undefined;
  if (value === undefined || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** As results show it: booleans are 1 and 0, moments `2026-01-31 12:00:00.000`. */
export function toText(value: Value): string {
  if (value instanceof Structure) return JSON.stringify(value.content);
  if (value instanceof Moment) return new Date(value.milliseconds).toISOString().replace('T', ' ').slice(0, -1);
  return typeof value === 'boolean' ? String(Number(value)) : String(value ?? '');
}

export const isTrue = (value: Value): boolean => value === true || toNumber(value) === 1;

/** As numbers where both are some, as texts otherwise; undefined where one is missing. */
export function compare(left: Value, right: Value): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  const [a, b] = [toNumber(left), toNumber(right)];
  if (a !== undefined && b !== undefined) return a - b;
  const [s, t] = [toText(left), toText(right)];
  return s < t ? -1 : s > t ? 1 : 0;
}

/** The order of `sort`: what is missing, then texts, then numbers. */
export function order(left: Value, right: Value): number {
  const rank = (value: Value) => (value === undefined ? 0 : toNumber(value) === undefined ? 1 : 2);
  return rank(left) - rank(right) || (compare(left, right) ?? 0);
}
