// aws_dynamodb_table. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table
import type { TableDescription } from '@aws-sdk/client-dynamodb';

import { AwsError } from '../../kernel/errors.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import type { DynamodbOperations } from './index.ts';
import { indexChanges } from './table-indexes.ts';
import {
  attributeDefinitions,
  createInput,
  isRestored,
  provisioned,
  RESTORE_SOURCES,
  restoreSource,
  streamSpecification,
} from './table-input.ts';
import { readTable } from './table-state.ts';
import { validateTable } from './table-validation.ts';

export const tableResource: ResourceType = {
  type: 'aws_dynamodb_table',
  replace: [
    'name',
    'hash_key',
    'range_key',
    'local_secondary_index',
    'restore_backup_arn',
    'restore_date_time',
    'restore_to_latest_time',
  ],
  // Where a table came from may be forgotten, but it cannot come from elsewhere.
  replaceIf: (_, planned) => RESTORE_SOURCES.filter((name) => planned[name]),
  defaults: {
    billing_mode: 'PROVISIONED',
    deletion_protection_enabled: false,
    table_class: 'STANDARD',
    stream_enabled: false,
  },
  computedBlocks: ['point_in_time_recovery', 'server_side_encryption', 'ttl', 'warm_throughput'],
  validate: validateTable,
  recomputes: (prior, planned) =>
    prior['stream_enabled'] === planned['stream_enabled'] && prior['stream_view_type'] === planned['stream_view_type']
      ? []
      : ['stream_arn', 'stream_label'],

  async create(planned, context) {
    const dynamodb = context.client<DynamodbOperations>('dynamodb');
    const input = createInput(planned);
    if (isRestored(planned)) {
      await restore(planned, input, context);
    } else {
      await dynamodb('CreateTable', input);
      context.created({ id: planned['name'] });
    }
    await syncTimeToLive(planned['name'], undefined, planned['ttl']?.[0], context);
    await syncRecovery(planned['name'], undefined, planned['point_in_time_recovery']?.[0], context);
    return { id: planned['name'] };
  },

  async read(state, context) {
    const dynamodb = context.client<DynamodbOperations>('dynamodb');
    const TableName = state['id'] as string;
    const table = await findTable(TableName, context);
    if (!table) return null;
    const [ttl, recovery, { Tags = [] }] = await Promise.all([
      dynamodb('DescribeTimeToLive', { TableName }),
      dynamodb('DescribeContinuousBackups', { TableName }),
      dynamodb('ListTagsOfResource', { ResourceArn: table.TableArn }),
    ]);
    return {
      ...readTable(state, table, ttl.TimeToLiveDescription, recovery.ContinuousBackupsDescription),
      tags_all: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
    };
  },

  async update(prior, planned, context) {
    const name = planned['id'] as string;
    await syncTable(name, prior, planned, context);
    await syncIndexes(name, prior, planned, context);
    await syncStream(name, prior, planned, context);
    await syncTimeToLive(name, prior['ttl']?.[0], planned['ttl']?.[0], context);
    await syncRecovery(name, prior['point_in_time_recovery']?.[0], planned['point_in_time_recovery']?.[0], context);
    const dynamodb = context.client<DynamodbOperations>('dynamodb');
    const { removed, set } = tagChanges(prior, planned);
    if (removed.length > 0) await dynamodb('UntagResource', { ResourceArn: prior['arn'], TagKeys: removed });
    const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length > 0) await dynamodb('TagResource', { ResourceArn: prior['arn'], Tags });
  },

  async delete(state, context) {
    await context.client<DynamodbOperations>('dynamodb')('DeleteTable', { TableName: state['id'] });
  },

  importState: (id) => ({ id, name: id }),
};

async function findTable(TableName: string, context: ResourceContext): Promise<TableDescription | undefined> {
  try {
    return (await context.client<DynamodbOperations>('dynamodb')('DescribeTable', { TableName })).Table;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

const RESTORE_POLL_MILLISECONDS = 50;

async function restore(
  planned: Attributes,
  input: ReturnType<typeof createInput>,
  context: ResourceContext,
): Promise<void> {
  const dynamodb = context.client<DynamodbOperations>('dynamodb');
  const TableName = planned['name'] as string;
  const target = {
    TargetTableName: TableName,
    BillingModeOverride: input.BillingMode,
    ...(input.ProvisionedThroughput && { ProvisionedThroughputOverride: input.ProvisionedThroughput }),
    ...(input.SSESpecification && { SSESpecificationOverride: input.SSESpecification }),
  };
  if (planned['restore_backup_arn']) {
    await dynamodb('RestoreTableFromBackup', { BackupArn: planned['restore_backup_arn'], ...target });
  } else {
    await dynamodb('RestoreTableToPointInTime', { ...restoreSource(planned), ...target });
  }
  context.created({ id: TableName });
  while ((await findTable(TableName, context))?.TableStatus === 'CREATING') {
    context.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, RESTORE_POLL_MILLISECONDS));
  }
  const { TableArn } = (await findTable(TableName, context)) ?? {};
  if (input.Tags?.length) await dynamodb('TagResource', { ResourceArn: TableArn, Tags: input.Tags });
  const left = {
    ...(input.DeletionProtectionEnabled && { DeletionProtectionEnabled: true }),
    ...(input.StreamSpecification && { StreamSpecification: input.StreamSpecification }),
  };
  if (Object.keys(left).length > 0) await dynamodb('UpdateTable', { TableName, ...left });
}

async function syncTable(
  TableName: string,
  prior: Attributes,
  planned: Attributes,
  context: ResourceContext,
): Promise<void> {
  const changed = (...names: string[]) => names.some((name) => !isSame(prior[name], planned[name]));
  const dynamodb = context.client<DynamodbOperations>('dynamodb');
  const input = createInput(planned);
  const billing = changed('billing_mode') || (provisioned(planned) && changed('read_capacity', 'write_capacity'));
  const change = {
    ...(billing && { BillingMode: input.BillingMode }),
    ...(billing && input.ProvisionedThroughput && { ProvisionedThroughput: input.ProvisionedThroughput }),
    ...(changed('on_demand_throughput') &&
      input.OnDemandThroughput && { OnDemandThroughput: input.OnDemandThroughput }),
    ...(changed('deletion_protection_enabled') && { DeletionProtectionEnabled: input.DeletionProtectionEnabled }),
    ...(changed('table_class') && { TableClass: input.TableClass ?? 'STANDARD' }),
    ...(changed('server_side_encryption') && { SSESpecification: input.SSESpecification ?? { Enabled: false } }),
  };
  if (Object.keys(change).length > 0) await dynamodb('UpdateTable', { TableName, ...change });
}

// One index at a time, as AWS allows; what is gone first, so that its attributes and its name are free.
async function syncIndexes(
  TableName: string,
  prior: Attributes,
  planned: Attributes,
  context: ResourceContext,
): Promise<void> {
  const dynamodb = context.client<DynamodbOperations>('dynamodb');
  for (const change of indexChanges(prior, planned)) {
    await dynamodb('UpdateTable', {
      TableName,
      ...(change.Create && { AttributeDefinitions: attributeDefinitions(planned) }),
      GlobalSecondaryIndexUpdates: [change],
    });
  }
}

async function syncStream(
  TableName: string,
  prior: Attributes,
  planned: Attributes,
  context: ResourceContext,
): Promise<void> {
  const dynamodb = context.client<DynamodbOperations>('dynamodb');
  const before = streamSpecification(prior);
  const after = streamSpecification(planned);
  if (isSame(before, after)) return;
  // A stream's view is changed by ending the stream and beginning another.
  if (before) await dynamodb('UpdateTable', { TableName, StreamSpecification: { StreamEnabled: false } });
  if (after) await dynamodb('UpdateTable', { TableName, StreamSpecification: after });
}

async function syncTimeToLive(
  TableName: string,
  before: Attributes | undefined,
  after: Attributes | undefined,
  context: ResourceContext,
): Promise<void> {
  const dynamodb = context.client<DynamodbOperations>('dynamodb');
  const set = (Enabled: boolean, AttributeName: string) =>
    dynamodb('UpdateTimeToLive', { TableName, TimeToLiveSpecification: { Enabled, AttributeName } });
  const moved = before?.['attribute_name'] !== after?.['attribute_name'];
  if (before?.['enabled'] && (!after?.['enabled'] || moved)) await set(false, before['attribute_name']);
  if (after?.['enabled'] && (!before?.['enabled'] || moved)) await set(true, after['attribute_name']);
}

async function syncRecovery(
  TableName: string,
  before: Attributes | undefined,
  after: Attributes | undefined,
  context: ResourceContext,
): Promise<void> {
  const enabled = after?.['enabled'] ?? false;
  // 0 is what is read while recovery is off, and is no period to ask for.
  const days = after?.['recovery_period_in_days'] || undefined;
  const same =
    enabled === (before?.['enabled'] ?? false) && (days === undefined || days === before?.['recovery_period_in_days']);
  if (same) return;
  await context.client<DynamodbOperations>('dynamodb')('UpdateContinuousBackups', {
    TableName,
    PointInTimeRecoverySpecification: {
      PointInTimeRecoveryEnabled: enabled,
      ...(enabled && days !== undefined && { RecoveryPeriodInDays: days }),
    },
  });
}

const isSame = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left ?? null) === JSON.stringify(right ?? null);
