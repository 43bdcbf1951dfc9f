import { describe, expect, test } from 'vitest';

import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Table } from './table.ts';

const ARN = 'arn:aws:dynamodb:us-east-1:{account}:table/orders';

describe('Table', () => {
  test('the smallest use is on demand, encrypted and restorable, and in production protected', () => {
    const stack = testStack();
    new Table(stack, 'orders', { name: 'orders', attributes: { id: 'string' }, partitionKey: 'id' });

    expect(resource(stack, 'aws_dynamodb_table.orders')).toMatchInlineSnapshot(`
      {
        "attribute": [
          {
            "name": "id",
            "type": "S",
          },
        ],
        "billing_mode": "PAY_PER_REQUEST",
        "deletion_protection_enabled": true,
        "hash_key": "id",
        "name": "orders",
        "point_in_time_recovery": {
          "enabled": true,
        },
        "server_side_encryption": {
          "enabled": true,
        },
      }
    `);
  });

  test('outside of production a table may be thrown away', () => {
    const stack = testStack('dev');
    new Table(stack, 'orders', { name: 'orders', attributes: { id: 'string' }, partitionKey: 'id' });

    expect(resource(stack, 'aws_dynamodb_table.orders')['deletion_protection_enabled']).toBe(false);
  });

  test('protection and recovery can be left to whoever deploys', () => {
    const stack = testStack();
    new Table(stack, 'orders', {
      name: 'orders',
      attributes: { id: 'string' },
      partitionKey: 'id',
      deletionProtection: stack.switch('enable_deletion_protection', true, 'Refuses to delete tables'),
      pointInTimeRecovery: stack.switch('enable_point_in_time_recovery', true, 'Keeps 35 days of every table'),
    });

    expect(resource(stack, 'aws_dynamodb_table.orders')).toMatchObject({
      deletion_protection_enabled: '${var.enable_deletion_protection}',
      point_in_time_recovery: { enabled: '${var.enable_point_in_time_recovery}' },
    });
  });

  test('keys, indexes and time to live become what DynamoDB wants: types of key attributes only', () => {
    const stack = testStack();
    new Table(stack, 'orders', {
      name: 'orders',
      attributes: { id: 'string', line: 'number', customer: 'string', total: 'number', expiresAt: 'epoch-seconds' },
      partitionKey: 'id',
      sortKey: 'line',
      indexes: { CustomerIndex: { partitionKey: 'customer', project: ['total'] }, LineIndex: { partitionKey: 'line' } },
      timeToLive: 'expiresAt',
    });

    const table = resource(stack, 'aws_dynamodb_table.orders');
    expect(table).toMatchObject({
      hash_key: 'id',
      range_key: 'line',
      ttl: { enabled: true, attribute_name: 'expiresAt' },
    });
    expect(table['attribute']).toEqual([
      { name: 'customer', type: 'S' },
      { name: 'id', type: 'S' },
      { name: 'line', type: 'N' },
    ]);
    expect(table['global_secondary_index']).toMatchInlineSnapshot(`
      [
        {
          "hash_key": "customer",
          "name": "CustomerIndex",
          "non_key_attributes": [
            "total",
          ],
          "projection_type": "INCLUDE",
        },
        {
          "hash_key": "line",
          "name": "LineIndex",
          "projection_type": "ALL",
        },
      ]
    `);
  });

  test('options change settings, never the address', () => {
    const stack = testStack();
    new Table(stack, 'orders', {
      name: 'orders',
      attributes: { id: 'string', at: 'epoch-seconds' },
      partitionKey: 'id',
      indexes: { AtIndex: { partitionKey: 'at', project: 'keys' } },
      timeToLive: 'at',
      deletionProtection: false,
    });

    expect(addresses(stack)).toEqual(['aws_dynamodb_table.orders']);
  });

  test('the compiler knows attributes', () => {
    const stack = testStack();
    const table = (id: string) => [stack, id] as const;
    const attributes = { id: 'string', at: 'string', until: 'epoch-seconds' } as const;
    const rest = { name: 'orders', partitionKey: 'id' } as const;

    // @ts-expect-error -- 'at' and 'until' are used by nothing
    new Table(...table('unused'), { ...rest, attributes });
    // @ts-expect-error -- there is no attribute 'nr'
    new Table(...table('unknown'), { ...rest, attributes: { id: 'string' }, sortKey: 'nr' });
    // @ts-expect-error -- DynamoDB expires nothing by a string
    new Table(...table('ttl'), { ...rest, attributes: { id: 'string', at: 'string' }, timeToLive: 'at' });
    // @ts-expect-error -- an index needs declared keys
    new Table(...table('index'), { ...rest, attributes: { id: 'string' }, indexes: { A: { partitionKey: 'x' } } });
    const index = { partitionKey: 'id', project: ['x'] } as const;
    // @ts-expect-error -- a projection names declared attributes
    new Table(...table('project'), { ...rest, attributes: { id: 'string' }, indexes: { A: index } });
    new Table(...table('good'), { ...rest, attributes, sortKey: 'at', timeToLive: 'until' });

    expect(resource(stack, 'aws_dynamodb_table.good')).toMatchObject({
      range_key: 'at',
      ttl: { attribute_name: 'until' },
    });
  });

  test('grants name exact actions on this table', () => {
    const read = testStack();
    new Table(read, 'orders', { name: 'orders', attributes: { id: 'string' }, partitionKey: 'id' }).grantRead(
      testRole(read),
    );
    expect(grants(read)).toEqual(
      ['BatchGetItem', 'ConditionCheckItem', 'GetItem', 'Query'].map(
        (name) => `dynamodb:${name} on ${ARN}, ${ARN}/index/*`,
      ),
    );

    const write = testStack();
    new Table(write, 'orders', { name: 'orders', attributes: { id: 'string' }, partitionKey: 'id' }).grantWrite(
      testRole(write),
    );
    expect(grants(write)).toEqual(
      ['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem'].map((name) => `dynamodb:${name} on ${ARN}`),
    );
  });

  test('grantRestore brings a table back, but cannot delete it or touch an item', () => {
    const stack = testStack();
    new Table(stack, 'orders', { name: 'orders', attributes: { id: 'string' }, partitionKey: 'id' }).grantRestore(
      testRole(stack),
    );

    const actions = grants(stack);
    expect(actions).toContain(`dynamodb:CreateTable on ${ARN}`);
    expect(actions).toContain('dynamodb:ListBackups on *');
    expect(actions.join()).not.toMatch(/Delete|Item/);
  });

  test.each([
    ['table-name', { name: 'a b', attributes: { id: 'string' }, partitionKey: 'id' }],
    ['same-key-twice', { name: 'orders', attributes: { id: 'string' }, partitionKey: 'id', sortKey: 'id' }],
  ] as const)('%s is refused', (code, props) => {
    expect(() => new Table(testStack(), 'orders', props)).toThrow(expect.objectContaining({ code }));
  });
});
