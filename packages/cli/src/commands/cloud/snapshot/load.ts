// plinth cloud snapshot load
import { cloudFolder } from '../../../cloud-process.ts';
import { command } from '../../../command.ts';
import { confirm } from '../../../confirm.ts';
import { loadSnapshot, type Snapshot } from '../../../snapshots.ts';

export const load = command<Snapshot>({
  summary: 'Put a snapshot in the place of the cloud. What is in the cloud now is lost; asks first.',
  args: '<name>',
  arity: [1, 1],
  options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
  examples: [['plinth cloud snapshot load before-drill --yes', 'as it was when it was saved, its time included']],
  run: async ({ args: [name = ''], options }, context) => {
    const what = `This replaces everything in ${cloudFolder(context)} by the snapshot ${name}`;
    await confirm({ what, answer: 'yes', fix: 'Confirm with --yes.' }, options['yes'] === true, context);
    return context.progress.step('snapshot', () => loadSnapshot(name, context));
  },
  render: ({ name, savedAt }) => `The cloud is as it was at ${savedAt} (${name}).`,
});
