// plinth alarms: which alarms there are, and what they say.
import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';

import { shortNumber } from '../chart.ts';
import { command } from '../command.ts';
import { requireDeployed } from '../deploy.ts';
import { readState } from '../root.ts';
import { sdkConfiguration } from '../sdk.ts';
import { systemNames } from '../systems.ts';
import { openTarget } from '../target.ts';

interface AlarmLine {
  readonly name: string;
  readonly state: string;
  /** When it came to its state, as an ISO time. */
  readonly since: string;
  readonly reason: string;
  readonly watches: string;
}

const TYPES = ['aws_cloudwatch_metric_alarm', 'aws_cloudwatch_composite_alarm'];

export const alarms = command<readonly AlarmLine[]>({
  summary: 'Show the alarms of a system, or all of them: state, since when, why, and what they watch.',
  args: '[system]',
  arity: [0, 1],
  examples: [
    ['plinth alarms', 'every alarm'],
    ['plinth alarms aiops --json', 'those of one system, as data'],
  ],
  complete: async ([system], context) => (system === undefined ? systemNames(context) : []),
  run: async ({ args: [system], options }, context) => {
    const roots = system === undefined ? undefined : await requireDeployed([system], options, context);
    const target = roots ? roots[0].target : await openTarget(options['target'], context);
    const states = await Promise.all((roots ?? []).map(readState));
    const own = new Set(
      states.flatMap(({ resources }) =>
        resources.filter(({ type }) => TYPES.includes(type)).map(({ values }) => String(values['alarm_name'])),
      ),
    );
    const { CloudWatchClient, paginateDescribeAlarms } = await import('@aws-sdk/client-cloudwatch');
    const client = new CloudWatchClient(sdkConfiguration(target));
    const lines: AlarmLine[] = [];
    try {
      const pages = paginateDescribeAlarms({ client }, { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
      for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
        lines.push(...MetricAlarms.map((alarm) => lineOf(alarm, watchedMetric(alarm))));
        lines.push(...CompositeAlarms.map((alarm) => lineOf(alarm, alarm.AlarmRule ?? '')));
      }
    } finally {
      client.destroy();
    }
    return lines
      .filter(({ name }) => system === undefined || own.has(name))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  },
  render: (lines) =>
    lines.length === 0
      ? 'There are no alarms.'
      : lines
          .map(
            ({ name, state, since, reason, watches }) =>
              `${MARKS[state] ?? ' '} ${name}  ${state} since ${since}\n    ${watches}\n    ${reason}`,
          )
          .join('\n'),
});

const MARKS: Readonly<Record<string, string>> = { OK: '✓', ALARM: '✗', INSUFFICIENT_DATA: '?' };

const lineOf = (alarm: MetricAlarm | CompositeAlarm, watches: string): AlarmLine => ({
  name: alarm.AlarmName ?? '',
  state: alarm.StateValue ?? '',
  since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString() ?? '',
  reason: alarm.StateReason ?? '',
  watches,
});

const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
};

/** `Sum of AWS/Lambda Errors (FunctionName=orders) > 0, 1 of 3 times 60 s`. */
function watchedMetric(alarm: MetricAlarm): string {
  const { Metrics = [], Dimensions = [], EvaluationPeriods = 1, DatapointsToAlarm = EvaluationPeriods } = alarm;
  const expression = Metrics.find(({ ReturnData }) => ReturnData !== false);
  const dimensions = Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(', ');
  const watched = expression
    ? (expression.Expression ?? `${expression.MetricStat?.Stat} of ${expression.MetricStat?.Metric?.MetricName}`)
    : `${alarm.Statistic ?? alarm.ExtendedStatistic} of ${alarm.Namespace} ${alarm.MetricName}`;
  const period = alarm.Period ?? expression?.MetricStat?.Period;
  return `${watched}${dimensions === '' ? '' : ` (${dimensions})`} ${SIGNS[alarm.ComparisonOperator ?? ''] ?? '?'} ${shortNumber(alarm.Threshold ?? 0)}, ${DatapointsToAlarm} of ${EvaluationPeriods} times${period === undefined ? '' : ` ${period} s`}`;
}
