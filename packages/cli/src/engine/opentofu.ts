// The OpenTofu that Plinth fetches for itself where the machine has no engine: one release, known by its SHA-256.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { unzipSync } from 'fflate';

import { engineNotFetched } from '../errors.ts';

export interface Release {
  readonly version: string;
  /** The SHA-256 of each platform's archive, from the release's signed list of checksums. */
  readonly sha256: Readonly<Record<string, string>>;
}

export const OPENTOFU: Release = {
  version: '1.8.5',
  sha256: {
    darwin_amd64: 'cb6d1b949691e50bed6c9cc17aefc999cf27e52200521efa9f107ce3ee08260f',
    darwin_arm64: 'c77e545ab847c0d6acd322c010f457e1a30448476945c04074a48882c4b86dfe',
    linux_amd64: 'e2951ba6be8ae9427aabbd5c6f243855e8b526cb2ae6bc33a05dae22d7e82632',
    linux_arm64: '2535e8d4979806cbf79a1b704dccf1fae45b4d50ccaee3e54c1771044db4a573',
  },
};

/** Where releases come from, unless PLINTH_ENGINE_MIRROR names a copy of it; what comes is checked either way. */
const RELEASES = 'https://github.com/opentofu/opentofu/releases/download';

const PLATFORM = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** Where the release is, once it is fetched. */
export const opentofuFolder = (toolchain: string, { version }: Release = OPENTOFU): string =>
  join(toolchain, `opentofu-${version}`);

/** The path of the release's binary, fetched unless it is there. */
export async function fetchOpentofu(
  toolchain: string,
  variables: Readonly<Record<string, string | undefined>>,
  release: Release = OPENTOFU,
): Promise<string> {
  const { version, sha256 } = release;
  const home = opentofuFolder(toolchain, release);
  const path = join(home, 'tofu');
  if (await isThere(path)) return path;
  const archive = `${variables['PLINTH_ENGINE_MIRROR'] ?? RELEASES}/v${version}/tofu_${version}_${PLATFORM}.zip`;
  const expected = sha256[PLATFORM];
  if (!expected) throw engineNotFetched(`OpenTofu ${version} is not released for ${PLATFORM}`);
  const bytes = await download(archive);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected) throw engineNotFetched(`${archive} has the SHA-256 ${actual}, not ${expected}`);
  const { tofu } = unzipSync(bytes, { filter: ({ name }) => name === 'tofu' });
  if (!tofu) throw engineNotFetched(`${archive} holds no tofu`);
  await mkdir(home, { recursive: true });
  // Whole or not at all, should this be interrupted.
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, tofu, { mode: 0o755 });
  await rename(partial, path);
  return path;
}

const isThere = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function download(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    throw engineNotFetched(`${url}: ${cause instanceof Error ? cause.message : message}`);
  }
}
