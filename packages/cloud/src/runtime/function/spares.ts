// Processes started ahead, so that a cold start need not wait for Node itself.
import { WorkerProcess } from './process.ts';

/** How long a spare waits for its function, in milliseconds of real time. */
const IDLE_MILLISECONDS = 5 * 60_000;

/** As many spares as wait at a time, each with another amount of memory. */
const MOST = 2;

interface Spare {
  readonly process: WorkerProcess;
  readonly idle: NodeJS.Timeout;
}

/** Spares with the memory of the functions that were started last: those are the likeliest to be started again. */
export class Spares {
  readonly #cacheFolder: () => string;
  /** By memory, the latest last. */
  readonly #spares = new Map<number, Spare>();
  readonly #ending = new Set<Promise<unknown>>();
  #closed = false;

  constructor(cacheFolder: () => string) {
    this.#cacheFolder = cacheFolder;
  }

  /** Makes sure that a process with this much memory waits. */
  prepare(memoryMegabytes: number): void {
    if (this.#closed || this.#spares.get(memoryMegabytes)?.process.alive) return;
    this.#discard(memoryMegabytes);
    for (const oldest of [...this.#spares.keys()].slice(0, this.#spares.size - MOST + 1)) this.#discard(oldest);
    const idle = setTimeout(() => this.#discard(memoryMegabytes), IDLE_MILLISECONDS).unref();
    this.#spares.set(memoryMegabytes, { process: this.#start(memoryMegabytes), idle });
  }

  /** A process with this much memory: the spare where it fits, else a new one. `variables` are those that Node reads at its start. */
  take(memoryMegabytes: number, variables: Readonly<Record<string, string>> = {}): WorkerProcess {
    const spare = this.#spares.get(memoryMegabytes);
    if (!spare?.process.alive || Object.keys(variables).length > 0) return this.#start(memoryMegabytes, variables);
    clearTimeout(spare.idle);
    this.#spares.delete(memoryMegabytes);
    return spare.process;
  }

  /** Ends the spares; resolves once every one is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const memoryMegabytes of this.#spares.keys()) this.#discard(memoryMegabytes);
    await Promise.all(this.#ending);
  }

  #start(memoryMegabytes: number, variables: Readonly<Record<string, string>> = {}): WorkerProcess {
    return new WorkerProcess({ memoryMegabytes, cacheFolder: this.#cacheFolder(), variables });
  }

  #discard(memoryMegabytes: number): void {
    const spare = this.#spares.get(memoryMegabytes);
    if (!spare) return;
    clearTimeout(spare.idle);
    this.#spares.delete(memoryMegabytes);
    spare.process.kill();
    const ended = spare.process.ended.finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}
