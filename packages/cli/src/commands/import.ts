// plinth import: takes something that exists under Terraform's care.
import { command } from '../command.ts';
import { CONFIRM_OPTION, confirmAws } from '../confirm.ts';
import { requireDeployed } from '../deploy.ts';
import { runInRoot } from '../root.ts';

export const importCommand = command<{ address: string; id: string }>({
  summary: 'Take something that exists under Terraform’s care, at an address that the code declares.',
  args: '<system> <stack> <address> <id>',
  arity: [4, 4],
  options: CONFIRM_OPTION,
  examples: [
    ['plinth import aiops global aws_dynamodb_table.incidents aiops-incidents', 'then see: plinth plan aiops global'],
  ],
  run: async ({ args: [system = '', stack = '', address = '', id = ''], options }, context) => {
    const [root] = await requireDeployed([system, stack], options, context);
    await confirmAws(root.target, options['confirm'], context);
    await runInRoot(root, ['import', '-input=false', '-no-color', address, id]);
    return { address, id };
  },
  render: ({ address, id }) => `${id} is ${address} now. See how it differs from the code: plinth plan`,
});
