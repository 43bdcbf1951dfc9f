// Subjects beside each other: the same calls to each, in turns, so that what else the machine does falls on all of them.
import { measureInTurns, type Calls, type Measure } from './measure.ts';
import type { Subject } from './peers.ts';
import { compare } from './report.ts';

/** A kind of call, made over and over. */
export type Workload = [name: string, call: (index: number) => Promise<unknown>];

/** Measures and prints what the first subject has in common with the others, then stops them all. */
export async function sideBySide<S extends Pick<Subject, 'name' | 'stop'>>(
  title: string,
  subjects: readonly S[],
  workloads: (subject: S) => Promise<Workload[]>,
): Promise<void> {
  const calls = new Map<string, Calls>();
  for (const subject of subjects) {
    for (const [name, call] of await workloads(subject)) {
      calls.set(name, { ...calls.get(name), [subject.name]: call });
    }
  }
  const results = new Map<string, Record<string, Measure>>();
  for (const [name, each] of calls) results.set(name, await measureInTurns(each));
  for (const subject of subjects) await subject.stop();
  compare(title, results);
}
