// Metric alarms through the SDK, on a clock that is moved: states, actions, events, histories.
import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { MINUTE } from '../test-cloudwatch.ts';
import { ACCOUNT, arn, FUNCTION, startAlarms, TOPIC, type TestAlarms } from './test-alarms.ts';

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

describe('a metric alarm', () => {
  test('goes through its states at the ends of its periods, and says why', async () => {
    await world.alarm('orders', { AlarmActions: [TOPIC], OKActions: [TOPIC], InsufficientDataActions: [TOPIC] });
    expect(await world.describeAlarm('orders')).toMatchObject({
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
      AlarmArn: arn('orders'),
      ActionsEnabled: true,
    });
    await world.put('orders', 6);
    await world.toMinute();
    const alarmed = await world.describeAlarm('orders');
    expect(alarmed).toMatchObject({
      StateValue: 'ALARM',
      StateReason: expect.stringMatching(
        /^Threshold Crossed: 1 out of the last 1 datapoints \[6\.0 \(\d\d\/\d\d\/\d\d \d\d:\d\d:00\)\] was greater than the threshold \(5\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
      ) as string,
    });
    expect(JSON.parse(alarmed.StateReasonData!)).toMatchObject({
      version: '1.0',
      statistic: 'Sum',
      period: 60,
      recentDatapoints: [6],
      threshold: 5,
      evaluatedDatapoints: [{ sampleCount: 1, value: 6 }],
    });
    await world.put('orders', 5);
    await world.toMinute();
    expect((await world.describeAlarm('orders')).StateReason).toMatch(
      /^Threshold Crossed: 1 datapoint \[5\.0 .* was not greater than/,
    );
    await world.advance(4 * MINUTE);
    expect(await world.describeAlarm('orders')).toMatchObject({
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Insufficient Data: 1 datapoint was unknown.',
    });
    expect(world.told.map(({ input }) => input['Subject'] as string)).toEqual([
      'ALARM: "orders" in US East (N. Virginia)',
      'OK: "orders" in US East (N. Virginia)',
      'INSUFFICIENT_DATA: "orders" in US East (N. Virginia)',
    ]);
    // The machine's clock runs on meanwhile.
    expect(world.told.every(({ at }) => at % MINUTE < 5_000)).toBe(true);
  });

  test('tells a topic in the words that AWS has for it', async () => {
    const Dimensions = [{ Name: 'Shop', Value: 'north' }];
    await world.alarm('words', {
      AlarmActions: [TOPIC],
      AlarmDescription: 'Look',
      Dimensions,
      TreatMissingData: 'breaching',
    });
    await world.set('words', 'ALARM');
    const message = JSON.parse(world.told[0]!.input['Message'] as string) as object;
    expect(message).toEqual({
      AlarmName: 'words',
      AlarmDescription: 'Look',
      AWSAccountId: ACCOUNT,
      AlarmConfigurationUpdatedTimestamp: expect.stringMatching(/\+0000$/) as string,
      NewStateValue: 'ALARM',
      NewStateReason: 'by hand',
      StateChangeTime: expect.stringMatching(/\+0000$/) as string,
      Region: 'US East (N. Virginia)',
      AlarmArn: arn('words'),
      OldStateValue: 'INSUFFICIENT_DATA',
      OKActions: [],
      AlarmActions: [TOPIC],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: 'words',
        Namespace: 'Shop',
        StatisticType: 'Statistic',
        Statistic: 'SUM',
        Unit: null,
        Dimensions: [{ value: 'north', name: 'Shop' }],
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 5,
        TreatMissingData: 'breaching',
        EvaluateLowSampleCountPercentile: '',
      },
    });
    await world.remove('words');
  });

  test('tells functions and EventBridge', async () => {
    await world.alarm('events', { OKActions: [FUNCTION], TreatMissingData: 'notBreaching' });
    await world.toMinute();
    const event = JSON.parse(Buffer.from(world.told[0]!.input['Payload'] as Uint8Array).toString()) as object;
    const reason =
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].';
    expect(event).toMatchObject({
      source: 'aws.cloudwatch',
      alarmArn: arn('events'),
      alarmData: { alarmName: 'events', state: { value: 'OK', reason }, previousState: { value: 'INSUFFICIENT_DATA' } },
    });
    expect(world.events.map(({ detailType }) => detailType)).toEqual([
      'CloudWatch Alarm Configuration Change',
      'CloudWatch Alarm State Change',
    ]);
    expect(world.events[1]).toMatchObject({
      source: 'aws.cloudwatch',
      resources: [arn('events')],
      detail: {
        alarmName: 'events',
        state: { value: 'OK', reason },
        configuration: {
          metrics: [
            { metricStat: { metric: { namespace: 'Shop', name: 'events', dimensions: {} }, period: 60, stat: 'Sum' } },
          ],
        },
      },
    });
    await world.remove('events');
  });

  test('keeps quiet where its actions are disabled, and writes down what failed', async () => {
    await world.alarm('unheard', { AlarmActions: [TOPIC], OKActions: [TOPIC] });
    await world.client.send(new DisableAlarmActionsCommand({ AlarmNames: ['unheard'] }));
    await world.set('unheard', 'ALARM');
    await world.client.send(new EnableAlarmActionsCommand({ AlarmNames: ['unheard'] }));
    await world.set('unheard', 'OK');
    expect(world.told).toEqual([]);
    const { AlarmHistoryItems = [] } = await world.client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'unheard' }),
    );
    expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
      `Failed to execute action ${TOPIC}. Received error: "Topic does not exist"`,
      'Alarm updated from ALARM to OK',
      'Alarm "unheard" updated',
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
      'Alarm "unheard" updated',
      'Alarm "unheard" created',
    ]);
    const pages = await world.client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'unheard', HistoryItemType: 'StateUpdate', MaxRecords: 1 }),
    );
    expect([pages.AlarmHistoryItems?.length, pages.NextToken !== undefined]).toEqual([1, true]);
    await world.remove('unheard');
  });

  test('set by hand comes back to what its metric says', async () => {
    await world.alarm('forced', { TreatMissingData: 'notBreaching' });
    await world.toMinute();
    await world.set('forced', 'ALARM');
    expect(await world.state('forced')).toBe('ALARM');
    await world.toMinute();
    expect(await world.state('forced')).toBe('OK');
    await world.remove('forced');
  });

  test('wants two of three datapoints where it is told so', async () => {
    await world.alarm('some', { EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    const seen: (string | undefined)[] = [];
    for (const value of [9, 1, 9, 1, 1]) {
      await world.put('some', value);
      await world.toMinute();
      seen.push(await world.state('some'));
    }
    expect(seen).toEqual(['OK', 'OK', 'ALARM', 'OK', 'OK']);
    await world.remove('some');
  });

  test('watches an expression, and percentiles', async () => {
    const metric = (Id: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'Shop', MetricName: Id }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    await world.client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'rate',
        Metrics: [
          metric('errors'),
          metric('calls'),
          { Id: 'rate', Expression: '100 * errors / calls', Label: 'Errors' },
        ],
        EvaluationPeriods: 1,
        Threshold: 10,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      }),
    );
    await world.alarm('slow', { Statistic: undefined, ExtendedStatistic: 'p90' });
    await world.put('errors', 1);
    await world.put('calls', 10);
    for (let value = 1; value <= 10; value++) await world.put('slow', value);
    await world.toMinute();
    expect([await world.state('rate'), await world.state('slow')]).toEqual(['ALARM', 'ALARM']);
    await world.advance(5 * MINUTE);
    expect([await world.state('rate'), await world.state('slow')]).toEqual(['INSUFFICIENT_DATA', 'INSUFFICIENT_DATA']);
    await world.remove('rate', 'slow');
  });

  test('of high resolution is judged every ten seconds', async () => {
    await world.alarm('fine', { Period: 10, TreatMissingData: 'notBreaching' });
    await world.put('fine', 9, 1);
    await world.advance(10_000);
    expect(await world.state('fine')).toBe('ALARM');
    await world.advance(40_000);
    expect(await world.state('fine')).toBe('OK');
    await world.remove('fine');
  });
});

describe('alarms', () => {
  test('are listed by prefix, state, action and metric, page by page', async () => {
    for (const name of ['list-a', 'list-b', 'list-c'])
      await world.alarm(name, { AlarmActions: name === 'list-b' ? [TOPIC] : [] });
    await world.set('list-c', 'ALARM');
    const names = async (input: object) => {
      const { MetricAlarms = [], NextToken } = await world.client.send(new DescribeAlarmsCommand(input));
      return { names: MetricAlarms.map(({ AlarmName }) => AlarmName), NextToken };
    };
    const first = await names({ AlarmNamePrefix: 'list-', MaxRecords: 2 });
    expect(first.names).toEqual(['list-a', 'list-b']);
    expect((await names({ AlarmNamePrefix: 'list-', MaxRecords: 2, NextToken: first.NextToken })).names).toEqual([
      'list-c',
    ]);
    expect((await names({ AlarmNamePrefix: 'list-', StateValue: 'ALARM' })).names).toEqual(['list-c']);
    expect((await names({ ActionPrefix: 'arn:aws:sns', AlarmNamePrefix: 'list-' })).names).toEqual(['list-b']);
    const of = await world.client.send(new DescribeAlarmsForMetricCommand({ Namespace: 'Shop', MetricName: 'list-a' }));
    expect(of.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['list-a']);
    await world.remove('list-a', 'list-b', 'list-c', 'never-there');
  });

  test('are listed in full also by who deletes them on the way, and by no value that nobody has', async () => {
    for (const name of ['going1', 'going2', 'going3']) await world.alarm(name);
    const list = (given: object) =>
      world.client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'going', MaxRecords: 2, ...given }));
    const { MetricAlarms, NextToken } = await list({});
    await world.client.send(new DeleteAlarmsCommand({ AlarmNames: MetricAlarms!.map(({ AlarmName }) => AlarmName!) }));
    expect((await list({ NextToken })).MetricAlarms).toMatchObject([{ AlarmName: 'going3' }]);
    expect((await list({ AlarmTypes: ['LogAlarm'] })).MetricAlarms).toEqual([]);
    for (const wrong of [{ AlarmTypes: ['Clock'] }, { StateValue: 'RED' }, { MaxRecords: 0 }])
      await expect(list(wrong)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(list({ NextToken: 'MQ' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
    for (const wrong of [{ HistoryItemType: 'Rumour' }, { ScanBy: 'Luck' }, { AlarmTypes: ['Clock'] }] as object[])
      await expect(world.client.send(new DescribeAlarmHistoryCommand(wrong))).rejects.toMatchObject({
        name: 'ValidationException',
      });
  });

  test('have tags', async () => {
    await world.alarm('tagged', { Tags: [{ Key: 'Team', Value: 'shop' }] });
    const ResourceARN = arn('tagged');
    await world.client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'Cost', Value: '1' }] }));
    await world.client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['Team'] }));
    expect((await world.client.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
      { Key: 'Cost', Value: '1' },
    ]);
    await world.remove('tagged');
    await expect(world.client.send(new ListTagsForResourceCommand({ ResourceARN }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test.each<[string, Partial<PutMetricAlarmCommandInput>, RegExp, name?: string]>([
    [
      'anomaly bands',
      { ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold' },
      /ComparisonOperator Less.* is not supported/,
      'NotImplemented',
    ],
    [
      'what stops machines',
      { AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] },
      /action of automate .* is not supported/,
      'NotImplemented',
    ],
    ['no ARN', { AlarmActions: ['woken'] }, /Invalid arn syntax: woken/],
    ['odd periods', { Period: 45 }, /Period must be 10, 20, 30 or a multiple of 60/],
    ['more than a day', { Period: 600, EvaluationPeriods: 145 }, /more than a day/],
    [
      'more datapoints than periods',
      { DatapointsToAlarm: 2 },
      /DatapointsToAlarm must be between 1 and EvaluationPeriods/,
    ],
    ['both kinds of statistic', { ExtendedStatistic: 'p99' }, /Exactly one of Statistic and ExtendedStatistic/],
    ['a metric and queries', { Metrics: [{ Id: 'a', Expression: '1' }] }, /mutually exclusive/],
    ['an unknown treatment', { TreatMissingData: 'fine' }, /TreatMissingData is invalid/],
  ])('refuse %s', async (_, rest, message, name = 'ValidationException') => {
    await expect(world.alarm('refused', rest)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
  });
});
