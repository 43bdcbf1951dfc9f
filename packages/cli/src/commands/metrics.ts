// plinth metrics: what a system measures, and how one of its metrics went.
import type { Metric } from '@aws-sdk/client-cloudwatch';

import { drawChart, shortNumber, shortTime } from '../chart.ts';
import { command } from '../command.ts';
import { requireDeployed } from '../deploy.ts';
import { badDuration, badStatistic, unknownMetric } from '../errors.ts';
import { readDuration } from '../moments.ts';
import { table } from '../report.ts';
import { readState } from '../root.ts';
import { sdkConfiguration } from '../sdk.ts';
import { findMetrics, metricName, readValues, type MetricValues } from '../system-metrics.ts';
import { systemNames } from '../systems.ts';
import { timeAt } from '../target.ts';

interface MetricReport extends MetricValues {
  readonly metric: string;
}

interface MetricsAnswer {
  readonly from: number;
  readonly to: number;
  /** True where one metric was asked for. */
  readonly one: boolean;
  readonly metrics: readonly MetricReport[];
}

export const metrics = command<MetricsAnswer>({
  summary: 'Show what a system measures: every metric with its last value, or a chart of one.',
  args: '<system> [metric]',
  arity: [1, 2],
  options: {
    since: { type: 'string', value: 'DURATION', summary: 'how far back, e.g. 30m, 2d (default: 3h)' },
    stat: { type: 'string', value: 'NAME', summary: 'e.g. Sum, Average, p99 (default: sums of counts, else averages)' },
  },
  examples: [
    ['plinth metrics aiops', 'every metric of the last three hours, with its last value'],
    ['plinth metrics aiops Duration --stat p99 --since 1d', 'a chart for each metric of that name'],
    ['plinth metrics aiops "Errors FunctionName=ingest" --json', 'one of them, as data'],
  ],
  complete: async ([system], context) => (system === undefined ? systemNames(context) : []),
  run: async ({ args: [system = '', name], options }, context) => {
    const since = readDuration(String(options['since'] ?? '3h'));
    if (since === undefined) throw badDuration(String(options['since']));
    const roots = await requireDeployed([system], options, context);
    const resources = (await Promise.all(roots.map(readState))).flatMap((state) => state.resources);
    const { target, selection } = roots[0];
    const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
    const client = new CloudWatchClient(sdkConfiguration(target));
    try {
      const all = await findMetrics(client, resources, [selection.system.name, selection.system.project]);
      const chosen = name === undefined ? all : all.filter((metric) => isCalled(metric, name));
      if (name !== undefined && chosen.length === 0) {
        throw unknownMetric(system, name, [...new Set(all.map(({ MetricName = '' }) => MetricName))]);
      }
      const to = await timeAt(target, context);
      const window = { from: to - since, to, statistic: options['stat'] as string | undefined };
      const found: MetricReport[] = [];
      for (const metric of chosen) {
        const values = await readValues(client, metric, window).catch((error: Error) => {
          if (error.name.startsWith('InvalidParameter')) throw badStatistic(window.statistic ?? '', error.message);
          throw error;
        });
        found.push({ metric: metricName(metric), ...values });
      }
      return { from: window.from, to, one: name !== undefined, metrics: found };
    } finally {
      client.destroy();
    }
  },
  render: (answer) => (answer.one ? answer.metrics.map((each) => chartOf(each, answer)).join('\n\n') : listOf(answer)),
});

/** By the metric's name, or by more of what `plinth metrics` calls it. */
const isCalled = (metric: Metric, name: string): boolean =>
  metric.MetricName === name || metricName(metric) === name || metricName(metric).endsWith(` ${name}`);

function listOf({ metrics: found }: MetricsAnswer): string {
  if (found.length === 0) return 'Nothing was measured yet.';
  return table(
    found.map(({ metric, statistic, unit, points }) => {
      const last = points.at(-1);
      const value = last ? `${shortNumber(last.value)}${unitText(unit)} ${shortTime(last.at)}` : 'nothing in this time';
      return [metric, `${statistic}: ${value}`];
    }),
  ).join('\n');
}

function chartOf(
  { metric, statistic, unit, periodSeconds, points }: MetricReport,
  { from, to }: MetricsAnswer,
): string {
  const title = `${metric}: ${statistic}${unitText(unit)} of ${periodSeconds / 60} min`;
  if (points.length === 0) return `${title}\n  nothing in this time`;
  // What is read by another program gets a line for each value.
  if (!process.stdout.isTTY)
    return [title, ...points.map(({ at, value }) => `  ${shortTime(at)}  ${shortNumber(value)}`)].join('\n');
  return `${title}\n${drawChart(points, from, to)}`;
}

const unitText = (unit: string): string => (unit === 'None' ? '' : ` ${unit}`);
