// What an alarm is: a metric alarm that watches values, or a composite one that watches other alarms.
import type { ComparisonOperator, MetricDataQuery, Statistic } from '@aws-sdk/client-cloudwatch';

import type { Call } from '../../../kernel/service.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export const STATES: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

interface Common {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly actionsEnabled: boolean;
  /** ARNs, by the state that an alarm came to. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
  readonly tags: Readonly<Record<string, string>>;
  /** When it was configured, in milliseconds. */
  readonly updatedAt: number;
  readonly state: AlarmState;
  readonly stateReason: string;
  /** A JSON text. */
  readonly stateData: string | undefined;
  readonly stateUpdatedAt: number;
  readonly transitionedAt: number;
}

/** How an alarm takes periods without a value. */
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export interface MetricAlarm extends Common {
  readonly kind: 'metric';
  readonly watches:
    | {
        readonly namespace: string;
        readonly metric: string;
        readonly dimensions: Readonly<Record<string, string>>;
        readonly statistic: Statistic | undefined;
        readonly extendedStatistic: string | undefined;
        readonly unit: string | undefined;
      }
    | { readonly queries: readonly MetricDataQuery[] };
  /** Seconds. */
  readonly period: number;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  /** Undefined where all of the periods have to breach. */
  readonly datapointsToAlarm: number | undefined;
  /** As it was given. */
  readonly treatMissingData: MissingData | undefined;
  readonly lowSampleCount: 'evaluate' | 'ignore' | undefined;
}

/** Why a composite alarm holds its actions back, and until when. */
export interface Suppression {
  readonly by: 'WaitPeriod' | 'ExtensionPeriod' | 'Alarm';
  readonly reason: string;
  /** Milliseconds; undefined while the suppressor is in ALARM. */
  readonly until: number | undefined;
  /** The state that the alarm left, which its actions are told once they run. */
  readonly left: StateSnapshot;
}

export type StateSnapshot = Pick<Common, 'state' | 'stateReason' | 'stateData' | 'stateUpdatedAt'>;

export interface CompositeAlarm extends Common {
  readonly kind: 'composite';
  readonly rule: string;
  readonly suppressor:
    | {
        /** A name or an ARN. */
        readonly alarm: string;
        readonly waitSeconds: number;
        readonly extensionSeconds: number;
      }
    | undefined;
  readonly suppression: Suppression | undefined;
}

export type Alarm = MetricAlarm | CompositeAlarm;

export const alarmArn = ({ region, account }: Pick<Call, 'region' | 'account'>, name: string): string =>
  `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;

/** The name in an alarm's name or ARN. */
export const alarmName = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn.split(':').slice(6).join(':') : nameOrArn;

/** Where an alarm is kept. */
export const alarmKey = ({ region, name }: Pick<Alarm, 'region' | 'name'>): string => `${region}/${name}`;

export const snapshotOf = ({ state, stateReason, stateData, stateUpdatedAt }: Alarm): StateSnapshot => ({
  state,
  stateReason,
  stateData,
  stateUpdatedAt,
});

/** How a metric alarm takes missing data: as it says, or as AWS does for its namespace. */
export function missingDataOf({ treatMissingData, watches }: MetricAlarm): MissingData {
  return treatMissingData ?? ('namespace' in watches && watches.namespace === 'AWS/DynamoDB' ? 'ignore' : 'missing');
}
