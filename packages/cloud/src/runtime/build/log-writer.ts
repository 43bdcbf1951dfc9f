// A build's lines on their way into CloudWatch Logs: written with the build's own role, in batches, in order.
import type { Clock } from '../../kernel/clock.ts';

/** How long lines may wait for company, in milliseconds. */
const BATCH_MILLISECONDS = 200;

/** Lines of one batch: well under what PutLogEvents takes. */
const BATCH_LINES = 1_000;

export interface LogLine {
  readonly timestamp: number;
  readonly message: string;
}

export class LogWriter {
  readonly #clock: Clock;
  readonly #put: (lines: readonly LogLine[]) => Promise<unknown>;
  #waiting: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #written: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, put: (lines: readonly LogLine[]) => Promise<unknown>) {
    this.#clock = clock;
    this.#put = put;
  }

  write(message: string): void {
    // CloudWatch Logs takes no empty events, and a build's empty lines carry meaning.
    this.#waiting.push({ timestamp: this.#clock.now(), message: `${message}\n` });
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MILLISECONDS);
  }

  /** Everything written so far is in the log when this resolves; rejects with the first error of a write. */
  async end(): Promise<void> {
    this.#flush();
    await this.#written;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_LINES);
      this.#written = this.#written.then(() => this.#put(batch));
    }
    // Whoever calls `end` hears of a failure; until then it must not end the process.
    this.#written.catch(() => undefined);
  }
}
