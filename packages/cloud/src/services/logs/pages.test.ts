// Lists of CloudWatch Logs by pages.
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogStreamsCommand,
  DescribeMetricFiltersCommand,
  DescribeQueriesCommand,
  DescribeSubscriptionFiltersCommand,
  ListLogGroupsCommand,
  PutMetricFilterCommand,
  PutSubscriptionFilterCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Service } from '../../kernel/service.ts';
import { startLogs, type TestLogs } from './test-logs.ts';

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
