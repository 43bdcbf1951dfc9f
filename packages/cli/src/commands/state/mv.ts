// plinth state mv: a resource gets another address.
import { command } from '../../command.ts';
import { requireDeployed } from '../../deploy.ts';
import { runInRoot } from '../../root.ts';
import { backupState } from '../../state.ts';

export const mv = command<{ from: string; to: string; before: string }>({
  summary: 'Give a resource in the state another address, after it was renamed in the code.',
  args: '<system> <stack> <from> <to>',
  arity: [4, 4],
  examples: [
    ['plinth state mv aiops global aws_s3_bucket.old aws_s3_bucket.new', 'the resource itself is not touched'],
  ],
  run: async ({ args: [system = '', stack = '', from = '', to = ''], options }, context) => {
    const [root] = await requireDeployed([system, stack], options, context);
    const { file: before } = await backupState(root, context);
    await runInRoot(root, ['state', 'mv', from, to]);
    return { from, to, before };
  },
  render: ({ from, to, before }) => `${from} is ${to} now. The state before: ${before}`,
});
