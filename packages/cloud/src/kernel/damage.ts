// State that cannot be what this cloud wrote: files that somebody has taken away, cut short or overwritten.
import { statSync } from 'node:fs';

import { AwsError } from './errors.ts';

/** SQLite's results, the low byte of an extended one: https://www.sqlite.org/rescode.html */
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Says what is damaged, and what leads on; the cloud itself cannot mend it, and changes nothing. */
export class DamagedStateError extends AwsError {
  /** `what` is a sentence without its full stop, of files below the cloud's folder. */
  constructor(what: string) {
    const message = `The cloud’s state is damaged: ${what}. Bring back a snapshot (plinth cloud snapshot list), or begin with an empty cloud (plinth cloud reset).`;
    super('InternalFailure', message, { status: 500 });
  }
}

/** SQLite takes a file without a byte for an empty database; what was ever written to has some. */
export const hasBytes = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** True where SQLite finds that a file is no database of its own, or not all of one. */
export function isDamage(thrown: unknown): boolean {
  const { code, errcode = 0 } = (thrown ?? {}) as { code?: unknown; errcode?: number };
  return code === 'ERR_SQLITE_ERROR' && [SQLITE_CORRUPT, SQLITE_NOTADB].includes(errcode & 0xff);
}
