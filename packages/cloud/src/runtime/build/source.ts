// A build's source: nothing, or a zip from S3, unpacked where the build begins.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

import { unzipSync } from 'fflate';

/** A source that could not be fetched or unpacked; fails the DOWNLOAD_SOURCE phase. */
export class SourceError extends Error {}

/** Unpacks an archive into a folder; refuses paths that would leave it. */
export async function unpack(archive: Uint8Array, folder: string): Promise<void> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(archive);
  } catch (error) {
    throw new SourceError(`The source is not a zip archive: ${(error as Error).message}`);
  }
  for (const [name, bytes] of Object.entries(files)) {
    const path = normalize(name);
    if (path.startsWith('..') || path.startsWith('/'))
      throw new SourceError(`The source holds a path outside of itself: ${name}`);
    if (name.endsWith('/')) {
      await mkdir(join(folder, path), { recursive: true });
    } else {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
  }
}

/** `bucket/key`, or `bucket/folder/`, as CodeBuild writes an S3 location, also with `arn:aws:s3:::` before it. */
export function parseS3Location(location: string): { bucket: string; key: string } {
  const path = location.replace(/^arn:aws:s3:::/, '');
  const slash = path.indexOf('/');
  if (slash < 1) throw new SourceError(`Invalid S3 location: ${location}`);
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
