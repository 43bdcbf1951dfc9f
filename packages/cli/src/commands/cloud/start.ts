// plinth cloud start
import { ensureCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';

export const start = command({
  summary: 'Start the cloud in the background; nothing happens where it runs already.',
  examples: [
    ['plinth cloud start', 'on port 4566'],
    ['PLINTH_PORT=4567 plinth cloud start', 'a second cloud, which never meets the first'],
  ],
  run: async (_invocation, context) => {
    const { endpoint, pid, started } = await ensureCloud(context);
    return { endpoint, pid, started };
  },
  render: ({ endpoint, pid, started }) =>
    `The cloud ${started ? 'started' : 'was running already'}: ${endpoint} (process ${pid})`,
});
