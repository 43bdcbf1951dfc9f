// Progress on standard error: a line for each step, with how long it took; a moving last line on a terminal.
import { performance } from 'node:perf_hooks';

export interface Step {
  readonly name: string;
  readonly seconds: number;
  readonly detail: string;
}

export interface Progress {
  /** Runs one step and reports it; `work` may say what it is at. */
  step<T>(name: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T>;
  /** A line by itself. */
  readonly note: (text: string) => void;
  readonly steps: readonly Step[];
}

/** How long a step may be silent where there is no terminal to move a line on, in milliseconds. */
const SILENCE = 1_000;

export function createProgress(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  const steps: Step[] = [];
  const moving = stream.isTTY && !quiet;
  const write = (text: string) => {
    if (!quiet) stream.write(text);
  };
  const clear = () => {
    if (moving) write('\r\u001b[2K');
  };
  return {
    steps,
    note: (text) => {
      clear();
      write(`${text}\n`);
    },
    step: async (name, work) => {
      const started = performance.now();
      let detail = '';
      let said = '';
      const show = () => {
        if (moving) write(`\r\u001b[2K  … ${name.padEnd(12)} ${detail}`.slice(0, stream.columns + 5));
        else if (performance.now() - started > SILENCE && detail !== said)
          write(`  … ${name.padEnd(12)} ${(said = detail)}\n`);
      };
      const timer = setInterval(show, moving ? 120 : SILENCE);
      const finish = (mark: string) => {
        clearInterval(timer);
        clear();
        const seconds = (performance.now() - started) / 1000;
        write(`  ${mark} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(5)} s  ${detail}\n`);
        return seconds;
      };
      try {
        const result = await work((text) => {
          detail = text;
        });
        steps.push({ name, seconds: finish('✓'), detail });
        return result;
      } catch (error) {
        finish('✗');
        throw error;
      }
    },
  };
}
