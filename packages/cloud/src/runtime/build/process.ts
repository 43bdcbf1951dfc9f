// A build's process: the script in a process group of its own, its output line by line, and an end for all of it.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

import { alphanumeric } from '../../kernel/ids.ts';
import type { Buildspec } from './buildspec.ts';
import { ANSWERS, compileScript, readMark, type Mark } from './script.ts';

export interface BuildProcessOptions {
  readonly buildspec: Buildspec;
  /** The build's own folder; sources are in its `src`. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly onMark: (mark: Mark, command: string | undefined) => void;
  /** Whether a phase that has failed is tried again. */
  readonly onAgain: (phase: string) => boolean;
  readonly signal: AbortSignal;
}

/** How long a process may take to end after it was told to, in milliseconds: Terraform writes its state and unlocks it. */
const GRACE_MILLISECONDS = 10_000;

/** Runs the script to its end and answers its exit code; aborted, it is told to end, and then made to. */
export async function runBuildProcess(options: BuildProcessOptions): Promise<number> {
  const token = alphanumeric(32);
  const { script, files } = compileScript(options.buildspec, token);
  const commands = join(options.folder, 'commands');
  await mkdir(commands, { recursive: true });
  for (const [name, text] of files) await writeFile(join(commands, name), `${text}\n`);
  await writeFile(join(commands, 'script'), script);

  const path = join(commands, 'script');
  const [shell, ...start] =
    options.buildspec.shell === 'bash' ? ['bash', '--noprofile', '--norc', path] : ['/bin/sh', path];
  const child = spawn(shell, start, {
    cwd: join(options.folder, 'src'),
    env: { ...options.environment, PLINTH_COMMANDS: commands },
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    detached: true,
  });
  // Nobody listens any more once the script has ended.
  const answers = (child.stdio[3] as Writable).on('error', () => undefined);
  const lines = createInterface({ input: child.stdout! });
  const outputEnded = new Promise((resolve) => lines.once('close', resolve));
  let blank = false;
  const flushBlank = () => {
    if (blank) options.onLine('');
    blank = false;
  };
  lines.on('line', (line) => {
    const mark = readMark(line, token);
    if (mark) {
      // The empty line before a mark is the mark's own.
      blank = false;
      if (mark.kind === 'again') {
        answers.write(`${options.onAgain(mark.phase) ? ANSWERS.again : ANSWERS.enough}\n`);
      } else options.onMark(mark, 'file' in mark ? files.get(mark.file) : undefined);
      return;
    }
    flushBlank();
    if (line === '') blank = true;
    else options.onLine(line);
  });
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch (error) {
      // ESRCH: it has ended already.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  let hardEnd: NodeJS.Timeout | undefined;
  const abort = () => {
    signalGroup('SIGTERM');
    hardEnd = setTimeout(() => signalGroup('SIGKILL'), GRACE_MILLISECONDS);
  };
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exit) => resolve(exit ?? 137));
  });
  // Closing the watched pipe ends whatever the script left behind in its group.
  child.stdin!.destroy();
  answers.destroy();
  await outputEnded;
  clearTimeout(hardEnd);
  options.signal.removeEventListener('abort', abort);
  flushBlank();
  return code;
}
