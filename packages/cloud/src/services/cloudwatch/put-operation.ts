// PutMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
import type { MetricDatum, PutMetricDataCommandInput, StatisticSet } from '@aws-sdk/client-cloudwatch';

import type { Access, Call } from '../../kernel/service.ts';
import type { Datapoints, Recorded } from './datapoints.ts';
import { datumOf, mergeDatum, type Datum } from './datum.ts';
import { checkText, checkUnit, fromDimensions } from './dimensions.ts';
import { Distribution } from './distribution.ts';
import { invalidCombination, invalidValue, missingParameter } from './errors.ts';

const MOST_METRICS = 1_000;
const MOST_VALUES = 150;
const LARGEST = 2 ** 360;
const EARLIEST_MILLISECONDS = 14 * 86_400_000;
const LATEST_MILLISECONDS = 2 * 3_600_000;

export function putOperation(datapoints: Datapoints) {
  return {
    PutMetricData: {
      access: ({ Namespace }: PutMetricDataCommandInput): Access[] => [
        { action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': Namespace } },
      ],
      run: (input: PutMetricDataCommandInput, call: Call) => {
        datapoints.put(valuesOf(input, call));
        return {};
      },
    },
  };
}

function valuesOf(input: PutMetricDataCommandInput, call: Call): Recorded[] {
  const { Namespace: namespace = '', MetricData: data = [] } = input;
  checkText(namespace, 'Namespace');
  if (/^AWS\//i.test(namespace)) throw invalidValue(`The value AWS/ for parameter Namespace is invalid.`);
  if (namespace.startsWith(':')) throw invalidValue(`The value ${namespace} for parameter Namespace is invalid.`);
  if (data.length === 0) throw missingParameter('The parameter MetricData is required.');
  if (data.length > MOST_METRICS) {
    throw invalidValue(`The collection MetricData must not have a size greater than ${MOST_METRICS}.`);
  }
  return data.map((datum, index) => {
    const path = `MetricData.member.${index + 1}`;
    const { MetricName: name = '', Unit: unit = 'None', StorageResolution: resolution = 60 } = datum;
    checkText(name, `${path}.MetricName`);
    checkUnit(unit, `${path}.Unit`);
    if (resolution !== 1 && resolution !== 60) {
      throw invalidValue(`The value ${resolution} for parameter ${path}.StorageResolution is invalid.`);
    }
    return {
      metric: {
        region: call.region,
        namespace,
        name,
        dimensions: fromDimensions(datum.Dimensions, `${path}.Dimensions`),
      },
      unit,
      at: timeOf(datum, path, call.now),
      resolution,
      datum: contentOf(datum, path),
    };
  });
}

function timeOf({ Timestamp }: MetricDatum, path: string, now: number): number {
  const at = Timestamp?.getTime() ?? now;
  if (at > now + LATEST_MILLISECONDS) {
    throw invalidValue(`The parameter ${path}.Timestamp must specify a time no more than two hours in the future.`);
  }
  if (at < now - EARLIEST_MILLISECONDS) {
    throw invalidValue(`The parameter ${path}.Timestamp must specify a time within the past two weeks.`);
  }
  return at;
}

function contentOf({ Value, Values, Counts, StatisticValues }: MetricDatum, path: string): Datum {
  const given = Object.entries({ Value, Values, StatisticValues }).filter(([, content]) => content !== undefined);
  const [first, second] = given;
  if (!first) {
    throw missingParameter(
      `At least one of the parameters ${path}.Value, ${path}.Values, ${path}.StatisticValues must be specified.`,
    );
  }
  if (second) {
    throw invalidCombination(
      `The parameters ${path}.${first[0]} and ${path}.${second[0]} are mutually exclusive and you have specified both.`,
    );
  }
  if (Counts !== undefined && Values === undefined) {
    throw invalidCombination(`The parameter ${path}.Counts must be specified together with ${path}.Values.`);
  }
  if (Value !== undefined) return datumOf(checkValue(Value, `${path}.Value`));
  return StatisticValues ? ofSet(StatisticValues, path) : ofValues(Values ?? [], Counts, path);
}

function ofValues(values: readonly number[], counts: readonly number[] | undefined, path: string): Datum {
  if (values.length > MOST_VALUES) {
    throw invalidValue(`The collection ${path}.Values must not have a size greater than ${MOST_VALUES}.`);
  }
  if (values.length === 0) throw missingParameter(`The parameter ${path}.Values must not be empty.`);
  if (counts && counts.length !== values.length) {
    throw invalidValue(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`);
  }
  const parts = values.map((value, index) => {
    const count = counts?.[index] ?? 1;
    if (!(count > 0 && count <= LARGEST)) {
      throw invalidValue(`The value ${count} for parameter ${path}.Counts.member.${index + 1} is invalid.`);
    }
    return datumOf(checkValue(value, `${path}.Values.member.${index + 1}`), count);
  });
  const [whole, ...rest] = parts;
  for (const part of rest) mergeDatum(whole!, part);
  return whole!;
}

function ofSet(set: StatisticSet, path: string): Datum {
  const member = (name: keyof StatisticSet) => checkValue(set[name]!, `${path}.StatisticValues.${name}`);
  const [samples, sum] = [member('SampleCount'), member('Sum')];
  const [minimum, maximum] = [member('Minimum'), member('Maximum')];
  if (samples <= 0) {
    throw invalidValue(`The value ${samples} for parameter ${path}.StatisticValues.SampleCount is invalid.`);
  }
  if (minimum > maximum) {
    throw invalidCombination(
      `The parameter ${path}.StatisticValues.Maximum must be greater than or equal to ${path}.StatisticValues.Minimum.`,
    );
  }
  const distribution = minimum === maximum ? Distribution.of(minimum, samples) : undefined;
  return { samples, sum, minimum, maximum, distribution };
}

function checkValue(value: number, path: string): number {
  if (!Number.isFinite(value) || Math.abs(value) > LARGEST) {
    throw invalidValue(`The value ${value} for parameter ${path} is invalid.`);
  }
  return value;
}
