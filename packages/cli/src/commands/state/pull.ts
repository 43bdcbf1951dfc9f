// plinth state pull: a state as Terraform keeps it.
import { command } from '../../command.ts';
import { requireDeployed } from '../../deploy.ts';
import { pullState } from '../../state.ts';

export const pull = command<object>({
  summary: 'Print a state as Terraform keeps it, in JSON. It may hold secrets in clear.',
  args: '<system> <stack>',
  arity: [2, 2],
  examples: [['plinth state pull aiops global > state.json', 'to look into it with jq, say']],
  run: async ({ args, options }, context) => {
    const [root] = await requireDeployed(args, options, context);
    return JSON.parse(await pullState(root)) as object;
  },
  render: (state) => JSON.stringify(state, null, 2),
});
