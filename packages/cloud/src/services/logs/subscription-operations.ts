// Subscription filters as an API. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
import type {
  DeleteSubscriptionFilterCommandInput,
  DescribeSubscriptionFiltersCommandInput,
  PutSubscriptionFilterCommandInput,
  SubscriptionFilter,
} from '@aws-sdk/client-cloudwatch-logs';

import type { Access, Call } from '../../kernel/service.ts';
import type { Guard } from './access.ts';
import { invalidParameter } from './errors.ts';
import { patternsOf, requireFewRegexes } from './filter-pattern.ts';
import type { LogGroups } from './log-groups.ts';
import type { MetricFilters } from './metric-filters.ts';
import { page } from './page-token.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Filters in one page. */
const MOST_LISTED = 50;

export type SubscriptionOperations = ReturnType<typeof subscriptionOperations>;

export function subscriptionOperations(
  guard: Guard,
  groups: LogGroups,
  subscriptions: Subscriptions,
  filters: MetricFilters,
) {
  const onGroup =
    (action: string) =>
    (input: { logGroupName: string | undefined }, call: Call): Access[] => [
      guard.group(action, input.logGroupName ?? '', call),
    ];

  return {
    PutSubscriptionFilter: {
      access: onGroup('PutSubscriptionFilter'),
      run: async (input: PutSubscriptionFilterCommandInput, { region, now }: Call) => {
        if (input.distribution !== undefined && input.distribution !== 'ByLogStream') {
          throw invalidParameter(`distribution ${input.distribution} is not supported for functions.`);
        }
        const group = groups.requireStandard(region, input.logGroupName!);
        requireFewRegexes(input.filterPattern!, [
          ...patternsOf(subscriptions.list(group), input.filterName),
          ...patternsOf(filters.list(group)),
        ]);
        await subscriptions.put(group, {
          name: input.filterName!,
          pattern: input.filterPattern!,
          destination: input.destinationArn!,
          createdAt: now,
        });
        return {};
      },
    },
    DescribeSubscriptionFilters: {
      access: onGroup('DescribeSubscriptionFilters'),
      run: (input: DescribeSubscriptionFiltersCommandInput, { region }: Call) => {
        const found = subscriptions
          .list(groups.require(region, input.logGroupName!))
          .filter(({ name }) => name.startsWith(input.filterNamePrefix ?? ''));
        const { items, rest } = page(found, ({ name }) => name, input, MOST_LISTED);
        return {
          subscriptionFilters: items.map(({ name, pattern, destination, createdAt }): SubscriptionFilter => ({
            filterName: name,
            logGroupName: input.logGroupName!,
            filterPattern: pattern,
            destinationArn: destination,
            distribution: 'ByLogStream',
            creationTime: createdAt,
          })),
          ...rest,
        };
      },
    },
    DeleteSubscriptionFilter: {
      access: onGroup('DeleteSubscriptionFilter'),
      run: (input: DeleteSubscriptionFilterCommandInput, { region }: Call) => {
        subscriptions.delete(groups.require(region, input.logGroupName!), input.filterName!);
        return {};
      },
    },
  };
}
