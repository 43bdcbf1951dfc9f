// plinth cloud snapshot list
import { command } from '../../../command.ts';
import { table } from '../../../report.ts';
import { listSnapshots, type Snapshot } from '../../../snapshots.ts';

export const list = command<readonly Snapshot[]>({
  summary: 'List the snapshots of clouds, the latest first.',
  examples: [['plinth cloud snapshot list --json', 'as data']],
  run: (_invocation, context) => listSnapshots(context),
  render: (snapshots) =>
    snapshots.length === 0
      ? 'There are no snapshots. Make one: plinth cloud snapshot save <name>'
      : table(
          snapshots.map(({ name, savedAt, port, problem }) => [
            name,
            problem ?? `${savedAt}, of the cloud on port ${port}`,
          ]),
        ).join('\n'),
});
