// Backups, restoring from them, and point-in-time recovery's switch.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
import type {
  BackupDescription,
  BackupDetails,
  BackupSummary,
  BackupTypeFilter,
  CreateBackupInput,
  CreateBackupOutput,
  DeleteBackupInput,
  DeleteBackupOutput,
  DescribeBackupInput,
  DescribeBackupOutput,
  DescribeContinuousBackupsInput,
  DescribeContinuousBackupsOutput,
  ListBackupsInput,
  ListBackupsOutput,
  RestoreTableFromBackupInput,
  RestoreTableFromBackupOutput,
  RestoreTableToPointInTimeInput,
  RestoreTableToPointInTimeOutput,
  UpdateContinuousBackupsInput,
  UpdateContinuousBackupsOutput,
} from '@aws-sdk/client-dynamodb';

import { requireOneOf } from '../../kernel/constraint.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onTable } from './access.ts';
import { backupId, type Backup, type Backups } from './backups.ts';
import { requireLimit, tableExists, tableNotFound, validation } from './errors.ts';
import { tableArn, tableName } from './names.ts';
import type { RecoveryPoints } from './recovery-points.ts';
import { describeRecovery, readRecovery, requireMoment } from './recovery.ts';
import { restoredTable, type Restores } from './restores.ts';
import { describeTimeToLive } from './table-operations.ts';
import type { TableSettings, Tables } from './tables.ts';
import type { Tracking } from './tracking.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListBackups.html */
const LIST_LIMIT = 100;

const BACKUP_TYPES: readonly string[] = ['USER', 'SYSTEM', 'AWS_BACKUP', 'ALL'] satisfies BackupTypeFilter[];

const RESTORE_ACTIONS = [
  'RestoreTableFromBackup',
  'BatchWriteItem',
  'DeleteItem',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];

interface Parts {
  readonly tables: Tables;
  readonly backups: Backups;
  readonly restores: Restores;
  readonly points: RecoveryPoints;
  readonly tracking: Tracking;
}

export function backupOperations({ tables, backups, restores, points, tracking }: Parts) {
  const onNamed =
    (action: string) =>
    ({ TableName }: { TableName?: string | undefined }, call: Call): Access[] => [
      onTable(tables, action, TableName, call),
    ];
  const onBackup =
    (action: string) =>
    ({ BackupArn = '*' }: { BackupArn?: string | undefined }): Access[] => [
      { action: `dynamodb:${action}`, resource: BackupArn },
    ];
  const requireTable = (call: Call, given: string | undefined): [name: string, settings: TableSettings] => {
    const name = tableName(call, given);
    const settings = tables.find(call.region, name);
    if (!settings) throw tableNotFound(name);
    return [name, settings];
  };

  return {
    CreateBackup: {
      access: onNamed('CreateBackup'),
      run: async ({ TableName, BackupName = '' }: CreateBackupInput, call: Call): Promise<CreateBackupOutput> => {
        if (!/^[\w.-]{3,255}$/.test(BackupName)) {
          throw validation(
            `1 validation error detected: Value '${BackupName}' at 'backupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+`,
          );
        }
        await tables.ready(call.region);
        const [name, settings] = requireTable(call, TableName);
        const source = { table: await tables.describe(call, name), timeToLive: describeTimeToLive(settings) };
        const backup = await backups.create(call, BackupName, 'USER', source);
        return { BackupDetails: { ...details(backup), BackupStatus: 'CREATING' } };
      },
    },
    DescribeBackup: {
      access: onBackup('DescribeBackup'),
      run: ({ BackupArn }: DescribeBackupInput): DescribeBackupOutput => ({
        BackupDescription: description(backups.require(BackupArn!)),
      }),
    },
    ListBackups: {
      access: (): Access[] => [{ action: 'dynamodb:ListBackups', resource: '*' }],
      run: (input: ListBackupsInput, call: Call): ListBackupsOutput => {
        const { BackupType: type = 'USER', Limit = LIST_LIMIT, ExclusiveStartBackupArn: before } = input;
        requireLimit(Limit, LIST_LIMIT);
        requireOneOf(type, 'backupType', BACKUP_TYPES, validation);
        // The backup where the page before ended may be gone.
        const found = backups
          .list(call.region)
          .filter((backup) => isListed(backup, input, call))
          .filter(({ arn }) => before === undefined || backupId(arn) > backupId(before));
        const page = found.slice(0, Limit);
        const last = page.at(-1);
        return {
          BackupSummaries: page.map(summary),
          ...(last && last !== found.at(-1) && { LastEvaluatedBackupArn: last.arn }),
        };
      },
    },
    DeleteBackup: {
      access: onBackup('DeleteBackup'),
      run: ({ BackupArn }: DeleteBackupInput): DeleteBackupOutput => {
        const { BackupDetails, ...rest } = description(backups.delete(BackupArn!));
        return { BackupDescription: { ...rest, BackupDetails: { ...BackupDetails!, BackupStatus: 'DELETED' } } };
      },
    },
    RestoreTableFromBackup: {
      access: ({ BackupArn = '*', TargetTableName }: RestoreTableFromBackupInput, call: Call): Access[] => [
        { action: 'dynamodb:RestoreTableFromBackup', resource: BackupArn },
        ...onTarget(RESTORE_ACTIONS, TargetTableName, call),
      ],
      run: async (input: RestoreTableFromBackupInput, call: Call): Promise<RestoreTableFromBackupOutput> => {
        const backup = backups.require(input.BackupArn!);
        await tables.ready(call.region);
        if (tables.find(call.region, input.TargetTableName!)) throw tableExists(input.TargetTableName!);
        const from = {
          backupArn: backup.arn,
          copy: backup.arn,
          tableArn: tableArn(call, backup.table),
          at: call.now,
          running: true,
        };
        const TableDescription = await tables.create(call, restoredTable(backup.source, input), from);
        restores.begin(call.region, input.TargetTableName!, from);
        return { TableDescription };
      },
    },
    // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
    RestoreTableToPointInTime: {
      access: (input: RestoreTableToPointInTimeInput, call: Call): Access[] => [
        onTable(tables, 'RestoreTableToPointInTime', sourceName(input, call), call),
        ...onTarget(RESTORE_ACTIONS, input.TargetTableName, call),
      ],
      run: async (input: RestoreTableToPointInTimeInput, call: Call): Promise<RestoreTableToPointInTimeOutput> => {
        await tables.ready(call.region);
        const target = input.TargetTableName!;
        const [name, settings] = requireTable(call, sourceName(input, call));
        const at = requireMoment(name, settings.recovery, input, call.now);
        if (tables.find(call.region, target)) throw tableExists(target);
        const source = await tables.describe(call, name);
        const copy = await points.copy(call.region, source, at);
        const from = { copy, tableArn: tableArn(call, name), at, running: true };
        const TableDescription = await tables.create(call, restoredTable(source, input), from);
        restores.begin(call.region, target, from);
        return { TableDescription };
      },
    },
    DescribeContinuousBackups: {
      access: onNamed('DescribeContinuousBackups'),
      run: async (
        { TableName }: DescribeContinuousBackupsInput,
        call: Call,
      ): Promise<DescribeContinuousBackupsOutput> => {
        await tables.ready(call.region);
        const [, { recovery }] = requireTable(call, TableName);
        return { ContinuousBackupsDescription: describeRecovery(recovery, call.now) };
      },
    },
    UpdateContinuousBackups: {
      access: onNamed('UpdateContinuousBackups'),
      run: async (
        { TableName, PointInTimeRecoverySpecification }: UpdateContinuousBackupsInput,
        call: Call,
      ): Promise<UpdateContinuousBackupsOutput> => {
        await tables.ready(call.region);
        const [name, { recovery }] = requireTable(call, TableName);
        const wanted = readRecovery(PointInTimeRecoverySpecification!, recovery, call.now);
        if (wanted ?? recovery) await tracking.setRecovery(call.region, name, wanted);
        return { ContinuousBackupsDescription: describeRecovery(tables.require(call.region, name).recovery, call.now) };
      },
    },
  };
}

const onTarget = (actions: readonly string[], table: string | undefined, call: Call): Access[] =>
  actions.map((action) => ({ action: `dynamodb:${action}`, resource: tableArn(call, table ?? '*') }));

function sourceName({ SourceTableName, SourceTableArn }: RestoreTableToPointInTimeInput, call: Call): string {
  if ((SourceTableName === undefined) === (SourceTableArn === undefined)) {
    throw validation('One of SourceTableName and SourceTableArn has to be given');
  }
  return tableName(call, SourceTableArn ?? SourceTableName);
}

function isListed(backup: Backup, input: ListBackupsInput, call: Call): boolean {
  const { TableName, BackupType = 'USER', TimeRangeLowerBound, TimeRangeUpperBound } = input;
  return (
    (TableName === undefined || backup.table === tableName(call, TableName)) &&
    (BackupType === 'ALL' || backup.type === BackupType) &&
    (TimeRangeLowerBound === undefined || backup.createdAt >= TimeRangeLowerBound.getTime()) &&
    (TimeRangeUpperBound === undefined || backup.createdAt < TimeRangeUpperBound.getTime())
  );
}

const details = ({ arn, name, type, sizeBytes, createdAt, expiresAt }: Backup): BackupDetails => ({
  BackupArn: arn,
  BackupName: name,
  BackupSizeBytes: sizeBytes,
  BackupStatus: 'AVAILABLE',
  BackupType: type,
  BackupCreationDateTime: new Date(createdAt),
  ...(expiresAt !== undefined && { BackupExpiryDateTime: new Date(expiresAt) }),
});

const summary = (backup: Backup): BackupSummary => ({
  ...details(backup),
  TableName: backup.table,
  TableId: backup.source.TableId,
  TableArn: backup.source.TableArn,
});

function description(backup: Backup): BackupDescription {
  const { source, timeToLive } = backup;
  return {
    BackupDetails: details(backup),
    SourceTableDetails: {
      TableName: source.TableName,
      TableId: source.TableId,
      TableArn: source.TableArn,
      TableSizeBytes: backup.sizeBytes,
      KeySchema: source.KeySchema,
      TableCreationDateTime: new Date(source.CreationDateTime!),
      ProvisionedThroughput: {
        ReadCapacityUnits: source.ProvisionedThroughput?.ReadCapacityUnits,
        WriteCapacityUnits: source.ProvisionedThroughput?.WriteCapacityUnits,
      },
      ItemCount: backup.itemCount,
      ...(source.OnDemandThroughput && { OnDemandThroughput: source.OnDemandThroughput }),
      BillingMode: source.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
    },
    SourceTableFeatureDetails: {
      GlobalSecondaryIndexes: source.GlobalSecondaryIndexes?.map(
        ({ IndexName, KeySchema, Projection, ProvisionedThroughput }) => ({
          IndexName,
          KeySchema,
          Projection,
          ProvisionedThroughput: {
            ReadCapacityUnits: ProvisionedThroughput?.ReadCapacityUnits,
            WriteCapacityUnits: ProvisionedThroughput?.WriteCapacityUnits,
          },
        }),
      ),
      LocalSecondaryIndexes: source.LocalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
      StreamDescription: source.StreamSpecification,
      TimeToLiveDescription: timeToLive,
      SSEDescription: source.SSEDescription,
    },
  };
}
