// A thousand alarms and a month of the cloud's time: while nothing is measured, and while everything is, every hour.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { startCloud, type Cloud } from '@plinth/cloud';

import { seconds } from './measure.ts';
import { held } from './report.ts';

const ALARMS = 1_000;
const REGION = 'us-east-1';
const HOUR = 3_600_000;
const MONTH = 30 * 24 * HOUR;

export async function benchAlarms(): Promise<void> {
  console.log(`\n${ALARMS} alarms`);
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-alarms-'));
  const cloud = await startCloud({ folder });
  try {
    const made = await seconds(() => makeAlarms(cloud));
    held('PutMetricAlarm', (made * 1_000) / ALARMS, 'ms each', 5);
    held('a month without a value', await seconds(() => cloud.clock.advance(MONTH)), 's', 3);
    const stop = measureHourly(cloud);
    held('a month with a value for each every hour', await seconds(() => cloud.clock.advance(MONTH)), 's', 30);
    stop();
  } finally {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeAlarms({ endpoint, credentials }: Cloud): Promise<void> {
  const client = new CloudWatchClient({ endpoint, credentials, region: REGION });
  for (let index = 0; index < ALARMS; index++) {
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: `alarm-${index}`,
        Namespace: 'Bench',
        MetricName: `metric-${index}`,
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 3,
        Threshold: 500,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
  }
}

/** A value for every alarm in each hour, one in a hundred of them too large; until the answer is called. */
function measureHourly({ kernel: { clock, measurements } }: Cloud): () => void {
  let cancel = () => {};
  const arm = (at: number) => {
    cancel = clock.at(at, () => {
      arm(at + HOUR);
      const hour = at / HOUR;
      for (let index = 0; index < ALARMS; index++) {
        measurements.publish({
          namespace: 'Bench',
          name: `metric-${index}`,
          region: REGION,
          dimensions: {},
          value: (hour + index) % 100 === 0 ? 1_000 : 1,
          unit: 'Count',
        });
      }
    });
  };
  arm(Math.floor(clock.now() / HOUR) * HOUR + HOUR);
  return () => cancel();
}
