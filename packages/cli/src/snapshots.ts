// Whole clouds set aside: the folder of one, copied while it rests.
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cloudFolder, cloudPort, ensureCloud, stopCloud } from './cloud-process.ts';
import type { Context } from './context.ts';
import { badSnapshotName, noCloudToSave, snapshotExists, unknownSnapshot } from './errors.ts';

export interface Snapshot {
  readonly name: string;
  /** ISO 8601, on the machine's clock. */
  readonly savedAt: string;
  /** The port of the cloud that it was taken of. */
  readonly port: number;
}

const DESCRIPTION = 'snapshot.json';

/** What belongs to a running process, and not to the cloud. */
const LEFT_OUT = new Set(['process.json', 'cloud.log']);

/** Sets the cloud aside under a name; a running one is stopped for that long. */
export async function saveSnapshot(name: string, context: Context): Promise<Snapshot> {
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) throw badSnapshotName(name);
  if ((await listSnapshots(context)).some((snapshot) => snapshot.name === name)) throw snapshotExists(name);
  const folder = cloudFolder(context);
  const kept = await readdir(folder).catch(() => []);
  if (kept.length === 0) throw noCloudToSave(cloudPort(context));
  const running = await stopCloud(context);
  const partial = join(snapshotsFolder(context), `.${name}`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  await copyCloud(folder, join(partial, 'cloud'));
  const snapshot: Snapshot = { name, savedAt: new Date().toISOString(), port: cloudPort(context) };
  await writeFile(join(partial, DESCRIPTION), JSON.stringify(snapshot), { mode: 0o600 });
  // Whole or not at all, should this be interrupted.
  await rename(partial, join(snapshotsFolder(context), name));
  if (running) await ensureCloud(context);
  return snapshot;
}

/** Puts a snapshot in the place of the cloud, and starts it. */
export async function loadSnapshot(name: string, context: Context): Promise<Snapshot> {
  const snapshots = await listSnapshots(context);
  const snapshot = snapshots.find((candidate) => candidate.name === name);
  if (!snapshot)
    throw unknownSnapshot(
      name,
      snapshots.map((known) => known.name),
    );
  await stopCloud(context);
  const folder = cloudFolder(context);
  await rm(folder, { recursive: true, force: true });
  await copyCloud(join(snapshotsFolder(context), name, 'cloud'), folder);
  await rm(join(context.home, 'roots', `local-${cloudPort(context)}`), { recursive: true, force: true });
  await ensureCloud(context);
  return snapshot;
}

/** Every snapshot, the latest first. */
export async function listSnapshots(context: Context): Promise<Snapshot[]> {
  const folder = snapshotsFolder(context);
  const names = await readdir(folder).catch(() => []);
  const snapshots = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map(async (name) => JSON.parse(await readFile(join(folder, name, DESCRIPTION), 'utf8')) as Snapshot),
  );
  return snapshots.toSorted((a, b) => (a.savedAt < b.savedAt ? 1 : -1));
}

const snapshotsFolder = ({ home }: Context): string => join(home, 'snapshots');

const copyCloud = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, mode: 0, filter: (path) => !LEFT_OUT.has(path.slice(from.length + 1)) });
