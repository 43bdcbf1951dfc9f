// plinth drift: what changed behind Terraform's back.
import { isDeployed } from '../bootstrap.ts';
import { command } from '../command.ts';
import { prepareRoots } from '../deploy.ts';
import { findDrift, type DriftReport } from '../drift.ts';
import { notDeployed } from '../errors.ts';
import { initialise } from '../root.ts';
import { selectSystem } from '../systems.ts';
import { openTarget } from '../target.ts';

/** Says that there is drift, for scripts: 0 is none, 1 is an error. */
const EXIT_DRIFT = 2;

export const drift = command<{ stacks: readonly DriftReport[] }>({
  summary:
    'Show what differs between the state and what is really there. Changes nothing; leaves with 2 where there is drift.',
  args: '[system] [stack]',
  arity: [0, 2],
  examples: [
    ['plinth drift aiops', 'every stack of a system'],
    ['plinth drift aiops --json', 'as data, with each attribute before and after'],
  ],
  run: async ({ args, options }, context) => {
    const target = await openTarget(options['target'], context);
    const selection = await selectSystem(args, options['env'], context);
    const roots = await prepareRoots(selection, target, context);
    if (!(await isDeployed(roots))) throw notDeployed(selection.system.name, selection.environment);
    const stacks: DriftReport[] = [];
    for (const root of roots) {
      await initialise(root);
      stacks.push(await context.progress.step(root.stack.name, (say) => findDrift(root, say)));
    }
    return { stacks };
  },
  render: ({ stacks }) =>
    stacks
      .map(({ stack, resources }) =>
        resources.length === 0
          ? `${stack}: no drift`
          : [
              `${stack}:`,
              ...resources.map(
                ({ address, what, attributes }) =>
                  `  ${address} was ${what}${attributes.length > 0 ? `: ${attributes.join(', ')}` : ''}`,
              ),
            ].join('\n'),
      )
      .join('\n'),
  exitCode: ({ stacks }) => (stacks.some(({ resources }) => resources.length > 0) ? EXIT_DRIFT : 0),
});
