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
export const WARM_UP = 1_000;
const CONCURRENCY = 4;

/** One kind of call to each of several subjects, by the subject's name. */
export type Calls = Readonly<Record<string, (index: number) => Promise<unknown>>>;

/** The calls are made in this many rounds, in each of which every subject has its turn. */
const ROUNDS = 5;

/** Measures each subject's calls, by its name. */
export async function measureInTurns(calls: Calls): Promise<Record<string, Measure>> {
  const subjects = Object.entries(calls).map(([name, call]) => ({ name, call, taken: 0, times: [] as number[] }));
  for (const { call } of subjects) for (let index = 0; index < WARM_UP; index++) await call(index);
  for (let first = 0; first < CALLS; first += CALLS / ROUNDS) {
    for (const subject of subjects) subject.taken += await seconds(() => run(subject, first));
  }
  return Object.fromEntries(subjects.map(({ name, taken, times }) => [name, summary(taken, times)]));
}

/** Measures calls of one kind. */
export async function measure(call: (index: number) => Promise<unknown>): Promise<Measure> {
  const { only } = await measureInTurns({ only: call });
  if (!only) throw new Error('nothing was measured');
  return only;
}

async function run(
  { call, times }: { call: (index: number) => Promise<unknown>; times: number[] },
  first: number,
): Promise<void> {
  let next = first;
  const worker = async () => {
    for (let index = next++; index < first + CALLS / ROUNDS; index = next++) {
      const at = performance.now();
      await call(index);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function summary(taken: number, times: number[]): Measure {
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { perSecond: times.length / taken, p50: at(0.5), p99: at(0.99) };
}

/** Calls that one client makes, one after the other. */
const ALONE = 500;

/** Milliseconds that the median of calls takes, one after the other. */
export async function median(call: (index: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < ALONE; index++) times.push((await seconds(() => call(index))) * 1_000);
  return times.toSorted((a, b) => a - b)[ALONE / 2] ?? 0;
}

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}
