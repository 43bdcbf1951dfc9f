// What a build begins with: its sources, from S3, and its buildspec.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

import type { ProjectSource } from '@aws-sdk/client-codebuild';

import { BuildspecError } from '../../runtime/build/buildspec-values.ts';
import { parseS3Location, SourceError, unpack } from '../../runtime/build/source.ts';
import type { BuildS3 } from './build-s3.ts';
import type { Build } from './builds.ts';

/** Where a build's sources lie, by their identifiers; the primary one's is empty. */
export const sourceFolder = (folder: string, identifier: string): string =>
  identifier === '' ? join(folder, 'src') : join(folder, `src-${identifier}`, 'src');

/** Fetches the primary source into `folder` and answers the text of the buildspec. */
export async function downloadSource(
  s3: BuildS3,
  { settings, sourceVersion }: Pick<Build, 'settings' | 'sourceVersion'>,
  folder: string,
): Promise<string> {
  const source = settings.source!;
  await download(s3, source, sourceVersion, folder);
  const { buildspec } = source;
  // A buildspec is given as it stands, as an object in S3, or as a path in the source.
  if (buildspec?.includes('\n') || buildspec?.trimStart().startsWith('{')) return buildspec;
  if (buildspec?.startsWith('arn:aws:s3:::')) return Buffer.from(await s3.get(parseS3Location(buildspec))).toString();
  const path = normalize(join(folder, buildspec || 'buildspec.yml'));
  if (!path.startsWith(folder)) throw new SourceError(`The buildspec ${buildspec} is outside of the source`);
  return readFile(path, 'utf8').catch(() => {
    throw new BuildspecError(`stat ${buildspec || 'buildspec.yml'}: no such file or directory`);
  });
}

/** Fetches the secondary sources, each into a folder of its own. */
export async function downloadSecondarySources(
  s3: BuildS3,
  { settings }: Pick<Build, 'settings'>,
  folder: string,
): Promise<void> {
  for (const source of settings.secondarySources ?? []) {
    const place = sourceFolder(folder, source.sourceIdentifier!);
    await mkdir(place, { recursive: true });
    await download(s3, source, secondaryVersion(settings, source.sourceIdentifier!), place);
  }
}

export const secondaryVersion = (settings: Build['settings'], identifier: string): string | undefined =>
  settings.secondarySourceVersions?.find(({ sourceIdentifier }) => sourceIdentifier === identifier)?.sourceVersion;

// A zip is unpacked, and of a folder every object is taken.
async function download(
  s3: BuildS3,
  { type, location }: ProjectSource,
  version: string | undefined,
  folder: string,
): Promise<void> {
  if (type !== 'S3') return;
  const place = parseS3Location(location!);
  if (!place.key.endsWith('/')) {
    await unpack(await s3.get(place, version), folder);
    return;
  }
  for (const { key } of await s3.list(place)) {
    if (key.endsWith('/')) continue;
    const path = normalize(join(folder, key.slice(place.key.length)));
    if (!path.startsWith(`${folder}/`)) throw new SourceError(`The source holds a path outside of itself: ${key}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await s3.get({ ...place, key }));
  }
}
