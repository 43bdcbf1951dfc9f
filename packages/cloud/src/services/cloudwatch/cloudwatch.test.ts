// CloudWatch's metrics through the SDK. `PLINTH_PEER_ENDPOINT` points the file at another implementation, moto_server say;
// where that one is known to differ from AWS, the test says how.
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
  type MetricDatum,
} from '@aws-sdk/client-cloudwatch';
import { AwsJson1_0Protocol, AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  clientOf,
  dataOf,
  MINUTE,
  metricQuery,
  REGION,
  startCloudwatch,
  type TestCloudwatch,
} from './test-cloudwatch.ts';

const peer = process.env['PLINTH_PEER_ENDPOINT'];
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

let world: TestCloudwatch | undefined;
let client: CloudWatchClient;

beforeAll(async () => {
  world = peer ? undefined : await startCloudwatch();
  client = world?.client ?? clientOf({ endpoint: peer!, credentials });
});
afterAll(() => world?.cloud.stop());

/** The beginning of a minute that is over. */
const minute = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;

const put = (MetricData: MetricDatum[], Namespace = 'Shop') =>
  client.send(new PutMetricDataCommand({ Namespace, MetricData }));

const at = (minutes: number) => new Date(minute + minutes * MINUTE);

const statistics = (MetricName: string, rest: object) =>
  client.send(
    new GetMetricStatisticsCommand({
      Namespace: 'Shop',
      MetricName,
      StartTime: at(0),
      EndTime: at(10),
      Period: 60,
      ...rest,
    }),
  );

describe('values', () => {
  test('are added up by minute, and answered by statistic', async () => {
    await put([1, 2, 3].map((Value) => ({ MetricName: 'sold', Value, Timestamp: at(0), Unit: 'Count' as const })));
    await put([{ MetricName: 'sold', Value: 10, Timestamp: at(1), Unit: 'Count' }]);
    const { Datapoints, Label } = await statistics('sold', {
      Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
    });
    expect(Label).toBe('sold');
    expect(Datapoints?.toSorted((a, b) => +a.Timestamp! - +b.Timestamp!)).toEqual([
      { Timestamp: at(0), SampleCount: 3, Sum: 6, Average: 2, Minimum: 1, Maximum: 3, Unit: 'Count' },
      { Timestamp: at(1), SampleCount: 1, Sum: 10, Average: 10, Minimum: 10, Maximum: 10, Unit: 'Count' },
    ]);
  });

  test('come with counts, or as a statistic set', async () => {
    await put([{ MetricName: 'counted', Values: [1, 5], Counts: [3, 1], Timestamp: at(0) }]);
    await put([
      {
        MetricName: 'summed',
        StatisticValues: { SampleCount: 4, Sum: 8, Minimum: 1, Maximum: 5 },
        Timestamp: at(0),
      },
    ]);
    for (const name of ['counted', 'summed']) {
      const { Datapoints } = await statistics(name, { Statistics: ['SampleCount', 'Sum', 'Minimum', 'Maximum'] });
      expect(Datapoints).toMatchObject([{ Timestamp: at(0), SampleCount: 4, Sum: 8, Minimum: 1, Maximum: 5 }]);
      // moto answers no unit where none was put; AWS calls it None.
      if (!peer) expect(Datapoints?.[0]?.Unit).toBe('None');
    }
  });

  test('are told apart by their dimensions, in whatever order those come', async () => {
    const [Shop, Till] = [
      { Name: 'Shop', Value: 'north' },
      { Name: 'Till', Value: '1' },
    ];
    await put([{ MetricName: 'till', Value: 1, Timestamp: at(0), Dimensions: [Shop, Till] }]);
    await put([{ MetricName: 'till', Value: 2, Timestamp: at(0), Dimensions: [Till, Shop] }]);
    await put([{ MetricName: 'till', Value: 4, Timestamp: at(0), Dimensions: [Shop] }]);
    const sum = async (Dimensions: (typeof Shop)[]) =>
      (await statistics('till', { Dimensions, Statistics: ['Sum'] })).Datapoints?.map(({ Sum }) => Sum);
    expect(await sum([Till, Shop])).toEqual([3]);
    // moto adds the values of every metric with these dimensions among others; for AWS each set is a metric of its own.
    if (peer) return;
    expect(await sum([Shop])).toEqual([4]);
    expect(await sum([])).toEqual([]);
  });

  // moto keeps no percentiles: it answers ExtendedStatistics with nothing.
  test.skipIf(peer)('have percentiles and trimmed means, but for what a statistic set hides', async () => {
    await put([{ MetricName: 'slow', Values: [...Array(100).keys()].map((each) => each + 1), Timestamp: at(0) }]);
    const ExtendedStatistics = [
      'p50',
      'p99',
      'p100',
      'tm90',
      'TM(10%:90%)',
      'IQM',
      'PR(:30)',
      'TC(95:)',
      'TS(95:)',
      'wm50',
    ];
    const { Datapoints } = await statistics('slow', { ExtendedStatistics });
    expect(Datapoints?.[0]?.ExtendedStatistics).toEqual({
      p50: 50,
      p99: 99,
      p100: 100,
      tm90: 45.5,
      'TM(10%:90%)': 50.5,
      IQM: 50.5,
      'PR(:30)': 30,
      'TC(95:)': 5,
      'TS(95:)': 490,
      wm50: (1_275 + 50 * 50) / 100,
    });
    await put([
      { MetricName: 'slow', StatisticValues: { SampleCount: 2, Sum: 3, Minimum: 1, Maximum: 2 }, Timestamp: at(0) },
    ]);
    const after = await statistics('slow', { ExtendedStatistics: ['p50'], Statistics: ['SampleCount'] });
    expect(after.Datapoints).toEqual([{ Timestamp: at(0), SampleCount: 102, Unit: 'None' }]);
  });

  // moto adds up by minute what has a high resolution, too.
  test.skipIf(peer)('of high resolution are kept by second', async () => {
    const second = Math.floor(Date.now() / MINUTE) * MINUTE - 2 * MINUTE;
    const values = [0, 1, 12].map((seconds) => ({
      MetricName: 'fine',
      Value: 1,
      StorageResolution: 1,
      Timestamp: new Date(second + seconds * 1_000),
    }));
    await put(values);
    const found = await dataOf(
      client,
      [metricQuery('s', 'fine', 'Sum', 1), metricQuery('t', 'fine', 'Sum', 10), metricQuery('m', 'fine', 'Sum', 60)],
      second,
      second + MINUTE,
    );
    expect(found.map(({ Values }) => Values)).toEqual([[1, 1, 1], [2, 1], [3]]);
  });

  test('of the same metric in other units are datapoints of their own', async () => {
    await put([{ MetricName: 'mixed', Value: 1, Timestamp: at(0), Unit: 'Seconds' }]);
    await put([{ MetricName: 'mixed', Value: 5, Timestamp: at(0), Unit: 'Milliseconds' }]);
    const one = await statistics('mixed', { Statistics: ['Sum'], Unit: 'Seconds' });
    expect(one.Datapoints).toEqual([{ Timestamp: at(0), Sum: 1, Unit: 'Seconds' }]);
    // moto answers one datapoint, of the unit that came first.
    if (peer) return;
    const all = await statistics('mixed', { Statistics: ['Sum'] });
    expect(all.Datapoints?.map(({ Unit, Sum }) => [Unit, Sum])).toEqual([
      ['Milliseconds', 5],
      ['Seconds', 1],
    ]);
  });
});

// moto checks few of these.
describe.skipIf(peer)('refused', () => {
  const NAN = { MetricName: 'bad', Value: Number.MAX_VALUE };
  test.each<[string, MetricDatum[], string]>([
    ['a value that is too large', [NAN], 'InvalidParameterValueException'],
    ['no value', [{ MetricName: 'bad' }], 'MissingRequiredParameterException'],
    ['two kinds of value', [{ MetricName: 'bad', Value: 1, Values: [1] }], 'InvalidParameterCombinationException'],
    [
      'counts of another length',
      [{ MetricName: 'bad', Values: [1, 2], Counts: [1] }],
      'InvalidParameterValueException',
    ],
    ['an unknown unit', [{ MetricName: 'bad', Value: 1, Unit: 'Miles' as 'Count' }], 'InvalidParameterValueException'],
    ['another resolution', [{ MetricName: 'bad', Value: 1, StorageResolution: 5 }], 'InvalidParameterValueException'],
    [
      'a time too long ago',
      [{ MetricName: 'bad', Value: 1, Timestamp: new Date(Date.now() - 15 * 86_400_000) }],
      'InvalidParameterValueException',
    ],
    [
      'a time too far ahead',
      [{ MetricName: 'bad', Value: 1, Timestamp: new Date(Date.now() + 3 * 3_600_000) }],
      'InvalidParameterValueException',
    ],
    [
      'too many dimensions',
      [
        {
          MetricName: 'bad',
          Value: 1,
          Dimensions: [...Array(31).keys()].map((each) => ({ Name: `d${each}`, Value: 'x' })),
        },
      ],
      'InvalidParameterValueException',
    ],
  ])('%s', async (_, data, name) => {
    await expect(put(data)).rejects.toMatchObject({ name });
  });

  test('one bad value of many, and none is kept', async () => {
    await expect(put([{ MetricName: 'half', Value: 1 }, NAN])).rejects.toMatchObject({
      message: expect.stringContaining('MetricData.member.2.Value') as string,
    });
    const { Metrics } = await client.send(new ListMetricsCommand({ MetricName: 'half' }));
    expect(Metrics).toEqual([]);
  });

  test('namespaces of AWS', async () => {
    await expect(put([{ MetricName: 'Errors', Value: 1 }], 'AWS/Lambda')).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The value AWS/ for parameter Namespace is invalid.',
    });
  });

  test('more datapoints than an answer has', async () => {
    await expect(
      statistics('sold', { Statistics: ['Sum'], EndTime: new Date(minute + 2 * 86_400_000) }),
    ).rejects.toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: expect.stringContaining('up to 2,880 datapoints, which exceeds the limit of 1,440') as string,
    });
  });
});

describe('metrics are listed', () => {
  beforeAll(async () => {
    const of = (Value: string) => [{ Name: 'Region', Value }];
    await put([{ MetricName: 'a', Value: 1, Dimensions: of('north') }], 'Listed');
    await put([{ MetricName: 'a', Value: 1, Dimensions: of('south') }], 'Listed');
    await put([{ MetricName: 'b', Value: 1 }], 'Listed');
  });
  const list = async (rest: object) =>
    (await client.send(new ListMetricsCommand({ Namespace: 'Listed', ...rest }))).Metrics?.map(
      ({ MetricName, Dimensions = [] }) => [MetricName, ...Dimensions.map(({ Value }) => Value)].join(' '),
    );

  test('by name and dimensions, with their values or without', async () => {
    expect((await list({}))?.toSorted()).toEqual(['a north', 'a south', 'b']);
    expect(await list({ MetricName: 'b' })).toEqual(['b']);
    expect(await list({ Dimensions: [{ Name: 'Region', Value: 'south' }] })).toEqual(['a south']);
    expect((await list({ Dimensions: [{ Name: 'Region' }] }))?.toSorted()).toEqual(['a north', 'a south']);
  });

  test('by a dimension whose name every object of JavaScript has', async () => {
    const Dimensions = [{ Name: 'constructor', Value: 'acme' }];
    await put([{ MetricName: 'cars', Value: 1, Dimensions }], 'Listed');
    expect(await list({ Dimensions: [{ Name: 'constructor' }] })).toEqual(['cars acme']);
    expect(await list({ Dimensions: [{ Name: 'toString' }] })).toEqual([]);
  });

  // moto has pages of another size.
  test.skipIf(peer)('page by page', async () => {
    const many = [...Array(1_000).keys()].map((each) => ({ MetricName: `m${each}`, Value: 1 }));
    await put(many, 'Many');
    const first = await client.send(new ListMetricsCommand({ Namespace: 'Many' }));
    const second = await client.send(new ListMetricsCommand({ Namespace: 'Many', NextToken: first.NextToken }));
    expect([first.Metrics?.length, second.Metrics?.length, second.NextToken]).toEqual([500, 500, undefined]);
    await expect(client.send(new ListMetricsCommand({ NextToken: '?' }))).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
  });
});

test('GetMetricData answers the latest value first', async () => {
  await put([1, 2, 3].map((Value, index) => ({ MetricName: 'ordered', Value, Timestamp: at(index) })));
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [metricQuery('o', 'ordered', 'Sum', 60, { Label: 'all' })],
      StartTime: at(0),
      EndTime: at(3),
    }),
  );
  expect(MetricDataResults).toMatchObject([
    { Id: 'o', Label: 'all', StatusCode: 'Complete', Timestamps: [at(2), at(1), at(0)], Values: [3, 2, 1] },
  ]);
});

describe.skipIf(peer)('the wire', () => {
  const settings = {
    defaultNamespace: 'com.amazonaws.cloudwatch',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    version: '2010-08-01',
    serviceTarget: 'GraniteServiceVersion20100801',
    awsQueryCompatible: true,
  };
  test.each([
    ['JSON', AwsJson1_0Protocol],
    ['CBOR', AwsSmithyRpcV2CborProtocol],
    ['query', AwsQueryProtocol],
  ] as const)('speaks %s, and reads large bodies that are compressed', async (name, protocol) => {
    // The SDK's CBOR declares the length that a body had before it was compressed.
    const disableRequestCompression = name === 'CBOR';
    const { endpoint, credentials: own } = world!.cloud;
    const speaker = new CloudWatchClient({
      endpoint,
      region: REGION,
      credentials: own,
      protocol: protocol as typeof AwsJson1_0Protocol,
      protocolSettings: settings,
      disableRequestCompression,
    });
    const Dimensions = [{ Name: 'Text', Value: 'x'.repeat(1_000) }];
    let encoding: string | undefined;
    speaker.middlewareStack.add(
      (next) => (given) => {
        encoding = (given.request as { headers: Record<string, string> }).headers['content-encoding'];
        return next(given);
      },
      { step: 'finalizeRequest' },
    );
    const MetricData = [...Array(20).keys()].map((Value) => ({
      MetricName: name,
      Value,
      Timestamp: at(0),
      Dimensions,
    }));
    await speaker.send(new PutMetricDataCommand({ Namespace: 'Wire', MetricData }));
    expect(encoding).toBe(disableRequestCompression ? undefined : 'gzip');
    const { MetricDataResults } = await speaker.send(
      new GetMetricDataCommand({
        MetricDataQueries: [
          {
            Id: 'm',
            MetricStat: { Metric: { Namespace: 'Wire', MetricName: name, Dimensions }, Period: 60, Stat: 'p50' },
          },
        ],
        StartTime: at(0),
        EndTime: at(1),
      }),
    );
    expect(MetricDataResults).toMatchObject([{ Timestamps: [at(0)], Values: [9] }]);
    await expect(speaker.send(new PutMetricDataCommand({ Namespace: 'AWS/No', MetricData }))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });
});
