// GetMetricData through the SDK: pages, metric math, searches, labels.
import {
  GetMetricDataCommand,
  PutMetricDataCommand,
  type CloudWatchClient,
  type MetricDatum,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { dataOf, MINUTE, metricQuery, startCloudwatch, type TestCloudwatch } from './test-cloudwatch.ts';

let world: TestCloudwatch;
let client: CloudWatchClient;

beforeAll(async () => {
  world = await startCloudwatch();
  client = world.client;
});
afterAll(() => world.cloud.stop());

/** The beginning of a minute that is over. */
const minute = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;

const put = (MetricData: MetricDatum[]) => client.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));

const at = (minutes: number) => new Date(minute + minutes * MINUTE);

describe('GetMetricData', () => {
  beforeAll(async () => {
    const of = (MetricName: string, values: readonly (number | undefined)[]) =>
      put(values.flatMap((Value, index) => (Value === undefined ? [] : [{ MetricName, Value, Timestamp: at(index) }])));
    await of('requests', [10, 20, 40, 80]);
    await of('errors', [1, undefined, 4, 0]);
  });

  test('answers the latest first, page by page', async () => {
    const ask = (NextToken?: string) =>
      client.send(
        new GetMetricDataCommand({
          MetricDataQueries: [
            metricQuery('r', 'requests', 'Sum', 60, { Label: 'all' }),
            metricQuery('e', 'errors', 'Sum'),
          ],
          StartTime: at(0),
          EndTime: at(4),
          MaxDatapoints: 3,
          NextToken,
        }),
      );
    const first = await ask();
    expect(first.MetricDataResults).toEqual([
      { Id: 'r', Label: 'all', StatusCode: 'PartialData', Timestamps: [at(3), at(2), at(1)], Values: [80, 40, 20] },
    ]);
    const second = await ask(first.NextToken);
    expect(second.MetricDataResults?.map(({ Values, StatusCode }) => [Values, StatusCode])).toEqual([
      [[10], 'Complete'],
      [[0, 4], 'PartialData'],
    ]);
    const third = await ask(second.NextToken);
    expect(third.MetricDataResults?.map(({ Values, StatusCode }) => [Values, StatusCode])).toEqual([[[1], 'Complete']]);
    expect(third.NextToken).toBeUndefined();
  });
  test.each<[string, number[]]>([
    ['r + e', [11, 44, 80]],
    ['-r / 10 ^ 1', [-1, -2, -4, -8]],
    ['100 * e / r', [10, 10, 0]],
    ['(r > 15 AND r <= 40) * r', [0, 20, 40, 0]],
    ['IF(r >= 40, r, 0)', [0, 0, 40, 80]],
    ['IF(r >= 40, r)', [40, 80]],
    ['FILL(e, 7)', [1, 7, 4, 0]],
    ['FILL(e, REPEAT)', [1, 1, 4, 0]],
    ['FILL(e, LINEAR)', [1, 2.5, 4, 0]],
    ['SUM(METRICS())', [11, 20, 44, 80]],
    ['MAX([r, e])', [10, 20, 40, 80]],
    ['r - AVG(r)', [-27.5, -17.5, 2.5, 42.5]],
    ['r / STDDEV(r) > 1', [0, 0, 1, 1]],
    ['RATE(r) * 60', [10, 20, 40]],
    ['DIFF(r)', [10, 20, 40]],
    ['DIFF_TIME(e)', [120, 60]],
    ['RUNNING_SUM(r)', [10, 30, 70, 150]],
    ['TIME_SERIES(PERIOD(r))', [60, 60, 60, 60]],
    ['e / 0', []],
    ['FLOOR(r / 30) + CEIL(ABS(-e) / 10)', [1, 2, 2]],
    ['FIRST(SORT(METRICS(), MAX, ASC))', [1, 4, 0]],
    ['LAST(r) * DATAPOINT_COUNT(e) - TIME_SERIES(0)', [240, 240, 240, 240]],
    ['TIME_SERIES(METRIC_COUNT(REMOVE_EMPTY([r, e, none])))', [2, 2, 2, 2]],
    ['SLICE([r, e], 1)', [1, 4, 0]],
  ])('computes %s', async (Expression, expected) => {
    const found = await dataOf(
      client,
      [
        metricQuery('r', 'requests', 'Sum', 60, { ReturnData: false }),
        metricQuery('e', 'errors', 'Sum', 60, { ReturnData: false }),
        ...(Expression.includes('none') ? [metricQuery('none', 'none', 'Sum', 60, { ReturnData: false })] : []),
        { Id: 'x', Expression },
      ],
      at(0).getTime(),
      at(4).getTime(),
    );
    expect(found).toMatchObject([{ Id: 'x', Label: 'x', Values: expected }]);
  });

  test('finds metrics by SEARCH', async () => {
    const dimensions = (Value: string) => [{ Name: 'Queue', Value }];
    await put([
      { MetricName: 'QueueDepth', Value: 1, Timestamp: at(0), Dimensions: dimensions('orders') },
      { MetricName: 'QueueDepth', Value: 2, Timestamp: at(0), Dimensions: dimensions('letters') },
      { MetricName: 'QueueAge', Value: 4, Timestamp: at(0), Dimensions: dimensions('letters') },
    ]);
    const search = async (text: string) =>
      (
        await dataOf(
          client,
          [{ Id: 'x', Expression: `SEARCH('${text}', 'Sum', 60)` }],
          at(0).getTime(),
          at(1).getTime(),
        )
      ).map(({ Values }) => Values?.[0]);
    expect(await search('{Shop,Queue}')).toEqual([4, 2, 1]);
    expect(await search('{Shop,Queue} MetricName="QueueDepth"')).toEqual([2, 1]);
    expect(await search('{Shop,Queue} depth NOT Queue="orders"')).toEqual([2]);
    expect(await search('Queue=(orders OR letters) MetricName=QueueAge')).toEqual([4]);
    expect(await search('{Shop} depth')).toEqual([]);
  });

  test('fills in dynamic labels', async () => {
    const Label = "${PROP('MetricName')} ${PROP('Stat')}: ${MAX} at ${MAX_TIME}, ${LAST} last, ${AVG} on average";
    const [found] = await dataOf(
      client,
      [metricQuery('r', 'requests', 'Sum', 60, { Label })],
      at(0).getTime(),
      at(4).getTime(),
    );
    const time = at(3).toISOString().slice(0, 19).replace('T', ' ');
    expect(found?.Label).toBe(`requests Sum: 80 at ${time}, 80 last, 37.5 on average`);
  });

  test('leaves parts of a label alone that it does not know, also where every object of JavaScript has such a name', async () => {
    const Label = "${toString} ${PROP('Dim.constructor')} ${other}";
    const queries = [metricQuery('r', 'requests', 'Sum', 60, { Label })];
    const [found] = await dataOf(client, queries, at(0).getTime(), at(4).getTime());
    expect(found?.Label).toBe(Label);
  });

  test.each([
    ['r +', /the end/],
    ['missing * 2', /Undefined ID: missing/],
    ['NOPE(r)', /there is no function NOPE/],
    ['ANOMALY_DETECTION_BAND(r)', /ANOMALY_DETECTION_BAND is not supported here/],
    ['x * 2', /refers to itself/],
    ['SELECT AVG(CPUUtilization) FROM "AWS/EC2"', /Metrics Insights query .*is not supported/, 'NotImplemented'],
  ])('refuses %s', async (Expression, message, name = 'ValidationException') => {
    const queries = [metricQuery('r', 'requests', 'Sum'), { Id: 'x', Expression }];
    await expect(dataOf(client, queries, at(0).getTime(), at(4).getTime())).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
  });
});
