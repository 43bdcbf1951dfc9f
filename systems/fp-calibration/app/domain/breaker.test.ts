import fc from 'fast-check';
import { expect, test } from 'vitest';

import { BREAKER } from '../../contract.ts';
import { estimate, inspect, rateOf, recordBlock, recordReview, type BreakerSettings } from './breaker.ts';
import { MemoryBreakers } from './testing.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-11-20T12:00:00Z');
const keys = { current: 'breaker' };
const settings: BreakerSettings = { threshold: 10, cooldownMilliseconds: 2 * HOUR };
const block = (store: MemoryBreakers, now: number, its: Parameters<typeof recordBlock>[1] = keys) =>
  recordBlock(store, its, settings, now);

async function tripped(now = NOON): Promise<MemoryBreakers> {
  const store = new MemoryBreakers();
  for (let count = 0; count < 10; count++) await block(store, now);
  return store;
}

test('nine blocks an hour block; the tenth trips, and from it on the rule warns', async () => {
  const store = new MemoryBreakers();
  for (let count = 1; count < 10; count++) {
    expect(await block(store, NOON)).toMatchObject({ state: 'CLOSED', enforcement: 'block', blocksPerHour: count });
  }
  expect(await block(store, NOON)).toMatchObject({ state: 'OPEN', enforcement: 'warn', tripped: true });
  expect(await block(store, NOON)).toMatchObject({ state: 'OPEN', enforcement: 'warn', tripped: false });
});

test('✗ the full hour forgets nothing: nine blocks before it and one after are ten', async () => {
  const store = new MemoryBreakers();
  for (let count = 0; count < 9; count++) await block(store, NOON - 1_000);
  expect(await block(store, NOON)).toMatchObject({ state: 'OPEN', tripped: true });
});

test('the estimate slides: of the hour before counts what is still within sixty minutes', () => {
  expect(estimate(10, 3, NOON)).toBe(13);
  expect(estimate(10, 3, NOON + HOUR / 2)).toBe(8);
  expect(estimate(10, 0, NOON + HOUR - 1)).toBeCloseTo(0, 4);
});

test('blocks that only warn are not counted, so that it does not trip by them again', async () => {
  const store = await tripped();
  for (let count = 0; count < 50; count++) await block(store, NOON + HOUR);
  expect([...store.buckets.values()]).toEqual([10]);
});

test('after the cooldown it tries; a quiet hour closes it', async () => {
  const store = await tripped();
  const later = NOON + 2 * HOUR;
  expect(await inspect(store, keys, later - 1)).toMatchObject({ state: 'OPEN', enforcement: 'warn' });
  expect(await inspect(store, keys, later)).toMatchObject({ state: 'HALF_OPEN', enforcement: 'block' });
  expect(await block(store, later)).toMatchObject({ state: 'HALF_OPEN', enforcement: 'block' });
  expect(await block(store, later + HOUR)).toMatchObject({ state: 'CLOSED', enforcement: 'block' });
});

test('half the threshold during the trial opens it again', async () => {
  const store = await tripped();
  const later = NOON + 2 * HOUR;
  for (let count = 1; count < 5; count++) expect((await block(store, later)).state).toBe('HALF_OPEN');
  expect(await block(store, later)).toMatchObject({ state: 'OPEN', tripped: true, until: later + 2 * HOUR });
});

test('however many blocks come at once, each is counted once and it trips once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 18 }), async (scheduler, count) => {
      const store = new MemoryBreakers(() => scheduler.schedule(Promise.resolve()));
      const all = Promise.all(Array.from({ length: count }, () => block(store, NOON)));
      await scheduler.waitFor(all);
      const verdicts = await all;
      const counted = [...store.buckets.values()].reduce((sum, each) => sum + each, 0);
      expect(verdicts.filter((each) => each.tripped)).toHaveLength(count >= 10 ? 1 : 0);
      // Those that came when it was open already were warnings and are no blocks.
      expect(counted).toBeGreaterThanOrEqual(Math.min(count, 10));
      expect(counted).toBeLessThanOrEqual(count);
      expect(verdicts.filter(({ enforcement }) => enforcement === 'block')).toHaveLength(
        count >= 10 ? verdicts.filter(({ state }) => state === 'CLOSED').length : count,
      );
      expect(store.breakers.get('breaker')?.state ?? 'CLOSED').toBe(count >= 10 ? 'OPEN' : 'CLOSED');
    }),
    { numRuns: 60 },
  );
});

test('reviews at once are all kept', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 9 }), async (scheduler, count) => {
      const store = new MemoryBreakers(() => scheduler.schedule(Promise.resolve()));
      const review = { falsePositive: false, now: NOON };
      const all = Promise.all(Array.from({ length: count }, () => recordReview(store, keys, settings, review)));
      await scheduler.waitFor(all);
      await all;
      expect(store.breakers.get('breaker')?.reviews).toBe('T'.repeat(count));
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['TTTTTTTTF', undefined],
  ['TTTTTTTTTF', 0.1],
  ['FF', undefined],
] as const)('a rate needs ten reviews: %s gives %s', (reviews, rate) => {
  expect(rateOf(reviews)).toBe(rate);
});

async function reviewed(text: string) {
  const store = new MemoryBreakers();
  const verdicts = [];
  for (const each of text) {
    verdicts.push(await recordReview(store, keys, settings, { falsePositive: each === 'F', now: NOON }));
  }
  return { store, verdict: verdicts.at(-1) };
}

test('a fifth of false positives warns, three tenths trip', async () => {
  expect((await reviewed('TTTTTTTTTF')).verdict).toMatchObject({ warning: false, tripped: false, state: 'CLOSED' });
  expect((await reviewed('TTTTTTTTFF')).verdict).toMatchObject({ warning: true, tripped: false, state: 'CLOSED' });
  expect((await reviewed('TTTTTTTFFF')).verdict).toMatchObject({
    tripped: true,
    state: 'OPEN',
    falsePositiveRate: 0.3,
  });
});

test('only the last hundred reviews count, and those that tripped it are spent', async () => {
  const { store } = await reviewed(`${'F'.repeat(2)}${'T'.repeat(8)}${'T'.repeat(100)}`);
  expect(store.breakers.get('breaker')?.reviews).toBe('T'.repeat(BREAKER.reviews));
  expect((await reviewed('TTTTTTTFFF')).store.breakers.get('breaker')?.reviews).toBe('');
});

test('a rotation of the salt neither closes a breaker nor forgets its blocks', async () => {
  const rotated = { current: 'new', previous: 'breaker' };
  expect(await block(await tripped(), NOON + 1_000, rotated)).toMatchObject({ state: 'OPEN' });
  const store = new MemoryBreakers();
  for (let count = 0; count < 9; count++) await block(store, NOON);
  expect(await block(store, NOON + 1_000, rotated)).toMatchObject({ state: 'OPEN', tripped: true });
});
