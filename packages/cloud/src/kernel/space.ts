// How a full disk shows: the errors of the system and of SQLite where a file cannot grow.
import { AwsError } from './errors.ts';

const SYSTEM_CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** SQLite's results, the low byte of an extended one: https://www.sqlite.org/rescode.html */
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;

export function isOutOfSpace(thrown: unknown): boolean {
  const { code, errcode = 0 } = (thrown ?? {}) as { code?: unknown; errcode?: number };
  if (code === 'ERR_SQLITE_ERROR') return [SQLITE_IOERR, SQLITE_FULL].includes(errcode & 0xff);
  return SYSTEM_CODES.includes(code);
}

/** The answer to a request for which there was no room. */
export const outOfSpace = (): AwsError =>
  new AwsError(
    'ServiceUnavailable',
    'The disk that holds the cloud’s state is full; nothing was changed. Free some space, then try again.',
    { status: 503 },
  );
