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
  TagResourceInput,
  TimeToLiveDescription,
  UntagResourceInput,
  UpdateTableInput,
  UpdateTableOutput,
  UpdateTimeToLiveInput,
  UpdateTimeToLiveOutput,
} from '@aws-sdk/client-dynamodb';

import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onArn, onTable } from './access.ts';
import type { Backups } from './backups.ts';
import type { Engine } from './engine.ts';
import { requireOwnTags, validation } from './errors.ts';
import { tableName } from './names.ts';
import { policyFrom } from './resource-policies.ts';
import { readStream } from './stream-list.ts';
import { fromTags, type TableSettings, type Tables } from './tables.ts';
import type { Tracking } from './tracking.ts';

/** Quotas of a new account. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const ACCOUNT_CAPACITY_UNITS = 80_000;
const TABLE_CAPACITY_UNITS = 40_000;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveSpecification.html */
const LONGEST_ATTRIBUTE = 255;

const ENDPOINT_MINUTES = 1440;

interface Parts {
  readonly engine: Engine;
  readonly tables: Tables;
  readonly backups: Backups;
  readonly tracking: Tracking;
}

export function tableOperations({ engine, tables, backups, tracking }: Parts) {
  const onNamed =
    (action: string) =>
    ({ TableName }: { TableName?: string | undefined }, call: Call): Access[] => [
      onTable(tables, action, TableName, call),
    ];
  const anywhere = (action: string) => (): Access[] => [{ action: `dynamodb:${action}`, resource: '*' }];

  return {
    CreateTable: {
      access: (input: CreateTableInput, call: Call): Access[] => {
        const tags = fromTags(input.Tags);
        const access = onTable(tables, 'CreateTable', input.TableName, call, requestTags(tags));
        const policing = onTable(tables, 'PutResourcePolicy', input.TableName, call);
        return [
          access,
          ...taggingAccess('dynamodb:TagResource', access.resource, tags),
          ...(input.ResourcePolicy === undefined ? [] : [policing]),
        ];
      },
      run: async (input: CreateTableInput, call: Call): Promise<CreateTableOutput> => {
        const TableName = tableName(call, input.TableName);
        const view = readStream(input.StreamSpecification);
        requireOwnTags((input.Tags ?? []).map(({ Key }) => Key));
        const { ResourcePolicy, ...rest } = input;
        const policy = ResourcePolicy === undefined ? undefined : policyFrom(ResourcePolicy, call.now);
        const created = await tables.create(call, { ...rest, TableName });
        try {
          if (policy) tables.put(call.region, TableName, { ...tables.require(call.region, TableName), policy });
          if (view) await tracking.beginStream(call.region, created, view);
        } catch (error) {
          await tables.undo(call.region, TableName);
          throw error;
        }
        if (!view) return { TableDescription: created };
        return { TableDescription: await tables.describe(call, TableName) };
      },
    },
    DescribeTable: {
      access: onNamed('DescribeTable'),
      run: async ({ TableName }: DescribeTableInput, call: Call): Promise<DescribeTableOutput> => ({
        Table: await tables.describe(call, tableName(call, TableName)),
      }),
    },
    UpdateTable: {
      access: onNamed('UpdateTable'),
      run: async (input: UpdateTableInput, call: Call): Promise<UpdateTableOutput> => {
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
      access: onNamed('DeleteTable'),
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
        tracking.prepareEnd(call.region);
        const TableDescription = await tables.delete(call, name);
        tracking.end(call.region, name);
        return { TableDescription };
      },
    },
    ListTables: {
      access: (_: unknown, call: Call): Access[] => [onTable(tables, 'ListTables', '*', call)],
      run: (input: ListTablesInput, call: Call): Promise<ListTablesOutput> =>
        engine.call(call.region, 'ListTables', input),
    },
    DescribeTimeToLive: {
      access: onNamed('DescribeTimeToLive'),
      run: async ({ TableName }: DescribeTimeToLiveInput, call: Call): Promise<DescribeTimeToLiveOutput> => {
        await tables.ready(call.region);
        const settings = tables.require(call.region, tableName(call, TableName));
        return { TimeToLiveDescription: describeTimeToLive(settings) };
      },
    },
    UpdateTimeToLive: {
      access: onNamed('UpdateTimeToLive'),
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
      access: ({ ResourceArn = '*', Tags }: TagResourceInput): Access[] => [
        onArn(tables, 'TagResource', ResourceArn, requestTags(fromTags(Tags))),
      ],
      run: async (input: TagResourceInput, call: Call) => {
        requireOwnTags((input.Tags ?? []).map(({ Key }) => Key));
        await engine.call(call.region, 'TagResource', input);
        await tables.readTags(call, tableName(call, input.ResourceArn));
        return {};
      },
    },
    UntagResource: {
      access: ({ ResourceArn = '*', TagKeys }: UntagResourceInput): Access[] => [
        onArn(tables, 'UntagResource', ResourceArn, { 'aws:TagKeys': TagKeys }),
      ],
      run: async (input: UntagResourceInput, call: Call) => {
        await engine.call(call.region, 'UntagResource', input);
        await tables.readTags(call, tableName(call, input.ResourceArn));
        return {};
      },
    },
    ListTagsOfResource: {
      access: ({ ResourceArn = '*' }: ListTagsOfResourceInput): Access[] => [
        onArn(tables, 'ListTagsOfResource', ResourceArn),
      ],
      run: (input: ListTagsOfResourceInput, call: Call): Promise<ListTagsOfResourceOutput> => {
        // All tags of a table are one page.
        if (input.NextToken !== undefined) throw validation('Invalid NextToken');
        return engine.call(call.region, 'ListTagsOfResource', input);
      },
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
