// Where the data of a deleted table still is: the newest backup that DynamoDB lists for its name.
import { ListBackupsCommand, type BackupSummary, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

import type { Emptied } from './guard.ts';

export interface Backup {
  readonly name: string;
  readonly arn: string;
  /** ISO 8601. */
  readonly takenAt: string;
}

/** What is known of the data that a re-created resource does not bring back. */
export interface Loss extends Emptied {
  readonly backup?: Backup;
  /** Why no backup can be named, where asking failed. */
  readonly unknown?: string;
}

/**
 * Looks for backups of the tables among what comes back empty. A table with point-in-time recovery leaves a system backup,
 * `<table>$DeletedTableBackup`, for 35 days when it is deleted.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
 */
export async function findLosses(emptied: readonly Emptied[], dynamodb: DynamoDBClient): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const each of emptied) {
    if (each.type !== 'aws_dynamodb_table') {
      losses.push(each);
      continue;
    }
    losses.push(
      await newestBackup(each.name, dynamodb).then(
        (backup) => (backup ? { ...each, backup } : each),
        // Not knowing the backup is no reason to leave the table away: it stays where it is.
        (error: Error) => ({ ...each, unknown: `${error.name}: ${error.message}` }),
      ),
    );
  }
  return losses;
}

async function newestBackup(table: string, dynamodb: DynamoDBClient): Promise<Backup | undefined> {
  let newest: BackupSummary | undefined;
  let start: string | undefined;
  do {
    const page = await dynamodb.send(
      new ListBackupsCommand({ TableName: table, BackupType: 'ALL', ExclusiveStartBackupArn: start }),
    );
    for (const backup of page.BackupSummaries ?? []) {
      if (backup.BackupStatus === 'AVAILABLE' && timeOf(backup) > timeOf(newest)) newest = backup;
    }
    start = page.LastEvaluatedBackupArn;
  } while (start !== undefined);
  if (newest?.BackupArn === undefined) return undefined;
  return {
    name: newest.BackupName ?? newest.BackupArn,
    arn: newest.BackupArn,
    takenAt: new Date(timeOf(newest)).toISOString(),
  };
}

const timeOf = (backup: BackupSummary | undefined): number => backup?.BackupCreationDateTime?.getTime() ?? 0;
