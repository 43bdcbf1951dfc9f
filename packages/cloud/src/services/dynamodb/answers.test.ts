// What DynamoDB's answers hold: no more than was asked for, all that AWS tells of a table, pages to their end.
import {
  BatchExecuteStatementCommand,
  CreateBackupCommand,
  CreateTableCommand,
  DeleteBackupCommand,
  DescribeBackupCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  ListBackupsCommand,
  PutItemCommand,
  RestoreTableFromBackupCommand,
  ScanCommand,
  TagResourceCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateTableCommand,
  type CreateTableCommandInput,
  type ListBackupsCommandInput,
  type ListBackupsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { dynamodb } from './index.ts';

let cloud: Cloud;
let client: DynamoDBClient;

beforeAll(async () => {
  cloud = await startCloud({ services: [dynamodb] });
  const { endpoint, credentials } = cloud;
  client = new DynamoDBClient({ endpoint, credentials, region: 'eu-central-1', maxAttempts: 1 });
});
afterAll(() => cloud.stop());

const create = (TableName: string, more: Partial<CreateTableCommandInput> = {}) =>
  client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...more,
    }),
  );

const put = (TableName: string, pk: string, text: string) =>
  client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, text: { S: text } } }));

const describe = async (TableName: string) => (await client.send(new DescribeTableCommand({ TableName }))).Table!;

const scan = async (TableName: string) => (await client.send(new ScanCommand({ TableName }))).Items!;

test('what a transaction reads is what its projection names, without keys that nobody asked for', async () => {
  await create('projected');
  const get = (pk: string, ProjectionExpression?: string, ExpressionAttributeNames?: Record<string, string>) => ({
    Get: { TableName: 'projected', Key: { pk: { S: pk } }, ProjectionExpression, ExpressionAttributeNames },
  });
  for (const pk of ['a', 'b', 'd']) await put('projected', pk, 'first');
  const names = { '#t': 'text' };
  const TransactItems = [get('a', '#t', names), get('b', 'pk, #t', names), get('d'), get('e', '#t', names)];
  const { Responses } = await client.send(new TransactGetItemsCommand({ TransactItems }));
  expect(Responses?.map(({ Item }) => Item)).toEqual([
    { text: { S: 'first' } },
    { pk: { S: 'b' }, text: { S: 'first' } },
    { pk: { S: 'd' }, text: { S: 'first' } },
    undefined,
  ]);
});

test('what the table engine would pass over is refused by its name', async () => {
  await create('strict');
  const statement = { Statement: `UPDATE strict SET n = 1 WHERE pk = 'a'` };
  const item = { ...statement, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
  const write = { TransactItems: [{ Put: { TableName: 'strict', Item: { pk: { S: 'a' } } } }] };
  for (const [command, path] of [
    [new ExecuteStatementCommand(item), 'ReturnValuesOnConditionCheckFailure'],
    [new BatchExecuteStatementCommand({ Statements: [statement, item] }), 'Statements.ReturnValues'],
    [new ExecuteTransactionCommand({ TransactStatements: [item] }), 'TransactStatements.ReturnValues'],
    [new TransactWriteItemsCommand({ ...write, ReturnItemCollectionMetrics: 'SIZE' }), 'ReturnItemCollectionMetrics'],
  ] as const) {
    await expect(client.send(command as ExecuteStatementCommand)).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining(path),
    });
  }
  await client.send(new TransactWriteItemsCommand({ ...write, ReturnItemCollectionMetrics: 'NONE' }));
  expect(await scan('strict')).toEqual([{ pk: { S: 'a' } }]);
});

test('a table says since when it is on demand, and what it can take', async () => {
  const index = {
    IndexName: 'ByText',
    KeySchema: [{ AttributeName: 'text', KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
    ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 3 },
  };
  await create('billed', {
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
    AttributeDefinitions: ['pk', 'text'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    GlobalSecondaryIndexes: [index],
  });
  expect(await describe('billed')).toMatchObject({
    WarmThroughput: { ReadUnitsPerSecond: 5, WriteUnitsPerSecond: 6, Status: 'ACTIVE' },
    GlobalSecondaryIndexes: [{ WarmThroughput: { ReadUnitsPerSecond: 2, WriteUnitsPerSecond: 3, Status: 'ACTIVE' } }],
  });
  await create('billed-in-turn');
  await cloud.clock.advance(60_000);
  const OnDemandThroughput = { MaxReadRequestUnits: -1, MaxWriteRequestUnits: 7 };
  await client.send(
    new UpdateTableCommand({ TableName: 'billed', BillingMode: 'PAY_PER_REQUEST', OnDemandThroughput }),
  );
  const table = await describe('billed');
  expect(table).toMatchObject({
    OnDemandThroughput,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000 },
    GlobalSecondaryIndexes: [
      {
        ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
        WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000 },
      },
    ],
  });
  const since = table.BillingModeSummary!.LastUpdateToPayPerRequestDateTime!;
  expect(since.getTime() - table.CreationDateTime!.getTime()).toBeGreaterThanOrEqual(60_000);
  const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  await client.send(
    new UpdateTableCommand({ TableName: 'billed-in-turn', BillingMode: 'PROVISIONED', ProvisionedThroughput }),
  );
  const { BillingModeSummary, CreationDateTime } = await describe('billed-in-turn');
  expect(BillingModeSummary).toEqual({
    BillingMode: 'PROVISIONED',
    LastUpdateToPayPerRequestDateTime: CreationDateTime,
  });
  await create('born-on-demand');
  const born = await describe('born-on-demand');
  expect(born.BillingModeSummary!.LastUpdateToPayPerRequestDateTime).toEqual(born.CreationDateTime);

  const { BackupDetails } = await client.send(new CreateBackupCommand({ TableName: 'billed', BackupName: 'billed' }));
  const { BackupArn } = BackupDetails!;
  const { BackupDescription } = await client.send(new DescribeBackupCommand({ BackupArn }));
  expect(BackupDescription?.SourceTableDetails?.OnDemandThroughput).toEqual(OnDemandThroughput);
  await client.send(new RestoreTableFromBackupCommand({ BackupArn, TargetTableName: 'billed-again' }));
  expect((await describe('billed-again')).OnDemandThroughput).toEqual(OnDemandThroughput);
});

test('tags of AWS’s own are nobody else’s to set', async () => {
  const Tags = [{ Key: 'aws:owner', Value: 'me' }];
  await expect(create('tagged', { Tags })).rejects.toMatchObject({ name: 'ValidationException' });
  const { TableDescription } = await create('tagged');
  const tag = new TagResourceCommand({ ResourceArn: TableDescription!.TableArn, Tags });
  await expect(client.send(tag)).rejects.toMatchObject({ name: 'ValidationException' });
});

test('one index is made or deleted at a time, and all times are the cloud’s', async () => {
  await cloud.clock.advance(30 * 86_400_000);
  await create('indexed');
  const { CreationDateTime } = await describe('indexed');
  expect(Math.abs(CreationDateTime!.getTime() - cloud.clock.now())).toBeLessThan(60_000);
  const change = (IndexName: string) => ({
    Create: {
      IndexName,
      KeySchema: [{ AttributeName: IndexName, KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' as const },
    },
  });
  const both = new UpdateTableCommand({
    TableName: 'indexed',
    AttributeDefinitions: ['one', 'two'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    GlobalSecondaryIndexUpdates: [change('one'), change('two')],
  });
  await expect(client.send(both)).rejects.toMatchObject({ name: 'LimitExceededException' });
  const OnDemandThroughput = { MaxReadRequestUnits: 5 };
  // Every object of JavaScript has something of this name.
  const unknown = new UpdateTableCommand({
    TableName: 'indexed',
    GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'constructor', OnDemandThroughput } }],
  });
  await expect(client.send(unknown)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect((await describe('indexed')).GlobalSecondaryIndexes).toBeUndefined();
});

test('backups are listed in pages, where one was deleted meanwhile too', async () => {
  await create('paged');
  const arns: string[] = [];
  for (const BackupName of ['first', 'second', 'third']) {
    const made = await client.send(new CreateBackupCommand({ TableName: 'paged', BackupName }));
    arns.push(made.BackupDetails!.BackupArn!);
  }
  const list = (more: Partial<ListBackupsCommandInput>) =>
    client.send(new ListBackupsCommand({ TableName: 'paged', ...more }));
  const names = ({ BackupSummaries = [] }: ListBackupsCommandOutput) => BackupSummaries.map((one) => one.BackupName);
  const whole = await list({ Limit: 3 });
  expect([names(whole), whole.LastEvaluatedBackupArn]).toEqual([['first', 'second', 'third'], undefined]);
  const page = await list({ Limit: 2 });
  expect([names(page), page.LastEvaluatedBackupArn]).toEqual([['first', 'second'], arns[1]]);
  await client.send(new DeleteBackupCommand({ BackupArn: arns[1] }));
  expect(names(await list({ Limit: 2, ExclusiveStartBackupArn: arns[1] }))).toEqual(['third']);
  for (const wrong of [{ Limit: 0 }, { Limit: 101 }, { BackupType: 'FULL' as never }]) {
    await expect(list(wrong)).rejects.toMatchObject({ name: 'ValidationException' });
  }
});
