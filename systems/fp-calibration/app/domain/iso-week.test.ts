import fc from 'fast-check';
import { expect, test } from 'vitest';

import { addWeeks, blockOf, closingOf, isClosed, lastFreezable, startOf, weekOf } from './iso-week.ts';

test.each([
  // Year ends, as ISO 8601 has them.
  ['2004-12-31', '2004-W53'],
  ['2005-01-01', '2004-W53'],
  ['2005-01-02', '2004-W53'],
  ['2005-01-03', '2005-W01'],
  ['2005-12-31', '2005-W52'],
  ['2006-01-01', '2005-W52'],
  ['2006-01-02', '2006-W01'],
  ['2007-12-30', '2007-W52'],
  ['2007-12-31', '2008-W01'],
  ['2008-12-28', '2008-W52'],
  ['2008-12-29', '2009-W01'],
  ['2009-12-31', '2009-W53'],
  ['2010-01-03', '2009-W53'],
  ['2010-01-04', '2010-W01'],
  ['1970-01-01', '1970-W01'],
  ['2020-12-31', '2020-W53'],
  ['2026-12-31', '2026-W53'],
  ['2027-01-04', '2027-W01'],
])('%s is in %s', (day, week) => {
  expect(weekOf(Date.parse(day))).toBe(week);
  expect(weekOf(Date.parse(day) + 86_399_999)).toBe(week);
});

const moment = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2100, 0) });

test('a week begins on a Monday, and lasts until the next one begins', () => {
  fc.assert(
    fc.property(moment, (time) => {
      const week = weekOf(time);
      const start = startOf(week);
      expect(new Date(start).getUTCDay()).toBe(1);
      expect(start <= time && time < start + 7 * 86_400_000).toBe(true);
      expect(startOf(addWeeks(week, 1))).toBe(start + 7 * 86_400_000);
    }),
  );
});

test('weeks sort as text as they follow each other', () => {
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      expect(weekOf(Math.min(a, b)) <= weekOf(Math.max(a, b))).toBe(true);
    }),
  );
});

test('every week is in exactly one block of four', () => {
  fc.assert(
    fc.property(moment, (time) => {
      const block = blockOf(weekOf(time));
      expect(block).toHaveLength(4);
      expect(block).toContain(weekOf(time));
      for (const week of block) expect(blockOf(week)).toEqual(block);
    }),
  );
});

test('a week is closed two days after its end, and frozen an hour later', () => {
  const closing = Date.parse('2026-11-25T00:00:00Z');
  expect(closingOf('2026-W47')).toBe(closing);
  expect([isClosed('2026-W47', closing - 1), isClosed('2026-W47', closing)]).toEqual([false, true]);
  expect(lastFreezable(closing + 3_599_999)).toBe('2026-W46');
  expect(lastFreezable(closing + 3_600_000)).toBe('2026-W47');
});
