// plinth destroy: everything that a system made, after naming what will be lost.
import { otherEnvironments, stateExists } from '../bootstrap.ts';
import { command } from '../command.ts';
import { confirm, CONFIRM_OPTION, confirmAws } from '../confirm.ts';
import { prepareRoots } from '../deploy.ts';
import { destroyRoot, planDestroy, requireUnprotected } from '../destroy.ts';
import { notDeployed } from '../errors.ts';
import type { Root } from '../root.ts';
import { selectSystem } from '../systems.ts';
import { openTarget } from '../target.ts';

export const destroy = command({
  summary: 'Destroy what a system made. Asks first, and names what will be lost.',
  args: '[system] [stack]',
  arity: [0, 2],
  options: { ...CONFIRM_OPTION, yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
  examples: [
    ['plinth destroy aiops', 'the whole system, its state last'],
    ['plinth destroy aiops global --yes', 'one stack, without asking'],
  ],
  run: async ({ args, options }, context) => {
    const target = await openTarget(options['target'], context);
    await confirmAws(target, options['confirm'], context);
    const selection = await selectSystem(args, options['env'], context);
    const roots = await prepareRoots(selection, target, context);
    const { name } = selection.system;
    const present: Root[] = [];
    for (const root of roots) {
      if (!(await stateExists(root))) continue;
      const others = root.stack.backend ? await otherEnvironments(root) : [];
      if (others.length === 0) present.push(root);
      else context.progress.note(`${root.stack.name} stays: ${others.join(' and ')} keeps its state there`);
    }
    if (present.length === 0) throw notDeployed(name, selection.environment);
    await requireUnprotected(present);
    const destroyed: string[] = [];
    for (const root of present.toReversed()) {
      const plan = await context.progress.step(`plan ${root.stack.name}`, (say) => planDestroy(root, say));
      for (const line of plan.losses) context.progress.note(`  ${line}`);
      const what = `This destroys ${plan.addresses.length} resources of ${name}/${root.stack.name}`;
      await confirm({ what, answer: name, fix: 'Confirm with --yes.' }, options['yes'] === true, context);
      await context.progress.step(`destroy ${root.stack.name}`, (say) => destroyRoot(root, plan, say));
      destroyed.push(...plan.addresses);
    }
    return { destroyed };
  },
  render: ({ destroyed }) => `Destroyed ${destroyed.length} resources.`,
});
