// plinth cloud snapshot save
import { command } from '../../../command.ts';
import { saveSnapshot, type Snapshot } from '../../../snapshots.ts';

export const save = command<Snapshot>({
  summary: 'Set the whole cloud aside under a name: systems, objects, tables, logs, its time. It rests meanwhile.',
  args: '<name>',
  arity: [1, 1],
  examples: [
    ['plinth cloud snapshot save before-drill', 'come back to it with: plinth cloud snapshot load before-drill'],
  ],
  run: ({ args: [name = ''] }, context) => context.progress.step('snapshot', () => saveSnapshot(name, context)),
  render: ({ name }) => `The cloud is kept as ${name}. Come back to it: plinth cloud snapshot load ${name}`,
});
