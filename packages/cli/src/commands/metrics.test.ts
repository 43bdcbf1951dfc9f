// plinth metrics and plinth alarms, with a small system of this test's own that is really deployed.
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Command, OptionValues } from '../command.ts';
import type { Context } from '../context.ts';
import { sdkConfiguration } from '../sdk.ts';
import { openTarget } from '../target.ts';
import { deployProject, type DeployedProject } from '../testing.ts';
import { alarms } from './alarms.ts';
import { metrics } from './metrics.ts';

const SYSTEM = `
import { Alarm, Dashboard, defineSystem, StateBackend, Topic } from '@plinth/blocks';

export const system = defineSystem({
  name: 'gauge',
  project: 'gauge',
  owner: 'tests',
  costCenter: 'tests',
  environments: ['dev'],
  state: { bucket: 'gauge-state-{account}', table: 'gauge-locks' },
  stacks: [
    { name: 'state', key: 'state.tfstate', backend: true, build: (stack) => void new StateBackend(stack, 'state', { deletionProtection: false }) },
    {
      name: 'app',
      key: 'app.tfstate',
      build: (stack) => {
        const alarm = new Alarm(stack, 'slow', {
          name: 'gauge-slow',
          description: 'Answers are slow: look at what the shop waits for.',
          metric: { namespace: 'Shop', name: 'took', dimensions: { Till: 'north' } },
          statistic: 'p90',
          comparison: '>',
          threshold: 100,
          periodSeconds: 60,
          missing: 'unknown',
          tells: new Topic(stack, 'woken', { name: 'gauge-woken' }),
        });
        const line = { namespace: 'Shop', metric: 'took', dimensions: { Till: 'north' }, statistic: 'p90' };
        new Dashboard(stack, 'board', { name: 'gauge', rows: [[{ title: 'Took', lines: [line] }], [{ title: 'Alarms', alarms: [alarm] }]] });
      },
    },
  ],
});
`;

let project: DeployedProject;
let context: Context;
let client: CloudWatchClient;

beforeAll(async () => {
  project = await deployProject('gauge', SYSTEM);
  ({ context } = project);
  client = new CloudWatchClient(sdkConfiguration(await openTarget('local', context)));
  const Dimensions = [{ Name: 'Till', Value: 'north' }];
  await client.send(
    new PutMetricDataCommand({
      Namespace: 'Shop',
      MetricData: [{ MetricName: 'took', Values: [10, 20, 300], Unit: 'Milliseconds', Dimensions }],
    }),
  );
  await client.send(new PutMetricDataCommand({ Namespace: 'Other', MetricData: [{ MetricName: 'took', Value: 1 }] }));
  await client.send(
    new PutMetricAlarmCommand({
      AlarmName: 'of-nobody',
      Namespace: 'Other',
      MetricName: 'took',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: 'LessThanThreshold',
    }),
  );
}, 120_000);

afterAll(async () => {
  client?.destroy();
  await project.stop();
});

const run = <Answer>(command: Command<Answer>, args: string[], options: OptionValues = {}) =>
  command.run({ args, options }, context);

it('lists the metrics of the system’s namespaces and resources, with their last values', async () => {
  const answer = await run(metrics, ['gauge']);
  const took = answer.metrics.find(({ metric }) => metric === 'Shop took Till=north');
  expect(took).toMatchObject({ statistic: 'Average', unit: 'Milliseconds', points: [{ value: 110 }] });
  expect(answer.metrics.every(({ metric }) => !metric.startsWith('Other'))).toBe(true);
  expect(metrics.render(answer)).toMatch(/Shop took Till=north +Average: 110 Milliseconds \d{4}-\d\d-\d\d \d\d:\d\dZ/);
});

it('shows one metric by the statistic that is asked for', async () => {
  const answer = await run(metrics, ['gauge', 'took'], { stat: 'p90', since: '30m' });
  expect(answer.metrics).toMatchObject([{ statistic: 'p90', points: [{ value: 300 }] }]);
  // Without a terminal, a line for each value.
  expect(metrics.render(answer)).toMatch(/^Shop took Till=north: p90 Milliseconds of 1 min\n {2}\S+ \S+Z {2}300$/);
});

it('says what there is where something is not', async () => {
  await expect(run(metrics, ['gauge', 'nothing'])).rejects.toMatchObject({
    code: 'unknown-metric',
    fix: expect.stringContaining('took') as string,
  });
  await expect(run(metrics, ['gauge', 'took'], { stat: 'median' })).rejects.toMatchObject({ code: 'bad-statistic' });
  await expect(run(metrics, ['gauge'], { since: 'soon' })).rejects.toMatchObject({ code: 'bad-duration' });
});

it('shows the alarms of a system, or all of them', async () => {
  const own = await run(alarms, ['gauge']);
  expect(own).toMatchObject([
    { name: 'gauge-slow', watches: 'p90 of Shop took (Till=north) > 100, 1 of 1 times 60 s' },
  ]);
  expect((await run(alarms, [])).map(({ name }) => name)).toEqual(['gauge-slow', 'of-nobody']);
  expect(alarms.render(own)).toMatch(
    /^[?✗✓] gauge-slow {2}(INSUFFICIENT_DATA|ALARM|OK) since \S+Z\n {4}p90 of Shop took/,
  );
  expect(alarms.render([])).toBe('There are no alarms.');
});
