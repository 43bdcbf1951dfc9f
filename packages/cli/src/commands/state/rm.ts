// plinth state rm: forgets a resource without touching it.
import { command } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { requireDeployed } from '../../deploy.ts';
import { runInRoot } from '../../root.ts';
import { backupState } from '../../state.ts';

export const rm = command<{ address: string; before: string }>({
  summary: 'Let Terraform forget a resource: it stays, and the next apply would make another.',
  args: '<system> <stack> <address>',
  arity: [3, 3],
  options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
  examples: [
    ['plinth state rm aiops global aws_s3_object.kit', 'undo it with: plinth import, or plinth state restore'],
  ],
  run: async ({ args: [system = '', stack = '', address = ''], options }, context) => {
    const [root] = await requireDeployed([system, stack], options, context);
    const what = `This makes Terraform forget ${address} in ${system}/${stack}; the resource itself stays`;
    await confirm({ what, answer: 'yes', fix: 'Confirm with --yes.' }, options['yes'] === true, context);
    const { file: before } = await backupState(root, context);
    await runInRoot(root, ['state', 'rm', address]);
    return { address, before };
  },
  render: ({ address, before }) => `${address} is forgotten. The state before: ${before}`,
});
