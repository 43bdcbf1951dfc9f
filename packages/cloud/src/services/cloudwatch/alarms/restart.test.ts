// Alarms through a restart of the cloud: what they were, what they have to judge, what they have to tell.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../../cloud.ts';
import type { Service } from '../../../kernel/service.ts';
import { cloudwatch } from '../index.ts';
import { clientOf, MINUTE } from '../test-cloudwatch.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:woken';

const told: string[] = [];
let folder: string;
let cloud: Cloud;

const sns = (): Service => ({
  name: 'sns',
  client: 'sns',
  resources: [],
  operations: {
    Publish: {
      access: () => [],
      run: ({ Subject }: { Subject: string }) => {
        told.push(Subject.split(' in ')[0]!);
        return {};
      },
    },
  },
});

const start = async () => {
  cloud = await startCloud({ folder, services: [cloudwatch, sns] });
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-alarms-'));
  await start();
});
afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

const states = async () => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await clientOf(cloud).send(
    new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName, StateValue }) => [AlarmName, StateValue]);
};

test('alarms keep their states, their waiting actions and what they have to do', async () => {
  const client = clientOf(cloud);
  const alarm = (AlarmName: string) =>
    client.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'Shop',
        MetricName: AlarmName,
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      }),
    );
  await alarm('one');
  await alarm('quiet');
  await client.send(
    new PutCompositeAlarmCommand({
      AlarmName: 'loud',
      AlarmRule: 'ALARM(one)',
      AlarmActions: [TOPIC],
      ActionsSuppressor: 'quiet',
      ActionsSuppressorWaitPeriod: 300,
      ActionsSuppressorExtensionPeriod: 0,
    }),
  );
  await client.send(new SetAlarmStateCommand({ AlarmName: 'one', StateValue: 'ALARM', StateReason: 'by hand' }));
  const { measurements, clock } = cloud.kernel;
  const measured = { namespace: 'Shop', name: 'quiet', region: 'us-east-1', dimensions: {}, unit: 'Count' };
  measurements.publish({ ...measured, value: 1, at: clock.now() });

  await cloud.stop();
  await start();
  expect(await states()).toEqual([
    ['one', 'ALARM'],
    ['quiet', 'INSUFFICIENT_DATA'],
    ['loud', 'ALARM'],
  ]);
  await cloud.clock.advance(2 * MINUTE);
  expect(await states()).toContainEqual(['quiet', 'OK']);
  expect(told).toEqual([]);
  await cloud.clock.advance(4 * MINUTE);
  expect(told).toEqual(['ALARM: "loud"']);
});
