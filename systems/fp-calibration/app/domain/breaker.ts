// A breaker for each organization and rule: a rule that blocks too often, or wrongly, only warns for a while.
// Its state changes by conditional writes alone, so that however many blocks come at once, it trips once.
import { BREAKER } from '../../contract.ts';

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

export interface Breaker {
  readonly state: BreakerState;
  /** Milliseconds: the end of the cooldown, or of the trial. */
  readonly until?: number | undefined;
  /** Blocks since the trial began. */
  readonly trialBlocks: number;
  /** The last reviews, the latest at the end: F for a false positive, T for a true one. */
  readonly reviews: string;
  readonly version: number;
}

/** The names under which a breaker is kept: under today's salt, and for a day under the one before. */
export interface BreakerKeys {
  readonly current: string;
  readonly previous?: string | undefined;
}

export interface BreakerStore {
  find(key: string): Promise<Breaker | undefined>;
  /** False where the breaker is no longer the one of `version - 1`. */
  save(key: string, breaker: Breaker): Promise<boolean>;
  /** Adds one block to an hour's bucket; its count with it. */
  count(key: string, hour: number): Promise<number>;
  /** What is in an hour's bucket. */
  read(key: string, hour: number): Promise<number>;
}

export interface BreakerSettings {
  /** Blocks in an hour at which it trips. */
  readonly threshold: number;
  readonly cooldownMilliseconds: number;
}

export interface Verdict {
  readonly state: BreakerState;
  /** What the rule does to the change at hand. */
  readonly enforcement: 'block' | 'warn';
  /** Blocks in the last hour, estimated from two hours' counts. */
  readonly blocksPerHour?: number | undefined;
  readonly until?: number | undefined;
  /** False positives of the reviewed; undefined while too few are reviewed. */
  readonly falsePositiveRate?: number | undefined;
  /** The rate is high, if not yet too high. */
  readonly warning: boolean;
  /** This very call opened it. */
  readonly tripped: boolean;
}

const HOUR = 3_600_000;

/** Somebody else's change was first; the whole is looked at again, at most so often. */
const ATTEMPTS = 20;

const FRESH: Breaker = { state: 'CLOSED', trialBlocks: 0, reviews: '', version: 0 };

/**
 * Blocks of the last sixty minutes: this hour's, and of the hour before the share that is still within. At the full hour
 * nothing is forgotten at once.
 */
export function estimate(previous: number, current: number, now: number): number {
  return previous * (1 - (now % HOUR) / HOUR) + current;
}

/** Records that a rule is about to block, and says whether it may. */
export async function recordBlock(
  store: BreakerStore,
  keys: BreakerKeys,
  settings: BreakerSettings,
  now: number,
): Promise<Verdict> {
  let blocksPerHour: number | undefined;
  return untilSaved(store, keys, async (found) => {
    const breaker = at(found, now);
    // What only warns is no block.
    if (breaker.state === 'OPEN') return { next: found, verdict: verdictOf(breaker) };
    blocksPerHour ??= await countBlock(store, keys, now);
    const tried = breaker.state === 'HALF_OPEN' ? { ...breaker, trialBlocks: breaker.trialBlocks + 1 } : breaker;
    const tripped =
      tried.state === 'HALF_OPEN'
        ? tried.trialBlocks >= Math.ceil(settings.threshold / 2)
        : blocksPerHour >= settings.threshold;
    const next = tripped ? open(tried, settings, now) : tried;
    // The block at which it trips is the first that only warns.
    return { next, verdict: { ...verdictOf(next), blocksPerHour, tripped } };
  });
}

/** Records what a review found: the last hundred decide whether the rule is wrong too often. */
export function recordReview(
  store: BreakerStore,
  keys: BreakerKeys,
  settings: BreakerSettings,
  { falsePositive, now }: { readonly falsePositive: boolean; readonly now: number },
): Promise<Verdict> {
  return untilSaved(store, keys, (found) => {
    const breaker = at(found, now);
    const reviews = `${breaker.reviews}${falsePositive ? 'F' : 'T'}`.slice(-BREAKER.reviews);
    const rate = rateOf(reviews);
    const tripped = breaker.state !== 'OPEN' && rate !== undefined && rate >= BREAKER.tripRate;
    const next = tripped ? open(breaker, settings, now) : { ...breaker, reviews };
    const verdict = { ...verdictOf(next), falsePositiveRate: rate, warning: isHigh(rate), tripped };
    return Promise.resolve({ next, verdict });
  });
}

/** What a breaker is at this moment; nothing is recorded. */
export async function inspect(store: BreakerStore, keys: BreakerKeys, now: number): Promise<Verdict> {
  const breaker = at((await findEither(store, keys)) ?? FRESH, now);
  return { ...verdictOf(breaker), blocksPerHour: await blocksOf(store, keys, now, undefined) };
}

/** FP of all reviewed; what nobody has reviewed yet does not count. */
export function rateOf(reviews: string): number | undefined {
  if (reviews.length < BREAKER.reviewsNeeded) return undefined;
  return reviews.replaceAll('T', '').length / reviews.length;
}

const isHigh = (rate: number | undefined): boolean => rate !== undefined && rate >= BREAKER.warnRate;

// Time alone moves it too: after the cooldown it tries blocking again, after a quiet trial it is closed.
function at(breaker: Breaker, now: number): Breaker {
  const { state, until = 0 } = breaker;
  // However long nobody blocked: the trial begins with the first who does.
  if (state === 'OPEN' && now >= until) {
    return { ...breaker, state: 'HALF_OPEN', until: now + BREAKER.trialSeconds * 1_000, trialBlocks: 0 };
  }
  if (state === 'HALF_OPEN' && now >= until) return { ...breaker, state: 'CLOSED', until: undefined, trialBlocks: 0 };
  return breaker;
}

/** The reviews that led to it are spent, or it would trip again by them. */
const open = (breaker: Breaker, { cooldownMilliseconds }: BreakerSettings, now: number): Breaker => ({
  ...breaker,
  state: 'OPEN',
  until: now + cooldownMilliseconds,
  trialBlocks: 0,
  reviews: '',
});

function verdictOf({ state, until, reviews }: Breaker): Verdict {
  const falsePositiveRate = rateOf(reviews);
  return {
    state,
    enforcement: state === 'OPEN' ? 'warn' : 'block',
    until,
    falsePositiveRate,
    warning: isHigh(falsePositiveRate),
    tripped: false,
  };
}

async function countBlock(store: BreakerStore, keys: BreakerKeys, now: number): Promise<number> {
  return blocksOf(store, keys, now, await store.count(keys.current, Math.floor(now / HOUR)));
}

async function blocksOf(
  store: BreakerStore,
  { current, previous }: BreakerKeys,
  now: number,
  counted: number | undefined,
): Promise<number> {
  const hour = Math.floor(now / HOUR);
  const read = async (at: number) =>
    (await store.read(current, at)) + (previous === undefined ? 0 : await store.read(previous, at));
  const own = counted ?? (await store.read(current, hour));
  const before = previous === undefined ? 0 : await store.read(previous, hour);
  return estimate(await read(hour - 1), own + before, now);
}

async function untilSaved(
  store: BreakerStore,
  keys: BreakerKeys,
  step: (found: Breaker) => Promise<{ readonly next: Breaker; readonly verdict: Verdict }>,
): Promise<Verdict> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const own = await store.find(keys.current);
    // Under a new salt the breaker goes on as it was under the old one.
    const found = own ?? { ...((await findPrevious(store, keys)) ?? FRESH), version: 0 };
    const { next, verdict } = await step(found);
    if (isSame(next, found)) return verdict;
    if (await store.save(keys.current, { ...next, version: found.version + 1 })) return verdict;
  }
  throw new Error(`A breaker changed under each of ${ATTEMPTS} attempts to change it`);
}

const findEither = async (store: BreakerStore, keys: BreakerKeys): Promise<Breaker | undefined> =>
  (await store.find(keys.current)) ?? (await findPrevious(store, keys));

const findPrevious = async (store: BreakerStore, { previous }: BreakerKeys): Promise<Breaker | undefined> =>
  previous === undefined ? undefined : store.find(previous);

const isSame = (a: Breaker, b: Breaker): boolean =>
  a.state === b.state && a.until === b.until && a.trialBlocks === b.trialBlocks && a.reviews === b.reviews;
