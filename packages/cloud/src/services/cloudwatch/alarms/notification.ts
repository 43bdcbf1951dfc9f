// How the rest of AWS is told of an alarm's new state: the text of a topic's message, a function's event, EventBridge's detail.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';

import { toDimensions } from '../dimensions.ts';
import type { Alarm, AlarmState, MetricAlarm, StateSnapshot } from './alarm.ts';
import { awsDate } from './reason.ts';

const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-central-2': 'EU (Zurich)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-south-1': 'EU (Milan)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'ap-northeast-3': 'Asia Pacific (Osaka)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'sa-east-1': 'South America (Sao Paulo)',
};

const LONGEST_SUBJECT = 100;

const regionName = (region: string): string => REGIONS[region] ?? region;

/** The subject of a topic's message. */
export const subjectOf = ({ name, region }: Alarm, state: AlarmState): string =>
  `${state}: "${name}" in ${regionName(region)}`.slice(0, LONGEST_SUBJECT);

/** The text of a topic's message. */
export function messageOf(alarm: Alarm, left: StateSnapshot, account: string): string {
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: awsDate(alarm.updatedAt),
    ...(alarm.kind === 'composite' && { AlarmRule: alarm.rule }),
    NewStateValue: alarm.state,
    NewStateReason: alarm.stateReason,
    StateChangeTime: awsDate(alarm.stateUpdatedAt),
    Region: regionName(alarm.region),
    AlarmArn: alarm.arn,
    OldStateValue: left.state,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    ...(alarm.kind === 'metric' && { Trigger: triggerOf(alarm) }),
  });
}

function triggerOf(alarm: MetricAlarm): object {
  const { watches } = alarm;
  return {
    ...('queries' in watches
      ? { Metrics: watches.queries.map(triggerQuery) }
      : {
          MetricName: watches.metric,
          Namespace: watches.namespace,
          StatisticType: watches.statistic ? 'Statistic' : 'ExtendedStatistic',
          ...(watches.statistic
            ? { Statistic: STATISTICS[watches.statistic] }
            : { ExtendedStatistic: watches.extendedStatistic }),
          Unit: watches.unit ?? null,
          Dimensions: dimensionsOf(watches.dimensions),
        }),
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(alarm.datapointsToAlarm !== undefined && { DatapointsToAlarm: alarm.datapointsToAlarm }),
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData ?? '',
    EvaluateLowSampleCountPercentile: alarm.lowSampleCount ?? '',
  };
}

const STATISTICS = {
  SampleCount: 'SAMPLE_COUNT',
  Average: 'AVERAGE',
  Sum: 'SUM',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
} as const;

const dimensionsOf = (dimensions: Readonly<Record<string, string>>) =>
  Object.entries(dimensions).map(([name, value]) => ({ value, name }));

const triggerQuery = ({ Id, Expression, Label, MetricStat: stat, ReturnData = true }: MetricDataQuery): object => ({
  ...(Expression !== undefined && { Expression }),
  Id,
  ...(Label !== undefined && { Label }),
  ...(stat && {
    MetricStat: {
      Metric: {
        Dimensions: (stat.Metric?.Dimensions ?? []).map(({ Name: name, Value: value }) => ({ value, name })),
        MetricName: stat.Metric?.MetricName,
        Namespace: stat.Metric?.Namespace,
      },
      Period: stat.Period,
      Stat: stat.Stat,
    },
  }),
  ReturnData,
});

/** What EventBridge and functions are told of a state. */
export const stateOf = ({ state, stateReason, stateData, stateUpdatedAt }: StateSnapshot): object => ({
  value: state,
  reason: stateReason,
  ...(stateData !== undefined && { reasonData: stateData }),
  timestamp: awsDate(stateUpdatedAt),
});

/** What EventBridge and functions are told of what an alarm watches. */
export function configurationOf(alarm: Alarm): object {
  const description = alarm.description !== undefined && { description: alarm.description };
  if (alarm.kind === 'composite') {
    const { suppressor } = alarm;
    return {
      ...description,
      alarmRule: alarm.rule,
      ...(suppressor && {
        actionsSuppressor: suppressor.alarm,
        actionsSuppressorWaitPeriod: suppressor.waitSeconds,
        actionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
      }),
    };
  }
  return { ...description, metrics: queriesOf(alarm).map(queryOf) };
}

/** A metric alarm's queries; the one of a plain metric goes by an id that its name makes. */
function queriesOf({ watches, period, arn }: MetricAlarm): readonly MetricDataQuery[] {
  if ('queries' in watches) return watches.queries;
  const { namespace, metric, dimensions, statistic, extendedStatistic, unit } = watches;
  return [
    {
      Id: `m${Buffer.from(arn).toString('hex').slice(-12)}`,
      MetricStat: {
        Metric: { Namespace: namespace, MetricName: metric, Dimensions: toDimensions(dimensions) },
        Period: period,
        Stat: statistic ?? extendedStatistic,
        ...(unit !== undefined && { Unit: unit as 'Count' }),
      },
    },
  ];
}

const queryOf = ({ Id, Expression, Label, MetricStat: stat, ReturnData = true }: MetricDataQuery): object => ({
  id: Id,
  ...(Expression !== undefined && { expression: Expression }),
  ...(Label !== undefined && { label: Label }),
  ...(stat && {
    metricStat: {
      metric: {
        namespace: stat.Metric?.Namespace,
        name: stat.Metric?.MetricName,
        dimensions: Object.fromEntries((stat.Metric?.Dimensions ?? []).map(({ Name = '', Value }) => [Name, Value])),
      },
      period: stat.Period,
      stat: stat.Stat,
      ...(stat.Unit !== undefined && { unit: stat.Unit }),
    },
  }),
  returnData: ReturnData,
});

/** The detail of an event of EventBridge that tells of a new state. */
export const stateChangeDetail = (alarm: Alarm, left: StateSnapshot): Record<string, unknown> => ({
  alarmName: alarm.name,
  state: stateOf(alarm),
  previousState: stateOf(left),
  configuration: configurationOf(alarm),
});

/** The detail of an event of EventBridge that tells of a new configuration. */
export const configurationDetail = (
  alarm: Alarm,
  operation: 'create' | 'update' | 'delete',
): Record<string, unknown> => ({
  alarmName: alarm.name,
  operation,
  state: stateOf(alarm),
  configuration: {
    ...configurationOf(alarm),
    alarmName: alarm.name,
    actionsEnabled: alarm.actionsEnabled,
    okActions: alarm.actions.OK,
    alarmActions: alarm.actions.ALARM,
    insufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    timestamp: awsDate(alarm.updatedAt),
    ...(alarm.kind === 'metric' && {
      evaluationPeriods: alarm.evaluationPeriods,
      threshold: alarm.threshold,
      comparisonOperator: alarm.comparison,
      treatMissingData: alarm.treatMissingData ?? 'missing',
      ...(alarm.datapointsToAlarm !== undefined && { datapointsToAlarm: alarm.datapointsToAlarm }),
    }),
  },
});

/** The event that a function gets. */
export const functionEvent = (alarm: Alarm, left: StateSnapshot, account: string): object => ({
  source: 'aws.cloudwatch',
  alarmArn: alarm.arn,
  accountId: account,
  time: awsDate(alarm.stateUpdatedAt),
  region: alarm.region,
  alarmData: {
    alarmName: alarm.name,
    state: stateOf(alarm),
    previousState: stateOf(left),
    configuration: configurationOf(alarm),
  },
});
