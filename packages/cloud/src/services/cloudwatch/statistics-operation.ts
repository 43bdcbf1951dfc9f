// GetMetricStatistics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
import type { Datapoint, GetMetricStatisticsCommandInput, StandardUnit } from '@aws-sdk/client-cloudwatch';

import type { Access, Call } from '../../kernel/service.ts';
import type { Datapoints } from './datapoints.ts';
import { checkText, checkUnit, fromDimensions } from './dimensions.ts';
import { invalidCombination, invalidValue, missingParameter } from './errors.ts';
import { findStatistic, isSimple, requireStatistic } from './statistic.ts';
import { checkPeriod, firstPeriod } from './window.ts';

const MOST_DATAPOINTS = 1_440;

export function statisticsOperation(datapoints: Datapoints) {
  return {
    GetMetricStatistics: {
      access: (): Access[] => [{ action: 'cloudwatch:GetMetricStatistics', resource: '*' }],
      run: (input: GetMetricStatisticsCommandInput, call: Call) => {
        const { Namespace: namespace = '', MetricName: name = '', Period: period = 0, Unit } = input;
        check(input);
        const metric = {
          region: call.region,
          namespace,
          name,
          dimensions: fromDimensions(input.Dimensions, 'Dimensions'),
        };
        const from = firstPeriod(input.StartTime!.getTime(), period, call.now);
        const window = { from, to: input.EndTime!.getTime(), period };
        const units = Unit === undefined ? datapoints.units(metric, window) : [Unit];
        const found = units.flatMap((unit) =>
          [...datapoints.read(metric, { ...window, unit })].map(([at, datum]): Datapoint => {
            const values = (input.Statistics ?? []).map((statistic) => [statistic, findStatistic(statistic)!(datum)]);
            const extended = (input.ExtendedStatistics ?? []).flatMap((statistic): [string, number][] => {
              const value = findStatistic(statistic)!(datum);
              return value === undefined ? [] : [[statistic, value]];
            });
            return {
              Timestamp: new Date(at),
              Unit: unit as StandardUnit,
              ...(Object.fromEntries(values) as Partial<Datapoint>),
              ...(extended.length > 0 && { ExtendedStatistics: Object.fromEntries(extended) }),
            };
          }),
        );
        return { Label: name, Datapoints: found };
      },
    },
  };
}

function check(input: GetMetricStatisticsCommandInput): void {
  const {
    Statistics: statistics = [],
    ExtendedStatistics: extended = [],
    StartTime,
    EndTime,
    Period: period = 0,
  } = input;
  checkText(input.Namespace ?? '', 'Namespace');
  checkText(input.MetricName ?? '', 'MetricName');
  checkPeriod(period, 'Period');
  if (input.Unit !== undefined) checkUnit(input.Unit, 'Unit');
  if (statistics.length === 0 && extended.length === 0) {
    throw missingParameter('At least one of the parameters Statistics and ExtendedStatistics must be specified.');
  }
  for (const [index, statistic] of statistics.entries()) {
    if (!isSimple(statistic)) {
      throw invalidValue(`The value ${statistic} for parameter Statistics.member.${index + 1} is invalid.`);
    }
  }
  for (const [index, statistic] of extended.entries()) {
    requireStatistic(statistic, `ExtendedStatistics.member.${index + 1}`);
  }
  const milliseconds = EndTime!.getTime() - StartTime!.getTime();
  if (milliseconds <= 0) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const asked = Math.floor(milliseconds / (period * 1_000));
  if (asked > MOST_DATAPOINTS) {
    throw invalidCombination(
      `You have requested up to ${asked.toLocaleString('en')} datapoints, which exceeds the limit of ${MOST_DATAPOINTS.toLocaleString('en')}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
}
