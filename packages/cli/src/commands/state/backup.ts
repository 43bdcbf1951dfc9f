// plinth state backup: a copy of a state, in a file.
import { command } from '../../command.ts';
import { requireDeployed } from '../../deploy.ts';
import { backupState, type Backup } from '../../state.ts';

export const backup = command<Backup>({
  summary: 'Copy a state into a file that only you can read. It may hold secrets in clear.',
  args: '<system> <stack> [file]',
  arity: [2, 3],
  examples: [
    ['plinth state backup aiops global', 'under .plinth/backups, named by the time'],
    ['plinth state backup aiops global before.tfstate', 'into a file of your choice'],
  ],
  run: async ({ args: [system = '', stack = '', file], options }, context) => {
    const [root] = await requireDeployed([system, stack], options, context);
    return backupState(root, context, file);
  },
  render: ({ file, serial, resources }) => `Version ${serial} of the state, ${resources} resources: ${file}`,
});
