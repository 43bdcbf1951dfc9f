// Dashboards through the SDK.
import {
  DeleteDashboardsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
  type DashboardInvalidInputError,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloudwatch, type TestCloudwatch } from '../test-cloudwatch.ts';

let world: TestCloudwatch;

beforeAll(async () => {
  world = await startCloudwatch();
});
afterAll(() => world.cloud.stop());

const put = (DashboardName: string, body: unknown) =>
  world.client.send(
    new PutDashboardCommand({ DashboardName, DashboardBody: typeof body === 'string' ? body : JSON.stringify(body) }),
  );

const graph = (properties: object = {}, widget: object = {}) => ({
  widgets: [
    { type: 'metric', ...widget, properties: { region: 'us-east-1', metrics: [['Shop', 'sold']], ...properties } },
  ],
});

test('a dashboard is kept as it was put, listed by prefix, and deleted with others or not at all', async () => {
  const body = JSON.stringify(graph(), null, 2);
  expect(await put('shop-one', body)).toMatchObject({ DashboardValidationMessages: [] });
  await put('shop-two', graph());
  await put('other', graph());
  expect(await world.client.send(new GetDashboardCommand({ DashboardName: 'shop-one' }))).toMatchObject({
    DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/shop-one',
    DashboardBody: body,
  });
  const list = async () =>
    (await world.client.send(new ListDashboardsCommand({ DashboardNamePrefix: 'shop-' }))).DashboardEntries ?? [];
  expect((await list()).map(({ DashboardName, Size }) => [DashboardName, Size! > 0])).toEqual([
    ['shop-one', true],
    ['shop-two', true],
  ]);
  const remove = (...DashboardNames: string[]) => world.client.send(new DeleteDashboardsCommand({ DashboardNames }));
  // DashboardNotFoundError by its code in the query protocol, by which the SDK knows it.
  await expect(remove('shop-one', 'nobody')).rejects.toMatchObject({
    name: 'ResourceNotFound',
    message: 'Dashboard nobody does not exist',
  });
  expect(await list()).toHaveLength(2);
  await remove('shop-one', 'shop-two');
  expect(await list()).toEqual([]);
});

test.each<[string, unknown, string, string]>([
  ['no widgets', {}, '', "Should have required property 'widgets'"],
  [
    'an unknown widget',
    graph({}, { type: 'chart' }),
    '/widgets/0/type',
    'Should be equal to one of the allowed values',
  ],
  ['half a place', graph({}, { x: 1 }), '/widgets/0', "Should have required property 'y'"],
  ['a width beyond the grid', graph({}, { width: 25 }), '/widgets/0/width', 'Should be <= 24'],
  ['no region', graph({ region: undefined }), '/widgets/0/properties', "Should have required property 'region'"],
  [
    'a dimension without a value',
    graph({ metrics: [['Shop', 'sold', 'Till']] }),
    '/widgets/0/properties/metrics/0',
    'Should have a value for every dimension',
  ],
  ['an unknown statistic', graph({ stat: 'Median' }), '/widgets/0/properties/stat', 'Should be a statistic'],
  [
    'a text without words',
    { widgets: [{ type: 'text', properties: {} }] },
    '/widgets/0/properties',
    "Should have required property 'markdown'",
  ],
])('%s is refused, with its place', async (_, body, DataPath, Message) => {
  const refusal = (await put('bad', body).catch((error: unknown) => error)) as DashboardInvalidInputError;
  expect(refusal).toMatchObject({
    name: 'DashboardInvalidInputError',
    dashboardValidationMessages: [{ DataPath, Message }],
    message: expect.stringContaining('The dashboard body is invalid, there are 1 validation errors') as string,
  });
});

test('what is no JSON, and a name with a blank, are refused', async () => {
  await expect(put('bad', '{')).rejects.toMatchObject({
    message: 'The field DashboardBody must be a valid JSON object',
  });
  await expect(put('b ad', graph())).rejects.toMatchObject({ name: 'DashboardInvalidInputError' });
});

test('metrics are repeated by dots, and computed', async () => {
  const metrics = [
    ['Shop', 'sold', 'Till', '1', { id: 'm1', stat: 'p99' }],
    ['.', 'returned', '.', '.'],
    ['...', '2', { period: 300 }],
    [{ expression: 'm1 * 2', id: 'e1' }],
  ];
  const answer = await put('dots', graph({ metrics, view: 'timeSeries', annotations: { horizontal: [{ value: 1 }] } }));
  expect(answer.DashboardValidationMessages).toEqual([]);
});
