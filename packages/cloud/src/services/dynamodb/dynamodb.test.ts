// DynamoDB through the SDK: items, tables, what dynoxide does not keep, backups.
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateBackupCommand,
  CreateTableCommand,
  DeleteBackupCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeContinuousBackupsCommand,
  DescribeContributorInsightsCommand,
  DescribeEndpointsCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListBackupsCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  RestoreTableFromBackupCommand,
  ScanCommand,
  TagResourceCommand,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { kms } from '../kms/index.ts';
import { dynamodb } from './index.ts';

const REGION = 'eu-central-1';
const ARN = `arn:aws:dynamodb:${REGION}:000000000000:table/`;
const DAY_MILLISECONDS = 86_400_000;

let cloud: Cloud;
let client: DynamoDBClient;

const clientIn = (region: string) =>
  new DynamoDBClient({ endpoint: cloud.endpoint, region, credentials: cloud.credentials, maxAttempts: 1 });

beforeAll(async () => {
  cloud = await startCloud({ services: [kms, dynamodb] });
  client = clientIn(REGION);
});
afterAll(() => cloud.stop());

const create = (TableName: string, more: Partial<CreateTableCommandInput> = {}) =>
  client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      ...more,
    }),
  );

const describe = async (TableName: string) => (await client.send(new DescribeTableCommand({ TableName }))).Table!;

const put = (TableName: string, pk: string, text = 'text') =>
  client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, text: { S: text } } }));

const scan = async (TableName: string) => (await client.send(new ScanCommand({ TableName }))).Items!;

test('items of every type go in and come out, by name and by ARN', async () => {
  await create('items');
  const Item = {
    pk: { S: 'ü' },
    number: { N: '12345678901234567890.123' },
    binary: { B: new Uint8Array([0, 1, 255]) },
    sets: { M: { ns: { NS: ['1', '2'] }, bs: { BS: [new Uint8Array([7])] } } },
    list: { L: [{ BOOL: true }, { NULL: true }, { S: '' }] },
  };
  await client.send(new PutItemCommand({ TableName: `${ARN}items`, Item }));
  const found = await client.send(new GetItemCommand({ TableName: 'items', Key: { pk: { S: 'ü' } } }));
  expect(found.Item).toEqual(Item);
});

test('a failed condition comes with the item that made it fail', async () => {
  await create('conditions');
  await put('conditions', 'a', 'first');
  const again = new PutItemCommand({
    TableName: 'conditions',
    Item: { pk: { S: 'a' } },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await expect(client.send(again)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    message: 'The conditional request failed',
    Item: { pk: { S: 'a' }, text: { S: 'first' } },
  });
});

test('batches, transactions, queries of an index and PartiQL work', async () => {
  await create('many', {
    AttributeDefinitions: ['pk', 'group'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'ByGroup',
        KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  const Item = (pk: string) => ({ pk: { S: pk }, group: { S: 'g' } });
  const RequestItems = { [`${ARN}many`]: ['a', 'b'].map((pk) => ({ PutRequest: { Item: Item(pk) } })) };
  await client.send(new BatchWriteItemCommand({ RequestItems }));
  await client.send(
    new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'many', Item: Item('c') } }] }),
  );
  const got = await client.send(new BatchGetItemCommand({ RequestItems: { many: { Keys: [{ pk: { S: 'a' } }] } } }));
  expect(got.Responses).toEqual({ many: [Item('a')] });
  const query = { TableName: 'many', IndexName: 'ByGroup', KeyConditionExpression: '#g = :g' };
  const { Count } = await client.send(
    new QueryCommand({
      ...query,
      ExpressionAttributeNames: { '#g': 'group' },
      ExpressionAttributeValues: { ':g': { S: 'g' } },
    }),
  );
  expect(Count).toBe(3);
  const Statement = `SELECT pk FROM "many" WHERE pk = 'b'`;
  expect((await client.send(new ExecuteStatementCommand({ Statement }))).Items).toEqual([{ pk: { S: 'b' } }]);
});

test('a table is described with the ARNs of its region, and each region has its own tables', async () => {
  await create('described', { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } });
  expect(await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 5 }, { TableName: 'described' })).toMatchObject(
    {
      state: 'SUCCESS',
    },
  );
  const table = await describe('described');
  expect(table).toMatchObject({ TableArn: `${ARN}described`, TableStatus: 'ACTIVE', DeletionProtectionEnabled: false });
  expect(table.LatestStreamArn).toBe(`${ARN}described/stream/${table.LatestStreamLabel}`);
  expect(table).not.toHaveProperty('SSEDescription');
  expect((await clientIn('us-west-2').send(new ListTablesCommand({}))).TableNames).toEqual([]);
});

test('encryption by the account’s key is described with one key for the region, and can be taken back', async () => {
  await create('encrypted', { SSESpecification: { Enabled: true } });
  await create('encrypted-too', { SSESpecification: { Enabled: true, KMSMasterKeyId: 'alias/aws/dynamodb' } });
  const { SSEDescription } = await describe('encrypted');
  expect(SSEDescription).toEqual({
    Status: 'ENABLED',
    SSEType: 'KMS',
    KMSMasterKeyArn: expect.stringMatching(
      /^arn:aws:kms:eu-central-1:000000000000:key\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    ),
  });
  expect((await describe('encrypted-too')).SSEDescription).toEqual(SSEDescription);
  await client.send(new UpdateTableCommand({ TableName: 'encrypted', SSESpecification: { Enabled: false } }));
  expect(await describe('encrypted')).not.toHaveProperty('SSEDescription');
});

test('the throughput of an index is what it was set to', async () => {
  const ProvisionedThroughput = { ReadCapacityUnits: 2, WriteCapacityUnits: 3 };
  const index = (IndexName: string) => ({
    IndexName,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'ALL' as const },
    ProvisionedThroughput,
  });
  await create('provisioned', {
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput,
    GlobalSecondaryIndexes: [index('First')],
  });
  const update = (GlobalSecondaryIndexUpdates: UpdateTableCommand['input']['GlobalSecondaryIndexUpdates']) =>
    client.send(
      new UpdateTableCommand({
        TableName: 'provisioned',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates,
      }),
    );
  await update([{ Create: index('Second') }]);
  const more = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
  await update([{ Update: { IndexName: 'First', ProvisionedThroughput: more } }]);
  const { GlobalSecondaryIndexes } = await describe('provisioned');
  const units = GlobalSecondaryIndexes!.map((found) => [
    found.IndexName,
    found.ProvisionedThroughput?.ReadCapacityUnits,
  ]);
  expect(Object.fromEntries(units)).toEqual({ First: 5, Second: 2 });
  await expect(update([{ Update: { IndexName: 'Third', ProvisionedThroughput: more } }])).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('time to live and tags are set and taken away', async () => {
  await create('tagged', { Tags: [{ Key: 'Team', Value: 'ops' }] });
  const set = (Enabled: boolean) =>
    client.send(
      new UpdateTimeToLiveCommand({ TableName: 'tagged', TimeToLiveSpecification: { Enabled, AttributeName: 'ttl' } }),
    );
  const status = async () =>
    (await client.send(new DescribeTimeToLiveCommand({ TableName: 'tagged' }))).TimeToLiveDescription;
  await set(true);
  expect(await status()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
  await expect(set(true)).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'TimeToLive is already enabled',
  });
  await set(false);
  expect(await status()).toEqual({ TimeToLiveStatus: 'DISABLED' });
  const ResourceArn = `${ARN}tagged`;
  await client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'Stage', Value: 'dev' }] }));
  await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['Team'] }));
  expect((await client.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).toEqual([
    { Key: 'Stage', Value: 'dev' },
  ]);
});

test('a table comes back from its backup with its items, while the table it was made of went on', async () => {
  await create('ledger', { DeletionProtectionEnabled: true, Tags: [{ Key: 'a', Value: 'b' }] });
  for (const pk of Array.from({ length: 60 }, (_, index) => `item-${index}`))
    await put('ledger', pk, 'x'.repeat(30_000));
  const { BackupDetails } = await client.send(new CreateBackupCommand({ TableName: 'ledger', BackupName: 'nightly' }));
  await put('ledger', 'later');
  const BackupArn = BackupDetails!.BackupArn!;
  const { BackupDescription } = await client.send(new DescribeBackupCommand({ BackupArn }));
  expect(BackupDescription).toMatchObject({
    BackupDetails: { BackupName: 'nightly', BackupStatus: 'AVAILABLE', BackupType: 'USER' },
    SourceTableDetails: { TableName: 'ledger', ItemCount: 60, BillingMode: 'PAY_PER_REQUEST' },
  });
  await client.send(new RestoreTableFromBackupCommand({ BackupArn, TargetTableName: 'restored' }));
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: 'restored' });
  expect(await describe('restored')).toMatchObject({
    DeletionProtectionEnabled: false,
    RestoreSummary: { SourceBackupArn: BackupArn, SourceTableArn: `${ARN}ledger`, RestoreInProgress: false },
  });
  const { Count } = await client.send(new ScanCommand({ TableName: 'restored', Select: 'COUNT' }));
  expect(Count).toBeGreaterThan(20);
  expect(
    (await client.send(new GetItemCommand({ TableName: 'restored', Key: { pk: { S: 'item-59' } } }))).Item,
  ).toBeDefined();
  expect(
    (await client.send(new GetItemCommand({ TableName: 'restored', Key: { pk: { S: 'later' } } }))).Item,
  ).toBeUndefined();
  await expect(
    client.send(new RestoreTableFromBackupCommand({ BackupArn, TargetTableName: 'restored' })),
  ).rejects.toMatchObject({
    name: 'TableAlreadyExistsException',
  });
  await client.send(new DeleteBackupCommand({ BackupArn }));
  await expect(client.send(new DescribeBackupCommand({ BackupArn }))).rejects.toMatchObject({
    name: 'BackupNotFoundException',
  });
});

test('point-in-time recovery says how far back it reaches, on the cloud’s clock', async () => {
  await create('recovered');
  const recovery = async () =>
    (await client.send(new DescribeContinuousBackupsCommand({ TableName: 'recovered' }))).ContinuousBackupsDescription!;
  expect(await recovery()).toEqual({
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
  });
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 10 };
  await client.send(new UpdateContinuousBackupsCommand({ TableName: 'recovered', PointInTimeRecoverySpecification }));
  await cloud.clock.advance(30 * DAY_MILLISECONDS);
  const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } = (await recovery())
    .PointInTimeRecoveryDescription!;
  expect((latest!.getTime() - earliest!.getTime()) / DAY_MILLISECONDS).toBeCloseTo(10, 1);
});

test('a table that is deleted with recovery on leaves a backup, for 35 days', async () => {
  await create('lost');
  await put('lost', 'kept');
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await client.send(new UpdateContinuousBackupsCommand({ TableName: 'lost', PointInTimeRecoverySpecification }));
  await client.send(new DeleteTableCommand({ TableName: 'lost' }));
  const list = async (BackupType?: 'SYSTEM') =>
    (await client.send(new ListBackupsCommand({ TableName: 'lost', ...(BackupType && { BackupType }) })))
      .BackupSummaries;
  expect(await list()).toEqual([]);
  const [backup] = (await list('SYSTEM'))!;
  expect(backup).toMatchObject({
    BackupName: 'lost$DeletedTableBackup',
    BackupStatus: 'AVAILABLE',
    TableArn: `${ARN}lost`,
  });
  await client.send(new RestoreTableFromBackupCommand({ BackupArn: backup!.BackupArn, TargetTableName: 'lost' }));
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: 'lost' });
  expect(await scan('lost')).toEqual([{ pk: { S: 'kept' }, text: { S: 'text' } }]);
  await cloud.clock.advance(34 * DAY_MILLISECONDS);
  expect(await list('SYSTEM')).toHaveLength(1);
  await cloud.clock.advance(DAY_MILLISECONDS);
  expect(await list('SYSTEM')).toEqual([]);
});

test('what protects a table from deletion also keeps it from being backed up for nothing', async () => {
  await create('protected', { DeletionProtectionEnabled: true });
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await client.send(new UpdateContinuousBackupsCommand({ TableName: 'protected', PointInTimeRecoverySpecification }));
  await expect(client.send(new DeleteTableCommand({ TableName: 'protected' }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  const listed = await client.send(new ListBackupsCommand({ TableName: 'protected', BackupType: 'ALL' }));
  expect(listed.BackupSummaries).toEqual([]);
});

test('what the table engine refuses is refused with its sentence', async () => {
  await expect(create('t')).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('Member must have length greater than or equal to 3'),
  });
});

test('requests are measured by table and operation, failed conditions and users’ errors apart', async () => {
  await create('measured');
  const measured: string[] = [];
  const stop = cloud.kernel.measurements.subscribe(({ namespace, name, dimensions }) => {
    measured.push([namespace, name, ...Object.values(dimensions)].join(' '));
  });
  await put('measured', 'a');
  const conditional = {
    TableName: 'measured',
    Item: { pk: { S: 'a' } },
    ConditionExpression: 'attribute_not_exists(pk)',
  };
  await expect(client.send(new PutItemCommand(conditional))).rejects.toThrow('conditional');
  await expect(client.send(new GetItemCommand({ TableName: 'measured', Key: {} }))).rejects.toThrow('key');
  stop();
  expect(measured).toEqual([
    'AWS/DynamoDB SuccessfulRequestLatency measured PutItem',
    'AWS/DynamoDB ConditionalCheckFailedRequests measured',
    'AWS/DynamoDB UserErrors',
  ]);
});

test.each([
  ['26 writes to a table', [26], /^1 validation error detected: Value at 'requestItems'.*less than or equal to 25/],
  ['26 writes to two tables', [13, 13], /^Too many items requested for the BatchWriteItem call$/],
])('%s are too many, and none of their items is in the message', async (_what, counts, message) => {
  const writes = (count: number) =>
    Array.from({ length: count }, (_none, index) => ({ PutRequest: { Item: { pk: { S: `secret-${index}` } } } }));
  const RequestItems = Object.fromEntries(counts.map((count, index) => [`batch-${index}`, writes(count)]));
  await expect(client.send(new BatchWriteItemCommand({ RequestItems }))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(message),
  });
});

test('a transaction is of a hundred items at most', async () => {
  const Put = { TableName: 'items', Item: { pk: { S: 'secret' } } };
  const TransactItems = Array.from({ length: 101 }, () => ({ Put }));
  await expect(client.send(new TransactWriteItemsCommand({ TransactItems }))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(
      /^1 validation error detected: Value at 'transactItems'.*less than or equal to 100$/,
    ),
  });
});

test('limits and endpoints are those of an account here', async () => {
  expect(await client.send(new DescribeLimitsCommand({}))).toMatchObject({ TableMaxReadCapacityUnits: 40_000 });
  const { Endpoints } = await client.send(new DescribeEndpointsCommand({}));
  expect(Endpoints).toEqual([{ Address: new URL(cloud.endpoint).host, CachePeriodInMinutes: 1440 }]);
});

test.for([
  [
    'an operation',
    () => client.send(new DescribeContributorInsightsCommand({ TableName: 'items' })),
    'DescribeContributorInsights',
  ],
  ['a member', () => create('warmed', { WarmThroughput: { ReadUnitsPerSecond: 15_000 } }), 'WarmThroughput'],
  [
    'a change',
    () =>
      client.send(
        new UpdateTableCommand({ TableName: 'items', ReplicaUpdates: [{ Create: { RegionName: 'us-west-2' } }] }),
      ),
    'ReplicaUpdates',
  ],
] as [string, () => Promise<unknown>, string][])(
  '%s that the cloud lacks is refused by name',
  async ([, send, name]) => {
    await expect(send()).rejects.toMatchObject({
      message: expect.stringContaining(name),
      $metadata: { httpStatusCode: 501 },
    });
  },
);
