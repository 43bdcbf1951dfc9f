// What runs, said to a person.
import type { CostEstimate } from '@plinth/checks';

import type { SystemReport } from './deploy.ts';

export function renderReport(report: SystemReport): string {
  const { system, called, environment, target, state, resources, outputs, cost, health } = report;
  const kinds = Object.entries(resources).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${system} (${environment}) runs on ${target}`,
    '',
    `Resources: ${total}`,
    ...table(kinds.map(([type, count]) => [type, String(count)])),
    '',
    `State: s3://${state.bucket}, locked in ${state.table}`,
    ...state.keys.map((key) => `  ${key}`),
    '',
    'Outputs:',
    ...table(
      Object.entries(outputs).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    ),
    '',
    `Cost in AWS: ${renderCost(cost)} (plinth cost ${called})`,
    '',
    'Health:',
    ...health.map(({ name, healthy, detail }) => `  ${healthy ? '✓' : '✗'} ${name}: ${detail}`),
  ].join('\n');
}

/** Rows of two columns, indented. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

export const renderCost = ({ fixedMonthlyUsd, usageMonthlyUsd }: CostEstimate): string =>
  `$${fixedMonthlyUsd.toFixed(2)} a month for being there, $${usageMonthlyUsd.toFixed(2)} for a small assumed use`;
