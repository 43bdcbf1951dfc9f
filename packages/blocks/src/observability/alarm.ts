// A CloudWatch alarm that tells a topic when something is wrong, and when it is well again.
import { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js';
import { Construct } from 'constructs';

import type { Topic } from '../events/topic.ts';
import { validate, type Rule } from '../rules.ts';
import { Stack } from '../stack.ts';

/** Statistics of CloudWatch; percentiles as `p99` or `p99.9`. */
export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | `p${number}`;

export interface AlarmProps {
  /** The alarm's name. */
  readonly name: string;
  /** What it means, and what to do: whoever is woken reads this. */
  readonly description: string;
  /** What is watched. */
  readonly metric: {
    /** E.g. `AWS/Lambda`. */
    readonly namespace: string;
    readonly name: string;
    readonly dimensions?: Readonly<Record<string, string>>;
  };
  /** How the values of a period become one. */
  readonly statistic: Statistic;
  /** How a value that is wrong stands to the threshold. */
  readonly comparison: '>' | '>=' | '<' | '<=';
  /** In the metric's own unit. */
  readonly threshold: number;
  /** Seconds of one datapoint. @default 300 */
  readonly periodSeconds?: number;
  /** Periods that are looked at. @default 1 */
  readonly periods?: number;
  /** How many of them have to be wrong. @default all of them */
  readonly datapoints?: number;
  /** What a period without data is: `fine`, `wrong`, or `unknown`. @default fine */
  readonly missing?: 'fine' | 'wrong' | 'unknown';
  /** Who is told, of both ALARM and OK. */
  readonly tells: Topic;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
export class Alarm extends Construct {
  readonly resource: CloudwatchMetricAlarm;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: AlarmProps) {
    super(scope, id);
    validate(RULES, props);
    const { metric, statistic, periods = 1, datapoints = periods, tells } = props;
    this.name = props.name;
    this.arn = Stack.of(this).arnOf('cloudwatch', `alarm:${props.name}`);
    this.resource = new CloudwatchMetricAlarm(this, 'Resource', {
      alarmName: props.name,
      alarmDescription: props.description,
      namespace: metric.namespace,
      metricName: metric.name,
      ...(metric.dimensions && { dimensions: { ...metric.dimensions } }),
      ...(/^p\d/.test(statistic) ? { extendedStatistic: statistic } : { statistic }),
      comparisonOperator: OPERATORS[props.comparison],
      threshold: props.threshold,
      period: props.periodSeconds ?? 300,
      evaluationPeriods: periods,
      datapointsToAlarm: datapoints,
      treatMissingData: MISSING[props.missing ?? 'fine'],
      alarmActions: [tells.arn],
      okActions: [tells.arn],
    });
  }
}

const OPERATORS: Readonly<Record<AlarmProps['comparison'], string>> = {
  '>': 'GreaterThanThreshold',
  '>=': 'GreaterThanOrEqualToThreshold',
  '<': 'LessThanThreshold',
  '<=': 'LessThanOrEqualToThreshold',
};

const MISSING: Readonly<Record<NonNullable<AlarmProps['missing']>, string>> = {
  fine: 'notBreaching',
  wrong: 'breaching',
  unknown: 'missing',
};

/** The longest time that an alarm looks back. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const LONGEST_SECONDS = 7 * 86_400;

const RULES: readonly Rule<AlarmProps>[] = [
  {
    code: 'alarm-description',
    holds: ({ description }) => description.length >= 20,
    says: ({ name }) => `'${name}' does not say what to do`,
    fix: 'Write what it means and what to do, for somebody who was asleep a minute ago.',
  },
  {
    code: 'alarm-period',
    holds: ({ periodSeconds: seconds = 300 }) => [10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0),
    says: ({ name, periodSeconds }) => `'${name}' would have periods of ${periodSeconds} seconds`,
    fix: 'Give 10, 20, 30 or a multiple of 60 seconds.',
  },
  {
    code: 'alarm-range',
    holds: ({ periodSeconds = 300, periods = 1 }) => periodSeconds * periods <= LONGEST_SECONDS,
    says: ({ name }) => `'${name}' would look back for more than a week`,
    fix: 'Look at fewer or shorter periods.',
  },
  {
    code: 'alarm-datapoints',
    holds: ({ periods = 1, datapoints = periods }) => datapoints >= 1 && datapoints <= periods,
    says: ({ name, periods, datapoints }) => `'${name}' wants ${datapoints} of ${periods} periods`,
    fix: 'Ask for no more datapoints than there are periods.',
  },
];
