// CloudWatch Logs through the SDK: events in and out, and what becomes of them on their way.
import { gunzipSync } from 'node:zlib';

import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DeleteSubscriptionFilterCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  GetLogGroupFieldsCommand,
  ListLogGroupsCommand,
  ListTagsLogGroupCommand,
  paginateFilterLogEvents,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  PutRetentionPolicyCommand,
  PutSubscriptionFilterCommand,
  StartLiveTailCommand,
  TagLogGroupCommand,
  TestMetricFilterCommand,
  UntagLogGroupCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { AwsError } from '../../kernel/errors.ts';
import type { Measurement } from '../../kernel/feed.ts';
import type { Call, Service } from '../../kernel/service.ts';
import { groupWith, startLogs, type TestLogs } from './test-logs.ts';

const DAY = 86_400_000;
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:reader';

interface Invocation {
  readonly InvocationType: string;
  readonly Payload?: Uint8Array;
}

let logs: TestLogs;
let client: CloudWatchLogsClient;
let measured: Measurement[];
const invocations: { readonly input: Invocation; readonly call: Call }[] = [];
let functionFails = false;

/** Stands in for AWS Lambda, as far as CloudWatch Logs knows it. */
const lambda = (): Service => ({
  name: 'lambda',
  client: 'lambda',
  resources: [],
  operations: {
    Invoke: {
      access: () => [],
      run: (input: Invocation, call: Call) => {
        if (functionFails) throw new AwsError('TooManyRequestsException', 'Rate exceeded', { status: 429 });
        invocations.push({ input, call });
        return { StatusCode: 202 };
      },
    },
  },
});

beforeAll(async () => {
  logs = await startLogs(lambda);
  ({ client } = logs);
  logs.cloud.kernel.measurements.subscribe((measurement) => {
    // What comes in is measured as well, of every call.
    if (measurement.namespace !== 'AWS/Logs') measured.push(measurement);
  });
});
afterAll(() => logs.cloud.stop());

const put = (logGroupName: string, ...messages: readonly string[]) =>
  client.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName: 'stream',
      logEvents: messages.map((message) => ({ message, timestamp: logs.cloud.clock.now() })),
    }),
  );

test('events come back in the order of time, by pages in both directions', async () => {
  const messages = Array.from({ length: 25 }, (_, index) => `line ${index}`);
  await groupWith(logs, 'pages', messages);
  const page = { logGroupName: 'pages', logStreamName: 'stream', limit: 10 };
  const read: string[] = [];
  let nextToken: string | undefined;
  for (;;) {
    const { events, nextForwardToken } = await client.send(
      new GetLogEventsCommand({ ...page, startFromHead: true, nextToken }),
    );
    read.push(...events!.map(({ message }) => message!));
    // The same token twice is the end.
    if (nextForwardToken === nextToken) break;
    nextToken = nextForwardToken;
  }
  expect(read).toEqual(messages);
  const { events: latest, nextBackwardToken } = await client.send(new GetLogEventsCommand(page));
  expect(latest!.map(({ message }) => message)).toEqual(messages.slice(15));
  const before = await client.send(new GetLogEventsCommand({ ...page, nextToken: nextBackwardToken }));
  expect(before.events!.map(({ message }) => message)).toEqual(messages.slice(5, 15));
});

test('a filter finds events across pages', async () => {
  await groupWith(
    logs,
    'filtered',
    Array.from({ length: 30 }, (_, index) => `${index % 3 === 0 ? 'ERROR' : 'INFO'} ${index}`),
  );
  const found: string[] = [];
  const pages = paginateFilterLogEvents({ client, pageSize: 4 }, { logGroupName: 'filtered', filterPattern: 'ERROR' });
  for await (const { events } of pages) found.push(...events!.map(({ message }) => message!));
  expect(found).toEqual(Array.from({ length: 10 }, (_, index) => `ERROR ${index * 3}`));
});

test('events are gone once their retention is over', async () => {
  await groupWith(logs, 'kept-a-week', ['old']);
  await client.send(new PutRetentionPolicyCommand({ logGroupName: 'kept-a-week', retentionInDays: 7 }));
  const read = new FilterLogEventsCommand({ logGroupName: 'kept-a-week' });
  await logs.cloud.clock.advance(6 * DAY);
  expect((await client.send(read)).events).toHaveLength(1);
  await logs.cloud.clock.advance(3 * DAY);
  expect((await client.send(read)).events).toEqual([]);
});

test('a metric filter publishes what it finds in events, under their dimensions', async () => {
  await groupWith(logs, 'metered', []);
  const filter = {
    logGroupName: 'metered',
    filterName: 'latency',
    filterPattern: '{ $.latency > 0 }',
    metricTransformations: [
      {
        metricNamespace: 'App',
        metricName: 'Latency',
        metricValue: '$.latency',
        unit: 'Milliseconds' as const,
        dimensions: { Path: '$.path' },
      },
    ],
  };
  await client.send(new PutMetricFilterCommand(filter));
  measured = [];
  await put('metered', '{"latency": 12.5, "path": "/a"}', '{"latency": 7}', '{"latency": 0, "path": "/b"}', 'text');
  expect(measured).toMatchObject([
    { namespace: 'App', name: 'Latency', value: 12.5, unit: 'Milliseconds', dimensions: { Path: '/a' } },
  ]);
  const list = new DescribeMetricFiltersCommand({ logGroupName: 'metered' });
  expect((await client.send(list)).metricFilters).toMatchObject([filter]);
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'metered' }));
  expect(logGroups![0]!.metricFilterCount).toBe(1);
  await client.send(new DeleteMetricFilterCommand(filter));
  expect((await client.send(list)).metricFilters).toEqual([]);
});

test('a metric filter counts the fields of lines, and its default value the minutes without a match', async () => {
  await groupWith(logs, 'access', []);
  const [metricNamespace, unit] = ['Web', 'Bytes' as const];
  await client.send(
    new PutMetricFilterCommand({
      logGroupName: 'access',
      filterName: 'bytes',
      filterPattern: '[ip, ..., status = 4*, bytes]',
      metricTransformations: [{ metricNamespace, metricName: 'Sent', metricValue: '$bytes', unit, defaultValue: 0 }],
    }),
  );
  measured = [];
  await put('access', '10.0.0.1 GET / 404 1534', '10.0.0.2 GET / 200 99');
  await put('access', '10.0.0.2 GET / 200 99');
  expect(measured.map(({ value }) => value)).toEqual([1534]);
  await logs.cloud.clock.advance(60_000);
  await put('access', '10.0.0.2 GET / 200 99');
  await put('access', '10.0.0.2 GET / 200 98');
  expect(measured.map(({ value }) => value)).toEqual([1534, 0]);
});

test('a metric filter is tried out before it is made', async () => {
  const { matches } = await client.send(
    new TestMetricFilterCommand({ filterPattern: '[w1=ERROR, w2]', logEventMessages: ['INFO x', 'ERROR y'] }),
  );
  expect(matches).toEqual([{ eventNumber: 2, eventMessage: 'ERROR y', extractedValues: { $w1: 'ERROR', $w2: 'y' } }]);
  await groupWith(logs, 'strict', []);
  const transformation = { metricNamespace: 'A', metricName: 'M' };
  const wrong = async (filterPattern: string, metricValue: string, extra = {}) =>
    client.send(
      new PutMetricFilterCommand({
        logGroupName: 'strict',
        filterName: 'x',
        filterPattern,
        metricTransformations: [{ ...transformation, metricValue, ...extra }],
      }),
    );
  await expect(wrong('{ $.a = ', '1')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(wrong('ERROR', 'many')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(wrong('ERROR', '1', { dimensions: { A: '$.a' } })).rejects.toMatchObject({
    message: 'The specified filter pattern does not support dimensions',
  });
  await expect(wrong('{ $.a = 1 }', '1', { defaultValue: 0, dimensions: { A: '$.a' } })).rejects.toMatchObject({
    message: expect.stringContaining('mutually exclusive') as string,
  });
});

test('lines in the embedded metric format are metrics', async () => {
  await groupWith(logs, 'embedded', []);
  const at = logs.cloud.clock.now() - 5_000;
  const document = {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: 'Phase',
          Dimensions: [['service'], ['service', 'rule']],
          Metrics: [
            { Name: 'Events', Unit: 'Count' },
            { Name: 'Wait', Unit: 'Milliseconds', StorageResolution: 1 },
          ],
        },
      ],
    },
    service: 'ingest',
    rule: 7,
    Events: 3,
    Wait: [1, 2],
  };
  measured = [];
  await put('embedded', JSON.stringify(document), '{"_aws": 1}', '"_aws"');
  const common = { namespace: 'Phase', region: 'us-east-1', at };
  expect(measured).toHaveLength(6);
  expect(measured).toEqual(
    expect.arrayContaining([
      { ...common, name: 'Events', unit: 'Count', value: 3, dimensions: { service: 'ingest' }, resolutionSeconds: 60 },
      {
        ...common,
        name: 'Wait',
        unit: 'Milliseconds',
        value: 2,
        dimensions: { service: 'ingest', rule: '7' },
        resolutionSeconds: 1,
      },
    ]),
  );
});

test('a subscription filter hands a function what matches, again until it takes it', async () => {
  await groupWith(logs, 'subscribed', []);
  const filter = {
    logGroupName: 'subscribed',
    filterName: 'errors',
    filterPattern: 'ERROR',
    destinationArn: FUNCTION,
  };
  functionFails = true;
  await expect(client.send(new PutSubscriptionFilterCommand(filter))).rejects.toMatchObject({
    message: expect.stringContaining('given CloudWatch Logs permission') as string,
  });
  functionFails = false;
  await client.send(new PutSubscriptionFilterCommand(filter));
  invocations.length = 0;
  functionFails = true;
  await put('subscribed', 'INFO fine', 'ERROR broken');
  await new Promise((resolve) => setImmediate(resolve));
  functionFails = false;
  await logs.cloud.clock.advance(2_000);
  expect(invocations).toHaveLength(1);
  const [{ input, call }] = invocations as [(typeof invocations)[0]];
  expect(call).toMatchObject({
    principal: { name: 'logs.amazonaws.com' },
    sourceArn: 'arn:aws:logs:us-east-1:000000000000:log-group:subscribed:*',
  });
  const { awslogs } = JSON.parse(Buffer.from(input.Payload!).toString()) as { awslogs: { data: string } };
  expect(JSON.parse(gunzipSync(Buffer.from(awslogs.data, 'base64')).toString())).toMatchObject({
    messageType: 'DATA_MESSAGE',
    owner: '000000000000',
    logGroup: 'subscribed',
    logStream: 'stream',
    subscriptionFilters: ['errors'],
    logEvents: [{ message: 'ERROR broken' }],
  });
  const list = new DescribeSubscriptionFiltersCommand({ logGroupName: 'subscribed' });
  expect((await client.send(list)).subscriptionFilters).toMatchObject([filter]);
  await client.send(new DeleteSubscriptionFilterCommand(filter));
  expect((await client.send(list)).subscriptionFilters).toEqual([]);
});

test('live tail shows events as they come in, and ends with whoever looks', async () => {
  await groupWith(logs, 'live', []);
  const { endpoint, credentials } = logs.cloud;
  const tailing = new CloudWatchLogsClient({ endpoint, credentials, region: 'us-east-1', disableHostPrefix: true });
  const logGroupIdentifiers = ['arn:aws:logs:us-east-1:000000000000:log-group:live'];
  const { responseStream } = await tailing.send(
    new StartLiveTailCommand({ logGroupIdentifiers, logEventFilterPattern: 'ERROR' }),
  );
  const seen: string[] = [];
  for await (const { sessionStart, sessionUpdate } of responseStream!) {
    if (sessionStart) {
      expect(sessionStart).toMatchObject({ logGroupIdentifiers, sessionId: expect.any(String) as string });
      await put('live', 'ERROR one', 'INFO two');
      await put('live', 'ERROR three');
    }
    seen.push(...(sessionUpdate?.sessionResults ?? []).map(({ message }) => message!));
    if (seen.length === 2) break;
  }
  expect(seen).toEqual(['ERROR one', 'ERROR three']);
});

test('what PutLogEvents and the pages of readers may not be is refused', async () => {
  await groupWith(logs, 'bounds', []);
  const now = logs.cloud.clock.now();
  const span = new PutLogEventsCommand({
    logGroupName: 'bounds',
    logStreamName: 'stream',
    logEvents: [
      { timestamp: now - DAY - 1, message: 'yesterday' },
      { timestamp: now, message: 'today' },
    ],
  });
  await expect(client.send(span)).rejects.toMatchObject({ message: expect.stringContaining('24 hours') as string });
  const named = { logGroupName: 'bounds', logStreamName: 'stream' };
  await expect(client.send(new GetLogEventsCommand({ ...named, limit: 10_001 }))).rejects.toMatchObject({
    message: expect.stringContaining("Value '10001' at 'limit' failed to satisfy constraint") as string,
  });
  await expect(client.send(new DescribeLogGroupsCommand({ limit: 51 }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  const twice = new FilterLogEventsCommand({ logGroupName: 'bounds', logGroupIdentifier: 'bounds' });
  await expect(client.send(twice)).rejects.toMatchObject({
    message: expect.stringContaining('mutually exclusive') as string,
  });
});

test('tags are changed by the older API as well', async () => {
  const logGroupName = 'tagged';
  await client.send(new CreateLogGroupCommand({ logGroupName, tags: { Team: 'a' } }));
  await client.send(new TagLogGroupCommand({ logGroupName, tags: { Team: 'b', Stage: 'dev' } }));
  await client.send(new UntagLogGroupCommand({ logGroupName, tags: ['Stage'] }));
  expect((await client.send(new ListTagsLogGroupCommand({ logGroupName }))).tags).toEqual({ Team: 'b' });
});

test('groups are listed by parts of their names, and know the fields of their events', async () => {
  await groupWith(logs, '/shop/orders', ['{"level": "INFO", "user": {"id": 1}}', 'plain', '{"level": "WARN"}', 'more']);
  await groupWith(logs, '/shop/users', []);
  const named = async (logGroupNamePattern: string) =>
    (await client.send(new ListLogGroupsCommand({ logGroupNamePattern }))).logGroups!.map(
      ({ logGroupName }) => logGroupName,
    );
  expect(await named('^/shop')).toEqual(['/shop/orders', '/shop/users']);
  expect(await named('^orders|users')).toEqual(['/shop/users']);
  await expect(named('a|b')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  const { logGroupFields } = await client.send(new GetLogGroupFieldsCommand({ logGroupName: '/shop/orders' }));
  expect(logGroupFields).toEqual(
    expect.arrayContaining([
      { name: '@message', percent: 100 },
      { name: 'level', percent: 50 },
      { name: 'user.id', percent: 25 },
    ]),
  );
});

test('a group of the class Infrequent Access has no filters, no live tail and no metrics in its lines', async () => {
  const logGroupName = 'seldom';
  await client.send(new CreateLogGroupCommand({ logGroupName, logGroupClass: 'INFREQUENT_ACCESS' }));
  const other = new CreateLogGroupCommand({ logGroupName: 'other', logGroupClass: 'ESSENTIALS' });
  await expect(client.send(other)).rejects.toMatchObject({ name: 'NotImplemented', message: /ESSENTIALS/ });
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'stream' }));
  const filter = { logGroupName, filterName: 'all', filterPattern: '' };
  const metricTransformations = [{ metricNamespace: 'A', metricName: 'M', metricValue: '1' }];
  const invalid = { name: 'InvalidOperationException' };
  await expect(client.send(new PutMetricFilterCommand({ ...filter, metricTransformations }))).rejects.toMatchObject(
    invalid,
  );
  const subscription = new PutSubscriptionFilterCommand({ ...filter, destinationArn: FUNCTION });
  await expect(client.send(subscription)).rejects.toMatchObject(invalid);
  const { endpoint, credentials } = logs.cloud;
  const tailing = new CloudWatchLogsClient({ endpoint, credentials, region: 'us-east-1', disableHostPrefix: true });
  const tail = new StartLiveTailCommand({
    logGroupIdentifiers: [`arn:aws:logs:us-east-1:000000000000:log-group:seldom`],
  });
  await expect(tailing.send(tail)).rejects.toMatchObject(invalid);
  measured = [];
  const metrics = [{ Namespace: 'A', Dimensions: [[]], Metrics: [{ Name: 'M' }] }];
  await put(logGroupName, JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: metrics }, M: 1 }));
  expect(measured).toEqual([]);
});

test('a group’s filters hold regular expressions in five patterns at most', async () => {
  await groupWith(logs, 'regexes', []);
  const metricTransformations = [{ metricNamespace: 'A', metricName: 'M', metricValue: '1' }];
  const filter = (filterName: string, filterPattern = '%[Ee]rror%') =>
    client.send(
      new PutMetricFilterCommand({ logGroupName: 'regexes', filterName, filterPattern, metricTransformations }),
    );
  for (const name of ['a', 'b', 'c', 'd']) await filter(name);
  const subscription = { logGroupName: 'regexes', filterPattern: '%x%', destinationArn: FUNCTION };
  await client.send(new PutSubscriptionFilterCommand({ ...subscription, filterName: 'e' }));
  await filter('a');
  await filter('plain', 'ERROR');
  await expect(filter('f')).rejects.toMatchObject({ name: 'LimitExceededException' });
  await expect(
    client.send(new PutSubscriptionFilterCommand({ ...subscription, filterName: 'f' })),
  ).rejects.toMatchObject({ name: 'LimitExceededException' });
});

test('a group takes its filters with it', async () => {
  await groupWith(logs, 'gone', []);
  await client.send(
    new PutSubscriptionFilterCommand({
      logGroupName: 'gone',
      filterName: 'all',
      filterPattern: '',
      destinationArn: FUNCTION,
    }),
  );
  await client.send(new DeleteLogGroupCommand({ logGroupName: 'gone' }));
  await client.send(new CreateLogGroupCommand({ logGroupName: 'gone' }));
  const { subscriptionFilters } = await client.send(new DescribeSubscriptionFiltersCommand({ logGroupName: 'gone' }));
  expect(subscriptionFilters).toEqual([]);
});
