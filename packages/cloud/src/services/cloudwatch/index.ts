// Amazon CloudWatch: metrics, alarms and dashboards.
//
// Answers: metrics put by customers and measured by services, kept for 455 days at falling resolution, with percentiles and
// trimmed means; GetMetricData with metric math and SEARCH; metric and composite alarms with AWS's treatment of missing data,
// judged on the cloud's clock, that tell topics, functions and EventBridge; dashboards, with every fault of a body by its path.
// Gaps: anomaly detection, Metrics Insights, metric streams, Contributor Insights, alarms on logs, mute rules, images of graphs,
// actions other than topics and functions (501 or a precise refusal).
// By design: values of more than 256 different sizes in a period are known within half a percent; percentiles are
// nearest-rank; what services measure of themselves reaches the store within a second; an alarm is judged at the end of its
// periods, and looks back for two more than it evaluates.
// Client quirks: SDKs compress large bodies of PutMetricData; older clients speak the query protocol, newer ones JSON or CBOR.
import type { Kernel, Service } from '../../kernel/service.ts';
import { factsOf } from './alarms/access.ts';
import { Actions } from './alarms/actions.ts';
import { Alarms } from './alarms/alarms.ts';
import { AlarmHistory } from './alarms/history.ts';
import { Transitions } from './alarms/transitions.ts';
import { AlarmWatch } from './alarms/watch.ts';
import { Datapoints } from './datapoints.ts';
import { datumOf } from './datum.ts';
import { Metrics } from './metrics.ts';
import { cloudwatchOperations } from './operations.ts';
import { Queries } from './queries.ts';
import { cloudwatchResources } from './resources.ts';

const UNSUPPORTED: NonNullable<Service['unsupported']> = {
  PutMetricData: ['EntityMetricData'],
  GetMetricData: ['MetricDataQueries.AccountId'],
  ListMetrics: ['IncludeLinkedAccounts', 'OwningAccount'],
  PutMetricAlarm: [
    'ActionConfiguration',
    'EvaluationCriteria',
    'EvaluationInterval',
    'EvaluationWindow',
    'Metrics.AccountId',
    'ThresholdMetricId',
    'WarmUpConfiguration',
  ],
  PutCompositeAlarm: ['ActionConfiguration'],
  DescribeAlarmHistory: ['AlarmContributorId'],
  PutDashboard: ['Tags'],
};

export function cloudwatch(kernel: Kernel): Service {
  const { store, clock } = kernel;
  const metrics = new Metrics(store);
  const datapoints = new Datapoints(store, clock, metrics);
  const queries = new Queries(metrics, datapoints);
  const alarms = new Alarms(store);
  const history = new AlarmHistory(store, clock);
  const actions = new Actions(kernel, history);
  const transitions = new Transitions({ kernel, alarms, history, actions });
  const watch = new AlarmWatch({ clock, alarms, datapoints, queries, transitions });
  kernel.measurements.subscribe(({ namespace, name, region, dimensions, value, unit, at, resolutionSeconds }) =>
    datapoints.record({
      metric: { region, namespace, name, dimensions },
      unit,
      at: at ?? clock.now(),
      resolution: resolutionSeconds === 1 ? 1 : 60,
      datum: datumOf(value),
    }),
  );
  return {
    name: 'cloudwatch',
    signingName: 'monitoring',
    client: 'cloudwatch',
    missingInputCode: 'ValidationException',
    operations: cloudwatchOperations({ kernel, metrics, datapoints, queries, alarms, history, transitions, watch }),
    unsupported: UNSUPPORTED,
    resources: cloudwatchResources,
    describeResource: (arn) => factsOf(alarms, arn),
    start: () => {
      datapoints.start();
      transitions.start();
      watch.start();
      actions.resume();
    },
    stop: async () => {
      watch.stop();
      transitions.stop();
      await actions.stop();
      datapoints.stop();
    },
  };
}
