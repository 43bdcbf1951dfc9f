// Composite alarms through the SDK: rules, families, suppression.
import { DescribeAlarmsCommand, PutCompositeAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { MINUTE } from '../test-cloudwatch.ts';
import { arn, startAlarms, TOPIC, type TestAlarms } from './test-alarms.ts';

let world: TestAlarms;

beforeAll(async () => {
  world = await startAlarms();
});
afterAll(() => world.cloud.stop());
beforeEach(async () => {
  await world.toMinute();
  world.told.length = 0;
  world.events.length = 0;
});

describe('a composite alarm', () => {
  const composite = (AlarmName: string, AlarmRule: string, rest: object = {}) =>
    world.client.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule, ...rest }));

  beforeEach(async () => {
    for (const name of ['one', 'two', 'quiet']) {
      await world.alarm(name, { TreatMissingData: 'ignore' });
      await world.set(name, 'OK');
    }
  });

  test('follows its rule, and other composites follow it', async () => {
    await composite('both', `ALARM("one") AND (ALARM(two) OR FALSE) AND NOT OK("${arn('one')}")`, {
      AlarmActions: [TOPIC],
    });
    await composite('above', 'ALARM(both)');
    expect([await world.state('both'), await world.state('above')]).toEqual(['OK', 'OK']);
    await world.set('one', 'ALARM');
    expect(await world.state('both')).toBe('OK');
    await world.set('two', 'ALARM');
    expect([await world.state('both'), await world.state('above')]).toEqual(['ALARM', 'ALARM']);
    expect((await world.describeAlarm('both')).StateReason).toMatch(
      /^arn:aws:cloudwatch:.*:alarm:two transitioned to ALARM at \w+day \d\d \w+, \d{4} \d\d:\d\d:\d\d UTC$/,
    );
    expect(JSON.parse(world.told[0]!.input['Message'] as string)).toMatchObject({
      AlarmRule: expect.stringContaining('ALARM(two)') as string,
      NewStateValue: 'ALARM',
    });
    const family = async (input: object) => {
      const { MetricAlarms = [], CompositeAlarms = [] } = await world.client.send(new DescribeAlarmsCommand(input));
      return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName);
    };
    expect(await family({ ChildrenOfAlarmName: 'both' })).toEqual(['one', 'two']);
    expect(await family({ ParentsOfAlarmName: 'both' })).toEqual(['above']);
    await expect(world.remove('one')).rejects.toMatchObject({
      message: 'Cannot delete one as there are composite alarm(s) depending on it.',
    });
    await world.remove('above');
    await world.remove('both');
  });

  test('that watches itself through another comes to rest', async () => {
    await composite('ring', 'ALARM(one)');
    await composite('other', 'ALARM(ring)');
    await composite('ring', 'ALARM(one) OR NOT ALARM(other)');
    await world.set('one', 'ALARM');
    expect([await world.state('ring'), await world.state('other')]).toEqual(['ALARM', 'ALARM']);
    await composite('ring', 'FALSE');
    await world.remove('other');
    await world.remove('ring');
  });

  test.each([
    ['ALARM(one) AND', /ends too early/],
    ['BROKEN(one)', /BROKEN is not expected/],
    ['ALARM(nobody)', /does not exist: .*:alarm:nobody/],
    ['AT_LEAST(1, ALARM, (one, two))', /AT_LEAST .* is not supported/],
  ])('refuses the rule %s', async (rule, message) => {
    await expect(composite('refused', rule)).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
    });
  });

  test('waits for its suppressor, and for some time after it', async () => {
    await composite('loud', 'ALARM(one)', {
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
      ActionsSuppressor: 'quiet',
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 120,
    });
    const subjects = () => world.told.map(({ input }) => String(input['Subject']).split(':')[0]);
    const suppressedBy = async () => (await world.describeAlarm('loud')).ActionsSuppressedBy;
    await world.toMinute();
    world.told.length = 0;

    // Nobody suppresses: it acts once it has waited.
    await world.set('one', 'ALARM');
    expect([subjects(), await suppressedBy()]).toEqual([[], 'WaitPeriod']);
    await world.advance(60_000);
    expect([subjects(), await suppressedBy()]).toEqual([['ALARM'], undefined]);
    await world.set('one', 'OK');
    expect(subjects()).toEqual(['ALARM', 'OK']);

    // The suppressor comes in time, and it acts only when that one's extension is over.
    await world.set('one', 'ALARM');
    await world.set('quiet', 'ALARM');
    expect(await suppressedBy()).toBe('Alarm');
    await world.advance(10 * MINUTE);
    expect(subjects()).toEqual(['ALARM', 'OK']);
    await world.set('quiet', 'OK');
    expect(await suppressedBy()).toBe('ExtensionPeriod');
    await world.advance(119_000);
    expect(subjects()).toEqual(['ALARM', 'OK']);
    await world.advance(2_000);
    expect([subjects(), await suppressedBy()]).toEqual([['ALARM', 'OK', 'ALARM'], undefined]);
    await world.remove('loud');
  });
});
