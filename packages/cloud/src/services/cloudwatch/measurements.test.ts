import { GetMetricStatisticsCommand, type Statistic } from '@aws-sdk/client-cloudwatch';
// What services measure of themselves, seen through CloudWatch, under the names and dimensions that AWS publishes.
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  CloudWatchLogsClient,
  PutLogEventsCommand,
  PutMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { events } from '../events/index.ts';
import { kms } from '../kms/index.ts';
import { logs } from '../logs/index.ts';
import { secretsManager } from '../secrets-manager/index.ts';
import { REGION, startCloudwatch, type TestCloudwatch } from './test-cloudwatch.ts';

const HOUR = 3_600_000;

let world: TestCloudwatch;
let configuration: { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string }; region: string };

beforeAll(async () => {
  world = await startCloudwatch(kms, logs, events, secretsManager);
  configuration = { endpoint: world.cloud.endpoint, credentials: world.cloud.credentials, region: REGION };
});
afterAll(() => world.cloud.stop());

/** A statistic of the last two hours and the next one. */
async function read(
  Namespace: string,
  MetricName: string,
  dimensions: Record<string, string>,
  statistic: Statistic = 'Sum',
) {
  const now = world.cloud.clock.now();
  const { Datapoints = [] } = await world.client.send(
    new GetMetricStatisticsCommand({
      Namespace,
      MetricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - 2 * HOUR),
      EndTime: new Date(now + HOUR),
      Period: 3 * 3_600,
      Statistics: [statistic],
    }),
  );
  return Datapoints.map((point) => [point[statistic], point.Unit]);
}

test('logs that come in, by group and altogether, and what filters and embedded metrics find in them', async () => {
  const client = new CloudWatchLogsClient(configuration);
  const stream = { logGroupName: 'shop', logStreamName: 'one' };
  await client.send(new CreateLogGroupCommand(stream));
  await client.send(new CreateLogStreamCommand(stream));
  await client.send(
    new PutMetricFilterCommand({
      logGroupName: 'shop',
      filterName: 'errors',
      filterPattern: 'ERROR',
      metricTransformations: [{ metricNamespace: 'Shop', metricName: 'errors', metricValue: '1' }],
    }),
  );
  const timestamp = world.cloud.clock.now();
  const embedded = JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        { Namespace: 'Shop', Dimensions: [['till']], Metrics: [{ Name: 'took', Unit: 'Milliseconds' }] },
      ],
    },
    till: 'north',
    took: [10, 20],
  });
  const logEvents = ['ERROR one', 'fine', embedded].map((message) => ({ timestamp, message }));
  await client.send(new PutLogEventsCommand({ ...stream, logEvents }));
  for (const dimensions of [{}, { LogGroupName: 'shop' }]) {
    expect(await read('AWS/Logs', 'IncomingLogEvents', dimensions)).toEqual([[3, 'Count']]);
    expect(await read('AWS/Logs', 'IncomingBytes', dimensions)).toEqual([[13 + embedded.length, 'Bytes']]);
  }
  expect(await read('Shop', 'errors', {})).toEqual([[1, 'None']]);
  expect(await read('Shop', 'took', { till: 'north' }, 'Maximum')).toEqual([[20, 'Milliseconds']]);
});

test('events that rules matched', async () => {
  const client = new EventBridgeClient(configuration);
  await client.send(new PutRuleCommand({ Name: 'orders', EventPattern: '{"source": ["shop"]}' }));
  const entry = { Source: 'shop', DetailType: 'Order', Detail: '{}' };
  await client.send(new PutEventsCommand({ Entries: [entry, entry, { ...entry, Source: 'other' }] }));
  expect(await read('AWS/Events', 'MatchedEvents', { RuleName: 'orders' })).toEqual([[2, 'Count']]);
});

test('secrets, every hour', async () => {
  const client = new SecretsManagerClient(configuration);
  for (const Name of ['one', 'two']) await client.send(new CreateSecretCommand({ Name, SecretString: 'hush' }));
  await world.cloud.clock.advance(HOUR);
  expect(await read('AWS/SecretsManager', 'ResourceCount', {}, 'Maximum')).toEqual([[2, 'Count']]);
});
