// plinth state restore: a copy of a state becomes the state again.
import { resolve } from 'node:path';

import { command } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { requireDeployed } from '../../deploy.ts';
import { backupState, restoreState } from '../../state.ts';

interface Restored {
  readonly serial: number;
  readonly resources: number;
  /** The state as it was before. */
  readonly before: string;
}

export const restore = command<Restored>({
  summary: 'Make a copy of a state the state again; what exists is not touched, and what was the state is kept aside.',
  args: '<system> <stack> <file>',
  arity: [3, 3],
  options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
  examples: [['plinth state restore aiops global before.tfstate', 'the next plan says what really differs']],
  run: async ({ args: [system = '', stack = '', file = ''], options }, context) => {
    const [root] = await requireDeployed([system, stack], options, context);
    const what = `This replaces the state of ${system}/${stack} by ${file}`;
    await confirm({ what, answer: 'yes', fix: 'Confirm with --yes.' }, options['yes'] === true, context);
    const { file: before } = await backupState(root, context);
    return { ...(await restoreState(root, resolve(file))), before };
  },
  render: ({ serial, resources, before }) =>
    `The state is at version ${serial}, with ${resources} resources. What it was before: ${before}`,
});
