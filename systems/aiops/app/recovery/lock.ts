// Who holds a state's lock, read the way Terraform's S3 backend writes it.
import { GetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Lock {
  readonly id: string;
  readonly who: string;
  readonly operation: string;
  /** ISO 8601. */
  readonly created: string;
}

/** The lock on `<bucket>/<key>`, or undefined where it is free. */
export async function findLock(
  { table, bucket, key }: { table: string; bucket: string; key: string },
  dynamodb: DynamoDBClient,
): Promise<Lock | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: table, Key: { LockID: { S: `${bucket}/${key}` } }, ConsistentRead: true }),
  );
  return Item && readLock(Item['Info']?.S ?? '{}');
}

/** What a person has to know of a lock: who holds it, since when, and that the build waits. */
export const describeLock = (lock: Lock | undefined, timeout: string): string[] =>
  lock
    ? [
        `The state is locked by ${lock.who} since ${lock.created} (${lock.operation}, lock id ${lock.id}).`,
        `Waiting up to ${timeout} for it. If its holder is gone for good: terraform force-unlock ${lock.id}`,
      ]
    : ['The state is not locked.'];

function readLock(info: string): Lock {
  const { ID, Who, Operation, Created } = JSON.parse(info) as Record<string, string | undefined>;
  return {
    id: ID ?? 'unknown',
    who: Who ?? 'somebody',
    operation: Operation ?? 'unknown operation',
    created: Created ?? 'an unknown time',
  };
}
