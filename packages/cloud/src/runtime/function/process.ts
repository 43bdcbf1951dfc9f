// A worker process from outside: started before anyone knows for which function, assigned once, then one event at a time.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import {
  NEWS_DESCRIPTOR,
  ORDERS_DESCRIPTOR,
  type Assignment,
  type FailureReport,
  type Invocation,
  type News,
  type Order,
} from './messages.ts';

/** How a process ended without an answer: `exit status 1`, `signal: killed`. */
export interface Exit {
  readonly kind: 'exit';
  readonly reason: string | undefined;
}

export interface WorkerOptions {
  readonly memoryMegabytes: number;
  /** Where compiled code is kept for the next process: it starts in half the time, with half the memory. */
  readonly cacheFolder: string;
  /** Variables that Node itself reads at its start, such as NODE_OPTIONS. */
  readonly variables?: Readonly<Record<string, string>>;
}

export type Assigned = { readonly kind: 'assigned'; readonly failure?: FailureReport };

export type Done = Extract<News, { kind: 'done' }>;

const MAIN = join(import.meta.dirname, 'worker', 'main.ts');

/** What V8 may fill of a function's memory, in megabytes; Node itself needs the rest. */
const OUTSIDE_HEAP_MEGABYTES = 64;
const LEAST_HEAP_MEGABYTES = 48;

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
};

export class WorkerProcess {
  readonly memoryMegabytes: number;
  /** Resolves once the process is gone. */
  readonly ended: Promise<Exit>;
  /** Gets each log event. */
  onLog: (message: string) => void = () => {};
  readonly #child: ChildProcess;
  readonly #waiting: ((news: News) => void)[] = [];

  constructor({ memoryMegabytes, cacheFolder, variables = {} }: WorkerOptions) {
    this.memoryMegabytes = memoryMegabytes;
    const heap = Math.max(memoryMegabytes - OUTSIDE_HEAP_MEGABYTES, LEAST_HEAP_MEGABYTES);
    const semiSpace = Math.min(Math.max(Math.round(memoryMegabytes / 64), 1), 16);
    this.#child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        `--max-old-space-size=${heap}`,
        `--max-semi-space-size=${semiSpace}`,
        MAIN,
        String(memoryMegabytes),
      ],
      { env: { NODE_COMPILE_CACHE: cacheFolder, ...variables }, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] },
    );
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve({ kind: 'exit', reason: reasonOf(code, signal) }));
      this.#child.once('error', (error) => resolve({ kind: 'exit', reason: error.message }));
    });
    // A process that ends does not read on.
    this.#orders.on('error', () => {});
    createInterface({ input: this.#stream(NEWS_DESCRIPTOR) }).on('line', (line) => this.#hear(line));
    for (const descriptor of [1, 2]) {
      const lines = createInterface({ input: this.#stream(descriptor) });
      lines.on('line', (line) => {
        if (line !== '') this.onLog(line);
      });
    }
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Loads the function's code. */
  assign(assignment: Omit<Assignment, 'kind'>): Promise<Assigned | Exit> {
    return this.#ask<Assigned>({ kind: 'assign', ...assignment });
  }

  /** Handles one event. */
  invoke(invocation: Omit<Invocation, 'kind'>): Promise<Done | Exit> {
    return this.#ask<Done>({ kind: 'invoke', ...invocation });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  get #orders(): Writable {
    return this.#child.stdio[ORDERS_DESCRIPTOR] as Writable;
  }

  #stream(descriptor: number): Readable {
    return this.#child.stdio[descriptor] as Readable;
  }

  #ask<T extends News>(order: Order): Promise<T | Exit> {
    const heard = new Promise<T>((resolve) => this.#waiting.push((news) => resolve(news as T)));
    this.#orders.write(`${JSON.stringify(order)}\n`);
    return Promise.race([heard, this.ended]);
  }

  #hear(line: string): void {
    const news = readNews(line);
    if (news?.kind === 'log') this.onLog(news.message);
    else if (news) this.#waiting.shift()?.(news);
  }
}

/** A process may be killed in the middle of a line, and its function may write where only the worker should. */
function readNews(line: string): News | undefined {
  try {
    const news = JSON.parse(line) as News | null;
    return news && KINDS.has(news.kind) ? news : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const KINDS: ReadonlySet<News['kind']> = new Set(['assigned', 'done', 'log']);

function reasonOf(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal) return `signal: ${SIGNALS[signal] ?? signal}`;
  return code === 0 || code === null ? undefined : `exit status ${code}`;
}
