// Closed weeks are frozen: what of them may be known is published once, and never again differently.
import { BOUNDS, cellsOf, type Bounds, type Cell, type Report } from './cells.ts';
import { addWeeks, blockOf, lastFreezable, type Week } from './iso-week.ts';

/** The cells of one rule and epoch, of a week or of what its block has left. */
export interface Atom {
  readonly ruleId: string;
  readonly epoch: string;
  readonly kind: 'week' | 'rest';
  readonly firstWeek: Week;
  readonly lastWeek: Week;
  readonly cells: readonly Cell[];
}

/** How far the block of a rule and epoch is decided. Never shown to a query: it knows of what is not published. */
export interface Decisions {
  readonly ruleId: string;
  readonly epoch: string;
  /** The first week of the block. */
  readonly block: Week;
  /** Weeks whose fate is sealed. */
  readonly decided: readonly Week[];
  /** Those of them that have cells. */
  readonly published: readonly Week[];
  readonly restDecided: boolean;
  readonly version: number;
}

export interface FreezingStore {
  /** Every rule that anybody has reported. */
  rules(): Promise<readonly string[]>;
  /** All reviewed reports of a rule in these weeks. */
  reports(ruleId: string, firstWeek: Week, lastWeek: Week): Promise<readonly Report[]>;
  decisions(ruleId: string, epoch: string, block: Week): Promise<Decisions | undefined>;
  /** Keeps decisions and atoms together, or neither; false where the decisions are no longer those of `version - 1`. */
  decide(decisions: Decisions, atoms: readonly Atom[]): Promise<boolean>;
}

/** Weeks that are looked at again: a run that did not take place is made up for while all their rows are there. */
const WEEKS_BACK = 8;

/** Decides every week and block that is closed and undecided; how many atoms are published by it. */
export async function freeze(store: FreezingStore, now: number, bounds: Bounds = BOUNDS): Promise<number> {
  const last = lastFreezable(now);
  let published = 0;
  for (const ruleId of await store.rules()) {
    // A block is decided only from its beginning: half of one would not be what its name says.
    const [first = last] = blockOf(addWeeks(last, 1 - WEEKS_BACK));
    const reports = await store.reports(ruleId, first, last);
    const blocks = Map.groupBy(reports, ({ epoch, week }) => `${epoch} ${blockOf(week)[0]}`);
    for (const its of blocks.values()) published += await freezeBlock(store, ruleId, its, last, bounds);
  }
  return published;
}

async function freezeBlock(
  store: FreezingStore,
  ruleId: string,
  reports: readonly Report[],
  last: Week,
  bounds: Bounds,
): Promise<number> {
  const [{ epoch, week } = { epoch: '', week: last }] = reports;
  const weeks = blockOf(week);
  const [block = week] = weeks;
  const closed = weeks.filter((each) => each <= last);
  const found = (await store.decisions(ruleId, epoch, block)) ?? {
    ruleId,
    epoch,
    block,
    decided: [],
    published: [],
    restDecided: false,
    version: 0,
  };
  const atom = (kind: Atom['kind'], firstWeek: Week, lastWeek: Week, its: readonly Report[]): Atom => ({
    ruleId,
    epoch,
    kind,
    firstWeek,
    lastWeek,
    cells: cellsOf(its, bounds),
  });
  const atoms = closed
    .filter((each) => !found.decided.includes(each))
    .map((each) =>
      atom(
        'week',
        each,
        each,
        reports.filter((report) => report.week === each),
      ),
    )
    .filter(({ cells }) => cells.length > 0);
  const published = [...found.published, ...atoms.map(({ firstWeek }) => firstWeek)];
  const over = closed.length === weeks.length;
  if (over && !found.restDecided) {
    const left = reports.filter((report) => !published.includes(report.week));
    const rest = atom('rest', block, weeks.at(-1) ?? block, left);
    if (rest.cells.length > 0) atoms.push(rest);
  }
  if (found.decided.length === closed.length && found.restDecided === over) return 0;
  // Somebody else's decisions are as good: the same reports lead to the same ones.
  const decisions = { ...found, decided: closed, published, restDecided: over, version: found.version + 1 };
  return (await store.decide(decisions, atoms)) ? atoms.length : 0;
}
