// plinth cloud reset
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { cloudFolder, cloudPort, stopCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';
import { confirm } from '../../confirm.ts';

export const reset = command({
  summary: 'Forget everything that is in the cloud: systems, objects, tables, logs. Asks first.',
  options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
  examples: [['plinth cloud reset --yes', 'begin again with an empty cloud']],
  run: async ({ options }, context) => {
    const folder = cloudFolder(context);
    await confirm(
      { what: `This deletes everything in ${folder}`, answer: 'yes', fix: 'Confirm with --yes.' },
      options['yes'] === true,
      context,
    );
    await stopCloud(context);
    await rm(folder, { recursive: true, force: true });
    await rm(join(context.home, 'roots', `local-${cloudPort(context)}`), { recursive: true, force: true });
    return { folder };
  },
  render: ({ folder }) => `The cloud is empty: ${folder} is gone.`,
});
