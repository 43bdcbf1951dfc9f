// The cloud as a process of its own: `node daemon.ts <folder> <port>`. Tells its parent when it answers, then stays.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';

import { startCloud } from './cloud.ts';
import { DamagedStateError } from './kernel/damage.ts';
import { fileLog } from './kernel/log.ts';
import { isOutOfSpace } from './kernel/space.ts';

/** What a cloud leaves in its folder while it runs, for those who may use it: the file is its owner's alone. */
export interface ProcessRecord {
  readonly pid: number;
  readonly endpoint: string;
  /** Opens the `/_plinth/` endpoints. */
  readonly token: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const PROCESS_FILE = 'process.json';

/** How often the cloud looks whether its folder is still there. */
const LOOK_MILLISECONDS = 1_000;

async function main(folder: string, port: number): Promise<void> {
  // Whatever this process or one that it starts writes is its owner's alone.
  process.umask(0o077);
  mkdirSync(folder, { recursive: true });
  const log = fileLog(join(folder, 'cloud.log'));
  const cloud = await startCloud({ folder, port, log }).catch((error: unknown) => {
    log('not started', { reason: String((error as Partial<Error>).stack ?? error) });
    throw error;
  });
  const { accessKeyId, secretAccessKey } = cloud.credentials;
  const record: ProcessRecord = {
    pid: process.pid,
    endpoint: cloud.endpoint,
    token: cloud.token,
    accessKeyId,
    secretAccessKey,
  };
  const path = join(folder, PROCESS_FILE);
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  void cloud.stopped.then(() => {
    rmSync(path, { force: true });
    process.exit(0);
  });
  // Whoever has removed the folder has removed the cloud: what it would still acknowledge would go with its last open file.
  setInterval(() => {
    if (!existsSync(path)) void cloud.stop();
  }, LOOK_MILLISECONDS).unref();
  // What works by itself, with nobody to be told, may meet a full disk too; it goes on with what is there at the next start.
  process.on('uncaughtException', (error) => {
    if (!isOutOfSpace(error)) throw error;
    log('out of space', { reason: String(error.stack ?? error) });
  });
  process.on('SIGTERM', () => void cloud.stop());
  process.on('SIGINT', () => void cloud.stop());
  log('started', { endpoint: cloud.endpoint, pid: process.pid });
  process.send?.({ ready: true });
  if (process.connected) process.disconnect();
  // Written at a proper end otherwise, which not every cloud comes to: the next one starts in half the time.
  flushCompileCache();
}

/** What went wrong with the state, for who started this process. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof DamagedStateError) return 'STORE_DAMAGED';
  return isOutOfSpace(error) ? 'DISK_FULL' : undefined;
}

const [folder, port] = process.argv.slice(2);
if (folder === undefined || port === undefined) throw new Error('usage: node daemon.ts <folder> <port>');
main(folder, Number(port)).catch((error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  process.send?.({ ready: false, code: reasonOf(error) ?? code, message });
  process.exitCode = 1;
  process.disconnect?.();
});
