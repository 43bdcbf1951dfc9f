// `plinth up aiops` as a user waits for it: from nothing, and once more when there is nothing to do.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { seconds } from './measure.ts';
import { freePort } from './peers.ts';
import { held } from './report.ts';

export async function benchCommands(): Promise<void> {
  console.log('\nplinth up aiops');
  const home = mkdtempSync(join(tmpdir(), 'plinth-bench-up-'));
  const env = { ...process.env, PLINTH_DIR: home, PLINTH_PORT: String(await freePort()) };
  const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
  const plinth = (...words: string[]) =>
    promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...words], { env });
  held('cold', await seconds(() => plinth('up', 'aiops')), 's', 12);
  held('again, without a change', await seconds(() => plinth('up', 'aiops')), 's', 4);
  await plinth('down');
  rmSync(home, { recursive: true });
}
