// Resource-based policies of tables: they let in whom nothing else lets in, and keep out whom everything else lets in.
import * as DynamoDB from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { account, allow, document, TestIdentity, type Keys } from '../iam/test-identity.ts';
import { sts } from '../sts/index.ts';
import { dynamodb } from './index.ts';

let world: TestIdentity;
let owner: DynamoDB.DynamoDBClient;

beforeAll(async () => {
  world = new TestIdentity(await startCloud({ services: [iam, sts, dynamodb] }));
  owner = clientOf();
});
afterAll(() => world.cloud.stop());

const clientOf = (credentials?: Keys) => new DynamoDB.DynamoDBClient(world.as(credentials));
const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:${account}:table/${table}`;
const statement = (effect: string, user: string, actions: string[], ...resources: string[]) => ({
  Effect: effect,
  Principal: { AWS: `arn:aws:iam::${account}:user/${user}` },
  Action: actions,
  Resource: resources,
});
const create = (TableName: string, ResourcePolicy?: string) =>
  owner.send(
    new DynamoDB.CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'owner', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'other',
          KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      ResourcePolicy,
    }),
  );
const put = (ResourceArn: string, Policy: string, ExpectedRevisionId?: string) =>
  owner.send(new DynamoDB.PutResourcePolicyCommand({ ResourceArn, Policy, ExpectedRevisionId }));
const get = (client: DynamoDB.DynamoDBClient, TableName: string) =>
  client.send(new DynamoDB.GetItemCommand({ TableName, Key: { pk: { S: '1' } } }));
const query = (client: DynamoDB.DynamoDBClient, TableName: string, IndexName: string) =>
  client.send(
    new DynamoDB.QueryCommand({
      TableName,
      IndexName,
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'x' } },
    }),
  );
const denied = { name: 'AccessDeniedException' };

test('a policy lets somebody in, to the table and to those of its indexes that it names', async () => {
  const guest = clientOf(await world.user('guest', allow('sts:GetCallerIdentity')));
  const table = arnOf('shared');
  await create('shared', document(statement('Allow', 'guest', ['dynamodb:GetItem', 'dynamodb:DescribeTable'], table)));
  await get(guest, 'shared');
  await guest.send(new DynamoDB.DescribeTableCommand({ TableName: 'shared' }));
  await expect(query(guest, 'shared', 'other')).rejects.toMatchObject(denied);
  await put(table, document(statement('Allow', 'guest', ['dynamodb:Query'], `${table}/index/*`)));
  await query(guest, 'shared', 'other');
  await expect(get(guest, 'shared')).rejects.toMatchObject(denied);
});

test('a policy keeps somebody out who may do everything', async () => {
  const everything = clientOf(await world.user('everything', allow('dynamodb:*')));
  await create('kept');
  await get(everything, 'kept');
  await put(arnOf('kept'), document(statement('Deny', 'everything', ['dynamodb:GetItem'], arnOf('kept'))));
  await expect(get(everything, 'kept')).rejects.toMatchObject(denied);
  await expect(
    everything.send(new DynamoDB.BatchGetItemCommand({ RequestItems: { kept: { Keys: [{ pk: { S: '1' } }] } } })),
  ).resolves.toBeDefined();
});

test('policies have revisions, by which changes do not cross', async () => {
  const ResourceArn = arnOf('revised');
  await create('revised');
  const read = () => owner.send(new DynamoDB.GetResourcePolicyCommand({ ResourceArn }));
  await expect(read()).rejects.toMatchObject({ name: 'PolicyNotFoundException' });
  const policy = (action: string) => document(statement('Allow', 'guest', [action], ResourceArn));
  const first = await put(ResourceArn, policy('dynamodb:Scan'), 'NO_POLICY');
  expect(await read()).toMatchObject({ Policy: policy('dynamodb:Scan'), RevisionId: first.RevisionId });
  expect((await put(ResourceArn, policy('dynamodb:Scan'))).RevisionId).toBe(first.RevisionId);
  await expect(put(ResourceArn, policy('dynamodb:Query'), 'NO_POLICY')).rejects.toMatchObject({
    name: 'PolicyNotFoundException',
  });
  const second = await put(ResourceArn, policy('dynamodb:Query'), first.RevisionId);
  const drop = (ExpectedRevisionId?: string) =>
    owner.send(new DynamoDB.DeleteResourcePolicyCommand({ ResourceArn, ExpectedRevisionId }));
  await expect(drop(first.RevisionId)).rejects.toMatchObject({ name: 'PolicyNotFoundException' });
  expect(await drop(second.RevisionId)).toMatchObject({ RevisionId: second.RevisionId });
  expect(await drop()).not.toHaveProperty('RevisionId');
});

test('what is no policy, or is about a stream, is refused', async () => {
  await create('strict');
  await expect(put(arnOf('strict'), '{"Statement": 1}')).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(put(`${arnOf('strict')}/stream/x`, document())).rejects.toMatchObject({ name: 'NotImplemented' });
  await expect(put(arnOf('gone'), document())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
