// aws_cloudwatch_metric_alarm.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_metric_alarm
import type { MetricDataQuery, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';

import { refusedAttributes } from '../../../terraform/refused-attributes.ts';
import type { Attributes, ResourceType } from '../../../terraform/resource.ts';
import { toDimensions } from '../dimensions.ts';
import { clientOf, deleteAlarm, fromActions, syncTags, tagsAll, toActions } from './alarm-resource.ts';

/** Members of newer kinds of alarms, which the cloud's are none of. */
const OTHERS = ['threshold_metric_id', 'evaluation_criteria', 'evaluation_interval', 'warm_up_configuration'];

export const metricAlarm: ResourceType = {
  type: 'aws_cloudwatch_metric_alarm',
  replace: ['alarm_name'],
  defaults: {
    actions_enabled: true,
    treat_missing_data: 'missing',
    'metric_query.return_data': false,
  },
  validate: (config) => {
    const refused = refusedAttributes(config, [...OTHERS, 'metric_query.account_id']);
    const ways = ['metric_name', 'metric_query', ...OTHERS].filter((name) => isGiven(config[name]));
    return ways.length > 0
      ? refused
      : [{ attribute: 'metric_name', message: 'one of metric_name, metric_query has to be given' }];
  },
  async create(planned, context) {
    const Tags = Object.entries((planned['tags_all'] ?? {}) as Record<string, string>);
    await clientOf(context)('PutMetricAlarm', {
      ...inputOf(planned),
      Tags: Tags.map(([Key, Value]) => ({ Key, Value })),
    });
    return { id: planned['alarm_name'] };
  },
  async read({ id }, context) {
    const { MetricAlarms } = await clientOf(context)('DescribeAlarms', { AlarmNames: [id] });
    const [alarm] = MetricAlarms;
    if (!alarm) return null;
    return {
      ...fromActions(alarm),
      comparison_operator: alarm.ComparisonOperator,
      datapoints_to_alarm: alarm.DatapointsToAlarm ?? 0,
      dimensions: Object.fromEntries((alarm.Dimensions ?? []).map(({ Name = '', Value }) => [Name, Value])),
      evaluate_low_sample_count_percentiles: alarm.EvaluateLowSampleCountPercentile ?? '',
      evaluation_periods: alarm.EvaluationPeriods,
      extended_statistic: alarm.ExtendedStatistic ?? '',
      metric_name: alarm.MetricName ?? '',
      namespace: alarm.Namespace ?? '',
      period: alarm.Period ?? 0,
      statistic: alarm.Statistic ?? '',
      threshold: alarm.Threshold,
      threshold_metric_id: '',
      treat_missing_data: alarm.TreatMissingData ?? 'missing',
      unit: alarm.Unit ?? '',
      metric_query: (alarm.Metrics ?? []).map(fromQuery),
      tags_all: await tagsAll(alarm.AlarmArn!, context),
    };
  },
  async update(prior, planned, context) {
    await clientOf(context)('PutMetricAlarm', inputOf(planned));
    await syncTags(prior, planned, context);
  },
  delete: deleteAlarm,
};

const isGiven = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== '';

function inputOf(planned: Attributes): PutMetricAlarmCommandInput {
  const queries = (planned['metric_query'] ?? []) as Attributes[];
  return {
    ...toActions(planned),
    ComparisonOperator: planned['comparison_operator'],
    DatapointsToAlarm: planned['datapoints_to_alarm'] || undefined,
    EvaluateLowSampleCountPercentile: planned['evaluate_low_sample_count_percentiles'] || undefined,
    EvaluationPeriods: planned['evaluation_periods'],
    Threshold: planned['threshold'] ?? 0,
    TreatMissingData: planned['treat_missing_data'] ?? 'missing',
    ...(queries.length > 0
      ? { Metrics: queries.map(toQuery) }
      : {
          Dimensions: toDimensions(planned['dimensions'] ?? {}),
          ExtendedStatistic: planned['extended_statistic'] || undefined,
          MetricName: planned['metric_name'] || undefined,
          Namespace: planned['namespace'] || undefined,
          Period: planned['period'] || undefined,
          Statistic: planned['statistic'] || undefined,
          Unit: planned['unit'] || undefined,
        }),
  };
}

function toQuery(query: Attributes): MetricDataQuery {
  const [metric] = (query['metric'] ?? []) as Attributes[];
  return {
    Id: query['id'],
    AccountId: query['account_id'] || undefined,
    Expression: query['expression'] || undefined,
    Label: query['label'] || undefined,
    Period: query['period'] || undefined,
    ReturnData: query['return_data'] ?? false,
    ...(metric && {
      MetricStat: {
        Metric: {
          MetricName: metric['metric_name'],
          Namespace: metric['namespace'] || undefined,
          Dimensions: toDimensions(metric['dimensions'] ?? {}),
        },
        Period: metric['period'],
        Stat: metric['stat'],
        Unit: metric['unit'] || undefined,
      },
    }),
  };
}

const fromQuery = ({ Id, Expression, Label, Period, ReturnData, MetricStat: stat }: MetricDataQuery): Attributes => ({
  id: Id,
  account_id: '',
  expression: Expression ?? '',
  label: Label ?? '',
  period: Period,
  return_data: ReturnData ?? true,
  metric: stat
    ? [
        {
          metric_name: stat.Metric?.MetricName,
          namespace: stat.Metric?.Namespace,
          dimensions: Object.fromEntries(
            (stat.Metric?.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]),
          ),
          period: stat.Period,
          stat: stat.Stat,
          unit: stat.Unit ?? '',
        },
      ]
    : [],
});
