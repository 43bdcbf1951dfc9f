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
  TimeToLiveDescription,
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
import { readStream } from './stream-list.ts';
import type { TableSettings, Tables } from './tables.ts';
import type { Tracking } from './tracking.ts';

/** Quotas of a new account. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const ACCOUNT_CAPACITY_UNITS = 80_000;
const TABLE_CAPACITY_UNITS = 40_000;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveSpecification.html */
const LONGEST_ATTRIBUTE = 255;

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

interface Parts {
  readonly engine: Engine;
  readonly tables: Tables;
  readonly backups: Backups;
  readonly tracking: Tracking;
}

export function tableOperations({ engine, tables, backups, tracking }: Parts) {
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
        const view = readStream(input.StreamSpecification);
        const created = await tables.create(call, { ...input, TableName });
        if (!view) return { TableDescription: created };
        await tracking.beginStream(call.region, created, view);
        return { TableDescription: await tables.describe(call, TableName) };
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
        const name = tableName(call, input.TableName);
        const view = readStream(input.StreamSpecification);
        const updated = await tables.update(call, name, input);
        if (!input.StreamSpecification) return { TableDescription: updated };
        if (view) await tracking.beginStream(call.region, updated, view);
        else await tracking.endStream(call.region, name);
        return { TableDescription: { ...(await tables.describe(call, name)), TableStatus: 'UPDATING' } };
      },
    },
    DeleteTable: {
      access: onTable('DeleteTable'),
      run: async ({ TableName }: DeleteTableInput, call: Call): Promise<DeleteTableOutput> => {
        await tables.ready(call.region);
        const name = tableName(call, TableName);
        const table = await tables.describe(call, name);
        // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
        const settings = tables.require(call.region, name);
        if (settings.recovery && !table.DeletionProtectionEnabled) {
          const timeToLive = describeTimeToLive(settings);
          await backups.create(call, `${name}$DeletedTableBackup`, 'SYSTEM', { table, timeToLive });
        }
        const TableDescription = await tables.delete(call, name);
        tracking.end(call.region, name);
        return { TableDescription };
      },
    },
    ListTables: {
      access: anywhere('ListTables'),
      run: (input: ListTablesInput, call: Call): Promise<ListTablesOutput> =>
        engine.call(call.region, 'ListTables', input),
    },
    DescribeTimeToLive: {
      access: onTable('DescribeTimeToLive'),
      run: async ({ TableName }: DescribeTimeToLiveInput, call: Call): Promise<DescribeTimeToLiveOutput> => {
        await tables.ready(call.region);
        const settings = tables.require(call.region, tableName(call, TableName));
        return { TimeToLiveDescription: describeTimeToLive(settings) };
      },
    },
    UpdateTimeToLive: {
      access: onTable('UpdateTimeToLive'),
      run: async (input: UpdateTimeToLiveInput, call: Call): Promise<UpdateTimeToLiveOutput> => {
        await tables.ready(call.region);
        const name = tableName(call, input.TableName);
        const { timeToLive } = tables.require(call.region, name);
        const { Enabled, AttributeName } = input.TimeToLiveSpecification!;
        if (AttributeName!.length < 1 || AttributeName!.length > LONGEST_ATTRIBUTE) {
          throw validation(`AttributeName must have a length from 1 to ${LONGEST_ATTRIBUTE}`);
        }
        if (Enabled === (timeToLive !== undefined)) {
          throw validation(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
        }
        if (timeToLive && timeToLive.attribute !== AttributeName) {
          throw validation(
            `TimeToLive is active on a different AttributeName: current AttributeName is ${timeToLive.attribute}`,
          );
        }
        await tracking.setTimeToLive(call.region, name, Enabled ? AttributeName : undefined);
        return { TimeToLiveSpecification: { Enabled, AttributeName } };
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

export const describeTimeToLive = ({ timeToLive }: TableSettings): TimeToLiveDescription =>
  timeToLive ? { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attribute } : { TimeToLiveStatus: 'DISABLED' };

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
