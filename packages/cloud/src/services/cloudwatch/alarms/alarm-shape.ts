// Alarms as the API describes them.
import type {
  CompositeAlarm as CompositeAlarmShape,
  MetricAlarm as MetricAlarmShape,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';

import { toDimensions } from '../dimensions.ts';
import type { Alarm, CompositeAlarm, MetricAlarm } from './alarm.ts';

const commonShape = (alarm: Alarm) => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  ...(alarm.description !== undefined && { AlarmDescription: alarm.description }),
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.updatedAt),
  ActionsEnabled: alarm.actionsEnabled,
  OKActions: [...alarm.actions.OK],
  AlarmActions: [...alarm.actions.ALARM],
  InsufficientDataActions: [...alarm.actions.INSUFFICIENT_DATA],
  StateValue: alarm.state,
  StateReason: alarm.stateReason,
  ...(alarm.stateData !== undefined && { StateReasonData: alarm.stateData }),
  StateUpdatedTimestamp: new Date(alarm.stateUpdatedAt),
  StateTransitionedTimestamp: new Date(alarm.transitionedAt),
});

export function metricAlarmShape(alarm: MetricAlarm): MetricAlarmShape {
  const { watches } = alarm;
  const watched =
    'queries' in watches
      ? { Metrics: [...watches.queries], Dimensions: [] }
      : {
          MetricName: watches.metric,
          Namespace: watches.namespace,
          Dimensions: toDimensions(watches.dimensions),
          Period: alarm.period,
          ...(watches.statistic !== undefined && { Statistic: watches.statistic }),
          ...(watches.extendedStatistic !== undefined && { ExtendedStatistic: watches.extendedStatistic }),
          ...(watches.unit !== undefined && { Unit: watches.unit as StandardUnit }),
        };
  return {
    ...commonShape(alarm),
    ...watched,
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(alarm.datapointsToAlarm !== undefined && { DatapointsToAlarm: alarm.datapointsToAlarm }),
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    ...(alarm.treatMissingData !== undefined && { TreatMissingData: alarm.treatMissingData }),
    ...(alarm.lowSampleCount !== undefined && { EvaluateLowSampleCountPercentile: alarm.lowSampleCount }),
  };
}

export function compositeAlarmShape(alarm: CompositeAlarm): CompositeAlarmShape {
  const { suppressor, suppression } = alarm;
  return {
    ...commonShape(alarm),
    AlarmRule: alarm.rule,
    ...(suppressor && {
      ActionsSuppressor: suppressor.alarm,
      ActionsSuppressorWaitPeriod: suppressor.waitSeconds,
      ActionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
    }),
    ...(suppression && { ActionsSuppressedBy: suppression.by, ActionsSuppressedReason: suppression.reason }),
  };
}
