// What tests of commands stand on: a project of their own with one small system, which is really deployed.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { stopCloud } from './cloud-process.ts';
import { up } from './commands/up.ts';
import { projectRoot, type Context } from './context.ts';
import { createProgress } from './progress.ts';

export interface DeployedProject {
  readonly folder: string;
  readonly context: Context;
  stop(): Promise<void>;
}

/** Deploys a system, given as the text of its `system.ts`, to a cloud of its own. */
export async function deployProject(name: string, system: string): Promise<DeployedProject> {
  const folder = mkdtempSync(join(tmpdir(), `plinth-${name}-`));
  mkdirSync(join(folder, 'systems', name), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'systems', name, 'system.ts'), system);
  symlinkSync(join(projectRoot(), 'node_modules'), join(folder, 'node_modules'));
  const context: Context = {
    root: folder,
    home: join(folder, '.plinth'),
    variables: { ...process.env, PLINTH_PORT: String(await freePort()) },
    progress: createProgress(process.stderr, true),
    signal: new AbortController().signal,
    ask: undefined,
  };
  const stop = async () => {
    await stopCloud(context);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await up.run({ args: [name], options: {} }, context);
  } catch (error) {
    await stop();
    throw error;
  }
  return { folder, context, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
