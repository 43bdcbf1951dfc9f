// Times and durations, read and written.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { readDuration, readMoment, writeDuration } from './moments.ts';

test('a duration is numbers with units, one after the other', () => {
  expect(readDuration('31d')).toBe(31 * 86_400_000);
  expect(readDuration('1h30m')).toBe(5_400_000);
  expect(readDuration('2w')).toBe(14 * 86_400_000);
  for (const text of ['', '5', 'd', '5 d', '1.5h', '-1d', '1y', '1d!']) expect(readDuration(text)).toBeUndefined();
});

test('a moment is ISO 8601, and UTC where it names no zone', () => {
  expect(readMoment('2026-12-24')).toBe(Date.UTC(2026, 11, 24));
  expect(readMoment('2026-12-24T18:30')).toBe(Date.UTC(2026, 11, 24, 18, 30));
  expect(readMoment('2026-12-24T18:30:00+01:00')).toBe(Date.UTC(2026, 11, 24, 17, 30));
  for (const text of ['tomorrow', '24.12.2026', '2026-13-01', '2026-02-31', '12'])
    expect(readMoment(text)).toBeUndefined();
});

test('what is written is read again as the same whole seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (seconds) => {
      expect(readDuration(writeDuration(seconds * 1_000).replaceAll(' ', ''))).toBe(seconds * 1_000);
    }),
  );
});
