// What requests may bring to DynamoDB's operations that there is nothing for here: each is refused by its path.
import type { Service } from '../../kernel/service.ts';

/** No index on demand has a maximum, and nothing is warmed. */
const ofIndexes = (...paths: string[]): string[] =>
  paths.flatMap((path) => [`${path}.OnDemandThroughput`, `${path}.WarmThroughput`]);

const OF_RESTORES = ['VectorIndexOverride', ...ofIndexes('GlobalSecondaryIndexOverride')];

export const UNSUPPORTED: NonNullable<Service['unsupported']> = {
  CreateTable: [
    'GlobalTableSettingsReplicationMode',
    'GlobalTableSourceArn',
    'VectorIndexes',
    'WarmThroughput',
    ...ofIndexes('GlobalSecondaryIndexes'),
  ],
  UpdateTable: [
    'DisassociationProtectionEnabled',
    'GlobalTableSettingsReplicationMode',
    'GlobalTableWitnessUpdates',
    'MultiRegionConsistency',
    'ReplicaUpdates',
    'VectorIndexUpdates',
    'WarmThroughput',
    ...ofIndexes('GlobalSecondaryIndexUpdates.Create', 'GlobalSecondaryIndexUpdates.Update'),
  ],
  RestoreTableFromBackup: OF_RESTORES,
  RestoreTableToPointInTime: OF_RESTORES,
  ExportTableToPointInTime: ['IncrementalExportSpecification', 'FilterSpecification'],
};
