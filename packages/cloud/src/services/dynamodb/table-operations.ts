// Tables, their time to live and their tags.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
import type {
  CreateTableInput,
  CreateTableOutput,
  DeleteTableInput,
  DeleteTableOutput,
  DescribeLimitsOutput,
  DescribeTableInput,
  DescribeTableOutput,
  DescribeTimeToLiveInput,
  DescribeTimeToLiveOutput,
  ListTablesInput,
  ListTablesOutput,
  ListTagsOfResourceInput,
  ListTagsOfResourceOutput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
  UpdateTableInput,
  UpdateTableOutput,
  UpdateTimeToLiveInput,
  UpdateTimeToLiveOutput,
} from '@aws-sdk/client-dynamodb';

import type { Access, Call } from '../../kernel/service.ts';
import type { Backups } from './backups.ts';
import type { Engine } from './engine.ts';
import { unsupported, validation } from './errors.ts';
import { tableArn, tableName } from './names.ts';
import type { Tables } from './tables.ts';

/** Quotas of a new account. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const ACCOUNT_CAPACITY_UNITS = 80_000;
const TABLE_CAPACITY_UNITS = 40_000;

const ENDPOINT_MINUTES = 1440;

const REFUSED_BY_CREATE = [
  'ResourcePolicy',
  'WarmThroughput',
  'GlobalTableSourceArn',
  'GlobalTableSettingsReplicationMode',
  'VectorIndexes',
];

const REFUSED_BY_UPDATE = [
  'ReplicaUpdates',
  'WarmThroughput',
  'MultiRegionConsistency',
  'GlobalTableWitnessUpdates',
  'GlobalTableSettingsReplicationMode',
];

const REFUSED_OF_INDEXES = ['OnDemandThroughput', 'WarmThroughput'];

export function tableOperations(engine: Engine, tables: Tables, backups: Backups) {
  const onTable =
    (action: string) =>
    ({ TableName }: { TableName?: string | undefined }, call: Call): Access[] => [
      { action: `dynamodb:${action}`, resource: tableArn(call, tableName(call, TableName)) },
    ];
  const onArn =
    (action: string) =>
    ({ ResourceArn = '*' }: { ResourceArn?: string | undefined }): Access[] => [
      { action: `dynamodb:${action}`, resource: ResourceArn },
    ];
  const anywhere = (action: string) => (): Access[] => [{ action: `dynamodb:${action}`, resource: '*' }];

  return {
    CreateTable: {
      access: (input: CreateTableInput, call: Call): Access[] => [
        ...onTable('CreateTable')(input, call).map((access) => ({ ...access, context: tagContext(input.Tags) })),
        ...(input.Tags?.length
          ? onTable('TagResource')(input, call).map((access) => ({ ...access, context: tagContext(input.Tags) }))
          : []),
      ],
      run: async (input: CreateTableInput, call: Call): Promise<CreateTableOutput> => {
        refuse('CreateTable', input, REFUSED_BY_CREATE);
        for (const index of input.GlobalSecondaryIndexes ?? []) refuse('CreateTable', index, REFUSED_OF_INDEXES);
        const TableName = tableName(call, input.TableName);
        return { TableDescription: await tables.create(call, { ...input, TableName }) };
      },
    },
    DescribeTable: {
      access: onTable('DescribeTable'),
      run: async ({ TableName }: DescribeTableInput, call: Call): Promise<DescribeTableOutput> => ({
        Table: await tables.describe(call, tableName(call, TableName)),
      }),
    },
    UpdateTable: {
      access: onTable('UpdateTable'),
      run: async (input: UpdateTableInput, call: Call): Promise<UpdateTableOutput> => {
        refuse('UpdateTable', input, REFUSED_BY_UPDATE);
        for (const change of input.GlobalSecondaryIndexUpdates ?? []) {
          refuse('UpdateTable', change.Create ?? change.Update ?? {}, REFUSED_OF_INDEXES);
        }
        await tables.ready(call.region);
        return { TableDescription: await tables.update(call, tableName(call, input.TableName), input) };
      },
    },
    DeleteTable: {
      access: onTable('DeleteTable'),
      run: async ({ TableName }: DeleteTableInput, call: Call): Promise<DeleteTableOutput> => {
        await tables.ready(call.region);
        const name = tableName(call, TableName);
        const table = await tables.describe(call, name);
        // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
        if (tables.require(call.region, name).recovery && !table.DeletionProtectionEnabled) {
          await backups.create(call, `${name}$DeletedTableBackup`, 'SYSTEM', table);
        }
        return { TableDescription: await tables.delete(call, name) };
      },
    },
    ListTables: {
      access: anywhere('ListTables'),
      run: (input: ListTablesInput, call: Call): Promise<ListTablesOutput> =>
        engine.call(call.region, 'ListTables', input),
    },
    DescribeTimeToLive: {
      access: onTable('DescribeTimeToLive'),
      run: ({ TableName }: DescribeTimeToLiveInput, call: Call): Promise<DescribeTimeToLiveOutput> =>
        engine.call(call.region, 'DescribeTimeToLive', { TableName: tableName(call, TableName) }),
    },
    UpdateTimeToLive: {
      access: onTable('UpdateTimeToLive'),
      run: async (input: UpdateTimeToLiveInput, call: Call): Promise<UpdateTimeToLiveOutput> => {
        const TableName = tableName(call, input.TableName);
        const before = await engine.call(call.region, 'DescribeTimeToLive', { TableName });
        const enabled = before.TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED';
        if (enabled === input.TimeToLiveSpecification?.Enabled) {
          throw validation(`TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
        }
        return engine.call(call.region, 'UpdateTimeToLive', { ...input, TableName });
      },
    },
    TagResource: {
      access: (input: TagResourceInput): Access[] =>
        onArn('TagResource')(input).map((access) => ({ ...access, context: tagContext(input.Tags) })),
      run: (input: TagResourceInput, call: Call) => engine.call(call.region, 'TagResource', input),
    },
    UntagResource: {
      access: onArn('UntagResource'),
      run: (input: UntagResourceInput, call: Call) => engine.call(call.region, 'UntagResource', input),
    },
    ListTagsOfResource: {
      access: onArn('ListTagsOfResource'),
      run: (input: ListTagsOfResourceInput, call: Call): Promise<ListTagsOfResourceOutput> =>
        engine.call(call.region, 'ListTagsOfResource', input),
    },
    DescribeLimits: {
      access: anywhere('DescribeLimits'),
      run: (): DescribeLimitsOutput => ({
        AccountMaxReadCapacityUnits: ACCOUNT_CAPACITY_UNITS,
        AccountMaxWriteCapacityUnits: ACCOUNT_CAPACITY_UNITS,
        TableMaxReadCapacityUnits: TABLE_CAPACITY_UNITS,
        TableMaxWriteCapacityUnits: TABLE_CAPACITY_UNITS,
      }),
    },
    DescribeEndpoints: {
      access: anywhere('DescribeEndpoints'),
      run: (_: object, call: Call) => ({
        Endpoints: [{ Address: new URL(call.endpoint).host, CachePeriodInMinutes: ENDPOINT_MINUTES }],
      }),
    },
  };
}

function refuse(operation: string, input: object, members: readonly string[]): void {
  for (const [name, value] of Object.entries(input)) {
    if (members.includes(name) && value !== undefined && !(Array.isArray(value) && value.length === 0))
      throw unsupported(operation, name);
  }
}

function tagContext(tags: readonly Tag[] | undefined): Record<string, string | string[]> {
  if (!tags?.length) return {};
  const pairs = tags.map(({ Key, Value = '' }) => [`aws:RequestTag/${Key}`, Value] as const);
  return { ...Object.fromEntries(pairs), 'aws:TagKeys': tags.map(({ Key }) => Key!) };
}
