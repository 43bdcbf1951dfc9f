// What nearly every function imports, loaded by a process that still waits for its function: a cold start is then half as long.
const MODULES = [
  'node:http',
  'node:https',
  'node:crypto',
  'node:stream',
  'node:zlib',
  'node:fs/promises',
  'node:child_process',
];

/** A process that is not a spare hears of its function sooner than this, in milliseconds. */
const WAIT_MILLISECONDS = 10;

/** Loads one module after the other while nothing else is to be done; the answer ends it. */
export function preload(): () => void {
  let ended = false;
  const load = async () => {
    for (const name of MODULES) {
      if (ended) return;
      await import(name);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const timer = setTimeout(() => void load(), WAIT_MILLISECONDS);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
