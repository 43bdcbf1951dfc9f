// Runs the engine and reads its `-json` events as they come.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

import { interrupted } from '../errors.ts';
import { EngineError, type Diagnostic } from './diagnostics.ts';
import type { Engine } from './engine.ts';

/** A line of Terraform's machine-readable output. https://developer.hashicorp.com/terraform/internals/machine-readable-ui */
export interface EngineEvent {
  readonly type: string;
  readonly '@message': string;
  readonly diagnostic?: Diagnostic;
  readonly change?: {
    readonly resource: { readonly addr: string; readonly resource_type: string };
    readonly action: string;
  };
  readonly hook?: {
    readonly resource: { readonly addr: string };
    readonly action: string;
    readonly elapsed_seconds?: number;
  };
  readonly changes?: {
    readonly add: number;
    readonly change: number;
    readonly remove: number;
    readonly operation: string;
  };
  readonly outputs?: Readonly<Record<string, { readonly value?: unknown; readonly sensitive: boolean }>>;
}

export interface EngineRun {
  readonly engine: Engine;
  readonly folder: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
  /** Exit codes that are answers, not failures. @default only 0 */
  readonly accept?: readonly number[];
}

export interface EngineResult {
  readonly code: number;
  /** Lines of standard output that were no events. */
  readonly output: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs the engine to its end. Ctrl-C reaches it exactly once, from here, so that it can finish the resource at hand,
 * write its state and release its lock; it has a process group of its own because a second signal would end it hard.
 */
export async function runEngine(run: EngineRun): Promise<EngineResult> {
  const child = spawn(run.engine.path, [...run.args], {
    cwd: run.folder,
    env: run.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const interrupt = () => void child.kill('SIGINT');
  run.signal.addEventListener('abort', interrupt, { once: true });
  if (run.signal.aborted) interrupt();

  const output: string[] = [];
  const diagnostics: Diagnostic[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const event = parseEvent(line);
    if (!event) {
      output.push(line);
      return;
    }
    if (event.diagnostic) diagnostics.push(event.diagnostic);
    run.onEvent?.(event);
  });
  const [code] = await Promise.all([
    new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve(exit ?? 1));
    }),
    new Promise((resolve) => lines.once('close', resolve)),
  ]);
  run.signal.removeEventListener('abort', interrupt);
  if (!(run.accept ?? [0]).includes(code)) {
    if (run.signal.aborted)
      throw interrupted(
        `terraform ${run.args[0]}`,
        'State is saved and unlocked; run the same command again to go on.',
      );
    throw new EngineError(run.args[0] ?? '', code, diagnostics, plainText(errors || output.join('\n')));
  }
  return { code, output: output.join('\n'), diagnostics };
}

/** Without the colours and the frame that Terraform draws around an error. */
const plainText = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll(/^[╷│╵] ?/gm, '')
    .trim();

function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith('{"@level"')) return undefined;
  return JSON.parse(line) as EngineEvent;
}
