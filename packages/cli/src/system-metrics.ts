// Which metrics are a system's: those of its resources, by the values of their dimensions, and those of its own namespaces.
import type { CloudWatchClient, Datapoint, Metric, Statistic } from '@aws-sdk/client-cloudwatch';

import type { ChartPoint } from './chart.ts';
import type { StateResource } from './root.ts';

/** Attributes by whose values AWS's metrics know a resource. */
const NAMES = ['id', 'name', 'arn', 'function_name', 'bucket', 'alarm_name', 'dashboard_name', 'url'];

const SIMPLE: readonly Statistic[] = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

/** The most points that a chart has room for. */
const MOST_POINTS = 144;

/** A system's metrics by namespace, name and dimensions; `names` are the system's own and its project's. */
export async function findMetrics(
  client: CloudWatchClient,
  resources: readonly StateResource[],
  names: readonly string[],
): Promise<Metric[]> {
  const { paginateListMetrics } = await import('@aws-sdk/client-cloudwatch');
  const values = new Set(resources.flatMap(namesOf));
  const namespaces = new Set(resources.flatMap(namespacesOf));
  const found: Metric[] = [];
  for await (const { Metrics = [] } of paginateListMetrics({ client }, {})) {
    found.push(
      ...Metrics.filter(
        ({ Namespace = '', Dimensions = [] }) =>
          namespaces.has(Namespace) ||
          names.some((name) => Namespace.toLowerCase() === name.toLowerCase()) ||
          Dimensions.some(({ Value = '' }) => values.has(Value)),
      ),
    );
  }
  return found;
}

function namesOf({ values }: StateResource): string[] {
  return NAMES.flatMap((name) => {
    const value = values[name];
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}

/** The namespaces that customers chose, of metric filters and of alarms. */
function namespacesOf({ type, values }: StateResource): string[] {
  const transformations = (values['metric_transformation'] ?? []) as readonly { readonly namespace?: string }[];
  const named =
    type === 'aws_cloudwatch_log_metric_filter'
      ? transformations.map(({ namespace }) => namespace)
      : type === 'aws_cloudwatch_metric_alarm'
        ? [values['namespace']]
        : [];
  return named.filter((name): name is string => typeof name === 'string' && name !== '' && !name.startsWith('AWS/'));
}

export interface MetricValues {
  readonly statistic: string;
  readonly unit: string;
  readonly periodSeconds: number;
  /** The earliest first. */
  readonly points: readonly ChartPoint[];
}

/** A metric's values between two moments; without a statistic, sums of what is counted and averages of everything else. */
export async function readValues(
  client: CloudWatchClient,
  metric: Metric,
  { from, to, statistic }: { from: number; to: number; statistic: string | undefined },
): Promise<MetricValues> {
  const { GetMetricStatisticsCommand } = await import('@aws-sdk/client-cloudwatch');
  const periodSeconds = Math.max(Math.ceil((to - from) / MOST_POINTS / 60_000), 1) * 60;
  const simple = SIMPLE.find((name) => name.toLowerCase() === statistic?.toLowerCase());
  const asked =
    statistic === undefined
      ? { Statistics: ['Sum', 'Average'] satisfies Statistic[] }
      : simple
        ? { Statistics: [simple] }
        : { ExtendedStatistics: [statistic] };
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      ...metric,
      Namespace: metric.Namespace,
      MetricName: metric.MetricName,
      StartTime: new Date(from),
      EndTime: new Date(to),
      Period: periodSeconds,
      ...asked,
    }),
  );
  const unit = Datapoints[0]?.Unit ?? 'None';
  const chosen = statistic === undefined ? (unit === 'Count' ? 'Sum' : 'Average') : (simple ?? statistic);
  const points = Datapoints.flatMap((point): ChartPoint[] => {
    const value = valueOf(point, chosen);
    return value === undefined ? [] : [{ at: point.Timestamp?.getTime() ?? 0, value }];
  });
  return { statistic: chosen, unit, periodSeconds, points: points.toSorted((left, right) => left.at - right.at) };
}

const valueOf = (point: Datapoint, statistic: string): number | undefined =>
  point.ExtendedStatistics?.[statistic] ?? point[statistic as Statistic];

/** `AWS/Lambda Errors FunctionName=orders`. */
export const metricName = ({ Namespace, MetricName, Dimensions = [] }: Metric): string =>
  [Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(' ');
