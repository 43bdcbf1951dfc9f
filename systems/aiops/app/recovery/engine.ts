// The engine that restores: the one that applied the root, from PATH, or a pinned release whose checksum is checked.
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { unzipSync } from 'fflate';

import { Failure } from './failure.ts';
import type { LastKnownGood } from './last-known-good.ts';

type EngineName = LastKnownGood['engine']['name'];

export interface Release {
  readonly url: string;
  /** SHA-256 of the zip, from the publisher's signed SHA256SUMS. */
  readonly sha256: string;
}

// For AWS's curated images, which bring none: they are Linux on x86-64.
const RELEASES: Readonly<Record<EngineName, Release>> = {
  terraform: {
    url: 'https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_linux_amd64.zip',
    sha256: '1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc',
  },
  tofu: {
    url: 'https://github.com/opentofu/opentofu/releases/download/v1.10.6/tofu_1.10.6_linux_amd64.zip',
    sha256: '15b7bed76420b50da3e121769c43341df8cd57d751ca14e6dbe9c850124c6dac',
  },
};

/** Where the build finds the engine, whichever it is. */
export const ENGINE = join('bin', 'terraform');

/** Makes `bin/terraform` the engine of that name; answers where it came from. */
export async function ensureEngine(name: EngineName, path: string): Promise<string> {
  mkdirSync('bin', { recursive: true });
  rmSync(ENGINE, { force: true });
  const found = findOnPath(name, path);
  if (found !== undefined) {
    symlinkSync(found, ENGINE);
    return found;
  }
  const release = RELEASES[name];
  writeFileSync(ENGINE, await fetchRelease(name, release), { mode: 0o755 });
  return release.url;
}

/** The engine's binary from a release, whose every byte is the published one. */
export async function fetchRelease(name: string, { url, sha256 }: Release): Promise<Uint8Array> {
  const response = await fetch(url).catch((error: Error) => {
    throw new Failure(`${name} is not on PATH, and ${url} cannot be reached: ${error.message}`, WAY_ON);
  });
  if (!response.ok) throw new Failure(`${name} is not on PATH, and ${url} answers ${response.status}`, WAY_ON);
  const zip = new Uint8Array(await response.arrayBuffer());
  const digest = createHash('sha256').update(zip).digest('hex');
  if (digest !== sha256) throw new Failure(`${url} has the SHA-256 ${digest}, not ${sha256}: it is not used`, WAY_ON);
  const binary = unzipSync(zip)[name];
  if (!binary) throw new Failure(`${url} holds no ${name}`, WAY_ON);
  return binary;
}

const WAY_ON = 'Put the engine into the build image, or allow the build to reach the download.';

function findOnPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the next folder of PATH may have it.
    return false;
  }
}
