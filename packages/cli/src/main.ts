// The `plinth` command: finds what was asked for, runs it, prints its answer, and leaves with a meaningful code.
import { chmodSync, existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';

import packageJson from '../package.json' with { type: 'json' };
import { commands, findCommand, findGroup, type FoundCommand } from './commands.ts';
import { projectHome, projectRoot, type Context } from './context.ts';
import { offerUnlock } from './lock.ts';
import { parseInvocation } from './parse.ts';
import { printAnswer, printError, printGroup, printHelp, printOverview, printVersion } from './print.ts';
import { createProgress } from './progress.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;
const EXIT_INTERRUPTED = 130;

async function main(asked: readonly string[]): Promise<number> {
  const json = asked.includes('--json');
  // `plinth help state list` is another way to ask for `plinth state list --help`.
  const words = asked[0] === 'help' && asked.length > 1 ? [...asked.slice(1), '--help'] : asked;
  const interrupt = new AbortController();
  process.on('SIGINT', () => interrupt.abort());
  process.on('SIGTERM', () => interrupt.abort());
  try {
    if (words.length === 0 || (words.length === 1 && HELP.has(words.join()))) return printOverview(commands);
    if (VERSION.has(words[0] ?? '')) return printVersion(packageJson.version, json);
    const group = findGroup(words);
    if (group.length > 0) {
      printGroup(group);
      return words.some((word) => HELP.has(word)) ? 0 : EXIT_USAGE;
    }
    const found: FoundCommand = await findCommand(words);
    const invocation = parseInvocation(found);
    if (invocation.options['help'] === true) return printHelp(found);
    const context = createContext(interrupt.signal, json);
    // Roots, plans and states are their owner's alone, whoever writes them; what another tool writes is the user's matter.
    if (!found.command.passThrough) process.umask(0o077);
    // A folder that the user has named may hold other things, too.
    if (process.env['PLINTH_DIR'] === undefined && existsSync(context.home)) chmodSync(context.home, 0o700);
    const answer: unknown = await offerUnlock(() => found.command.run(invocation, context), context);
    // What is followed has been printed line by line.
    if (invocation.options['follow'] !== true) printAnswer(found.command, answer, json);
    return found.command.exitCode?.(answer) ?? 0;
  } catch (error) {
    printError(error, json);
    if (interrupt.signal.aborted) return EXIT_INTERRUPTED;
    return WRONG_LINES.has((error as { code?: string }).code ?? '') ? EXIT_USAGE : EXIT_FAILED;
  }
}

const HELP = new Set(['--help', '-h', 'help']);
const VERSION = new Set(['--version', '-v', 'version']);

/** Errors of whoever wrote the command line. */
const WRONG_LINES = new Set(['usage', 'unknown-command']);

function createContext(signal: AbortSignal, json: boolean): Context {
  const root = projectRoot();
  const variables = process.env;
  const terminal = process.stdin.isTTY && process.stderr.isTTY && !json;
  const ask = async (question: string) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question, { signal });
    } finally {
      lines.close();
    }
  };
  return {
    root,
    home: projectHome(root, variables),
    variables,
    progress: createProgress(process.stderr, json),
    signal,
    ask: terminal ? ask : undefined,
  };
}

process.exitCode = await main(process.argv.slice(2));
