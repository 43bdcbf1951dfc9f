// AWS's documented tables of missing data as test vectors, and the alarms' foresight against judging every period.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { rootPrincipal } from '../../../kernel/identity/principal.ts';
import { REGION, startCloudwatch, type TestCloudwatch } from '../test-cloudwatch.ts';
import type { AlarmState, MissingData } from './alarm.ts';
import { evaluationRange, judge, type Criteria, type Point } from './judgement.ts';

const MINUTE = 60_000;
const TREATMENTS: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

/** `0` is within the threshold, `X` beyond it, `-` is missing. */
const points = (text: string): (Point | undefined)[] =>
  text.split(' ').map((sign, at) => (sign === '-' ? undefined : { at, value: sign === 'X' ? 1 : 0 }));

const criteria = (datapointsToAlarm: number, missing: MissingData): Criteria => ({
  comparison: 'GreaterThanThreshold',
  threshold: 0,
  evaluationPeriods: 3,
  datapointsToAlarm,
  missing,
});

type Row = readonly [points: string, ...states: (AlarmState | undefined)[]];

const TABLES: readonly { readonly datapointsToAlarm: number; readonly rows: readonly Row[] }[] = [
  {
    datapointsToAlarm: 3,
    rows: [
      ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
      ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
      ['- - - - -', 'INSUFFICIENT_DATA', undefined, 'ALARM', 'OK'],
      ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['- - X - -', 'ALARM', undefined, 'ALARM', 'OK'],
      // In the text beside the table: these do not go into ALARM at once.
      ['- - - - X', 'OK', undefined, 'ALARM', 'OK'],
      ['- - - X -', 'OK', undefined, 'ALARM', 'OK'],
      ['- - - X 0', 'OK', 'OK', 'OK', 'OK'],
    ],
  },
  {
    datapointsToAlarm: 2,
    rows: [
      ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
      ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
      ['- - - X -', 'ALARM', undefined, 'ALARM', 'OK'],
    ],
  },
];

describe.each(TABLES)('$datapointsToAlarm of 3 datapoints', ({ datapointsToAlarm, rows }) => {
  test.for(rows)('%s', ([text, ...expected]) => {
    expect(text.split(' ')).toHaveLength(evaluationRange(3));
    const found = TREATMENTS.map((missing) => judge(points(text), criteria(datapointsToAlarm, missing)).state);
    expect(found).toEqual(expected);
  });
});

test('a percentile of too few samples leaves an alarm as it is, where it is told so', () => {
  const range = [undefined, undefined, undefined, undefined, { at: 0, value: 1, samples: 99 }];
  const one = { ...criteria(1, 'missing'), evaluationPeriods: 1 };
  expect(judge(range, one).state).toBe('ALARM');
  expect(judge(range, { ...one, fewestSamples: 100 }).state).toBeUndefined();
  expect(judge(range, { ...one, fewestSamples: 99 }).state).toBe('ALARM');
});

describe('foresight', () => {
  let world: TestCloudwatch;
  let runs = 0;

  beforeAll(async () => {
    world = await startCloudwatch();
  });
  afterAll(() => world.cloud.stop());

  const invoke = <Output>(operation: string, input: object): Promise<Output> =>
    world.cloud.kernel.invoke('cloudwatch', operation, input, {
      principal: rootPrincipal('000000000000'),
      region: REGION,
    });

  const stateOf = async (name: string) =>
    (await invoke<{ MetricAlarms: { StateValue: AlarmState }[] }>('DescribeAlarms', { AlarmNames: [name] }))
      .MetricAlarms[0]!.StateValue;

  /** Alarms that judge every period, beside the cloud's, which sleep where they can. */
  const arbitrary = fc.record({
    periodMinutes: fc.constantFrom(1, 2, 5),
    evaluationPeriods: fc.integer({ min: 1, max: 4 }),
    fewer: fc.integer({ min: 0, max: 3 }),
    missing: fc.constantFrom(...TREATMENTS),
    // Each in its own minute: how much later or earlier its time is, and its value.
    values: fc.array(
      fc.option(
        fc.record({ shift: fc.constantFrom(0, 0, 0, -1, -3, -7, 2, 5), value: fc.integer({ min: 0, max: 3 }) }),
        {
          freq: 2,
        },
      ),
      { minLength: 5, maxLength: 25 },
    ),
  });

  test('never misses a change, and never makes one too early', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ periodMinutes, evaluationPeriods, fewer, missing, values }) => {
        const { clock, measurements } = world.cloud.kernel;
        const name = `run-${++runs}`;
        const step = periodMinutes * MINUTE;
        const datapointsToAlarm = Math.max(evaluationPeriods - fewer, 1);
        const rules = { ...criteria(datapointsToAlarm, missing), evaluationPeriods, threshold: 1 };
        await clock.advance(MINUTE - (clock.now() % MINUTE) + MINUTE / 2);
        await invoke('PutMetricAlarm', {
          AlarmName: name,
          Namespace: 'Runs',
          MetricName: name,
          Statistic: 'Maximum',
          Period: periodMinutes * 60,
          EvaluationPeriods: evaluationPeriods,
          DatapointsToAlarm: datapointsToAlarm,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanThreshold',
          TreatMissingData: missing,
        });
        const seen: { readonly at: number; readonly value: number }[] = [];
        let state: AlarmState = 'INSUFFICIENT_DATA';
        const quiet = Array<null>(2 * periodMinutes * evaluationRange(evaluationPeriods)).fill(null);
        for (const [index, given] of [...values, ...quiet].entries()) {
          const now = clock.now();
          if (given) {
            const at = now + given.shift * MINUTE;
            seen.push({ at, value: given.value });
            measurements.publish({
              namespace: 'Runs',
              name,
              region: REGION,
              dimensions: {},
              value: given.value,
              unit: 'Count',
              at,
            });
          }
          await clock.advance(MINUTE - (now % MINUTE) + MINUTE / 2);
          const minute = clock.now() - (clock.now() % MINUTE);
          if (index === 0 || minute % step === 0) state = slow(seen, minute - (minute % step), { step, rules, state });
          expect([index, await stateOf(name)]).toEqual([index, state]);
        }
      }),
      { numRuns: 60 },
    );
  });

  function slow(
    seen: readonly { readonly at: number; readonly value: number }[],
    end: number,
    { step, rules, state }: { step: number; rules: Criteria; state: AlarmState },
  ): AlarmState {
    const length = evaluationRange(rules.evaluationPeriods);
    const range = Array.from({ length }, (_, index): Point | undefined => {
      const from = end - (length - index) * step;
      const values = seen.filter(({ at }) => at >= from && at < from + step).map(({ value }) => value);
      return values.length === 0 ? undefined : { at: from, value: Math.max(...values) };
    });
    return judge(range, rules).state ?? state;
  }
});
