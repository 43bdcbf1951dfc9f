// plinth cost: what a deployed system would cost in AWS, line by line.
import { estimateCost, type CostEstimate } from '@plinth/checks';

import { command } from '../command.ts';
import { requireDeployed } from '../deploy.ts';
import { renderCost, table } from '../report.ts';
import { readState } from '../root.ts';

export const cost = command<CostEstimate>({
  summary: 'Show what a deployed system would cost in AWS each month, at the list prices of us-east-1.',
  args: '[system] [stack]',
  arity: [0, 2],
  examples: [
    ['plinth cost aiops', 'every resource: fixed, by an assumed use, free, or why there is no price'],
    ['plinth cost aiops --json', 'as data'],
  ],
  run: async ({ args, options }, context) => {
    const roots = await requireDeployed(args, options, context);
    const states = await Promise.all(roots.map(readState));
    return estimateCost(states.flatMap(({ resources }) => resources));
  },
  render: (estimate) =>
    [
      ...table(estimate.lines.map((line) => [line.address, describe(line)])),
      '',
      `Together ${renderCost(estimate)}, in ${estimate.region}, without the free tier.`,
    ].join('\n'),
});

function describe(line: CostEstimate['lines'][number]): string {
  switch (line.kind) {
    case 'fixed':
      return `${dollars(line.monthlyUsd)}  ${line.item}`;
    case 'usage':
      return `${dollars(line.monthlyUsd)}  assumed: ${line.assumed}`;
    case 'free':
      return `${dollars(0)}  ${line.item}`;
    case 'unpriced':
      return `        ?  ${line.item}`;
  }
}

const dollars = (usd: number): string => `$${usd.toFixed(2)}`.padStart(9);
