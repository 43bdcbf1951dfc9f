// plinth down: the cloud stops; what is in it stays on disk.
import { cloudFolder, stopCloud } from '../cloud-process.ts';
import { command } from '../command.ts';

export const down = command({
  summary: 'Stop the cloud. Everything in it is kept, and is there again after the next plinth up.',
  examples: [['plinth down', 'stop the cloud of this project']],
  run: async (_invocation, context) => ({ stopped: await stopCloud(context), folder: cloudFolder(context) }),
  render: ({ stopped, folder }) =>
    stopped ? `The cloud has stopped. Its state is kept in ${folder}.` : 'The cloud was not running.',
});
