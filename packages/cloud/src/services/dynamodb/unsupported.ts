// What requests may bring to DynamoDB's operations that there is nothing for here: each is refused by its path.
import type { Service } from '../../kernel/service.ts';

// Nothing is warmed.
const OF_RESTORES = ['VectorIndexOverride', 'GlobalSecondaryIndexOverride.WarmThroughput'];

export const UNSUPPORTED: NonNullable<Service['unsupported']> = {
  CreateTable: [
    'GlobalTableSettingsReplicationMode',
    'GlobalTableSourceArn',
    'VectorIndexes',
    'WarmThroughput',
    'GlobalSecondaryIndexes.WarmThroughput',
  ],
  UpdateTable: [
    'DisassociationProtectionEnabled',
    'GlobalTableSettingsReplicationMode',
    'GlobalTableWitnessUpdates',
    'MultiRegionConsistency',
    'ReplicaUpdates',
    'VectorIndexUpdates',
    'WarmThroughput',
    'GlobalSecondaryIndexUpdates.Create.WarmThroughput',
    'GlobalSecondaryIndexUpdates.Update.WarmThroughput',
  ],
  RestoreTableFromBackup: OF_RESTORES,
  RestoreTableToPointInTime: OF_RESTORES,
  ExportTableToPointInTime: ['IncrementalExportSpecification', 'FilterSpecification'],
};
