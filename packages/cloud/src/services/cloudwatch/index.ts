// Amazon CloudWatch: metrics.
//
// Answers: metrics put by customers and measured by services, kept for 455 days at falling resolution, with percentiles and
// trimmed means; GetMetricData with metric math and SEARCH.
// Gaps: anomaly detection, Metrics Insights, metric streams, Contributor Insights, images of graphs (501 or a precise refusal).
// By design: values of more than 256 different sizes in a period are known within half a percent; percentiles are
// nearest-rank; what services measure of themselves reaches the store within a second.
// Client quirks: SDKs compress large bodies of PutMetricData; older clients speak the query protocol, newer ones JSON or CBOR.
import type { Kernel, Service } from '../../kernel/service.ts';
import { dataOperation } from './data-operation.ts';
import { Datapoints } from './datapoints.ts';
import { datumOf } from './datum.ts';
import { listOperation } from './list-operation.ts';
import { Metrics } from './metrics.ts';
import { putOperation } from './put-operation.ts';
import { Queries } from './queries.ts';
import { statisticsOperation } from './statistics-operation.ts';

export function cloudwatch(kernel: Kernel): Service {
  const { store, clock } = kernel;
  const metrics = new Metrics(store);
  const datapoints = new Datapoints(store, clock, metrics);
  const queries = new Queries(metrics, datapoints);
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
    operations: {
      ...putOperation(datapoints),
      ...dataOperation(queries),
      ...statisticsOperation(datapoints),
      ...listOperation(metrics, datapoints),
    },
    resources: [],
    start: () => datapoints.start(),
    stop: () => datapoints.stop(),
  };
}
