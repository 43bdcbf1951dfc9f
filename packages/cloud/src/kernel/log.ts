// One line of JSON per event that a person may want to find again; never a body, never a credential.
import { openSync, writeSync } from 'node:fs';

import { isOutOfSpace } from './space.ts';

export type Log = (event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>) => void;

/** Appends lines to a file that its owner alone can read. A line that the disk has no room for is lost: the log stops nobody's work. */
export function fileLog(path: string): Log {
  const file = openSync(path, 'a', 0o600);
  return (event, fields = {}) => {
    try {
      writeSync(file, `${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
    }
  };
}

export const silentLog: Log = () => {};
