// What can be found out by asking: an attacker who knows of each answer which reports are in it, and combines all answers.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LIMITS } from '../../contract.ts';
import { ask, askAll, type Answer } from './calibration.ts';
import { BOUNDS, counting, type Bounds, type Report } from './cells.ts';
import { freeze } from './freezing.ts';
import { addWeeks, blockOf, closingOf, startOf } from './iso-week.ts';
import { MemoryCalibration } from './testing.ts';

const FIRST = '2026-W40';
const WEEKS = Array.from({ length: 10 }, (_, index) => addWeeks(FIRST, index));
const RULE = 'R-001';
const frozenAt = (week: string): number => closingOf(week) + LIMITS.freezeDelaySeconds * 1_000;

let ids = 0;
const report = (organization: number | string, more: Partial<Report> = {}): Report => ({
  id: `id-${String(++ids).padStart(9, '0')}`,
  organizationHash: `hash of ${organization}`,
  epoch: 'e1',
  week: FIRST,
  ruleVersion: '1.0.0',
  falsePositive: true,
  ...more,
});
const many = (count: number, more: Partial<Report> = {}, from = 0): Report[] =>
  Array.from({ length: count }, (_, index) => report(from + index, more));

const single = (store: MemoryCalibration, now: number, weeks = 8, ruleVersion?: string) =>
  ask(store, { ruleId: RULE, weeks, ruleVersion }, now);

/** Reports of one rule, frozen as of the end of a week. */
async function frozen(reports: readonly Report[], until = FIRST): Promise<MemoryCalibration> {
  const store = new MemoryCalibration();
  store.add(RULE, ...reports);
  for (const week of WEEKS) if (week <= until) await freeze(store, frozenAt(week));
  return store;
}

test('nine organizations: refused; the tenth: an answer, right to the last digit', async () => {
  expect(await single(await frozen(many(9)), frozenAt(FIRST))).toBeUndefined();
  expect(await single(await frozen(many(10)), frozenAt(FIRST))).toMatchObject({
    requiredK: 10,
    epochs: [{ epoch: 'e1', count: 10, k: 10, rate: 1, parts: [{ kind: 'week', firstWeek: FIRST, lastWeek: FIRST }] }],
  });
});

test('✗ the rate is false positives by reviewed events, not a count', async () => {
  const store = await frozen([...many(10), ...many(15, { falsePositive: false })]);
  const answer = await single(store, frozenAt(FIRST));
  expect(answer?.epochs[0]).toMatchObject({ count: 25, rate: 0.4 });
});

test('one organization with ten credentials is one organization', async () => {
  const reports = Array.from({ length: 10 }, () => report('acme'));
  expect(await single(await frozen([...many(8), ...reports]), frozenAt(FIRST))).toBeUndefined();
});

test('one organization adds at most twenty reports to a rule’s week', async () => {
  const store = await frozen([...many(10), ...Array.from({ length: 500 }, () => report(0))]);
  expect((await single(store, frozenAt(FIRST)))?.epochs[0]?.count).toBe(9 + 20);
});

test('six organizations across a rotation are six: two hashes of one organization are never added up', async () => {
  const reports = [
    ...many(6),
    ...many(6, { epoch: 'e2' }).map((each) => ({ ...each, organizationHash: `new ${each.id}` })),
  ];
  expect(await single(await frozen(reports, WEEKS[4]), frozenAt(WEEKS[4]!))).toBeUndefined();
  const both = await frozen([...many(10), ...many(10, { epoch: 'e2' })]);
  expect((await single(both, frozenAt(FIRST)))?.epochs.map(({ epoch, count }) => [epoch, count])).toEqual([
    ['e1', 10],
    ['e2', 10],
  ]);
});

test('✗ a cell of too few organizations is not answered because the total has enough', async () => {
  // Nine report a false positive, eleven that the rule was right: the rate would tell of the nine.
  expect(
    await single(await frozen([...many(9), ...many(11, { falsePositive: false }, 9)]), frozenAt(FIRST)),
  ).toBeUndefined();
  expect(
    await single(await frozen([...many(10), ...many(10, { falsePositive: false }, 10)]), frozenAt(FIRST)),
  ).toMatchObject({ epochs: [{ count: 20, rate: 0.5, k: 20 }] });
});

test('a filter down to one version tells of no version that too few use, nor of the rest by a difference', async () => {
  const lone = await frozen([...many(15), ...many(1, { ruleVersion: '2.0.0' }, 15)]);
  expect(await single(lone, frozenAt(FIRST), 8, '2.0.0')).toBeUndefined();
  // Sixteen less fifteen would be one organization.
  expect(await single(lone, frozenAt(FIRST), 8, '1.0.0')).toBeUndefined();
  expect((await single(lone, frozenAt(FIRST)))?.epochs[0]?.count).toBe(16);

  const both = await frozen([...many(15), ...many(10, { ruleVersion: '2.0.0' }, 10)]);
  expect((await single(both, frozenAt(FIRST), 8, '2.0.0'))?.epochs[0]?.count).toBe(10);
  expect((await single(both, frozenAt(FIRST), 8, '1.0.0'))?.epochs[0]?.count).toBe(15);
});

test('windows that differ by one week differ by a whole cell or not at all', async () => {
  const store = await frozen([...many(12), ...many(1, { week: WEEKS[1]! }, 50)], WEEKS[1]);
  const now = frozenAt(WEEKS[1]!);
  expect((await single(store, now, 2))?.epochs).toEqual((await single(store, now, 8))?.epochs);
  expect(await single(store, now, 1)).toBeUndefined();
});

test('✗ polling before and after a known report shows nothing: only whole closed weeks are answered', async () => {
  const store = await frozen(many(10, { week: WEEKS[0]! }));
  const monday = startOf(WEEKS[2]!);
  const before = await single(store, monday);
  store.add(RULE, report('victim', { week: WEEKS[2]! }));
  await freeze(store, monday + 60_000);
  expect(await single(store, monday + 60_000)).toEqual(before);
});

test('a frozen week stays what it is, whatever is found in it later', async () => {
  const store = await frozen(many(10));
  const before = await single(store, frozenAt(FIRST));
  store.add(RULE, ...many(30, {}, 100));
  expect(await freeze(store, frozenAt(FIRST) + 86_400_000)).toBe(0);
  expect(await single(store, frozenAt(FIRST))).toEqual(before);
});

test('a refused week is not answered later because somebody else turned up', async () => {
  const store = await frozen(many(9));
  store.add(RULE, report('late'));
  await freeze(store, frozenAt(FIRST) + 86_400_000);
  expect(await single(store, frozenAt(FIRST))).toBeUndefined();
});

test('weeks that are too small are answered together once their block is over', async () => {
  const block = blockOf(FIRST);
  const reports = block.flatMap((week, index) => many(4, { week }, index * 4));
  const early = await frozen(reports, block[2]);
  expect(await single(early, frozenAt(block[2]!))).toBeUndefined();
  const late = await frozen(reports, block[3]);
  expect((await single(late, frozenAt(block[3]!), 4))?.epochs).toMatchObject([
    { count: 16, parts: [{ kind: 'rest', firstWeek: block[0], lastWeek: block[3] }] },
  ]);
  // A window that has only a part of the block has nothing of it.
  expect(await single(late, frozenAt(block[3]!), 3)).toBeUndefined();
});

test('✗ nothing at all and too little are the same answer, and the same work', async () => {
  const empty = await frozen([]);
  const small = await frozen(many(9));
  expect(await single(empty, frozenAt(FIRST))).toEqual(await single(small, frozenAt(FIRST)));
  expect(empty.calls).toEqual(small.calls);
  expect(small.atoms).toEqual([]);
  expect(await askAll(small, { weeks: 8 }, frozenAt(FIRST))).toEqual([]);
});

test('how many organizations there are is told in steps of k: no difference of it is smaller', async () => {
  expect((await single(await frozen(many(19)), frozenAt(FIRST)))?.epochs[0]?.k).toBe(10);
});

test('two freezers at once, or one that comes again, publish the same once', async () => {
  const store = new MemoryCalibration();
  store.add(RULE, ...many(12));
  const published = await Promise.all([freeze(store, frozenAt(FIRST)), freeze(store, frozenAt(FIRST))]);
  expect(new Set(published)).toEqual(new Set([0, 1]));
  expect(await freeze(store, frozenAt(FIRST))).toBe(0);
  expect(store.atoms).toHaveLength(1);
});

// From here on k is three and two reports count, so that random worlds of a few organizations have borders everywhere.
const SMALL: Bounds = { k: 3, perOrganization: 2 };

const world = fc.array(
  fc.record({
    organization: fc.nat(7),
    week: fc.constantFrom(...WEEKS.slice(0, 6)),
    ruleVersion: fc.constantFrom('1', '2', '3'),
    falsePositive: fc.boolean(),
    rotated: fc.boolean(),
    rule: fc.constantFrom('R-001', 'R-002'),
  }),
  { minLength: 30, maxLength: 160 },
);

/** In the middle of the fourth week the salt is another one. */
const rowOf = ({
  organization,
  week,
  ruleVersion,
  falsePositive,
  rotated,
}: (typeof world extends fc.Arbitrary<infer W> ? W : never)[number]): Report => {
  const epoch = week > WEEKS[3]! || (week === WEEKS[3] && rotated) ? 'e2' : 'e1';
  return report(`${organization} in ${epoch}`, { epoch, week, ruleVersion, falsePositive });
};

/** Everything that can be asked, at every moment at which answers change. */
async function everything(store: MemoryCalibration): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const week of WEEKS) {
    const now = frozenAt(week);
    await freeze(store, now, SMALL);
    for (let weeks = 1; weeks <= 12; weeks++) {
      for (const ruleVersion of [undefined, '1', '2', '3']) {
        answers.push(...(await askAll(store, { weeks, ruleVersion }, now)));
        for (const ruleId of ['R-001', 'R-002']) {
          const answer = await ask(store, { ruleId, weeks, ruleVersion }, now);
          if (answer) answers.push(answer);
        }
      }
    }
  }
  return answers;
}

interface Known {
  readonly reports: ReadonlySet<string>;
  readonly count: number;
  readonly falsePositives: number;
}

/** The reports that each answer is about, worked out from what it says it covers. */
function known(answers: readonly Answer[], rows: ReadonlyMap<string, readonly Report[]>): Known[] {
  return answers.flatMap(({ ruleId, ruleVersion, epochs }) =>
    epochs.map(({ epoch, parts, count, rate }) => {
      const own = counting(
        (rows.get(ruleId) ?? []).filter((row) => row.epoch === epoch),
        SMALL,
      );
      const weeks = new Set(
        answers
          .filter((each) => each.ruleId === ruleId)
          .flatMap((each) => each.epochs)
          .filter((each) => each.epoch === epoch)
          .flatMap((each) => each.parts.filter(({ kind }) => kind === 'week').map(({ firstWeek }) => firstWeek)),
      );
      const covered = (week: string) =>
        parts.some(({ kind, firstWeek, lastWeek }) =>
          kind === 'week' ? week === firstWeek : week >= firstWeek && week <= lastWeek && !weeks.has(week),
        );
      const its = own.filter(
        (row) => covered(row.week) && (ruleVersion === undefined || row.ruleVersion === ruleVersion),
      );
      return { reports: new Set(its.map(({ id }) => id)), count, falsePositives: Math.round(rate * count) };
    }),
  );
}

/**
 * The smallest sets of reports that answers tell apart: two reports are in one set if every answer has both or neither. Every
 * sum, difference and intersection of answers is made of such sets: if each of them is safe, so is all that can be computed.
 */
function toldApart(answers: readonly ReadonlySet<string>[], rows: readonly Report[]): Report[][] {
  return [...Map.groupBy(rows, ({ id }) => answers.map((set) => (set.has(id) ? 1 : 0)).join(''))]
    .filter(([signature]) => signature.includes('1'))
    .map(([, its]) => its);
}

const organizations = (reports: readonly Report[]): number =>
  new Set(reports.map(({ organizationHash }) => organizationHash)).size;

/** Fewer than k organizations, but somebody: behind the set, or behind one outcome in it. */
const isolates = (reports: readonly Report[], k: number): boolean =>
  [reports, reports.filter((each) => each.falsePositive), reports.filter((each) => !each.falsePositive)].some(
    (its) => its.length > 0 && organizations(its) < k,
  );

test('no sequence of queries isolates fewer than k organizations, whatever is asked and combined', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(world, async (events) => {
      const store = new MemoryCalibration();
      for (const event of events) store.add(event.rule, rowOf(event));
      const answers = await everything(store);
      const facts = known(answers, store.rows);
      const rows = [...store.rows.values()].flat();
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const { reports, count, falsePositives } of facts) {
        // The answer is about these reports and no others; so the attack below is about the real thing.
        expect(reports.size).toBe(count);
        expect([...reports].filter((id) => byId.get(id)?.falsePositive).length).toBe(falsePositives);
      }
      for (const set of toldApart(
        facts.map(({ reports }) => reports),
        rows,
      ))
        expect(isolates(set, SMALL.k)).toBe(false);
      answered += facts.length;
    }),
    { numRuns: 100 },
  );
  expect(answered).toBeGreaterThan(1_000);
}, 120_000);

test('✗ the same attacker isolates organizations where k is asked of each window’s total alone', () => {
  const isolated = fc.sample(world, { numRuns: 40, seed: 7 }).filter((events) => {
    const rows = events.map(rowOf).filter(({ epoch }) => epoch === 'e1');
    const windows = WEEKS.flatMap((from) => WEEKS.map((to) => rows.filter(({ week }) => week >= from && week <= to)));
    const answers = windows
      .flatMap((window) => [window, ...['1', '2', '3'].map((each) => window.filter((row) => row.ruleVersion === each))])
      .filter((its) => organizations(its) >= SMALL.k)
      .map((its) => new Set(its.map(({ id }) => id)));
    return toldApart(answers, rows).some((set) => isolates(set, SMALL.k));
  });
  expect(isolated.length).toBeGreaterThan(30);
});

test('an answer once given is given again, as long as its parts are asked for', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (events) => {
      const store = new MemoryCalibration();
      for (const event of events) store.add(event.rule, rowOf(event));
      const seen = new Map<string, string>();
      for (const { ruleId, ruleVersion, epochs } of await everything(store)) {
        for (const { epoch, parts, ...numbers } of epochs) {
          const question = JSON.stringify([ruleId, ruleVersion, epoch, parts]);
          const told = JSON.stringify(numbers);
          expect(seen.get(question) ?? told).toBe(told);
          seen.set(question, told);
        }
      }
    }),
    { numRuns: 15 },
  );
}, 120_000);

test('the bounds in force are those of the contract', () => {
  expect(BOUNDS).toEqual({ k: 10, perOrganization: 20 });
});
