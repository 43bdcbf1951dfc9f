// plinth output: what a system's stacks put out.
import { stateExists } from '../bootstrap.ts';
import { command } from '../command.ts';
import { prepareRoots } from '../deploy.ts';
import { notDeployed } from '../errors.ts';
import { table } from '../report.ts';
import { initialise, readState } from '../root.ts';
import { selectSystem } from '../systems.ts';
import { openTarget } from '../target.ts';

export const output = command<Record<string, unknown>>({
  summary: "Show a system's outputs; sensitive ones are left out.",
  args: '[system] [stack]',
  arity: [0, 2],
  examples: [
    ['plinth output aiops', 'every stack’s'],
    ['plinth output aiops --json', 'as data'],
  ],
  run: async ({ args, options }, context) => {
    const target = await openTarget(options['target'], context);
    const selection = await selectSystem(args, options['env'], context);
    const roots = await prepareRoots(selection, target, context);
    if (!(await stateExists(roots[0]))) throw notDeployed(selection.system.name, selection.environment);
    for (const root of roots) await initialise(root);
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
