// Whole clouds set aside: the folder of one, copied while it rests.
import { access, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { inspectState } from '@plinth/cloud/inspect';

import { cloudFolder, cloudPort, ensureCloud, formerFolder, stopCloud } from './cloud-process.ts';
import type { Context } from './context.ts';
import {
  badSnapshotName,
  cloudDamaged,
  copyFailed,
  noCloudToSave,
  snapshotDamaged,
  snapshotExists,
  unknownSnapshot,
  UserError,
} from './errors.ts';

export interface Snapshot {
  readonly name: string;
  /** ISO 8601, on the machine's clock. */
  readonly savedAt: string;
  /** The port of the cloud that it was taken of. */
  readonly port: number;
  /** Why it cannot be loaded. */
  readonly problem?: string;
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
  if (kept.every((file) => LEFT_OUT.has(file))) throw noCloudToSave(cloudPort(context));
  const running = await stopCloud(context);
  const partial = join(snapshotsFolder(context), `.${name}`);
  const snapshot: Snapshot = { name, savedAt: new Date().toISOString(), port: cloudPort(context) };
  try {
    const problems = inspectState(folder);
    if (problems.length > 0) throw cloudDamaged(folder, problems);
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
    await copyCloud(folder, join(partial, 'cloud'));
    await writeFile(join(partial, DESCRIPTION), JSON.stringify(snapshot), { mode: 0o600 });
    // Whole or not at all, should this be interrupted.
    await rename(partial, join(snapshotsFolder(context), name));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error instanceof UserError ? error : copyFailed(`The snapshot ${name} was not made`, error as Error);
  } finally {
    if (running) await ensureCloud(context);
  }
  return snapshot;
}

/** Puts a snapshot in the place of the cloud, and starts it. Until that has succeeded, the cloud that was there is kept. */
export async function loadSnapshot(name: string, context: Context): Promise<Snapshot> {
  const snapshots = await listSnapshots(context);
  const snapshot = snapshots.find((candidate) => candidate.name === name);
  if (!snapshot)
    throw unknownSnapshot(
      name,
      snapshots.map((known) => known.name),
    );
  const source = join(snapshotsFolder(context), name);
  if (snapshot.problem !== undefined) throw snapshotDamaged(name, source, [snapshot.problem]);
  const folder = cloudFolder(context);
  const copy = `${folder}.new`;
  await rm(copy, { recursive: true, force: true });
  try {
    await copyCloud(join(source, 'cloud'), copy);
  } catch (error) {
    await rm(copy, { recursive: true, force: true });
    throw copyFailed(`The snapshot ${name} was not loaded; the cloud is as it was`, error as Error);
  }
  const problems = inspectState(copy);
  if (problems.length > 0) {
    await rm(copy, { recursive: true, force: true });
    throw snapshotDamaged(name, source, problems);
  }
  await takePlace(copy, context);
  await rm(join(context.home, 'roots', `local-${cloudPort(context)}`), { recursive: true, force: true });
  return snapshot;
}

/** Every snapshot, the latest first. */
export async function listSnapshots(context: Context): Promise<Snapshot[]> {
  const folder = snapshotsFolder(context);
  const names = await readdir(folder).catch(() => []);
  const snapshots = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map((name) => readSnapshot(folder, name)),
  );
  return snapshots.toSorted((a, b) => (a.savedAt < b.savedAt ? 1 : -1));
}

async function readSnapshot(folder: string, name: string): Promise<Snapshot> {
  try {
    const { savedAt, port } = JSON.parse(await readFile(join(folder, name, DESCRIPTION), 'utf8')) as Snapshot;
    if (typeof savedAt !== 'string' || typeof port !== 'number') throw new TypeError('it says neither when nor where');
    await access(join(folder, name, 'cloud'));
    // The folder may have been renamed.
    return { name, savedAt, port };
  } catch (error) {
    return { name, savedAt: '', port: 0, problem: `it is not whole: ${(error as Error).message}` };
  }
}

/** A new folder becomes the cloud's. Where no cloud starts on it, the former one is put back. */
async function takePlace(copy: string, context: Context): Promise<void> {
  const folder = cloudFolder(context);
  const before = formerFolder(folder);
  const running = await stopCloud(context);
  await rm(before, { recursive: true, force: true });
  const existed = await rename(folder, before).then(
    () => true,
    () => false,
  );
  await rename(copy, folder);
  try {
    await ensureCloud(context);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (existed) await rename(before, folder);
    if (running) await ensureCloud(context);
    throw error;
  }
  await rm(before, { recursive: true, force: true });
}

const snapshotsFolder = ({ home }: Context): string => join(home, 'snapshots');

const copyCloud = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, mode: 0, filter: (path) => !LEFT_OUT.has(path.slice(from.length + 1)) });
