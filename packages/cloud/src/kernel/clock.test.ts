// The clock: timers run in order, each at its own moment, and time waits for what they do.
import { expect, onTestFinished, test } from 'vitest';

import { Clock } from './clock.ts';
import { Store } from './store.ts';

const HOUR = 3_600_000;

function openClock(): Clock {
  const store = new Store();
  const clock = new Clock(store);
  onTestFinished(() => {
    clock.stop();
    store.close();
  });
  return clock;
}

test('timers on the way run in order, each at its own moment, those that they set among them', async () => {
  const clock = openClock();
  const start = clock.now();
  const ran: [name: string, hours: number][] = [];
  const note = (name: string) => void ran.push([name, Math.round((clock.now() - start) / HOUR)]);
  clock.at(start + 3 * HOUR, () => note('third'));
  clock.at(start + HOUR, () => {
    note('first');
    clock.at(start + 2 * HOUR, () => note('second'));
  });
  clock.at(start + 5 * HOUR, () => note('too late'));
  await clock.advance(4 * HOUR);
  expect(ran).toEqual([
    ['first', 1],
    ['second', 2],
    ['third', 3],
  ]);
});

test('time waits for what a timer does, and moves go on one after the other', async () => {
  const clock = openClock();
  const start = clock.now();
  const ran: string[] = [];
  clock.at(start + HOUR, async () => {
    await new Promise(setImmediate);
    ran.push(`slow at ${Math.round((clock.now() - start) / HOUR)}`);
  });
  clock.at(start + 2 * HOUR, () => void ran.push('quick'));
  const moves = [clock.advance(HOUR), clock.advance(HOUR)];
  await Promise.all(moves);
  expect(ran).toEqual(['slow at 1', 'quick']);
  expect(clock.now() - start).toBeGreaterThanOrEqual(2 * HOUR);
});

test('time waits for work that holds it, and for the work that this has begun', async () => {
  const clock = openClock();
  const start = clock.now();
  const ran: string[] = [];
  const work = async (name: string, another?: string): Promise<void> => {
    await new Promise(setImmediate);
    ran.push(`${name} at ${Math.round((clock.now() - start) / HOUR)}`);
    if (another !== undefined) begin(another);
  };
  const begin = (name: string, another?: string): void => clock.hold(work(name, another));
  begin('before');
  clock.at(start + HOUR, () => begin('one', 'another'));
  clock.at(start + 2 * HOUR, () => void ran.push('two'));
  await clock.advance(3 * HOUR);
  expect(ran).toEqual(['before at 0', 'one at 1', 'another at 1', 'two']);
});

test('work that always begins itself anew does not stop time', async () => {
  const clock = openClock();
  const start = clock.now();
  let going = true;
  const begin = (): void => {
    if (going) clock.hold(new Promise(setImmediate).then(begin));
  };
  begin();
  await clock.advance(HOUR);
  going = false;
  expect(clock.now() - start).toBeGreaterThanOrEqual(HOUR);
});

test('a timer that waits for a later one is not stuck', async () => {
  const clock = openClock();
  const start = clock.now();
  clock.at(start + HOUR, () => new Promise((resolve) => void clock.at(clock.now() + 10, resolve)));
  await clock.advance(2 * HOUR);
  expect(clock.now() - start).toBeGreaterThanOrEqual(2 * HOUR);
});

test('a timer that fails fails the move, and time can be moved again', async () => {
  const clock = openClock();
  const start = clock.now();
  clock.at(start + HOUR, () => Promise.reject(new Error('broken')));
  await expect(clock.advance(2 * HOUR)).rejects.toThrow('broken');
  await clock.advance(2 * HOUR);
  expect(clock.now() - start).toBeGreaterThanOrEqual(3 * HOUR);
});

test('a killed cloud’s time is never behind what it had come to, though not every moment is written down', async () => {
  const store = new Store();
  const clock = new Clock(store);
  onTestFinished(() => {
    clock.stop();
    store.close();
  });
  const changes = () => store.sql('SELECT total_changes() AS count').get()!['count'] as number;
  const before = changes();
  let hours = 0;
  const hourly = () => {
    hours++;
    expect(new Clock(store).now()).toBeGreaterThanOrEqual(clock.now());
    clock.at(clock.now() + HOUR, hourly);
  };
  clock.at(clock.now() + HOUR, hourly);
  await clock.advance(5_000 * HOUR);
  expect(hours).toBeGreaterThan(4_990);
  expect(changes() - before).toBeLessThan(1_010);
  // In the end it is exact.
  expect(Math.abs(new Clock(store).now() - clock.now())).toBeLessThan(1_000);
});

test('a timer for which there was no room on the disk runs again, unless it was cancelled', async () => {
  const clock = openClock();
  const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  const runs = { atOnce: 0, later: 0, cancelled: 0 };
  clock.at(clock.now() + HOUR, () => {
    if (runs.atOnce++ === 0) throw full;
  });
  await expect(clock.advance(HOUR)).rejects.toBe(full);
  // By the machine's time nobody is told.
  clock.at(clock.now(), () => (runs.later++ === 0 ? Promise.reject(full) : Promise.resolve()));
  const cancel = clock.at(clock.now(), () => {
    runs.cancelled++;
    throw full;
  });
  await expect.poll(() => runs.cancelled).toBe(1);
  cancel();
  await expect.poll(() => [runs.atOnce, runs.later], { timeout: 5_000 }).toEqual([2, 2]);
  expect(runs.cancelled).toBe(1);
});
