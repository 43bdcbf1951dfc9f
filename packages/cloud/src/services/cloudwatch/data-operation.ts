// GetMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
import type { GetMetricDataCommandInput, MetricDataResult } from '@aws-sdk/client-cloudwatch';

import type { Access, Call } from '../../kernel/service.ts';
import { invalidValue, validation } from './errors.ts';
import { renderLabel } from './labels.ts';
import { times } from './math/series.ts';
import { placeOf, tokenOf } from './page.ts';
import { checkQueries, type Queries } from './queries.ts';

interface FoundSeries {
  readonly Id: string;
  readonly Label: string;
  readonly Timestamps: readonly Date[];
  readonly Values: readonly number[];
}

const MOST_DATAPOINTS = 100_800;

export function dataOperation(queries: Queries) {
  return {
    GetMetricData: {
      access: (): Access[] => [{ action: 'cloudwatch:GetMetricData', resource: '*' }],
      run: (input: GetMetricDataCommandInput, call: Call) => {
        const results = resultsOf(queries, input, call);
        return datapointsOf(results, placeOf(input.NextToken), input.MaxDatapoints ?? MOST_DATAPOINTS);
      },
    },
  };
}

function resultsOf(queries: Queries, input: GetMetricDataCommandInput, { region, now }: Call): FoundSeries[] {
  const {
    MetricDataQueries: asked = [],
    StartTime,
    EndTime,
    ScanBy = 'TimestampDescending',
    MaxDatapoints = 1,
    LabelOptions,
  } = input;
  if (asked.length === 0) throw validation('The parameter MetricDataQueries must not be empty.');
  if (!['TimestampDescending', 'TimestampAscending'].includes(ScanBy)) {
    throw validation(`The value ${ScanBy} for parameter ScanBy is invalid.`);
  }
  if (!(MaxDatapoints >= 1 && MaxDatapoints <= MOST_DATAPOINTS)) {
    throw validation(`The parameter MaxDatapoints must be between 1 and ${MOST_DATAPOINTS}.`);
  }
  const timeZone = LabelOptions?.Timezone;
  if (timeZone !== undefined && !/^[+-]\d{4}$/.test(timeZone)) {
    throw validation(`The value ${timeZone} for parameter LabelOptions.Timezone is invalid.`);
  }
  const [from, to] = [StartTime!.getTime(), EndTime!.getTime()];
  if (from >= to) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  checkQueries(asked);
  if (asked.every(({ ReturnData }) => ReturnData === false)) {
    throw validation('At least one of the MetricDataQueries must have ReturnData set to true.');
  }
  const found = queries.evaluate(asked, { region, from, to, now });
  return asked
    .filter(({ ReturnData }) => ReturnData !== false)
    .flatMap(({ Id: id = '', Label: label }) =>
      found.get(id)!.map((series) => {
        const at = times(series);
        if (ScanBy === 'TimestampDescending') at.reverse();
        return {
          Id: id,
          Label: label === undefined ? series.label : renderLabel(label, series, region, timeZone),
          Timestamps: at.map((time) => new Date(time)),
          Values: at.map((time) => series.points.get(time)!),
        };
      }),
    );
}

/** As many datapoints as fit a page, series by series; each series is in every page until it is complete. */
function datapointsOf(results: readonly FoundSeries[], start: number, limit: number) {
  const end = start + limit;
  let before = 0;
  const page = results.flatMap((result): MetricDataResult[] => {
    const from = before;
    before += result.Values.length;
    const empty = result.Values.length === 0 && from >= start && from < end;
    if (!empty && (before <= start || from >= end)) return [];
    const cut = <T>(items: readonly T[]) => items.slice(Math.max(start - from, 0), end - from);
    return [
      {
        ...result,
        Timestamps: cut(result.Timestamps),
        Values: cut(result.Values),
        StatusCode: before > end ? 'PartialData' : 'Complete',
      },
    ];
  });
  return { MetricDataResults: page, Messages: [], ...(before > end && { NextToken: tokenOf(end) }) };
}
