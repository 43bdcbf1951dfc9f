// The CloudWatch API. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
import { alarmOperations, type AlarmParts } from './alarms/alarm-operations.ts';
import { descriptionOperations } from './alarms/description-operations.ts';
import { tagOperations } from './alarms/tag-operations.ts';
import { dashboardOperations } from './dashboards/operations.ts';
import { dataOperation } from './data-operation.ts';
import type { Datapoints } from './datapoints.ts';
import { listOperation } from './list-operation.ts';
import type { Metrics } from './metrics.ts';
import { putOperation } from './put-operation.ts';
import type { Queries } from './queries.ts';
import { statisticsOperation } from './statistics-operation.ts';

/** What the API works on. */
export interface CloudwatchParts extends AlarmParts {
  readonly metrics: Metrics;
  readonly datapoints: Datapoints;
  readonly queries: Queries;
}

export type CloudwatchOperations = ReturnType<typeof cloudwatchOperations>;

export function cloudwatchOperations(parts: CloudwatchParts) {
  const { kernel, metrics, datapoints, queries, alarms, history } = parts;
  return {
    ...putOperation(datapoints),
    ...dataOperation(queries),
    ...statisticsOperation(datapoints),
    ...listOperation(metrics, datapoints),
    ...alarmOperations(parts),
    ...descriptionOperations(alarms, history),
    ...tagOperations(alarms),
    ...dashboardOperations(kernel.store),
  };
}
