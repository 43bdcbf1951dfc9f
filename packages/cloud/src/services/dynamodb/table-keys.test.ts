// Tables under customers' KMS keys: asked when the table is made, and as the caller when its items are used.
import * as DynamoDB from '@aws-sdk/client-dynamodb';
import * as KMS from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { allow, TestIdentity, type Keys } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { sts } from '../sts/index.ts';
import { dynamodb } from './index.ts';

let world: TestIdentity;
let keys: KMS.KMSClient;
let owner: DynamoDB.DynamoDBClient;
let KeyArn: string;

beforeAll(async () => {
  world = new TestIdentity(await startCloud({ services: [iam, sts, kms, dynamodb] }));
  keys = new KMS.KMSClient(world.as());
  owner = clientOf();
  KeyArn = (await keys.send(new KMS.CreateKeyCommand({}))).KeyMetadata!.Arn!;
});

afterAll(() => world.cloud.stop());

const clientOf = (credentials?: Keys) => new DynamoDB.DynamoDBClient(world.as(credentials));
const createTable = (TableName: string, KMSMasterKeyId: string, client = owner) =>
  client.send(
    new DynamoDB.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId },
    }),
  );
const get = (client: DynamoDB.DynamoDBClient, TableName: string) =>
  client.send(new DynamoDB.GetItemCommand({ TableName, Key: { pk: { S: '1' } } }));
const grants = async () => (await keys.send(new KMS.ListGrantsCommand({ KeyId: KeyArn }))).Grants!;

test('a table under a customer’s key is used by whoever may use the key through DynamoDB', async () => {
  const { TableDescription } = await createTable('orders', KeyArn);
  expect(TableDescription?.SSEDescription).toEqual({ Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: KeyArn });
  await owner.send(new DynamoDB.PutItemCommand({ TableName: 'orders', Item: { pk: { S: '1' } } }));
  const stranger = clientOf(await world.user('stranger', allow('dynamodb:*')));
  await expect(get(stranger, 'orders')).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`kms:Decrypt on resource: ${KeyArn}`),
  });
  const batch = new DynamoDB.BatchGetItemCommand({ RequestItems: { orders: { Keys: [{ pk: { S: '1' } }] } } });
  await expect(stranger.send(batch)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const reader = await world.user('reader', allow('dynamodb:GetItem'), {
    ...allow('kms:Decrypt'),
    Condition: {
      StringEquals: {
        'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com',
        'kms:EncryptionContext:aws:dynamodb:tableName': 'orders',
      },
    },
  });
  expect((await get(clientOf(reader), 'orders')).Item).toEqual({ pk: { S: '1' } });
  // What a table is like is no secret of its key's.
  await stranger.send(new DynamoDB.DescribeTableCommand({ TableName: 'orders' }));
});

test('DynamoDB has a grant on the key for as long as there is the table', async () => {
  await createTable('granted', KeyArn);
  const own = async () =>
    (await grants()).filter(
      ({ Constraints }) => Constraints?.EncryptionContextSubset?.['aws:dynamodb:tableName'] === 'granted',
    );
  expect(await own()).toMatchObject([{ GranteePrincipal: 'dynamodb.us-east-1.amazonaws.com' }]);
  await owner.send(new DynamoDB.DeleteTableCommand({ TableName: 'granted' }));
  expect(await own()).toEqual([]);
});

test('making such a table needs the key’s permission too', async () => {
  const builder = clientOf(await world.user('builder', allow('dynamodb:*', 'kms:DescribeKey')));
  await expect(createTable('denied', KeyArn, builder)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('kms:GenerateDataKeyWithoutPlaintext'),
  });
  await expect(createTable('keyless', 'alias/none')).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('is not found'),
  });
  expect((await owner.send(new DynamoDB.ListTablesCommand({}))).TableNames).not.toContain('denied');
});

test('a disabled key makes the table’s items inaccessible, once DynamoDB no longer remembers it', async () => {
  await createTable('remembered', KeyArn);
  await get(owner, 'remembered');
  await keys.send(new KMS.DisableKeyCommand({ KeyId: KeyArn }));
  await get(owner, 'remembered');
  await world.cloud.clock.advance(6 * 60_000);
  await expect(get(owner, 'remembered')).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('is disabled'),
  });
  await keys.send(new KMS.EnableKeyCommand({ KeyId: KeyArn }));
  await get(owner, 'remembered');
});

test('a table moves to another key, and gives the former one back', async () => {
  await createTable('moved', KeyArn);
  const before = (await grants()).length;
  const other = (await keys.send(new KMS.CreateKeyCommand({}))).KeyMetadata!.Arn!;
  const update = (SSESpecification: DynamoDB.SSESpecification) =>
    owner.send(new DynamoDB.UpdateTableCommand({ TableName: 'moved', SSESpecification }));
  const { TableDescription } = await update({ Enabled: true, KMSMasterKeyId: other });
  expect(TableDescription?.SSEDescription?.KMSMasterKeyArn).toBe(other);
  expect((await grants()).length).toBe(before - 1);
  await update({ Enabled: true });
  const { KeyMetadata } = await keys.send(new KMS.DescribeKeyCommand({ KeyId: 'alias/aws/dynamodb' }));
  const { Table } = await owner.send(new DynamoDB.DescribeTableCommand({ TableName: 'moved' }));
  expect(Table?.SSEDescription?.KMSMasterKeyArn).toBe(KeyMetadata?.Arn);
});

test('a backup’s table comes back under the same key', async () => {
  await createTable('backed-up', KeyArn);
  const { BackupDetails } = await owner.send(
    new DynamoDB.CreateBackupCommand({ TableName: 'backed-up', BackupName: 'kept' }),
  );
  const { TableDescription } = await owner.send(
    new DynamoDB.RestoreTableFromBackupCommand({
      BackupArn: BackupDetails?.BackupArn,
      TargetTableName: 'restored',
    }),
  );
  expect(TableDescription?.SSEDescription?.KMSMasterKeyArn).toBe(KeyArn);
});
