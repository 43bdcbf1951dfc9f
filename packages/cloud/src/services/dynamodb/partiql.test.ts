// What policies may say of PartiQL statements: whose items they are about, and that they read no whole table.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
import { CreateTableCommand, DynamoDBClient, ExecuteStatementCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { allow, TestIdentity } from '../iam/test-identity.ts';
import { sts } from '../sts/index.ts';
import { dynamodb } from './index.ts';

let identity: TestIdentity;
let client: DynamoDBClient;

beforeAll(async () => {
  identity = new TestIdentity(await startCloud({ services: [iam, sts, dynamodb] }));
  await new DynamoDBClient(identity.as()).send(
    new CreateTableCommand({
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'order', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'order', AttributeType: 'S' }],
    }),
  );
  const reader = await identity.user('reader', allow('dynamodb:PartiQLSelect'), {
    Effect: 'Deny',
    Action: 'dynamodb:PartiQLSelect',
    Resource: '*',
    Condition: { Bool: { 'dynamodb:FullTableScan': 'true' } },
  });
  client = new DynamoDBClient(identity.as(reader));
});
afterAll(() => identity.cloud.stop());

const read = (Statement: string) => client.send(new ExecuteStatementCommand({ Statement }));

it.each([
  `SELECT * FROM "orders" WHERE "order" = 'a'`,
  `SELECT * FROM orders WHERE total > 5 AND "order" IN ['a', 'b']`,
])('%s finds its items by their key', async (statement) => {
  expect((await read(statement)).Items).toEqual([]);
});

it.each([
  'SELECT * FROM "orders"',
  'SELECT * FROM "orders" WHERE total = 5',
  `SELECT * FROM "orders" WHERE note = '"order" = 1'`,
  `SELECT * FROM "orders" WHERE "order" > 'a'`,
])('%s would read all of the table, and is denied', async (statement) => {
  await expect(read(statement)).rejects.toThrow('with an explicit deny in an identity-based policy');
});

it('whose policy names its own partition keys reaches those items alone, and no statement that hides its key', async () => {
  const owner = await identity.user('owner', {
    ...allow('dynamodb:PartiQL*'),
    Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${aws:username}'] } },
  });
  const own = new DynamoDBClient(identity.as(owner));
  const say = (Statement: string, ...values: string[]) =>
    own.send(new ExecuteStatementCommand({ Statement, Parameters: values.map((S) => ({ S })) }));
  await say(`INSERT INTO orders VALUE {'order': 'owner', 'note': ?}`, 'mine');
  expect((await say('SELECT note FROM orders WHERE "order" = ?', 'owner')).Items).toEqual([{ note: { S: 'mine' } }]);
  for (const statement of [
    `SELECT * FROM orders WHERE "order" = 'other'`,
    `SELECT * FROM orders WHERE "order" = 'owner' OR note = 'x'`,
    `INSERT INTO orders VALUE {'order': 'other'}`,
    `DELETE FROM orders WHERE "order" = 'other'`,
  ]) {
    await expect(say(statement)).rejects.toThrow('because no identity-based policy allows');
  }
});
