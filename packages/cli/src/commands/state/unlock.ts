// plinth state unlock: releases the lock that a dead run left on a state.
import { command } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { prepareRoots } from '../../deploy.ts';
import { initialise, runInRoot } from '../../root.ts';
import { selectSystem } from '../../systems.ts';
import { openTarget } from '../../target.ts';

export const unlock = command({
  summary: 'Release a lock on a state whose holder is gone. A holder that still runs would write over others.',
  args: '<system> <stack> <lock-id>',
  arity: [3, 3],
  options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
  examples: [['plinth state unlock aiops global 5d2b1e6c-…', 'the id is in the error that names the lock']],
  run: async ({ args, options }, context) => {
    const [system, stack, id] = args as [string, string, string];
    const target = await openTarget(options['target'], context);
    const [root] = await prepareRoots(await selectSystem([system, stack], options['env'], context), target, context);
    const what = `This releases lock ${id} on ${system}/${stack}; be sure that its holder is gone`;
    await confirm({ what, answer: 'yes', fix: 'Confirm with --yes.' }, options['yes'] === true, context);
    await initialise(root);
    await runInRoot(root, ['force-unlock', '-force', id]);
    return { system, stack, id };
  },
  render: ({ system, stack, id }) => `Lock ${id} on ${system}/${stack} is released.`,
});
