// plinth state show: one resource as its state has it.
import { command } from '../../command.ts';
import { requireDeployed } from '../../deploy.ts';
import { runInRoot } from '../../root.ts';

export const show = command<{ address: string; text: string }>({
  summary: 'Show one resource as its state has it; sensitive values are hidden.',
  args: '<system> <stack> <address>',
  arity: [3, 3],
  examples: [
    ['plinth state show aiops global aws_dynamodb_table.incidents', 'the addresses are in: plinth state list'],
  ],
  run: async ({ args: [system = '', stack = '', address = ''], options }, context) => {
    const [root] = await requireDeployed([system, stack], options, context);
    return { address, text: (await runInRoot(root, ['state', 'show', '-no-color', address])).output };
  },
  render: ({ text }) => text,
});
