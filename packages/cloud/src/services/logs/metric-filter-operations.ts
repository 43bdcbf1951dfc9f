// Metric filters as an API. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
import type {
  DeleteMetricFilterCommandInput,
  DescribeMetricFiltersCommandInput,
  MetricFilter as MetricFilterShape,
  PutMetricFilterCommandInput,
  StandardUnit,
  TestMetricFilterCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import type { Access, Call } from '../../kernel/service.ts';
import type { Guard } from './access.ts';
import { invalidParameter } from './errors.ts';
import { fieldValues } from './filter-fields.ts';
import { compilePattern, patternsOf, requireFewRegexes } from './filter-pattern.ts';
import type { LogGroups } from './log-groups.ts';
import type { MetricFilter, MetricFilters } from './metric-filters.ts';
import { page } from './page-token.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Filters in one page. */
const MOST_LISTED = 50;

export type MetricFilterOperations = ReturnType<typeof metricFilterOperations>;

export function metricFilterOperations(
  guard: Guard,
  groups: LogGroups,
  filters: MetricFilters,
  subscriptions: Subscriptions,
) {
  const onGroup =
    (action: string) =>
    (input: { logGroupName?: string | undefined }, call: Call): Access[] => [
      guard.group(action, input.logGroupName ?? '*', call),
    ];

  return {
    PutMetricFilter: {
      access: onGroup('PutMetricFilter'),
      run: (input: PutMetricFilterCommandInput, { region, now }: Call) => {
        const group = groups.requireStandard(region, input.logGroupName!);
        const [transformation, ...others] = input.metricTransformations ?? [];
        if (!transformation || others.length > 0)
          throw invalidParameter('A metric filter has one metric transformation.');
        requireFewRegexes(input.filterPattern!, [
          ...patternsOf(filters.list(group), input.filterName),
          ...patternsOf(subscriptions.list(group)),
        ]);
        filters.put(group, {
          name: input.filterName!,
          pattern: input.filterPattern!,
          createdAt: now,
          metric: {
            namespace: transformation.metricNamespace!,
            name: transformation.metricName!,
            value: transformation.metricValue!,
            unit: transformation.unit ?? 'None',
            defaultValue: transformation.defaultValue,
            dimensions: transformation.dimensions ?? {},
          },
        });
        return {};
      },
    },
    DescribeMetricFilters: {
      access: onGroup('DescribeMetricFilters'),
      run: (input: DescribeMetricFiltersCommandInput, { region }: Call) => {
        if (input.logGroupName !== undefined) groups.require(region, input.logGroupName);
        const found = filters
          .listAll(region)
          .filter(({ group }) => input.logGroupName === undefined || group === input.logGroupName)
          .filter(({ filter }) => filter.name.startsWith(input.filterNamePrefix ?? ''))
          .filter(({ filter }) => input.metricName === undefined || filter.metric.name === input.metricName)
          .filter(({ filter }) => !input.metricNamespace || filter.metric.namespace === input.metricNamespace);
        const keyOf = ({ group, filter }: (typeof found)[number]) => `${group}:${filter.name}`;
        const { items, rest } = page(found, keyOf, input, MOST_LISTED);
        return { metricFilters: items.map(({ group, filter }) => shape(group, filter)), ...rest };
      },
    },
    DeleteMetricFilter: {
      access: onGroup('DeleteMetricFilter'),
      run: (input: DeleteMetricFilterCommandInput, { region }: Call) => {
        filters.delete(groups.require(region, input.logGroupName!), input.filterName!);
        return {};
      },
    },
    TestMetricFilter: {
      access: (): Access[] => [{ action: 'logs:TestMetricFilter', resource: '*' }],
      run: ({ filterPattern = '', logEventMessages = [] }: TestMetricFilterCommandInput) => {
        const test = compilePattern(filterPattern);
        const values = filterPattern.trim().startsWith('[') ? fieldValues(filterPattern.trim()) : () => ({});
        return {
          matches: logEventMessages.flatMap((eventMessage, index) =>
            test(eventMessage)
              ? [{ eventNumber: index + 1, eventMessage, extractedValues: withDollars(values(eventMessage)) }]
              : [],
          ),
        };
      },
    },
  };
}

const withDollars = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`$${name}`, value]));

function shape(logGroupName: string, { name, pattern, createdAt, metric }: MetricFilter): MetricFilterShape {
  return {
    filterName: name,
    filterPattern: pattern,
    creationTime: createdAt,
    logGroupName,
    metricTransformations: [
      {
        metricNamespace: metric.namespace,
        metricName: metric.name,
        metricValue: metric.value,
        unit: metric.unit as StandardUnit,
        ...(metric.defaultValue !== undefined && { defaultValue: metric.defaultValue }),
        ...(Object.keys(metric.dimensions).length > 0 && { dimensions: { ...metric.dimensions } }),
      },
    ],
  };
}
