// What DescribeTable tells of a table: dynoxide's words, and what the cloud alone knows.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
import type {
  BillingModeSummary,
  GlobalSecondaryIndexDescription,
  LocalSecondaryIndexDescription,
  ProvisionedThroughput,
  TableDescription,
} from '@aws-sdk/client-dynamodb';

import type { Call } from '../../kernel/service.ts';
import { describeEncryption } from './encryption.ts';
import { indexArn, streamArn, tableArn } from './names.ts';
import type { IndexSettings, TableSettings } from './tables.ts';

type Place = Pick<Call, 'region' | 'account'>;

/** dynoxide's description with this region's ARNs and with what only the cloud knows. */
export function describeTable(place: Place, table: TableDescription, settings: TableSettings): TableDescription {
  const name = table.TableName!;
  const provisioned = table.BillingModeSummary?.BillingMode !== 'PAY_PER_REQUEST';
  const { SSEDescription: _, StreamSpecification: __, LatestStreamArn: ___, LatestStreamLabel: ____, ...rest } = table;
  const { restored, stream } = settings;
  const billing = describeBilling(table, settings);
  const encryption = describeEncryption(place, settings.encryption);
  return {
    ...rest,
    TableArn: tableArn(place, name),
    ...(settings.createdAt !== undefined && { CreationDateTime: new Date(settings.createdAt) }),
    ...(restored?.running && { TableStatus: 'CREATING' as const }),
    DeletionProtectionEnabled: table.DeletionProtectionEnabled ?? false,
    ...(billing && { BillingModeSummary: billing }),
    ...(table.OnDemandThroughput && { OnDemandThroughput: { ...NO_MAXIMUM, ...table.OnDemandThroughput } }),
    ...describeWarmth(table.TableStatus, provisioned ? table.ProvisionedThroughput : undefined),
    ...(stream && {
      LatestStreamArn: streamArn(place, name, stream.label),
      LatestStreamLabel: stream.label,
      ...(stream.enabled && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.view } }),
    }),
    ...(table.GlobalSecondaryIndexes && {
      GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map((index) =>
        withThroughput(withArn(place, name, index), settings.indexes[index.IndexName!], provisioned),
      ),
    }),
    ...(table.LocalSecondaryIndexes && {
      LocalSecondaryIndexes: table.LocalSecondaryIndexes.map((index) => withArn(place, name, index)),
    }),
    ...(encryption && { SSEDescription: encryption }),
    ...(restored && {
      RestoreSummary: {
        ...(restored.backupArn !== undefined && { SourceBackupArn: restored.backupArn }),
        SourceTableArn: restored.tableArn,
        RestoreDateTime: new Date(restored.at),
        RestoreInProgress: restored.running,
      },
    }),
  };
}

/** On demand, a side without a maximum. */
const NO_MAXIMUM = { MaxReadRequestUnits: -1, MaxWriteRequestUnits: -1 };

/**
 * What a new table on demand can take at once.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
 */
const WARM_ON_DEMAND = { ReadCapacityUnits: 12_000, WriteCapacityUnits: 4_000 };

/** Nothing while it is being created. */
function describeWarmth(
  status: string | undefined,
  { ReadCapacityUnits, WriteCapacityUnits }: Partial<ProvisionedThroughput> = WARM_ON_DEMAND,
) {
  return (
    status !== 'CREATING' && {
      WarmThroughput: {
        ReadUnitsPerSecond: ReadCapacityUnits,
        WriteUnitsPerSecond: WriteCapacityUnits,
        Status: 'ACTIVE' as const,
      },
    }
  );
}

/** With the moment at which the table was last put on demand; who never was needs no summary. */
function describeBilling(
  { BillingModeSummary: summary }: TableDescription,
  { onDemandSince: since }: TableSettings,
): BillingModeSummary | undefined {
  if (since === undefined) return summary;
  return { BillingMode: 'PROVISIONED', ...summary, LastUpdateToPayPerRequestDateTime: new Date(since) };
}

const withArn = <Index extends GlobalSecondaryIndexDescription | LocalSecondaryIndexDescription>(
  place: Place,
  table: string,
  index: Index,
): Index => ({ ...index, IndexArn: indexArn(place, table, index.IndexName!) });

function withThroughput(
  index: GlobalSecondaryIndexDescription,
  settings: IndexSettings | undefined,
  isProvisioned: boolean,
): GlobalSecondaryIndexDescription {
  const throughput = isProvisioned ? settings?.throughput : { read: 0, write: 0 };
  const most = isProvisioned ? undefined : settings?.onDemand;
  const ProvisionedThroughput = {
    ...index.ProvisionedThroughput,
    ...(throughput && { ReadCapacityUnits: throughput.read, WriteCapacityUnits: throughput.write }),
  };
  return {
    ...index,
    ProvisionedThroughput,
    ...(most && {
      OnDemandThroughput: { MaxReadRequestUnits: most.read ?? -1, MaxWriteRequestUnits: most.write ?? -1 },
    }),
    ...describeWarmth(index.IndexStatus, isProvisioned ? ProvisionedThroughput : undefined),
  };
}
