// DynamoDB's errors that the cloud itself answers; the rest are dynoxide's.
import { requireWithin } from '../../kernel/constraint.ts';
import { AwsError } from '../../kernel/errors.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** The size of a page, from 1 to the largest there is. */
export const requireLimit = (limit: number | undefined, largest: number): void =>
  requireWithin(limit, 'limit', [1, largest], validation);

/** Refuses tags whose keys are AWS's own. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html */
export function requireOwnTags(keys: readonly (string | undefined)[]): void {
  if (keys.some((key) => key?.startsWith('aws:')))
    throw validation('One or more parameter values were invalid: Tag keys that begin with aws: are reserved for AWS');
}

export const resourceNotFound = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: ${what}`);

export const tableNotFound = (name: string): AwsError =>
  new AwsError('TableNotFoundException', `Table not found: ${name}`);

export const tableExists = (name: string): AwsError =>
  new AwsError('TableAlreadyExistsException', `Table already exists: ${name}`);

export const backupNotFound = (arn: string): AwsError =>
  new AwsError('BackupNotFoundException', `Backup not found: ${arn}`);

export const tableInUse = (name: string): AwsError =>
  new AwsError(
    'ResourceInUseException',
    `Attempt to change a resource which is still in use: Table is being restored: ${name}`,
  );

export const tooManyIndexChanges = (): AwsError =>
  new AwsError(
    'LimitExceededException',
    'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
  );

export const recoveryUnavailable = (table: string): AwsError =>
  new AwsError('PointInTimeRecoveryUnavailableException', `Point in time recovery is not enabled for table '${table}'`);

export const invalidExportTime = (given: Date, earliest: number, latest: number): AwsError =>
  new AwsError(
    'InvalidExportTimeException',
    `The export time ${given.toISOString()} is not between ${new Date(earliest).toISOString()}, since when the table can be recovered, and now, ${new Date(latest).toISOString()}`,
  );

export const invalidRestoreTime = (given: Date, earliest: number, latest: number): AwsError =>
  new AwsError(
    'InvalidRestoreTimeException',
    `The restore time ${given.toISOString()} is not between EarliestRestorableDateTime ${new Date(earliest).toISOString()} and LatestRestorableDateTime ${new Date(latest).toISOString()}`,
  );
