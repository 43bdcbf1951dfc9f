// Long polls: receives that found nothing and wait, the longest-waiting first.
import type { Clock } from '../../kernel/clock.ts';

/** How a waiting receive learns that its client is gone; the answer stops listening. */
export type OnHangUp = (run: () => void) => () => void;

interface Waiter<T> {
  /** Undefined as long as there is nothing for it. */
  readonly attempt: () => T | undefined;
  readonly settle: (result: T | undefined) => void;
  readonly fail: (error: unknown) => void;
}

export class Waiters<T> {
  readonly #clock: Pick<Clock, 'at'>;
  readonly #waiting = new Set<Waiter<T>>();

  constructor(clock: Pick<Clock, 'at'>) {
    this.#clock = clock;
  }

  /** What an attempt answers once there is something, or undefined at the time `until`, and when the client hangs up. */
  wait(attempt: () => T | undefined, until: number, onHangUp: OnHangUp | undefined): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        cancel();
        forget?.();
        this.#waiting.delete(waiter);
      };
      const waiter: Waiter<T> = {
        attempt,
        settle: (result) => {
          leave();
          resolve(result);
        },
        fail: (error) => {
          leave();
          reject(error as Error);
        },
      };
      const cancel = this.#clock.at(until, () => waiter.settle(undefined));
      const forget = onHangUp?.(() => waiter.settle(undefined));
      this.#waiting.add(waiter);
    });
  }

  /** There may be something: serves as many as there is something for. */
  wake(): void {
    for (const waiter of this.#waiting) {
      try {
        const result = waiter.attempt();
        if (result === undefined) return;
        waiter.settle(result);
      } catch (error) {
        waiter.fail(error);
      }
    }
  }

  /** Ends every wait without a result. */
  end(): void {
    for (const waiter of this.#waiting) waiter.settle(undefined);
  }
}
