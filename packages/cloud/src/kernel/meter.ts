// What AWS would bill: counters of usage by service, kind and region, kept in the store.
import { isOutOfSpace } from './space.ts';
import type { Store } from './store.ts';

export interface Usage {
  readonly service: string;
  /** What is counted, e.g. `requests:PutObject`. */
  readonly kind: string;
  readonly region: string;
  readonly amount: number;
}

/** How long counts may wait in memory; they are statistics, so a killed process may lose this much of them. */
const FLUSH_MILLISECONDS = 2_000;

export class Meter {
  readonly #store;
  readonly #counts;
  readonly #pending = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#counts = store.collection<number>('kernel.meter');
  }

  add(service: string, kind: string, region: string, amount = 1): void {
    const key = `${service}/${kind}/${region}`;
    this.#pending.set(key, (this.#pending.get(key) ?? 0) + amount);
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MILLISECONDS).unref();
  }

  usage(): Usage[] {
    this.flush();
    return this.#counts.list().map(({ key, value }) => {
      const [service = '', kind = '', region = ''] = key.split('/');
      return { service, kind, region, amount: value };
    });
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.#store.transaction(() => {
        for (const [key, amount] of this.#pending) this.#counts.put(key, (this.#counts.get(key) ?? 0) + amount);
      });
      this.#pending.clear();
    } catch (error) {
      // What waits is written together with what comes next.
      if (!isOutOfSpace(error)) throw error;
    }
  }
}
