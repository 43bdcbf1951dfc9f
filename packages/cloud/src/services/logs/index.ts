// Amazon CloudWatch Logs.
//
// Answers: groups, streams, put, get and filter with AWS's pattern syntax, retention on the cloud's clock, tags, metric
// filters, the embedded metric format, subscription filters to functions, live tail, Insights,
// resource policies, KMS keys, the class Infrequent Access, exports to S3.
// Gaps: Insights' pattern, diff, join, lookup and anomaly, other query languages (501 or a precise refusal).
// By design: retention deletes once a day, as AWS does within hours of an event's expiry. A customer's KMS key decides, as
// for CloudWatch Logs itself, whether a group's events come in and are read; they lie in the cloud's own store.
// Client quirks: sequence tokens are answered and never checked, as AWS does since 2023. SDKs put `streaming-` before the
// host of StartLiveTail, which no loopback name survives: set `disableHostPrefix`.
import type { Kernel, Service } from '../../kernel/service.ts';
import { Guard } from './access.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { exportOperations } from './export-operations.ts';
import { ExportTasks } from './export-tasks.ts';
import { GroupKeys } from './group-keys.ts';
import { insightsOperations, type QueryDefinition } from './insights/operations.ts';
import { Queries } from './insights/queries.ts';
import { liveTailOperations } from './live-tail.ts';
import { LogEvents } from './log-events.ts';
import { LogGroups } from './log-groups.ts';
import { measureIncoming } from './measurements.ts';
import { metricFilterOperations } from './metric-filter-operations.ts';
import { MetricFilters } from './metric-filters.ts';
import { logsOperations } from './operations.ts';
import { ResourcePolicies, resourcePolicyOperations } from './resource-policies.ts';
import { logsResources } from './resources.ts';
import { startRetention } from './retention.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { Subscriptions } from './subscriptions.ts';

export function logs(kernel: Kernel): Service {
  const { store, clock, account, measurements } = kernel;
  const groups = new LogGroups(store);
  const events = new LogEvents(store);
  const keys = new GroupKeys(kernel);
  const filters = new MetricFilters(store, measurements, clock);
  const subscriptions = new Subscriptions(kernel);
  const policies = new ResourcePolicies(store);
  const guard = new Guard(groups, policies);
  const exports = new ExportTasks(kernel, { groups, events, keys });
  const queries = new Queries(kernel, groups, events, keys);
  const definitions = store.collection<QueryDefinition>('logs.query-definitions');
  events.listen((group, stored) => {
    measureIncoming(measurements, group, stored);
    filters.apply(group, stored);
    subscriptions.apply(group, stored);
    // Groups of the class Infrequent Access have no metrics in their lines.
    if (groups.find(group.region, group.name)?.class !== 'STANDARD') return;
    for (const event of stored) {
      for (const measurement of embeddedMetrics(event, group.region)) measurements.publish(measurement);
    }
  });
  let stopRetention = () => {};
  return {
    name: 'logs',
    client: 'cloudwatch-logs',
    operations: {
      ...logsOperations({ guard, groups, events, keys, filters, subscriptions, account }),
      ...metricFilterOperations(guard, groups, filters, subscriptions),
      ...subscriptionOperations(guard, groups, subscriptions, filters),
      ...resourcePolicyOperations(policies),
      ...liveTailOperations(guard, groups, events),
      ...exportOperations(guard, groups, exports),
      ...insightsOperations({ guard, groups, events, keys, queries, definitions }),
    },
    unsupported: {
      DescribeLogGroups: ['accountIdentifiers', 'includeLinkedAccounts'],
      ListLogGroups: ['accountIdentifiers', 'includeLinkedAccounts', 'dataSources', 'fieldIndexNames'],
      PutMetricFilter: ['applyOnTransformedLogs', 'fieldSelectionCriteria', 'emitSystemFieldDimensions'],
      PutSubscriptionFilter: ['roleArn', 'applyOnTransformedLogs', 'fieldSelectionCriteria', 'emitSystemFields'],
      PutQueryDefinition: ['parameters'],
      PutResourcePolicy: ['resourceArn', 'expectedRevisionId'],
      DescribeResourcePolicies: ['resourceArn'],
      DeleteResourcePolicy: ['resourceArn', 'expectedRevisionId'],
    },
    resources: logsResources,
    describeResource: (arn, _action, call) => guard.describe(arn, call),
    start: () => {
      stopRetention = startRetention(groups, events, clock);
      queries.resume();
      exports.resume();
      subscriptions.resume();
    },
    stop: () => {
      stopRetention();
      queries.stop();
      exports.stop();
      subscriptions.stop();
    },
  };
}
