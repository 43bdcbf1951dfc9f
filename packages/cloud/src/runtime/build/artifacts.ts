// A build's artifacts: the files that its buildspec names, as one zip or one by one.
import { glob, readFile, stat } from 'node:fs/promises';
import { basename, join, normalize } from 'node:path';

import { zipSync } from 'fflate';

import type { BuildspecArtifacts } from './buildspec.ts';

/** Artifacts that are not there; fails the UPLOAD_ARTIFACTS phase. */
export class ArtifactsError extends Error {}

/** The named files by their path in the artifact. */
export async function collectArtifacts(
  artifacts: BuildspecArtifacts,
  source: string,
): Promise<Map<string, Uint8Array>> {
  const base = normalize(join(source, artifacts.baseDirectory ?? '.'));
  if (!base.startsWith(normalize(source)))
    throw new ArtifactsError(`base-directory ${artifacts.baseDirectory} is outside of the source`);
  const files = new Map<string, Uint8Array>();
  for (const pattern of artifacts.files) {
    let found = false;
    for await (const path of glob(pattern, { cwd: base })) {
      if (!(await stat(join(base, path))).isFile()) continue;
      found = true;
      files.set(artifacts.discardPaths ? basename(path) : path, await readFile(join(base, path)));
    }
    if (!found) throw new ArtifactsError(`no matching artifact paths found for ${pattern}`);
  }
  return files;
}

export const zipArtifacts = (files: ReadonlyMap<string, Uint8Array>): Uint8Array => zipSync(Object.fromEntries(files));
