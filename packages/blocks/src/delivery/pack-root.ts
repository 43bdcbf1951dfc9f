// An applied Terraform root in one zip: what a recovery build fetches, and applies again.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { emptyRoot } from '../errors.ts';
import { zipFiles, type Archive } from './zip.ts';

/**
 * Packs the root in `dir`: its configuration, its assets and the lock file of its providers, but neither state, plans nor
 * plugins, and no override that was meant for this machine. The same root gives the same bytes.
 */
export async function packRoot(dir: string): Promise<Archive> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(dir, file).split(sep).join('/');
    if (entry.isFile() && belongs(path)) files.set(path, await readFile(file));
  }
  if (![...files.keys()].some(isConfiguration)) throw emptyRoot(dir);
  return zipFiles(files);
}

const belongs = (path: string): boolean =>
  path.startsWith('assets/') || path === '.terraform.lock.hcl' || isConfiguration(path);

const isConfiguration = (path: string): boolean =>
  !path.includes('/') && /\.tf(\.json)?$/.test(path) && !/(^|_)override\.tf(\.json)?$/.test(path);
