// One root's state in the user's hands: looked into, kept aside, put back.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Context } from './context.ts';
import { foreignState, notState } from './errors.ts';
import { runInRoot, type Root } from './root.ts';

/** What Plinth needs to know of a state file; the rest is Terraform's. */
interface StateFile {
  readonly version: number;
  readonly serial: number;
  readonly lineage: string;
  readonly resources: readonly { readonly mode: 'managed' | 'data' }[];
}

export interface Backup {
  readonly file: string;
  readonly serial: number;
  readonly resources: number;
}

/** The state as Terraform keeps it. It may hold secrets in clear. */
export async function pullState(root: Root): Promise<string> {
  return (await runInRoot(root, ['state', 'pull'])).output;
}

/** Writes the state into a file that only its owner can read: the one named, or one beside the project that says when. */
export async function backupState(root: Root, context: Context, file?: string): Promise<Backup> {
  const text = await pullState(root);
  const { serial, resources } = JSON.parse(text) as StateFile;
  const path = file ?? join(backupFolder(root, context), `${new Date().toISOString().replaceAll(':', '-')}.tfstate`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
  return { file: path, serial, resources: countManaged(resources) };
}

/**
 * Makes a backup the state again, as the next version of it, so that it is one more change and nothing is rewound. What
 * exists is not touched: the next plan says how it differs from the state.
 */
export async function restoreState(root: Root, file: string): Promise<{ serial: number; resources: number }> {
  const backup = readStateFile(await readFile(file, 'utf8'), file);
  const current = JSON.parse(await pullState(root)) as StateFile;
  if (backup.lineage !== current.lineage) throw foreignState(file, root.stack.name);
  const restored = { ...backup, serial: current.serial + 1 };
  const path = join(root.folder, 'restore.tfstate');
  await writeFile(path, JSON.stringify(restored), { mode: 0o600 });
  await runInRoot(root, ['state', 'push', path]);
  return { serial: restored.serial, resources: countManaged(restored.resources) };
}

const countManaged = (resources: StateFile['resources']): number =>
  resources.filter(({ mode }) => mode === 'managed').length;

const backupFolder = ({ target, selection, stack }: Root, { home }: Context): string =>
  join(home, 'backups', target.key, selection.system.name, selection.environment, stack.name);

function readStateFile(text: string, file: string): StateFile {
  try {
    const state = JSON.parse(text) as Partial<StateFile>;
    if (state.version === 4 && typeof state.lineage === 'string' && Array.isArray(state.resources))
      return state as StateFile;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw notState(file);
}
