// PutMetricAlarm's and PutCompositeAlarm's input, checked.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
import type {
  MetricDataQuery,
  PutCompositeAlarmCommandInput,
  PutMetricAlarmCommandInput,
  Tag,
} from '@aws-sdk/client-cloudwatch';

import { unsupported } from '../../../kernel/errors.ts';
import type { Call } from '../../../kernel/service.ts';
import { checkText, checkUnit, fromDimensions } from '../dimensions.ts';
import { missingParameter, validation } from '../errors.ts';
import { namesIn } from '../math/syntax.ts';
import { checkQueries, parse, periodOf } from '../queries.ts';
import { findStatistic, isSimple } from '../statistic.ts';
import { checkActions } from './actions.ts';
import { alarmArn, alarmName, type Alarm, type CompositeAlarm, type MetricAlarm } from './alarm.ts';
import { alarmsIn, parseRule } from './composite-rule.ts';
import { isComparison } from './judgement.ts';

const LONGEST_NAME = 255;
const LONGEST_DESCRIPTION = 1_024;
const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 7 * DAY_SECONDS;
const SHORT_PERIODS = [10, 20, 30];
const MOST_QUERIES = 10;

/** The alarm that the input describes; what is there by this name keeps its state and its tags. */
export function metricAlarmOf(input: PutMetricAlarmCommandInput, call: Call, before: Alarm | undefined): MetricAlarm {
  const { EvaluationPeriods: evaluationPeriods, ComparisonOperator: comparison, Threshold: threshold } = input;
  if (comparison === undefined) throw missingParameter('The parameter ComparisonOperator is required.');
  if (/Anomaly|Upper|Lower/.test(comparison)) throw unsupported(`ComparisonOperator ${comparison}`);
  if (!isComparison(comparison))
    throw validation(`The value ${comparison} for parameter ComparisonOperator is invalid.`);
  if (threshold === undefined) throw missingParameter('The parameter Threshold is required.');
  if (evaluationPeriods === undefined || evaluationPeriods < 1) {
    throw validation('The parameter EvaluationPeriods must be greater than or equal to 1.');
  }
  const { watches, period } = input.Metrics ? ofQueries(input) : ofMetric(input);
  checkRange(period, evaluationPeriods, input.DatapointsToAlarm);
  return {
    ...common(input, call, before),
    kind: 'metric',
    watches,
    period,
    comparison,
    threshold,
    evaluationPeriods,
    datapointsToAlarm: input.DatapointsToAlarm,
    treatMissingData: oneOf(
      input.TreatMissingData,
      ['missing', 'ignore', 'breaching', 'notBreaching'],
      'TreatMissingData',
    ),
    lowSampleCount: oneOf(
      input.EvaluateLowSampleCountPercentile,
      ['evaluate', 'ignore'],
      'EvaluateLowSampleCountPercentile',
    ),
  };
}

type Watched = Pick<MetricAlarm, 'watches' | 'period'>;

function ofMetric(input: PutMetricAlarmCommandInput): Watched {
  const { MetricName: metric, Namespace: namespace, Period: period, Statistic: statistic, Unit: unit } = input;
  const { ExtendedStatistic: extendedStatistic } = input;
  if (metric === undefined) throw missingParameter('The parameter MetricName is required.');
  if (namespace === undefined) throw missingParameter('The parameter Namespace is required.');
  checkText(metric, 'MetricName');
  checkText(namespace, 'Namespace');
  if (period === undefined) throw missingParameter('The parameter Period is required.');
  if ((statistic === undefined) === (extendedStatistic === undefined)) {
    throw validation('Exactly one of Statistic and ExtendedStatistic must be specified.');
  }
  if (statistic !== undefined && !isSimple(statistic)) {
    throw validation(`The value ${statistic} for parameter Statistic is invalid.`);
  }
  if (extendedStatistic !== undefined && (isSimple(extendedStatistic) || !findStatistic(extendedStatistic))) {
    throw validation(`The value ${extendedStatistic} for parameter ExtendedStatistic is not supported.`);
  }
  if (unit !== undefined) checkUnit(unit, 'Unit');
  const dimensions = fromDimensions(input.Dimensions, 'Dimensions');
  return { watches: { namespace, metric, dimensions, statistic, extendedStatistic, unit }, period };
}

function ofQueries(input: PutMetricAlarmCommandInput): Watched {
  const single = ['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit'] as const;
  const both = single.find(
    (member) => input[member] !== undefined && !(member === 'Dimensions' && input.Dimensions!.length === 0),
  );
  if (both) throw validation(`The parameters Metrics and ${both} are mutually exclusive and you have specified both.`);
  const queries = input.Metrics ?? [];
  if (queries.length > MOST_QUERIES) throw validation(`Metrics must not have more than ${MOST_QUERIES} members.`);
  checkQueries(queries);
  for (const query of queries) {
    if (query.Expression !== undefined && namesIn(parse(query)).functions.has('SEARCH')) {
      throw validation('An alarm cannot be based on a SEARCH expression.');
    }
  }
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false);
  if (returned.length !== 1) {
    throw validation('Exactly one element of the metrics list should return data.');
  }
  return { watches: { queries: queries.map(plainQuery) }, period: periodOf(returned[0]!, queries) };
}

/** As it can be kept: without members that say nothing. */
const plainQuery = (query: MetricDataQuery): MetricDataQuery => JSON.parse(JSON.stringify(query)) as MetricDataQuery;

function checkRange(period: number, evaluationPeriods: number, datapoints: number | undefined): void {
  if (!SHORT_PERIODS.includes(period) && !(period > 0 && period % 60 === 0)) {
    throw validation('The parameter Period must be 10, 20, 30 or a multiple of 60.');
  }
  const seconds = period * evaluationPeriods;
  if (period < 3_600 && seconds > DAY_SECONDS) {
    throw validation(
      `Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= ${DAY_SECONDS}).`,
    );
  }
  if (seconds > WEEK_SECONDS) {
    throw validation(
      `Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= ${WEEK_SECONDS}).`,
    );
  }
  if (datapoints !== undefined && (datapoints < 1 || datapoints > evaluationPeriods)) {
    throw validation('The parameter DatapointsToAlarm must be between 1 and EvaluationPeriods.');
  }
}

/** `exists` says whether there is an alarm of a name. */
export function compositeAlarmOf(
  input: PutCompositeAlarmCommandInput,
  call: Call,
  { before, exists }: { before: Alarm | undefined; exists: (name: string) => boolean },
): CompositeAlarm {
  const { AlarmRule: rule = '', ActionsSuppressor: suppressor } = input;
  const { ActionsSuppressorWaitPeriod: waitSeconds, ActionsSuppressorExtensionPeriod: extensionSeconds } = input;
  const missing = alarmsIn(parseRule(rule)).find((name) => !exists(name));
  if (missing !== undefined) {
    throw validation(`AlarmRule contains an alarm that does not exist: ${alarmArn(call, missing)}`);
  }
  if (suppressor === undefined && (waitSeconds !== undefined || extensionSeconds !== undefined)) {
    throw validation('ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod need an ActionsSuppressor.');
  }
  if (suppressor !== undefined) {
    if (waitSeconds === undefined || extensionSeconds === undefined) {
      throw validation('ActionsSuppressor needs ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod.');
    }
    if (!exists(alarmName(suppressor))) throw validation(`ActionsSuppressor ${suppressor} does not exist.`);
  }
  return {
    ...common(input, call, before),
    kind: 'composite',
    rule,
    suppressor:
      suppressor === undefined
        ? undefined
        : { alarm: suppressor, waitSeconds: waitSeconds ?? 0, extensionSeconds: extensionSeconds ?? 0 },
    suppression: undefined,
  };
}

type CommonInput = Pick<
  PutMetricAlarmCommandInput,
  | 'AlarmName'
  | 'AlarmDescription'
  | 'ActionsEnabled'
  | 'OKActions'
  | 'AlarmActions'
  | 'InsufficientDataActions'
  | 'Tags'
>;

function common(
  input: CommonInput,
  call: Call,
  before: Alarm | undefined,
): Omit<
  MetricAlarm,
  | keyof Watched
  | 'kind'
  | 'comparison'
  | 'threshold'
  | 'evaluationPeriods'
  | 'datapointsToAlarm'
  | 'treatMissingData'
  | 'lowSampleCount'
> {
  const { AlarmName: name = '', AlarmDescription: description, Tags: tags = [] } = input;
  if (name === '' || name.length > LONGEST_NAME)
    throw validation(`AlarmName must have 1 to ${LONGEST_NAME} characters.`);
  if (description !== undefined && description.length > LONGEST_DESCRIPTION) {
    throw validation(`AlarmDescription must not be longer than ${LONGEST_DESCRIPTION} characters.`);
  }
  const actions = {
    OK: input.OKActions ?? [],
    ALARM: input.AlarmActions ?? [],
    INSUFFICIENT_DATA: input.InsufficientDataActions ?? [],
  };
  checkActions(actions.OK, 'OKActions');
  checkActions(actions.ALARM, 'AlarmActions');
  checkActions(actions.INSUFFICIENT_DATA, 'InsufficientDataActions');
  return {
    region: call.region,
    name,
    arn: alarmArn(call, name),
    description,
    actionsEnabled: input.ActionsEnabled ?? true,
    actions,
    // As in AWS, tags are for new alarms alone.
    tags: before ? before.tags : tagsOf(tags),
    updatedAt: call.now,
    state: before?.state ?? 'INSUFFICIENT_DATA',
    stateReason: before?.stateReason ?? 'Unchecked: Initial alarm creation',
    stateData: before?.stateData,
    stateUpdatedAt: before?.stateUpdatedAt ?? call.now,
    transitionedAt: before?.transitionedAt ?? call.now,
  };
}

export const tagsOf = (tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

function oneOf<T extends string>(value: string | undefined, known: readonly T[], member: string): T | undefined {
  const found = known.find((each) => each === value);
  if (value !== undefined && found === undefined)
    throw validation(`The value ${value} for parameter ${member} is invalid.`);
  return found;
}
