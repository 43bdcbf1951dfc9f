// Messages by the moment at which something becomes of them, the earliest one first.

interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/** A smaller heap is not worth clearing out. */
const SMALL = 64;

/** A binary heap whose entries are never taken out early: `isLive` says which still count. */
export class Heap<T> {
  #entries: Entry<T>[] = [];
  readonly #isLive: (item: T, at: number) => boolean;

  constructor(isLive: (item: T, at: number) => boolean) {
    this.#isLive = isLive;
  }

  push(item: T, at: number): void {
    const entries = this.#entries;
    let index = entries.push({ at, item }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (entries[parent]!.at <= at) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  /** The earliest moment; undefined where nothing is left. */
  next(): number | undefined {
    this.#dropDead();
    return this.#entries[0]?.at;
  }

  /** Takes out the earliest item, where its moment is not after `now`. */
  pop(now: number): T | undefined {
    this.#dropDead();
    const first = this.#entries[0];
    if (!first || first.at > now) return undefined;
    this.#removeFirst();
    return first.item;
  }

  /** Lets go of entries that count no more, once they are the most; `live` is about how many do. */
  tidy(live: number): void {
    if (this.#entries.length < 2 * live + SMALL) return;
    const entries = this.#entries.filter(({ item, at }) => this.#isLive(item, at));
    // A sorted array is a heap.
    this.#entries = entries.toSorted((left, right) => left.at - right.at);
  }

  #dropDead(): void {
    for (let first = this.#entries[0]; first && !this.#isLive(first.item, first.at); first = this.#entries[0]) {
      this.#removeFirst();
    }
  }

  #removeFirst(): void {
    const entries = this.#entries;
    const last = entries.pop()!;
    if (entries.length === 0) return;
    entries[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      if (left >= entries.length) return;
      const right = left + 1;
      const least = right < entries.length && entries[right]!.at < entries[left]!.at ? right : left;
      if (entries[index]!.at <= entries[least]!.at) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #swap(left: number, right: number): void {
    const entry = this.#entries[left]!;
    this.#entries[left] = this.#entries[right]!;
    this.#entries[right] = entry;
  }
}
