// What metric math computes with: numbers, texts, time series, and lists of them.

export interface Series {
  readonly label: string;
  /** Values by the beginning of their periods, in milliseconds. */
  readonly points: ReadonlyMap<number, number>;
  /** Seconds. */
  readonly period: number;
}

export type Value = number | string | Series | readonly Series[];

export const isSeries = (value: Value): value is Series => typeof value === 'object' && 'points' in value;

export const isList = (value: Value): value is readonly Series[] => Array.isArray(value);

export const times = ({ points }: Series): number[] => [...points.keys()].toSorted((left, right) => left - right);

export const values = (series: Series): number[] => times(series).map((at) => series.points.get(at)!);

/** The same series with other points; a point that is no finite number is left out. */
export function withPoints(series: Series, points: Iterable<readonly [number, number | undefined]>): Series {
  const kept = [...points].filter((point): point is [number, number] => Number.isFinite(point[1]));
  return { ...series, points: new Map(kept) };
}

export const mapPoints = (series: Series, change: (value: number, at: number) => number | undefined): Series =>
  withPoints(
    series,
    [...series.points].map(([at, value]) => [at, change(value, at)] as const),
  );
