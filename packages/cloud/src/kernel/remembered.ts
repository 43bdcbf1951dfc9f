// What is read of the store with every request and changes seldom: kept in memory until somebody changes it.
import type { Store } from './store.ts';

export class Remembered<T> {
  readonly #store: Pick<Store, 'inTransaction'>;
  readonly #read: (key: string) => T;
  readonly #known = new Map<string, T>();

  /** `read` is asked once for each key, until {@link forget}. */
  constructor(store: Pick<Store, 'inTransaction'>, read: (key: string) => T) {
    this.#store = store;
    this.#read = read;
  }

  /** Not to be changed by who gets it. */
  get(key: string): T {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const read = this.#read(key);
    // What a transaction has written may yet be undone.
    if (!this.#store.inTransaction) this.#known.set(key, read);
    return read;
  }

  /** To be called with each change. */
  forget(key: string): void {
    this.#known.delete(key);
  }
}
