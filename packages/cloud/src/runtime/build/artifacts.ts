// A build's artifacts: the files that its buildspec names, as one zip or one by one.
import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join, normalize, resolve } from 'node:path';

import { zipSync, type Zippable } from 'fflate';

import type { BuildspecArtifact } from './buildspec-outputs.ts';
import { matchPaths, pathMatcher } from './paths.ts';

/** Artifacts that are not there; fails the UPLOAD_ARTIFACTS phase. */
export class ArtifactsError extends Error {}

export interface ArtifactFile {
  readonly bytes: Uint8Array;
  /** The bytes are the path of another file of the artifact. */
  readonly link: boolean;
}

/** How a zip says of an entry that it is a link, on Unix. */
const ZIPPED_LINK = { os: 3, attrs: 0o120777 * 2 ** 16 };

/** The named files by their path in the artifact. */
export async function collectArtifacts(
  artifact: BuildspecArtifact,
  source: string,
): Promise<Map<string, ArtifactFile>> {
  const files = new Map<string, ArtifactFile>();
  const bases = await baseDirectories(artifact.baseDirectory ?? '.', source);
  const excluded = artifact.excludePaths.map(pathMatcher);
  for (const pattern of artifact.files) {
    let found = false;
    for (const base of bases) {
      for await (const path of matchPaths(pattern, base)) {
        if (!(await isFile(join(base, path)))) continue;
        found = true;
        if (excluded.some((matches) => matches(path))) continue;
        files.set(
          artifact.discardPaths ? basename(path) : path,
          await readArtifact(join(base, path), base, artifact.enableSymlinks),
        );
      }
    }
    if (!found) throw new ArtifactsError(`no matching artifact paths found for ${pattern}`);
  }
  return files;
}

async function baseDirectories(pattern: string, source: string): Promise<string[]> {
  if (!/[*?[{]/.test(pattern)) return [within(pattern, source)];
  const bases: string[] = [];
  for await (const path of matchPaths(pattern, source)) {
    if ((await stat(join(source, path))).isDirectory()) bases.push(within(path, source));
  }
  if (bases.length === 0) throw new ArtifactsError(`no matching base directory path found for ${pattern}`);
  return bases.toSorted();
}

// A link that leads nowhere is no file.
const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

function within(path: string, source: string): string {
  const base = normalize(join(source, path));
  if (!base.startsWith(normalize(source))) throw new ArtifactsError(`base-directory ${path} is outside of the source`);
  return base;
}

// A link that leads out of the artifact is what it leads to.
async function readArtifact(path: string, base: string, keepLinks: boolean): Promise<ArtifactFile> {
  if (keepLinks && (await lstat(path)).isSymbolicLink()) {
    const target = await readlink(path);
    if (resolve(dirname(path), target).startsWith(`${base}/`)) return { bytes: Buffer.from(target), link: true };
  }
  return { bytes: await readFile(path), link: false };
}

export function zipArtifacts(files: ReadonlyMap<string, ArtifactFile>): Uint8Array {
  const entries = [...files].map(([path, { bytes, link }]) => [path, link ? [bytes, ZIPPED_LINK] : bytes] as const);
  return zipSync(Object.fromEntries(entries) as Zippable);
}
