// Zip files that are the same bytes for the same content: entries sorted, no clock, no owner.
import { createHash } from 'node:crypto';

import { zipSync, type Zippable } from 'fflate';

export interface Archive {
  /** SHA-256 of the zip, in hex. */
  readonly digest: string;
  readonly zip: Uint8Array;
}

/** The earliest moment a zip can name, in local time, which is what zips keep. */
const NO_TIME = '1980-01-01T00:00:00';

export function zipFiles(files: ReadonlyMap<string, Uint8Array>): Archive {
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort())
    entries[path] = [files.get(path) ?? new Uint8Array(), { mtime: NO_TIME }];
  const zip = zipSync(entries, { level: 9 });
  return { digest: createHash('sha256').update(zip).digest('hex'), zip };
}
