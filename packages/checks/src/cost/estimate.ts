// What resources cost in AWS each month: every resource gets a line, and none is a silent zero.
import { free, FREE, INCLUDED, RULES, type CostLine, type Values } from './rules.ts';

export interface PricedResource {
  readonly address: string;
  readonly type: string;
  readonly values: Values;
}

export interface CostEstimate {
  readonly currency: 'USD';
  /** The prices are those of this region; others differ by some percent. */
  readonly region: 'us-east-1';
  /** What is paid for existing, a month. */
  readonly fixedMonthlyUsd: number;
  /** What the assumed use adds, a month. */
  readonly usageMonthlyUsd: number;
  readonly lines: readonly (CostLine & { readonly address: string })[];
}

export function estimateCost(resources: readonly PricedResource[]): CostEstimate {
  const lines = resources.flatMap(({ address, type, values }) =>
    linesOf(type, values).map((line) => ({ address, ...line })),
  );
  const sum = (kind: CostLine['kind']) =>
    lines.reduce((total, line) => total + (line.kind === kind && 'monthlyUsd' in line ? line.monthlyUsd : 0), 0);
  return {
    currency: 'USD',
    region: 'us-east-1',
    fixedMonthlyUsd: cents(sum('fixed')),
    usageMonthlyUsd: cents(sum('usage')),
    lines,
  };
}

function linesOf(type: string, values: Values): readonly CostLine[] {
  const rule = RULES[type];
  if (rule) return rule(values);
  const included = INCLUDED[type];
  if (included) return [free(included)];
  if (FREE.some((pattern) => pattern.test(type))) return [free('AWS charges nothing for it')];
  return [{ kind: 'unpriced', item: `Plinth knows no price for ${type}` }];
}

const cents = (usd: number): number => Math.round(usd * 100) / 100;
