// How long calls take: throughput, median and tail of one kind of call under a fixed concurrency.
import { performance } from 'node:perf_hooks';

export interface Measure {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Calls of each kind: enough for a median, few enough for a coffee. */
export const CALLS = 1_000;
/** Calls before the first that counts, until everybody's code is compiled. */
export const WARM_UP = 300;
const CONCURRENCY = 4;

export async function measure(call: (index: number) => Promise<unknown>): Promise<Measure> {
  for (let index = 0; index < WARM_UP; index++) await call(index);
  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  const worker = async () => {
    for (let index = next++; index < CALLS; index = next++) {
      const at = performance.now();
      await call(index);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - begun) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { perSecond: CALLS / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}
