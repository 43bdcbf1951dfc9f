// The lives of CloudWatch's Terraform types.
import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:cloudwatch:eu-west-1:000000000000';
const topic = 'arn:aws:sns:eu-west-1:000000000000:woken';

const watching = (alarm_name: string) => ({
  alarm_name,
  namespace: 'Shop',
  metric_name: 'sold',
  comparison_operator: 'LessThanThreshold',
  evaluation_periods: 2,
  period: 60,
  statistic: 'Sum',
  threshold: 1,
});

const query = (id: string, rest: object) => ({ id, ...rest });

const metric = (metric_name: string) => [
  { metric_name, namespace: 'Shop', period: 60, stat: 'Sum', dimensions: { Till: '1' } },
];

const body = (title: string) =>
  JSON.stringify({
    widgets: [{ type: 'metric', properties: { title, region: 'eu-west-1', metrics: [['Shop', 'sold']] } }],
  });

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_cloudwatch_metric_alarm',
    name: 'sold',
    config: { ...watching('lifecycle-sold'), dimensions: { Till: '1' } },
    changed: {
      ...watching('lifecycle-sold'),
      threshold: 2,
      datapoints_to_alarm: 1,
      treat_missing_data: 'breaching',
      alarm_description: 'Nothing is sold',
      alarm_actions: [topic],
      actions_enabled: false,
      tags: { Team: 'shop' },
    },
    change: 'update',
    expected: {
      id: 'lifecycle-sold',
      arn: `${ARN}:alarm:lifecycle-sold`,
      actions_enabled: true,
      treat_missing_data: 'missing',
      dimensions: { Till: '1' },
      tags_all: {},
    },
    expectedAfterChange: {
      threshold: 2,
      datapoints_to_alarm: 1,
      treat_missing_data: 'breaching',
      actions_enabled: false,
      alarm_actions: [topic],
      tags_all: { Team: 'shop' },
    },
  },
  {
    type: 'aws_cloudwatch_metric_alarm',
    name: 'slow',
    config: {
      ...watching('lifecycle-slow'),
      statistic: undefined,
      extended_statistic: 'p99',
      evaluate_low_sample_count_percentiles: 'ignore',
      unit: 'Milliseconds',
    },
    changed: { ...watching('lifecycle-slower') },
    change: 'replace',
    expected: { extended_statistic: 'p99', evaluate_low_sample_count_percentiles: 'ignore', unit: 'Milliseconds' },
  },
  {
    type: 'aws_cloudwatch_metric_alarm',
    name: 'computed',
    config: {
      alarm_name: 'lifecycle-computed',
      comparison_operator: 'GreaterThanThreshold',
      evaluation_periods: 1,
      threshold: 10,
      metric_query: [
        query('rate', { expression: '100 * errors / calls', label: 'Errors', return_data: true }),
        query('errors', { metric: metric('errors') }),
        query('calls', { metric: metric('calls') }),
      ],
    },
    changed: {
      alarm_name: 'lifecycle-computed',
      comparison_operator: 'GreaterThanThreshold',
      evaluation_periods: 1,
      threshold: 10,
      metric_query: [query('errors', { metric: metric('errors'), return_data: true })],
    },
    change: 'update',
    expected: { id: 'lifecycle-computed', threshold: 10 },
  },
  {
    type: 'aws_cloudwatch_composite_alarm',
    name: 'both',
    support: {
      aws_cloudwatch_metric_alarm: { one: watching('lifecycle-one'), two: watching('lifecycle-two') },
    },
    config: {
      alarm_name: 'lifecycle-both',
      alarm_rule: 'ALARM(${aws_cloudwatch_metric_alarm.one.alarm_name})',
      alarm_actions: [topic],
    },
    changed: {
      alarm_name: 'lifecycle-both',
      alarm_description: 'One or the other',
      alarm_rule:
        'ALARM(${aws_cloudwatch_metric_alarm.one.alarm_name}) OR OK(${aws_cloudwatch_metric_alarm.one.alarm_name})',
      actions_suppressor: [
        { alarm: '${aws_cloudwatch_metric_alarm.two.alarm_name}', wait_period: 20, extension_period: 10 },
      ],
      tags: { Team: 'shop' },
    },
    change: 'update',
    expected: { id: 'lifecycle-both', arn: `${ARN}:alarm:lifecycle-both`, alarm_rule: 'ALARM(lifecycle-one)' },
    expectedAfterChange: {
      actions_suppressor: [{ alarm: 'lifecycle-two', wait_period: 20, extension_period: 10 }],
      tags_all: { Team: 'shop' },
    },
  },
  {
    type: 'aws_cloudwatch_dashboard',
    name: 'shop',
    config: { dashboard_name: 'lifecycle-shop', dashboard_body: body('Sold') },
    changed: { dashboard_name: 'lifecycle-shop', dashboard_body: body('Returned') },
    change: 'update',
    expected: {
      id: 'lifecycle-shop',
      dashboard_arn: 'arn:aws:cloudwatch::000000000000:dashboard/lifecycle-shop',
    },
  },
];
