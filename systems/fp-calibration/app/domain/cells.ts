// Cells: the smallest sets of reports that an answer is made of. Here is decided what may be known at all.
//
// The rule, and why no sequence of queries isolates an organization:
// 1. The reviewed reports of a rule are cut into sets that do not overlap: by salt epoch, by ISO week, by version.
// 2. A set is published only as a cell that is safe: at least k organizations stand behind it, and behind each outcome in it
//    that occurs at all (the rate tells both). Otherwise nothing of it is published, not even that it is there.
// 3. A version has a cell of its own only if what is left of its week is safe too, or empty. Else it is counted with the rest
//    alone: so a total minus a version is never somebody's own reports.
// 4. Weeks that have no cell wait for the end of their block of four, which the calendar draws. All that is left of the block is
//    one more set, published by the same rule.
// 5. A cell is published once, after its weeks are closed, and never changes. Reports that come later are refused.
// 6. Every answer is a sum of whole cells, and says of nothing else. Windows that overlap, versions against totals, one rule
//    against all rules, yesterday against today: each difference of answers is a sum of whole cells again, and so safe.
// 7. The number of organizations is told in steps of k, so that differences of it tell of k or more, or of none.
import { LIMITS } from '../../contract.ts';
import type { Week } from './iso-week.ts';

/** A report that somebody has reviewed, without its reporter. */
export interface Report {
  readonly id: string;
  readonly organizationHash: string;
  readonly epoch: string;
  readonly week: Week;
  readonly ruleVersion: string;
  readonly falsePositive: boolean;
}

export interface Cell {
  /** The version that the cell is of; undefined for all that have no cell of their own. */
  readonly ruleVersion?: string | undefined;
  readonly count: number;
  readonly falsePositives: number;
  /** Distinct organizations, rounded down to a multiple of k. */
  readonly organizations: number;
}

export interface Bounds {
  readonly k: number;
  /** Reports of one organization that count in a week. */
  readonly perOrganization: number;
}

export const BOUNDS: Bounds = { k: LIMITS.k, perOrganization: LIMITS.eventsPerOrganizationRuleWeek };

/** The cells of a set of reports of one rule and epoch; none where the set is too small, as where it is empty. */
export function cellsOf(reports: readonly Report[], bounds: Bounds = BOUNDS): readonly Cell[] {
  const counted = counting(reports, bounds);
  if (!isSafe(counted, bounds)) return [];
  const versions = [...Map.groupBy(counted, ({ ruleVersion }) => ruleVersion)]
    .map(([ruleVersion, its]) => ({ ruleVersion, its }))
    .toSorted((a, b) => organizationsOf(a.its) - organizationsOf(b.its) || (a.ruleVersion < b.ruleVersion ? -1 : 1));
  const own = versions.filter(({ its }) => isSafe(its, bounds));
  const rest = versions.filter(({ its }) => !isSafe(its, bounds)).flatMap(({ its }) => its);
  // The smallest versions give up their own cells until what is left is safe; at the latest it is everything.
  while (rest.length > 0 && !isSafe(rest, bounds)) rest.push(...(own.shift()?.its ?? []));
  return [
    ...own.map(({ ruleVersion, its }) => ({ ruleVersion, ...cellOf(its, bounds) })),
    ...(rest.length > 0 ? [cellOf(rest, bounds)] : []),
  ];
}

/** The reports that count: no organization has more than so many in a week. Which of them, their random ids decide. */
export function counting(reports: readonly Report[], { perOrganization }: Bounds = BOUNDS): Report[] {
  const byReporter = Map.groupBy(reports, ({ organizationHash, week }) => `${week} ${organizationHash}`);
  return [...byReporter.values()].flatMap((its) =>
    its.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, perOrganization),
  );
}

function isSafe(reports: readonly Report[], { k }: Bounds): boolean {
  const [wrong, right] = [reports.filter((each) => each.falsePositive), reports.filter((each) => !each.falsePositive)];
  return organizationsOf(reports) >= k && [wrong, right].every((its) => its.length === 0 || organizationsOf(its) >= k);
}

const organizationsOf = (reports: readonly Report[]): number =>
  new Set(reports.map(({ organizationHash }) => organizationHash)).size;

const cellOf = (reports: readonly Report[], { k }: Bounds): Cell => ({
  count: reports.length,
  falsePositives: reports.filter(({ falsePositive }) => falsePositive).length,
  organizations: Math.floor(organizationsOf(reports) / k) * k,
});
