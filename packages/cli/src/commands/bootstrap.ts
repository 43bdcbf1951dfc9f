// plinth bootstrap: the bucket and the table that keep a system's Terraform state.
import { bootstrap } from '../bootstrap.ts';
import { command } from '../command.ts';
import { CONFIRM_OPTION, confirmAws } from '../confirm.ts';
import { prepareRoots } from '../deploy.ts';
import { selectSystem } from '../systems.ts';
import { openTarget } from '../target.ts';

export const bootstrapCommand = command({
  summary: "Make a system's state bucket and lock table, and move their own state into the bucket.",
  args: '[system]',
  arity: [0, 1],
  options: CONFIRM_OPTION,
  examples: [['plinth bootstrap aiops', 'run it again after an interruption: it finishes']],
  run: async ({ args, options }, context) => {
    const target = await openTarget(options['target'], context);
    await confirmAws(target, options['confirm'], context);
    const roots = await prepareRoots(await selectSystem(args, options['env'], context), target, context);
    const backend = roots.find(({ stack }) => stack.backend) ?? roots[0];
    return context.progress.step('bootstrap', (say) => bootstrap(backend, say));
  },
  render: ({ bucket, table, key, created }) =>
    `State lives in s3://${bucket}, locked in ${table}; its own state is ${key}.${created ? '' : ' It was there already.'}`,
});
