// Lists of CloudWatch Logs by pages.
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogStreamsCommand,
  DescribeMetricFiltersCommand,
  DescribeQueriesCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  ListLogGroupsCommand,
  PutMetricFilterCommand,
  PutSubscriptionFilterCommand,
  StartQueryCommand,
  type TagFilter,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { Service } from '../../kernel/service.ts';
import { groupWith, startLogs, type TestLogs } from './test-logs.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:reader';

/** Stands in for AWS Lambda, as far as CloudWatch Logs knows it. */
const lambda = (): Service => ({
  name: 'lambda',
  client: 'lambda',
  resources: [],
  operations: { Invoke: { access: () => [], run: () => ({ StatusCode: 202 }) } },
});

let logs: TestLogs;

beforeAll(async () => {
  logs = await startLogs(lambda);
});
afterAll(() => logs.cloud.stop());

test('filtered events come with the newest first where that is asked for, through all pages', async () => {
  const { client } = logs;
  const logGroupName = 'newest';
  const messages = Array.from({ length: 7 }, (_, index) => `line ${index}`);
  const startTime = await groupWith(logs, logGroupName, messages);
  const found: (string | undefined)[] = [];
  const filter = { logGroupName, startTime, limit: 3, filterPattern: 'line' };
  let answer = await client.send(new FilterLogEventsCommand({ ...filter, startFromHead: false }));
  found.push(...answer.events!.map(({ message }) => message));
  while (answer.nextToken !== undefined) {
    // The token knows the direction.
    const { nextToken } = answer;
    answer = await client.send(new FilterLogEventsCommand({ ...filter, startFromHead: true, nextToken }));
    found.push(...answer.events!.map(({ message }) => message));
  }
  expect(found).toEqual(messages.toReversed());
  const early = new FilterLogEventsCommand({ logGroupName, startTime: 0, startFromHead: false });
  await expect(client.send(early)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('a query’s results come in pages of the size that is asked for', async () => {
  const { client, cloud } = logs;
  const logGroupName = 'queried';
  const messages = Array.from({ length: 5 }, (_, index) => `line ${index}`);
  const first = await groupWith(logs, logGroupName, messages);
  const { queryId } = await client.send(
    new StartQueryCommand({
      logGroupName,
      queryString: 'fields @message | sort @message asc',
      startTime: Math.floor(first / 1_000),
      endTime: Math.ceil(cloud.clock.now() / 1_000) + 1,
    }),
  );
  await vi.waitFor(async () =>
    expect(await client.send(new GetQueryResultsCommand({ queryId }))).toMatchObject({
      status: 'Complete',
      statistics: { recordsMatched: 5, logGroupsScanned: 1, estimatedRecordsSkipped: 0 },
    }),
  );
  const { queries } = await client.send(new DescribeQueriesCommand({ logGroupName }));
  expect(queries).toMatchObject([
    { bytesScanned: 30, queryDuration: expect.any(Number) as number, userIdentity: 'arn:aws:iam::000000000000:root' },
  ]);
  const tooMany = { logGroupName, queryString: 'fields @message', startTime: 0, endTime: 1, limit: 100_001 };
  await expect(client.send(new StartQueryCommand(tooMany))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  const found: (string | undefined)[][] = [];
  let nextToken: string | undefined;
  do {
    const answer: GetQueryResultsCommandOutput = await client.send(
      new GetQueryResultsCommand({ queryId, maxItems: 2, nextToken }),
    );
    found.push(answer.results!.map((row) => row.find(({ field }) => field === '@message')?.value));
    ({ nextToken } = answer);
  } while (nextToken !== undefined);
  expect(found).toEqual([messages.slice(0, 2), messages.slice(2, 4), messages.slice(4)]);
  const foreign = new GetQueryResultsCommand({ queryId, nextToken: 'foreign' });
  await expect(client.send(foreign)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('lists come in pages of the size that is asked for, and refuse tokens that are not theirs', async () => {
  const { client } = logs;
  const logGroupName = 'paged';
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  for (const name of ['a', 'b']) {
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: name }));
    const filter = { logGroupName, filterName: name, filterPattern: '' };
    await client.send(new PutSubscriptionFilterCommand({ ...filter, destinationArn: FUNCTION }));
    const metricTransformations = [{ metricNamespace: 'Paged', metricName: name, metricValue: '1' }];
    await client.send(new PutMetricFilterCommand({ ...filter, metricTransformations }));
  }
  const ended = Math.floor(logs.cloud.clock.now() / 1_000);
  const query = { logGroupName, queryString: 'fields @message', startTime: ended - 60, endTime: ended };
  const { queryId: first } = await client.send(new StartQueryCommand(query));
  await logs.cloud.clock.advance(1_000);
  const { queryId: second } = await client.send(new StartQueryCommand(query));
  type Page = { readonly items: readonly (string | undefined)[]; readonly nextToken: string | undefined };
  const lists: [of: string, items: unknown[], list: (limit: number, nextToken?: string) => Promise<Page>][] = [
    [
      'streams',
      ['a', 'b'],
      async (limit, nextToken) => {
        const answer = await client.send(new DescribeLogStreamsCommand({ logGroupName, limit, nextToken }));
        return { items: answer.logStreams!.map(({ logStreamName }) => logStreamName), nextToken: answer.nextToken };
      },
    ],
    [
      'subscription filters',
      ['a', 'b'],
      async (limit, nextToken) => {
        const answer = await client.send(new DescribeSubscriptionFiltersCommand({ logGroupName, limit, nextToken }));
        return { items: answer.subscriptionFilters!.map(({ filterName }) => filterName), nextToken: answer.nextToken };
      },
    ],
    [
      'metric filters',
      ['a', 'b'],
      async (limit, nextToken) => {
        const answer = await client.send(new DescribeMetricFiltersCommand({ logGroupName, limit, nextToken }));
        return { items: answer.metricFilters!.map(({ filterName }) => filterName), nextToken: answer.nextToken };
      },
    ],
    [
      'queries',
      [second, first],
      async (maxResults, nextToken) => {
        const answer = await client.send(new DescribeQueriesCommand({ logGroupName, maxResults, nextToken }));
        return { items: answer.queries!.map(({ queryId }) => queryId), nextToken: answer.nextToken };
      },
    ],
  ];
  for (const [of, items, list] of lists) {
    const one = await list(1);
    const two = await list(1, one.nextToken);
    expect({ of, items: [...one.items, ...two.items], end: two.nextToken }).toEqual({ of, items, end: undefined });
    expect(await list(2)).toEqual({ items, nextToken: undefined });
    for (const wrong of [list(0), list(1_001), list(1, 'foreign')]) {
      await expect(wrong).rejects.toMatchObject({ name: 'InvalidParameterException' });
    }
  }
  const groups = client.send(new ListLogGroupsCommand({ limit: 1_001 }));
  await expect(groups).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('groups are listed by their tags', async () => {
  const { client } = logs;
  for (const [logGroupName, tags] of [
    ['tagged-users', { Team: 'shop', Stage: 'dev' }],
    ['tagged-orders', { Team: 'shop' }],
  ] as const) {
    await client.send(new CreateLogGroupCommand({ logGroupName, tags }));
  }
  const tagged = async (...logGroupTags: TagFilter[]) =>
    (await client.send(new ListLogGroupsCommand({ logGroupTags }))).logGroups!.map(({ logGroupName }) => logGroupName);
  expect(await tagged({ key: 'Stage' })).toEqual(['tagged-users']);
  expect(await tagged({ key: 'Team', values: ['other', 'shop'] }, { key: 'Stage' })).toEqual(['tagged-users']);
  expect(await tagged({ key: 'Team', values: ['other'] })).toEqual([]);
  // Every object of JavaScript has one.
  expect(await tagged({ key: 'constructor' })).toEqual([]);
});
