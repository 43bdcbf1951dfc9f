// One dynoxide process: the database behind one region's tables, started and ended by this cloud and never outliving it.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { DamagedStateError } from '../../kernel/damage.ts';
import { AwsError } from '../../kernel/errors.ts';
import { dynoxidePath } from '../../toolchain.ts';

export interface Dynoxide {
  readonly host: string;
  readonly port: number;
  /** Its SQLite database. */
  readonly file: string;
  /** Resolves once the process is gone, whoever ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs dynoxide beside a shell that waits for its standard input to close, which happens when this process ends in any way,
 * `kill -9` included. The shell closes its own standard error, so the end of that is the end of dynoxide. A folder that is to
 * pass with it comes first. A file that may not grow is an error to dynoxide, not its end.
 */
const GUARD =
  'trap "" XFSZ; passing="$1"; shift; "$0" "$@" & child=$!; exec 2>&-; read -r _; kill "$child" 2>/dev/null; wait "$child"; [ -z "$passing" ] || rm -rf -- "$passing"';

const START_ATTEMPTS = 5;

/** What dynoxide says of a file that is no database of its own, or not all of one. */
const DAMAGE = /malformed|not a valid SQLite database|not a database/;

const STOP_MILLISECONDS = 2_000;

/** Where a database lies that has to be a file and yet in memory, on systems that have such a place. */
const MEMORY_FOLDER = '/dev/shm';

/** Starts dynoxide on a file, or on one that is gone when it ends. Throws where it is not installed or does not come up. */
export async function startDynoxide(file: string | undefined): Promise<Dynoxide> {
  const binary = findBinary();
  for (let attempt = 1; ; attempt++) {
    const started = await tryStart(binary, file);
    if (typeof started !== 'string') return started;
    if (file !== undefined && DAMAGE.test(started))
      throw new DamagedStateError(`dynamodb/${basename(file)} is no database, or not all of one`);
    // Somebody else may have taken the port; anything else will not get better.
    if (attempt === START_ATTEMPTS) throw new Error(`dynoxide does not start: ${started}`);
  }
}

function findBinary(): string {
  const binary = dynoxidePath(process.env);
  if (existsSync(binary)) return binary;
  throw new AwsError(
    'NotImplemented',
    `DynamoDB needs dynoxide, which is not at ${binary}: run ./plinth to install it.`,
    {
      status: 501,
    },
  );
}

async function tryStart(binary: string, kept: string | undefined): Promise<Dynoxide | string> {
  const host = loopbackAddress();
  const port = randomInt(20_000, 60_000);
  // The cloud reads along in the file, so there has to be one even where nothing is to stay.
  const passing = kept === undefined ? passingFolder() : '';
  const file = kept ?? join(passing, 'tables.sqlite');
  const options = ['serve', '--host', host, '--port', String(port), '--db-path', file];
  // In a process group of its own both can be ended at once, and Ctrl-C in a terminal leaves their end to this process.
  const child = spawn('/bin/sh', ['-c', GUARD, binary, passing, ...options], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  // Once the shell is gone there is nobody to tell.
  child.stdin.on('error', () => {});
  const output: string[] = [];
  const ended = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<boolean>();
  child.stderr.on('data', (chunk: Buffer) => {
    output.push(chunk.toString());
    if (chunk.includes('listening on')) ready.resolve(true);
  });
  child.stderr.once('close', () => {
    ready.resolve(false);
    child.stdin.end();
    ended.resolve();
  });
  child.once('error', (error) => {
    output.push(error.message);
    ready.resolve(false);
  });
  if (!(await ready.promise)) return output.join('').trim();
  return { host, port, file, ended: ended.promise, stop: () => stop(child, passing) };
}

const passingFolder = (): string => mkdtempSync(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'plinth-'));

/**
 * dynoxide answers whoever finds it, pages in a browser included. Where all of 127.0.0.0/8 is this machine, it gets an
 * address there that nobody guesses.
 */
function loopbackAddress(): string {
  return process.platform === 'linux'
    ? `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(2, 255)}`
    : '127.0.0.1';
}

async function stop(child: ChildProcess, passing: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.end();
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), STOP_MILLISECONDS);
  await exited;
  clearTimeout(timer);
  if (passing) rmSync(passing, { recursive: true, force: true });
}
