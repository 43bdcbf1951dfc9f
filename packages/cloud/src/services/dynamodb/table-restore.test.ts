// An aws_dynamodb_table that is another table's past.
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { rootPrincipal } from '../../kernel/identity/principal.ts';
import type { Door } from '../../kernel/service.ts';
import { TestRoot } from '../../terraform/testing.ts';
import { dynamodb } from './index.ts';

const HOUR = 3_600_000;

let cloud: Cloud;
let door: Door;
const root = new TestRoot(() => door.reattach);

beforeAll(async () => {
  cloud = await startCloud({ services: [dynamodb] });
  door = await cloud.kernel.openDoor({ principal: rootPrincipal(cloud.kernel.account), folder: root.folder });
});
afterAll(async () => {
  await door.close();
  root.remove();
  await cloud.stop();
});

const table = (name: string, more: object) => ({
  name,
  billing_mode: 'PAY_PER_REQUEST',
  hash_key: 'pk',
  attribute: [{ name: 'pk', type: 'S' }],
  ...more,
});

const configure = (resources: object) =>
  root.init({ provider: { aws: { region: 'eu-west-1' } }, resource: { aws_dynamodb_table: resources } });

test('a table is made of what another one was, with settings of its own, and is then a table like any other', async () => {
  const source = table('orders', { point_in_time_recovery: { enabled: true } });
  await configure({ source });
  expect(await root.apply()).toEqual([]);
  const { endpoint, credentials } = cloud;
  const client = new DynamoDBClient({ endpoint, credentials, region: 'eu-west-1' });
  const put = (text: string) =>
    client.send(new PutItemCommand({ TableName: 'orders', Item: { pk: { S: 'a' }, text: { S: text } } }));
  await put('right');
  await cloud.clock.advance(HOUR);
  const restore_date_time = new Date(cloud.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  await cloud.clock.advance(HOUR);
  await put('wrong');
  const past = {
    restore_source_name: '${aws_dynamodb_table.source.name}',
    restore_date_time,
    point_in_time_recovery: { enabled: true },
    stream_enabled: true,
    stream_view_type: 'KEYS_ONLY',
    ttl: { attribute_name: 'expires', enabled: true },
    tags: { From: 'orders' },
  };
  await configure({ source, restored: table('orders-before', past) });
  expect(await root.apply()).toEqual([]);
  const { Item } = await client.send(new GetItemCommand({ TableName: 'orders-before', Key: { pk: { S: 'a' } } }));
  expect(Item!['text']).toEqual({ S: 'right' });
  expect((await root.plan()).plan.resource_changes.map(({ change }) => change.actions)).toEqual([['no-op'], ['no-op']]);
});

test('a moment that is none, and two sources, are refused by the plan', async () => {
  const restore_source_table_arn = 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders';
  await configure({
    vague: table('vague', { restore_source_name: 'orders', restore_date_time: 'yesterday' }),
    twofold: table('twofold', {
      restore_source_name: 'orders',
      restore_source_table_arn,
      restore_to_latest_time: true,
    }),
  });
  const said = (await root.plan()).diagnostics.map(({ summary }) => summary).join('\n');
  expect(said).toContain('must be in RFC3339 time format');
  expect(said).toContain('conflicts with restore_source_table_arn');
});
