// How often each value was seen: exact for few different values, and within half a percent for many; two of them can be merged.
//
// Values beyond MOST_EXACT are kept by buckets whose bounds grow by one percent, each standing for all that is in it. The
// sum, the smallest and the largest value are kept elsewhere and are always exact.
// After Masson, Rim, Lee: DDSketch, https://www.vldb.org/pvldb/vol12/p2195-masson.pdf

/** Different values that are kept as they are. */
const MOST_EXACT = 256;

/** The bound on the relative error of a value that a bucket stands for. */
export const RELATIVE_ERROR = 0.005;

const GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GROWTH = Math.log(GROWTH);
const BYTES_PER_ENTRY = 16;

export class Distribution {
  readonly #counts = new Map<number, number>();
  #rounded = false;
  #sorted: readonly (readonly [value: number, count: number])[] | undefined;

  static of(value: number, count: number): Distribution {
    const distribution = new Distribution();
    distribution.add(value, count);
    return distribution;
  }

  static decode(bytes: Uint8Array): Distribution {
    const distribution = new Distribution();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    distribution.#rounded = view.getUint8(0) === 1;
    for (let at = 1; at < bytes.byteLength; at += BYTES_PER_ENTRY) {
      distribution.#counts.set(view.getFloat64(at), view.getFloat64(at + 8));
    }
    return distribution;
  }

  add(value: number, count: number): void {
    const kept = this.#rounded ? representative(value) : value;
    this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + count);
    this.#sorted = undefined;
    if (!this.#rounded && this.#counts.size > MOST_EXACT) this.#round();
  }

  merge(other: Distribution): void {
    if (other.#rounded && !this.#rounded) this.#round();
    for (const [value, count] of other.#counts) this.add(value, count);
  }

  copy(): Distribution {
    const distribution = new Distribution();
    distribution.merge(this);
    return distribution;
  }

  /** Values with their counts, the smallest first. */
  entries(): readonly (readonly [value: number, count: number])[] {
    return (this.#sorted ??= [...this.#counts].toSorted(([left], [right]) => left - right));
  }

  encode(): Uint8Array {
    const bytes = new Uint8Array(1 + this.#counts.size * BYTES_PER_ENTRY);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, this.#rounded ? 1 : 0);
    let at = 1;
    for (const [value, count] of this.#counts) {
      view.setFloat64(at, value);
      view.setFloat64(at + 8, count);
      at += BYTES_PER_ENTRY;
    }
    return bytes;
  }

  #round(): void {
    const exact = [...this.#counts];
    this.#counts.clear();
    this.#rounded = true;
    for (const [value, count] of exact) this.add(value, count);
  }
}

/** The value that stands for a value's bucket; its own where it stands for one already. */
function representative(value: number): number {
  if (value === 0) return 0;
  // A representative lies well inside its bucket, so that no rounding moves it to the next one.
  const bucket = Math.ceil(Math.log(Math.abs(value)) / LOG_GROWTH);
  return (Math.sign(value) * 2 * GROWTH ** bucket) / (1 + GROWTH);
}
