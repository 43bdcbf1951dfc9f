// What tests of CloudWatch share: a cloud with a client, or another implementation that `PLINTH_PEER_ENDPOINT` names.
import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';

import { startCloud, type Cloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import type { ServiceFactory } from '../index.ts';
import { cloudwatch } from './index.ts';

export const REGION = 'us-east-1';
export const MINUTE = 60_000;

export interface TestCloudwatch {
  readonly cloud: Cloud;
  readonly client: CloudWatchClient;
}

export async function startCloudwatch(...services: readonly ServiceFactory[]): Promise<TestCloudwatch> {
  const cloud = await startCloud({ services: [iam, cloudwatch, ...services] });
  return { cloud, client: clientOf(cloud) };
}

export const clientOf = ({ endpoint, credentials }: Pick<Cloud, 'endpoint' | 'credentials'>): CloudWatchClient =>
  new CloudWatchClient({ endpoint, credentials, region: REGION, maxAttempts: 1 });

/** Times as ISO texts with their values, the earliest first, of each series that the queries return. */
export async function dataOf(client: CloudWatchClient, MetricDataQueries: MetricDataQuery[], from: number, to: number) {
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries,
      StartTime: new Date(from),
      EndTime: new Date(to),
      ScanBy: 'TimestampAscending',
    }),
  );
  return MetricDataResults;
}

/** A query for a metric of the namespace `Shop`. */
export const metricQuery = (
  Id: string,
  MetricName: string,
  Stat: string,
  Period = 60,
  rest: Partial<MetricDataQuery> = {},
): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Stat, Period },
  ...rest,
});
