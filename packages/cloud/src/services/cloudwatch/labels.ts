// Labels of graphs, and the dynamic parts in them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
import { times, values } from './math/series.ts';
import type { MetricSeries } from './queries.ts';

/** The label with every `${…}` in it replaced; what is not known stays as it is. `timeZone` is `+0130`, say. */
export function renderLabel(
  template: string,
  series: MetricSeries,
  region: string,
  timeZone: string | undefined,
): string {
  return template.replaceAll(/\$\{([^}]+)\}/g, (whole: string, name: string) => {
    const [, property] = /^PROP\('([^']+)'\)$/.exec(name.trim()) ?? [];
    if (property !== undefined) return propertyOf(property, series, region) ?? whole;
    return partOf(name.trim(), series, timeZone) ?? whole;
  });
}

function propertyOf(name: string, { metric, statistic, period }: MetricSeries, region: string): string | undefined {
  if (name === 'Region') return region;
  if (name === 'Period') return String(period);
  if (name === 'Stat') return statistic;
  if (name === 'MetricName') return metric?.name;
  if (name === 'Namespace') return metric?.namespace;
  const [, dimension] = /^Dim\.(.+)$/.exec(name) ?? [];
  const { dimensions = {} } = metric ?? {};
  return dimension !== undefined && Object.hasOwn(dimensions, dimension) ? dimensions[dimension] : undefined;
}

function partOf(name: string, series: MetricSeries, timeZone: string | undefined): string | undefined {
  if (name === 'LABEL') return series.label;
  if (name === 'DATAPOINT_COUNT') return String(series.points.size);
  const at = times(series);
  const all = values(series);
  if (all.length === 0)
    return ['AVG', 'SUM', 'MIN', 'MAX', 'FIRST', 'LAST'].includes(name.split('_')[0]!) ? '--' : undefined;
  const sum = all.reduce((total, value) => total + value, 0);
  const lowest = all.reduce((best, value, index) => (value < all[best]! ? index : best), 0);
  const highest = all.reduce((best, value, index) => (value > all[best]! ? index : best), 0);
  const places: Readonly<Record<string, number>> = { FIRST: 0, LAST: all.length - 1, MIN: lowest, MAX: highest };
  if (name === 'SUM') return shown(sum);
  if (name === 'AVG') return shown(sum / all.length);
  if (Object.hasOwn(places, name)) return shown(all[places[name]!]!);
  if (name === 'MINMAX') return `${shown(all[lowest]!)}/${shown(all[highest]!)}`;
  const [, which = '', part] = /^(FIRST|LAST|MIN|MAX)_(TIME|TIME_RELATIVE)$/.exec(name) ?? [];
  if (part !== 'TIME') return undefined;
  return timeIn(at[places[which]!]!, timeZone);
}

const shown = (value: number): string => String(Number(value.toPrecision(6)));

function timeIn(at: number, timeZone = '+0000'): string {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(timeZone) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return new Date(at + offset).toISOString().slice(0, 19).replace('T', ' ');
}
