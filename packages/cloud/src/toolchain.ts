// Where the launcher has put the programs that the cloud runs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT_HOME = join(import.meta.dirname, '../../../.plinth');

/** `PLINTH_DYNOXIDE`, or what the launcher fetched for these variables, or for none. The last one need not be there. */
export function dynoxidePath(variables: Readonly<Record<string, string | undefined>>): string {
  const { PLINTH_DYNOXIDE: chosen, PLINTH_DIR: home } = variables;
  if (chosen !== undefined) return chosen;
  const installed = join('toolchain/node_modules/@dynoxide', `${process.platform}-${process.arch}`, 'dynoxide');
  const own = home === undefined ? undefined : join(home, installed);
  return own !== undefined && existsSync(own) ? own : join(PROJECT_HOME, installed);
}
