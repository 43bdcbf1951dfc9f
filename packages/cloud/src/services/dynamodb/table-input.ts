// From aws_dynamodb_table's arguments to the API's input.
import type {
  AttributeDefinition,
  BillingMode,
  CreateTableInput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  OnDemandThroughput,
  Projection,
  RestoreTableToPointInTimeInput,
  ScalarAttributeType,
  StreamSpecification,
  StreamViewType,
  TableClass,
} from '@aws-sdk/client-dynamodb';

import type { Attributes } from '../../terraform/resource.ts';

export const provisioned = (config: Attributes): boolean => config['billing_mode'] !== 'PAY_PER_REQUEST';

/** Tables that a table may come from. */
export const RESTORE_SOURCES = ['restore_source_name', 'restore_source_table_arn'];

export const isRestored = (config: Attributes): boolean =>
  ['restore_backup_arn', ...RESTORE_SOURCES].some((name) => config[name]);

/** The table to restore and the moment to restore it to. */
export function restoreSource(
  config: Attributes,
): Pick<
  RestoreTableToPointInTimeInput,
  'SourceTableName' | 'SourceTableArn' | 'RestoreDateTime' | 'UseLatestRestorableTime'
> {
  const { restore_source_name, restore_source_table_arn, restore_date_time, restore_to_latest_time } = config;
  return {
    ...(restore_source_name && { SourceTableName: restore_source_name as string }),
    ...(restore_source_table_arn && { SourceTableArn: restore_source_table_arn as string }),
    ...(restore_date_time && { RestoreDateTime: new Date(restore_date_time as string) }),
    ...(restore_to_latest_time && { UseLatestRestorableTime: true }),
  };
}

export function createInput(config: Attributes): CreateTableInput & { readonly BillingMode: BillingMode } {
  const globals = (config['global_secondary_index'] as Attributes[]).map((index) =>
    globalIndex(index, provisioned(config)),
  );
  const locals = (config['local_secondary_index'] as Attributes[]).map((index) =>
    localIndex(index, config['hash_key']),
  );
  const encryption: Attributes | undefined = config['server_side_encryption']?.[0];
  const stream = streamSpecification(config);
  const onDemand = onDemandThroughput(config);
  const tags = Object.entries((config['tags_all'] ?? {}) as Record<string, string>);
  return {
    TableName: config['name'],
    KeySchema: keySchema(config['hash_key'], config['range_key']),
    AttributeDefinitions: attributeDefinitions(config),
    BillingMode: provisioned(config) ? 'PROVISIONED' : 'PAY_PER_REQUEST',
    ...(provisioned(config) && { ProvisionedThroughput: capacity(config) }),
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals }),
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals }),
    ...(stream && { StreamSpecification: stream }),
    ...(encryption?.['enabled'] && {
      SSESpecification: {
        Enabled: true,
        SSEType: 'KMS',
        ...(encryption['kms_key_arn'] && { KMSMasterKeyId: encryption['kms_key_arn'] as string }),
      },
    }),
    ...(onDemand && { OnDemandThroughput: onDemand }),
    ...(config['table_class'] &&
      config['table_class'] !== 'STANDARD' && { TableClass: config['table_class'] as TableClass }),
    ...(tags.length > 0 && { Tags: tags.map(([Key, Value]) => ({ Key, Value })) }),
    DeletionProtectionEnabled: config['deletion_protection_enabled'] ?? false,
  };
}

export const attributeDefinitions = (config: Attributes): AttributeDefinition[] =>
  (config['attribute'] as Attributes[]).map(({ name, type }) => ({
    AttributeName: name as string,
    AttributeType: type as ScalarAttributeType,
  }));

/** Undefined where there is no stream. */
export function streamSpecification(config: Attributes): StreamSpecification | undefined {
  if (!config['stream_enabled']) return undefined;
  return { StreamEnabled: true, StreamViewType: config['stream_view_type'] as StreamViewType };
}

export function globalIndex(index: Attributes, isProvisioned: boolean): GlobalSecondaryIndex {
  const onDemand = isProvisioned ? undefined : onDemandThroughput(index);
  return {
    IndexName: index['name'],
    KeySchema: indexKeys(index),
    Projection: projection(index),
    ...(isProvisioned && { ProvisionedThroughput: capacity(index) }),
    ...(onDemand && { OnDemandThroughput: onDemand }),
  };
}

export const capacity = ({ read_capacity, write_capacity }: Attributes) => ({
  ReadCapacityUnits: (read_capacity as number | null) ?? 0,
  WriteCapacityUnits: (write_capacity as number | null) ?? 0,
});

function localIndex(index: Attributes, hashKey: string): LocalSecondaryIndex {
  return { IndexName: index['name'], KeySchema: keySchema(hashKey, index['range_key']), Projection: projection(index) };
}

/** hashicorp/aws 6 lets an index name its keys in `key_schema` blocks too. */
function indexKeys(index: Attributes): KeySchemaElement[] {
  const blocks = (index['key_schema'] ?? []) as Attributes[];
  if (blocks.length === 0) return keySchema(index['hash_key'], index['range_key']);
  return blocks.map(({ attribute_name, key_type }) => ({
    AttributeName: attribute_name as string,
    KeyType: key_type as 'HASH' | 'RANGE',
  }));
}

function keySchema(hash: string, range: string | null | undefined): KeySchemaElement[] {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : []),
  ];
}

function projection({ projection_type, non_key_attributes }: Attributes): Projection {
  const names = (non_key_attributes ?? []) as string[];
  return { ProjectionType: projection_type, ...(names.length > 0 && { NonKeyAttributes: names }) };
}

export function onDemandThroughput(config: Attributes): OnDemandThroughput | undefined {
  const block: Attributes | undefined = config['on_demand_throughput']?.[0];
  if (!block) return undefined;
  return {
    MaxReadRequestUnits: block['max_read_request_units'] ?? -1,
    MaxWriteRequestUnits: block['max_write_request_units'] ?? -1,
  };
}
