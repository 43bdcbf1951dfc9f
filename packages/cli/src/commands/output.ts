// plinth output: what a system's stacks put out.
import { command } from '../command.ts';
import { requireDeployed } from '../deploy.ts';
import { table } from '../report.ts';
import { readState } from '../root.ts';

export const output = command<Record<string, unknown>>({
  summary: "Show a system's outputs; sensitive ones are left out.",
  args: '[system] [stack]',
  arity: [0, 2],
  examples: [
    ['plinth output aiops', 'every stack’s'],
    ['plinth output aiops --json', 'as data'],
  ],
  run: async ({ args, options }, context) => {
    const roots = await requireDeployed(args, options, context);
    const states = await Promise.all(roots.map(readState));
    return Object.assign({}, ...states.map(({ outputs }) => outputs)) as Record<string, unknown>;
  },
  render: (outputs) =>
    table(
      Object.entries(outputs).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    )
      .map((line) => line.trimStart())
      .join('\n'),
});
