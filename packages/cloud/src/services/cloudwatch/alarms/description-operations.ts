// Alarms described: by name, state and family, by metric, and their history.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
import type {
  DescribeAlarmHistoryCommandInput,
  DescribeAlarmsCommandInput,
  DescribeAlarmsForMetricCommandInput,
  HistoryItemType,
} from '@aws-sdk/client-cloudwatch';

import { requireOneOf } from '../../../kernel/constraint.ts';
import { timeKey } from '../../../kernel/page.ts';
import type { Access, Call } from '../../../kernel/service.ts';
import { fromDimensions } from '../dimensions.ts';
import { validation } from '../errors.ts';
import { metricKey } from '../metrics.ts';
import { page } from '../page.ts';
import { onAlarm } from './access.ts';
import { compositeAlarmShape, metricAlarmShape } from './alarm-shape.ts';
import { alarmKey, alarmName, STATES, type Alarm, type MetricAlarm } from './alarm.ts';
import { childrenOf, type Alarms } from './alarms.ts';
import { alarmType, type AlarmHistory } from './history.ts';

const HISTORY_TYPES: readonly HistoryItemType[] = [
  'Action',
  'AlarmContributorAction',
  'AlarmContributorStateUpdate',
  'ConfigurationUpdate',
  'StateUpdate',
];

const MOST_NAMES = 100;
const PAGE = 50;
const HISTORY_PAGE = 100;

export function descriptionOperations(alarms: Alarms, history: AlarmHistory) {
  return {
    DescribeAlarms: {
      access: ({ AlarmNames = [] }: DescribeAlarmsCommandInput, call: Call): Access[] =>
        (AlarmNames.length === 0 ? ['*'] : AlarmNames).map((name) => onAlarm(alarms, 'DescribeAlarms', name, call)),
      run: (input: DescribeAlarmsCommandInput, call: Call) => {
        const { MaxRecords: limit = PAGE, AlarmTypes: types = ['MetricAlarm'] } = input;
        checkLimit(limit);
        checkTypes(types);
        requireOneOf(input.StateValue, 'stateValue', STATES, validation);
        const family = familyOf(alarms, input, call.region);
        const { items, rest } = page(
          (family ?? named(alarms, input, call.region))
            // Relatives are found whatever their type.
            .filter(({ kind }) => family !== undefined || types.includes(alarmType(kind)))
            .filter(({ state }) => input.StateValue === undefined || state === input.StateValue)
            .filter(
              ({ actions }) =>
                input.ActionPrefix === undefined ||
                Object.values(actions)
                  .flat()
                  .some((action) => action.startsWith(input.ActionPrefix!)),
            ),
          { keyOf: ({ name }) => name, limit, token: input.NextToken },
        );
        return {
          MetricAlarms: items.filter((alarm) => alarm.kind === 'metric').map(metricAlarmShape),
          CompositeAlarms: items.filter((alarm) => alarm.kind === 'composite').map(compositeAlarmShape),
          ...rest,
        };
      },
    },
    DescribeAlarmsForMetric: {
      access: (): Access[] => [{ action: 'cloudwatch:DescribeAlarmsForMetric', resource: '*' }],
      run: (input: DescribeAlarmsForMetricCommandInput, { region }: Call) => {
        const { Namespace: namespace = '', MetricName: name = '' } = input;
        const key = metricKey({ region, namespace, name, dimensions: fromDimensions(input.Dimensions, 'Dimensions') });
        const found = [...alarms.watching(key)]
          .toSorted()
          .map((each) => alarms.findByKey(each))
          .filter((alarm): alarm is MetricAlarm => alarm?.kind === 'metric' && isAsked(alarm, input));
        return { MetricAlarms: found.map(metricAlarmShape) };
      },
    },
    DescribeAlarmHistory: {
      access: ({ AlarmName = '*' }: DescribeAlarmHistoryCommandInput, call: Call): Access[] => [
        onAlarm(alarms, 'DescribeAlarmHistory', AlarmName, call),
      ],
      run: (input: DescribeAlarmHistoryCommandInput, { region }: Call) => {
        const { MaxRecords: limit = HISTORY_PAGE, AlarmTypes: types = ['MetricAlarm'] } = input;
        checkLimit(limit);
        checkTypes(types);
        requireOneOf(input.HistoryItemType, 'historyItemType', HISTORY_TYPES, validation);
        requireOneOf(input.ScanBy, 'scanBy', ['TimestampDescending', 'TimestampAscending'], validation);
        const found = history
          .list(region, input.AlarmName)
          .filter(({ kind }) => input.AlarmName !== undefined || types.includes(kind))
          .filter(({ type }) => input.HistoryItemType === undefined || type === input.HistoryItemType)
          .filter(({ at }) => at >= (input.StartDate?.getTime() ?? -Infinity))
          .filter(({ at }) => at <= (input.EndDate?.getTime() ?? Infinity));
        const { items, rest } = page(found, {
          keyOf: ({ at, id }) => `${timeKey(at)}|${timeKey(id)}`,
          descending: input.ScanBy !== 'TimestampAscending',
          limit,
          token: input.NextToken,
        });
        return {
          AlarmHistoryItems: items.map(({ alarm, kind, type, at, summary, data }) => ({
            AlarmName: alarm,
            AlarmType: kind,
            Timestamp: new Date(at),
            HistoryItemType: type,
            HistorySummary: summary,
            HistoryData: data,
          })),
          ...rest,
        };
      },
    },
  };
}

function checkLimit(limit: number): void {
  if (limit < 1 || limit > 100) throw validation('The parameter MaxRecords must be between 1 and 100.');
}

/** There are none of logs here, and so none is found. */
function checkTypes(types: readonly string[]): void {
  for (const type of types) requireOneOf(type, 'alarmTypes', ['CompositeAlarm', 'MetricAlarm', 'LogAlarm'], validation);
}

/** The children or the parents of an alarm, where they are asked for. */
function familyOf(alarms: Alarms, input: DescribeAlarmsCommandInput, region: string): Alarm[] | undefined {
  const { ChildrenOfAlarmName: parentName, ParentsOfAlarmName: childName, ...others } = input;
  const name = parentName ?? childName;
  if (name === undefined) return undefined;
  const filter = (['AlarmNames', 'AlarmNamePrefix', 'StateValue', 'ActionPrefix', 'AlarmTypes'] as const).find(
    (member) => others[member] !== undefined,
  );
  if (filter || (parentName !== undefined && childName !== undefined)) {
    throw validation('ChildrenOfAlarmName and ParentsOfAlarmName cannot be combined with another filter.');
  }
  const alarm = alarms.find(region, alarmName(name));
  if (!alarm) return [];
  if (parentName === undefined) return alarms.parentsOf(alarm);
  return alarm.kind === 'composite' ? childrenOf(alarm).flatMap((each) => alarms.find(region, each) ?? []) : [];
}

function named(alarms: Alarms, input: DescribeAlarmsCommandInput, region: string): Alarm[] {
  const { AlarmNames: names, AlarmNamePrefix: prefix } = input;
  if (names !== undefined && names.length > 0) {
    if (prefix !== undefined) throw validation('AlarmNames and AlarmNamePrefix are mutually exclusive.');
    if (names.length > MOST_NAMES) throw validation(`AlarmNames must not have more than ${MOST_NAMES} members.`);
    const keys = new Set(names.map((name) => alarmKey({ region, name })));
    return alarms.list(region).filter((alarm) => keys.has(alarmKey(alarm)));
  }
  return alarms.list(region).filter(({ name }) => name.startsWith(prefix ?? ''));
}

/** What DescribeAlarmsForMetric leaves out is not asked for. */
function isAsked({ watches, period }: MetricAlarm, input: DescribeAlarmsForMetricCommandInput): boolean {
  if ('queries' in watches) return false;
  return (
    (input.Statistic === undefined || watches.statistic === input.Statistic) &&
    (input.ExtendedStatistic === undefined || watches.extendedStatistic === input.ExtendedStatistic) &&
    (input.Period === undefined || period === input.Period) &&
    (input.Unit === undefined || watches.unit === input.Unit)
  );
}
