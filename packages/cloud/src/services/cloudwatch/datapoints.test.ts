// How long values are kept, and how finely: on the cloud's clock, through a restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ListMetricsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { cloudwatch } from './index.ts';
import { clientOf, dataOf, metricQuery, REGION } from './test-cloudwatch.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let folder: string;
let cloud: Cloud;

const start = async () => {
  cloud = await startCloud({ folder, services: [cloudwatch] });
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-cloudwatch-'));
  await start();
});
afterEach(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

const values = async (name: string, from: number, period: number, statistic = 'Sum') => {
  const found = await dataOf(clientOf(cloud), [metricQuery('m', name, statistic, period)], from, from + HOUR);
  return found[0]?.Values;
};

test('values become coarser as they grow old, and are forgotten after 455 days; percentiles stay', async () => {
  const hour = Math.floor(cloud.clock.now() / HOUR) * HOUR;
  const MetricData = [0, 30, 60, 301].map((seconds) => ({
    MetricName: 'sold',
    Value: seconds,
    StorageResolution: 1,
    Timestamp: new Date(hour + seconds * 1_000),
  }));
  await clientOf(cloud).send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  expect(await values('sold', hour, 1)).toEqual([0, 30, 60, 301]);
  await cloud.clock.advance(5 * HOUR);
  expect(await values('sold', hour, 1)).toEqual([]);
  expect(await values('sold', hour, 60)).toEqual([30, 60, 301]);
  await cloud.clock.advance(15 * DAY);
  expect(await values('sold', hour, 60)).toEqual([]);
  expect(await values('sold', hour, 300)).toEqual([90, 301]);
  await cloud.clock.advance(48 * DAY);
  expect(await values('sold', hour, 300)).toEqual([]);
  expect(await values('sold', hour, 3_600)).toEqual([391]);
  expect(await values('sold', hour, 3_600, 'p75')).toEqual([60]);
  await cloud.stop();
  await start();
  expect(await values('sold', hour, 3_600)).toEqual([391]);
  await cloud.clock.advance(393 * DAY);
  expect(await values('sold', hour, 3_600)).toEqual([]);
  expect(cloud.kernel.store.sql('SELECT count(*) AS n FROM cloudwatch_metrics').get()).toEqual({ n: 0 });
});

test('a metric is listed for two weeks after its last value, or for three hours where only active ones are asked for', async () => {
  const client = clientOf(cloud);
  await client.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'sold', Value: 1 }] }));
  const count = async (RecentlyActive?: 'PT3H') =>
    (await client.send(new ListMetricsCommand({ Namespace: 'Shop', RecentlyActive }))).Metrics?.length;
  expect([await count(), await count('PT3H')]).toEqual([1, 1]);
  await cloud.clock.advance(4 * HOUR);
  expect([await count(), await count('PT3H')]).toEqual([1, 0]);
  await cloud.clock.advance(14 * DAY);
  expect(await count()).toBe(0);
});

test('what services measure of themselves is there when somebody asks, and after the cloud was stopped', async () => {
  const hour = Math.floor(cloud.clock.now() / HOUR) * HOUR;
  const measure = (value: number) =>
    cloud.kernel.measurements.publish({
      namespace: 'Shop',
      name: 'measured',
      region: REGION,
      dimensions: {},
      value,
      unit: 'Count',
      at: hour,
    });
  for (let value = 1; value <= 1_000; value++) measure(value);
  expect(await values('measured', hour, 60)).toEqual([500_500]);
  measure(500);
  await cloud.stop();
  await start();
  expect(await values('measured', hour, 60)).toEqual([501_000]);
});
