// ListMetrics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
import type { ListMetricsCommandInput } from '@aws-sdk/client-cloudwatch';

import type { Access, Call } from '../../kernel/service.ts';
import type { Datapoints } from './datapoints.ts';
import { toDimensions } from './dimensions.ts';
import { invalidValue } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { page } from './page.ts';

const PAGE = 500;
const TWO_WEEKS = 14 * 86_400_000;
const THREE_HOURS = 3 * 3_600_000;

export function listOperation(metrics: Metrics, datapoints: Datapoints) {
  return {
    ListMetrics: {
      access: (): Access[] => [{ action: 'cloudwatch:ListMetrics', resource: '*' }],
      run: (input: ListMetricsCommandInput, call: Call) => {
        const { Namespace: namespace, MetricName: name, Dimensions: filters = [], RecentlyActive: active } = input;
        if (!['PT3H', undefined].includes(active)) {
          throw invalidValue(`The value ${active} for parameter RecentlyActive is invalid.`);
        }
        datapoints.flush();
        const found = metrics
          .list(call.region, call.now - (active ? THREE_HOURS : TWO_WEEKS), { namespace, name })
          .filter(({ dimensions }) =>
            filters.every(
              ({ Name = '', Value }) =>
                Object.hasOwn(dimensions, Name) && (Value === undefined || dimensions[Name] === Value),
            ),
          );
        const { items, rest } = page(found, {
          keyOf: (metric) => [metric.namespace, metric.name, JSON.stringify(metric.dimensions)].join('\0'),
          limit: PAGE,
          token: input.NextToken,
        });
        return {
          Metrics: items.map((metric) => ({
            Namespace: metric.namespace,
            MetricName: metric.name,
            Dimensions: toDimensions(metric.dimensions),
          })),
          ...rest,
        };
      },
    },
  };
}
