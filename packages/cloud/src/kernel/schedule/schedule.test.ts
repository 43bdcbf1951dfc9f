// Schedules: the examples of AWS's documentation, and the hours that clocks leave out or show twice.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseSchedule, ScheduleError } from './schedule.ts';
import { toInstant, wallTime } from './zone.ts';

const moments = (expression: string, after: string, count: number, timeZone?: string): string[] => {
  const schedule = parseSchedule(expression, timeZone);
  const found: string[] = [];
  for (let at: number | undefined = Date.parse(after); found.length < count;) {
    at = schedule.next(at, Date.parse(after));
    if (at === undefined) break;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
};

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
test.for([
  ['cron(0 10 * * ? *)', ['2027-01-01T10:00', '2027-01-02T10:00']],
  ['cron(15 12 * * ? *)', ['2027-01-01T12:15', '2027-01-02T12:15']],
  ['cron(0 18 ? * MON-FRI *)', ['2027-01-01T18:00', '2027-01-04T18:00']],
  ['cron(0 8 1 * ? *)', ['2027-01-01T08:00', '2027-02-01T08:00']],
  ['cron(0/15 * * * ? *)', ['2027-01-01T00:15', '2027-01-01T00:30']],
  ['cron(0/10 * ? * MON-FRI *)', ['2027-01-01T00:10', '2027-01-01T00:20']],
  ['cron(0/5 8-17 ? * MON-FRI *)', ['2027-01-01T08:00', '2027-01-01T08:05']],
  ['cron(0/30 20-2 ? * MON-FRI *)', undefined],
  ['cron(0/30 0-2,20-23 ? * MON-FRI *)', ['2027-01-01T00:30', '2027-01-01T01:00']],
  ['cron(0 0 L * ? *)', ['2027-01-31T00:00', '2027-02-28T00:00']],
  ['cron(0 9 LW * ? *)', ['2027-01-29T09:00', '2027-02-26T09:00']],
  ['cron(0 9 3W * ? *)', ['2027-01-04T09:00', '2027-02-03T09:00']],
  ['cron(0 9 1W * ? *)', ['2027-01-01T09:00', '2027-02-01T09:00']],
  ['cron(0 10 ? * 6L *)', ['2027-01-29T10:00', '2027-02-26T10:00']],
  ['cron(0 10 ? * 6L 2028-2029)', ['2028-01-28T10:00', '2028-02-25T10:00']],
  ['cron(0 10 ? * TUE#2 *)', ['2027-01-12T10:00', '2027-02-09T10:00']],
  ['cron(0 10 ? * 3#5 *)', ['2027-03-30T10:00', '2027-06-29T10:00']],
  ['cron(0 0 29 FEB ? *)', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ['cron(0 0 1 1 ? 2020)', []],
  ['rate(1 hour)', ['2027-01-01T01:00', '2027-01-01T02:00']],
  ['rate(5 minutes)', ['2027-01-01T00:05', '2027-01-01T00:10']],
  ['rate(7 days)', ['2027-01-08T00:00', '2027-01-15T00:00']],
  ['at(2027-06-01T12:30:00)', ['2027-06-01T12:30']],
] as [string, string[] | undefined][])('%s', ([expression, expected]) => {
  if (expected) expect(moments(expression, '2027-01-01T00:00:00Z', 2)).toEqual(expected);
  else expect(() => parseSchedule(expression)).toThrow(ScheduleError);
});

test.for([
  'rate(1 hours)',
  'rate(5 minute)',
  'rate(0 minutes)',
  'rate(5)',
  'cron(* * * * *)',
  'cron(* * * * * *)',
  'cron(0 0 ? * ? *)',
  'cron(60 * * * ? *)',
  'cron(0 0 ? * 8 *)',
  'cron(0 0 ? * MON#6 *)',
  'at(2027-13-01T00:00:00)',
  'daily',
])('%s is refused', (expression) => {
  expect(() => parseSchedule(expression)).toThrow(ScheduleError);
});

test('in a time zone, days keep their hour across the changes of the clock', () => {
  expect(moments('cron(0 9 * * ? *)', '2027-03-26T12:00:00Z', 3, 'Europe/Berlin')).toEqual([
    '2027-03-27T08:00',
    '2027-03-28T07:00',
    '2027-03-29T07:00',
  ]);
  // In New York, 02:30 is left out on 14 March 2027, and 01:30 comes twice on 7 November.
  expect(moments('cron(30 2 * * ? *)', '2027-03-13T12:00:00Z', 2, 'America/New_York')).toEqual([
    '2027-03-14T07:30',
    '2027-03-15T06:30',
  ]);
  expect(moments('cron(30 1 * * ? *)', '2027-11-06T12:00:00Z', 2, 'America/New_York')).toEqual([
    '2027-11-07T05:30',
    '2027-11-08T06:30',
  ]);
});

test('what a clock shows leads back to the moment, in every zone', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
  const minutes = fc.integer({ min: Date.UTC(2020, 0) / 60_000, max: Date.UTC(2030, 0) / 60_000 });
  fc.assert(
    fc.property(zones, minutes, (zone, minute) => {
      const shown = wallTime(minute * 60_000, zone);
      const first = toInstant(shown, zone);
      expect(wallTime(first, zone)).toEqual(shown);
      expect(first).toBeLessThanOrEqual(minute * 60_000);
    }),
  );
});
