// From what the API says of a table to aws_dynamodb_table's attributes, as hashicorp/aws stores them.
import type {
  ContinuousBackupsDescription,
  GlobalSecondaryIndexDescription,
  KeySchemaElement,
  LocalSecondaryIndexDescription,
  OnDemandThroughput,
  TableDescription,
  TimeToLiveDescription,
} from '@aws-sdk/client-dynamodb';

import type { Attributes } from '../../terraform/resource.ts';

/** All but tags. An index tells its keys as the state that is known does: in `key_schema`, or in arguments of their own. */
export function readTable(
  known: Attributes,
  table: TableDescription,
  ttl: TimeToLiveDescription | undefined,
  backups: ContinuousBackupsDescription | undefined,
): Attributes {
  const indexes = (known['global_secondary_index'] ?? []) as Attributes[];
  const schemed = new Set(indexes.filter(({ key_schema }) => key_schema?.length > 0).map(({ name }) => name as string));
  const { SSEDescription: encryption, StreamSpecification: stream } = table;
  return {
    id: table.TableName,
    name: table.TableName,
    arn: table.TableArn,
    attribute: table.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
      name: AttributeName,
      type: AttributeType,
    })),
    billing_mode: table.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
    deletion_protection_enabled: table.DeletionProtectionEnabled ?? false,
    hash_key: keyOf(table.KeySchema, 'HASH'),
    range_key: keyOf(table.KeySchema, 'RANGE'),
    read_capacity: table.ProvisionedThroughput?.ReadCapacityUnits ?? 0,
    write_capacity: table.ProvisionedThroughput?.WriteCapacityUnits ?? 0,
    global_secondary_index: (table.GlobalSecondaryIndexes ?? []).map((index) =>
      readGlobalIndex(index, schemed.has(index.IndexName!)),
    ),
    local_secondary_index: (table.LocalSecondaryIndexes ?? []).map(readLocalIndex),
    on_demand_throughput: readMaxima(table.OnDemandThroughput),
    point_in_time_recovery: [readRecovery(backups)],
    server_side_encryption:
      encryption?.Status === 'ENABLED' ? [{ enabled: true, kms_key_arn: encryption.KMSMasterKeyArn }] : [],
    stream_enabled: stream?.StreamEnabled ?? false,
    stream_view_type: stream?.StreamViewType ?? '',
    stream_arn: table.LatestStreamArn ?? '',
    stream_label: table.LatestStreamLabel ?? '',
    table_class: table.TableClassSummary?.TableClass ?? 'STANDARD',
    warm_throughput: readWarmth(table),
    ttl: [{ enabled: ttl?.TimeToLiveStatus === 'ENABLED', attribute_name: ttl?.AttributeName ?? '' }],
  };
}

/** What is less than the least that can be asked for is none to hashicorp/aws. */
function readWarmth({ WarmThroughput: warm }: TableDescription): Attributes[] {
  const { ReadUnitsPerSecond: read = 0, WriteUnitsPerSecond: write = 0 } = warm ?? {};
  return read < 12_000 && write < 4_000 ? [] : [{ read_units_per_second: read, write_units_per_second: write }];
}

const readMaxima = (most: OnDemandThroughput | undefined): Attributes[] =>
  most
    ? [{ max_read_request_units: most.MaxReadRequestUnits, max_write_request_units: most.MaxWriteRequestUnits }]
    : [];

function readGlobalIndex(index: GlobalSecondaryIndexDescription, isSchemed: boolean): Attributes {
  return {
    ...readIndex(index),
    hash_key: keyOf(index.KeySchema, 'HASH'),
    ...(isSchemed && { range_key: '' }),
    non_key_attributes: index.Projection?.NonKeyAttributes ?? [],
    read_capacity: index.ProvisionedThroughput?.ReadCapacityUnits ?? 0,
    write_capacity: index.ProvisionedThroughput?.WriteCapacityUnits ?? 0,
    key_schema: isSchemed
      ? index.KeySchema?.map(({ AttributeName, KeyType }) => ({ attribute_name: AttributeName, key_type: KeyType }))
      : [],
    on_demand_throughput: readMaxima(index.OnDemandThroughput),
    warm_throughput: [],
  };
}

const readLocalIndex = (index: LocalSecondaryIndexDescription): Attributes => ({
  ...readIndex(index),
  non_key_attributes: index.Projection?.NonKeyAttributes,
});

const readIndex = ({ IndexName, KeySchema, Projection }: LocalSecondaryIndexDescription): Attributes => ({
  name: IndexName,
  range_key: keyOf(KeySchema, 'RANGE') ?? '',
  projection_type: Projection?.ProjectionType,
});

function readRecovery(backups: ContinuousBackupsDescription | undefined): Attributes {
  const { PointInTimeRecoveryStatus, RecoveryPeriodInDays } = backups?.PointInTimeRecoveryDescription ?? {};
  return { enabled: PointInTimeRecoveryStatus === 'ENABLED', recovery_period_in_days: RecoveryPeriodInDays ?? 0 };
}

const keyOf = (schema: readonly KeySchemaElement[] | undefined, type: 'HASH' | 'RANGE'): string | undefined =>
  schema?.find(({ KeyType }) => KeyType === type)?.AttributeName;
