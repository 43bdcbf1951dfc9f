// A process started ahead, so that a cold start need not wait for Node itself.
import { WorkerProcess } from './process.ts';

/** How long a spare waits for its function, in milliseconds of real time. */
const IDLE_MILLISECONDS = 5 * 60_000;

/** One spare, with the memory of the function that was started last: that one is the likeliest to be started again. */
export class Spares {
  readonly #cacheFolder: () => string;
  #spare: WorkerProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(cacheFolder: () => string) {
    this.#cacheFolder = cacheFolder;
  }

  /** Makes sure that a process with this much memory waits. */
  prepare(memoryMegabytes: number): void {
    if (this.#closed || (this.#spare?.alive && this.#spare.memoryMegabytes === memoryMegabytes)) return;
    this.#spare?.kill();
    this.#spare = this.#start(memoryMegabytes);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#discard(), IDLE_MILLISECONDS).unref();
  }

  /** A process with this much memory: the spare where it fits, else a new one. `variables` are those that Node reads at its start. */
  take(memoryMegabytes: number, variables: Readonly<Record<string, string>> = {}): WorkerProcess {
    const spare = this.#spare;
    const fits = spare?.alive && spare.memoryMegabytes === memoryMegabytes && Object.keys(variables).length === 0;
    if (!fits) return this.#start(memoryMegabytes, variables);
    this.#spare = undefined;
    return spare;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const spare = this.#spare;
    this.#discard();
    await spare?.ended;
  }

  #start(memoryMegabytes: number, variables: Readonly<Record<string, string>> = {}): WorkerProcess {
    return new WorkerProcess({ memoryMegabytes, cacheFolder: this.#cacheFolder(), variables });
  }

  #discard(): void {
    clearTimeout(this.#idle);
    this.#spare?.kill();
    this.#spare = undefined;
  }
}
