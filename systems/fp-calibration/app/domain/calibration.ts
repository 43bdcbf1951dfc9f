// How often a rule is wrong: sums of published cells, each epoch by itself.
import { LIMITS } from '../../contract.ts';
import type { Cell } from './cells.ts';
import type { Atom } from './freezing.ts';
import { addWeeks, lastFreezable, type Week } from './iso-week.ts';
import { wilson, type Interval } from './wilson.ts';

export interface Question {
  readonly ruleId: string;
  /** Only the cells of this version. */
  readonly ruleVersion?: string | undefined;
  /** How many closed weeks to look back. */
  readonly weeks: number;
}

export interface EpochAnswer {
  readonly epoch: string;
  /** Reviewed events. */
  readonly count: number;
  /** At least so many organizations stand behind each part of it. */
  readonly k: number;
  /** False positives of all reviewed events. */
  readonly rate: number;
  readonly interval: Interval;
  /** What is in it: whole weeks, and what was left of whole blocks of weeks. */
  readonly parts: readonly { readonly kind: Atom['kind']; readonly firstWeek: Week; readonly lastWeek: Week }[];
}

export interface Answer {
  readonly ruleId: string;
  readonly ruleVersion?: string | undefined;
  readonly firstWeek: Week;
  readonly lastWeek: Week;
  readonly requiredK: number;
  /** An organization has another hash in each epoch, so nothing is counted across them. */
  readonly epochs: readonly EpochAnswer[];
}

/** Published atoms, and no way to anything else. */
export interface CalibrationStore {
  /** All atoms of a rule whose last week is within these. */
  ofRule(ruleId: string, firstWeek: Week, lastWeek: Week): Promise<readonly Atom[]>;
  /** All atoms of all rules whose last week is within these. */
  ofAllRules(firstWeek: Week, lastWeek: Week): Promise<readonly Atom[]>;
}

/** Undefined where there is nothing to answer: because nothing was reported, or too little. Which of the two, nobody here knows. */
export async function ask(store: CalibrationStore, question: Question, now: number): Promise<Answer | undefined> {
  const window = windowOf(question.weeks, now);
  return answer(question, window, await store.ofRule(question.ruleId, window.firstWeek, window.lastWeek));
}

/** The answers for all rules that have one. */
export async function askAll(
  store: CalibrationStore,
  question: Omit<Question, 'ruleId'>,
  now: number,
): Promise<readonly Answer[]> {
  const window = windowOf(question.weeks, now);
  const rules = Map.groupBy(await store.ofAllRules(window.firstWeek, window.lastWeek), ({ ruleId }) => ruleId);
  return [...rules]
    .map(([ruleId, atoms]) => answer({ ...question, ruleId }, window, atoms))
    .filter((each) => each !== undefined)
    .toSorted((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}

interface Window {
  readonly firstWeek: Week;
  readonly lastWeek: Week;
}

function windowOf(weeks: number, now: number): Window {
  const lastWeek = lastFreezable(now);
  return { firstWeek: addWeeks(lastWeek, 1 - weeks), lastWeek };
}

function answer({ ruleId, ruleVersion }: Question, window: Window, atoms: readonly Atom[]): Answer | undefined {
  const within = atoms
    // A part that begins before the window is left out whole.
    .filter(({ firstWeek, lastWeek }) => firstWeek >= window.firstWeek && lastWeek <= window.lastWeek)
    .map((atom) => ({ ...atom, cells: atom.cells.filter((cell) => isOf(cell, ruleVersion)) }))
    .filter(({ cells }) => cells.length > 0);
  if (within.length === 0) return undefined;
  const epochs = [...Map.groupBy(within, ({ epoch }) => epoch)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([epoch, its]) => epochAnswer(epoch, its));
  return { ruleId, ...(ruleVersion !== undefined && { ruleVersion }), ...window, requiredK: LIMITS.k, epochs };
}

const isOf = (cell: Cell, ruleVersion: string | undefined): boolean =>
  ruleVersion === undefined || cell.ruleVersion === ruleVersion;

function epochAnswer(epoch: string, atoms: readonly Atom[]): EpochAnswer {
  const cells = atoms.flatMap((atom) => atom.cells);
  const count = cells.reduce((sum, cell) => sum + cell.count, 0);
  const falsePositives = cells.reduce((sum, cell) => sum + cell.falsePositives, 0);
  return {
    epoch,
    count,
    k: Math.min(...cells.map(({ organizations }) => organizations)),
    rate: falsePositives / count,
    interval: wilson(falsePositives, count),
    parts: atoms
      .map(({ kind, firstWeek, lastWeek }) => ({ kind, firstWeek, lastWeek }))
      .toSorted((a, b) => (`${a.lastWeek}${a.kind}` < `${b.lastWeek}${b.kind}` ? -1 : 1)),
  };
}
