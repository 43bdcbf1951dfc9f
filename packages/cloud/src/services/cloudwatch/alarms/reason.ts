// The words in which CloudWatch says why an alarm is in its state.
import type { ComparisonOperator } from '@aws-sdk/client-cloudwatch';

import type { MetricAlarm } from './alarm.ts';
import { breaches, type Criteria, type Judgement, type Point } from './judgement.ts';

const COMPARED: Readonly<Partial<Record<ComparisonOperator, string>>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

export function reasonOf({ state, considered, filled }: Judgement, criteria: Criteria): string {
  const { evaluationPeriods, datapointsToAlarm, missing, comparison, threshold } = criteria;
  const treated = `[${missing === 'breaching' ? 'Breaching' : 'NonBreaching'}]`;
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${count(evaluationPeriods, 'datapoint')} ${was(evaluationPeriods)} unknown.`;
  }
  if (considered.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${count(evaluationPeriods, 'period')} and ${count(filled, 'missing datapoint')} ${was(filled)} treated as ${treated}.`;
  }
  const told = state === 'ALARM' ? considered.filter(({ value }) => breaches(value, criteria)) : considered;
  const values = told.map(({ value, at }) => `${double(value)} (${shortDate(at)})`).join(', ');
  const compared = `${COMPARED[comparison]} the threshold (${double(threshold)})`;
  const also =
    filled > 0 && missing !== 'missing' && missing !== 'ignore'
      ? ` and ${count(filled, 'missing datapoint')} ${was(filled)} treated as ${treated}`
      : '';
  if (state === 'ALARM') {
    return `Threshold Crossed: ${told.length} out of the last ${evaluationPeriods} datapoints [${values}] ${was(told.length)} ${compared}${also} (minimum ${count(datapointsToAlarm, 'datapoint')} for OK -> ALARM transition).`;
  }
  return `Threshold Crossed: ${count(considered.length, 'datapoint')} [${values}] ${was(considered.length)} not ${compared}${also}.`;
}

/** The same as data, a JSON text. */
export function reasonData(
  { watches, period, threshold }: MetricAlarm,
  { considered }: Judgement,
  queryDate: number,
): string {
  const of =
    'queries' in watches
      ? {}
      : { statistic: watches.statistic ?? watches.extendedStatistic, ...(watches.unit && { unit: watches.unit }) };
  return JSON.stringify({
    version: '1.0',
    queryDate: awsDate(queryDate),
    ...(considered[0] && { startDate: awsDate(considered[0].at) }),
    ...of,
    period,
    recentDatapoints: considered.map(({ value }) => value),
    threshold,
    evaluatedDatapoints: considered.toReversed().map(({ at, value, samples }: Point) => ({
      timestamp: awsDate(at),
      ...(samples !== undefined && { sampleCount: samples }),
      value,
    })),
  });
}

/** `2026-11-21T07:20:00.000+0000`, as CloudWatch writes times in texts. */
export const awsDate = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** A number as Java prints it: `5.0`. */
export const double = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const was = (number: number): string => (number === 1 ? 'was' : 'were');

function shortDate(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().slice(2, 19).split('T');
  return `${date.split('-').toReversed().join('/')} ${time}`;
}
