// plinth cloud stop
import { stopCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';

export const stop = command({
  summary: 'Stop the cloud. Everything in it is kept.',
  examples: [['plinth cloud stop', 'stop the cloud of this project']],
  run: async (_invocation, context) => ({ stopped: await stopCloud(context) }),
  render: ({ stopped }) => (stopped ? 'The cloud has stopped.' : 'The cloud was not running.'),
});
