// The state backend of a system: the bucket that keeps Terraform's states and the table that locks them.
import { Construct } from 'constructs';

import { Table } from '../data/table.ts';
import type { Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';
import { Bucket } from '../storage/bucket.ts';

export interface StateBackendProps {
  /** Refuses to delete the lock table until this is turned off. @default true in production */
  readonly deletionProtection?: boolean;
  /** Days for which an earlier state can be had back. @default 365 */
  readonly keepVersionsDays?: number;
}

const KEEP_VERSIONS_DAYS = 365;

/**
 * Where Terraform's S3 backend keeps states and locks, named by the system's `state`.
 * https://developer.hashicorp.com/terraform/language/backend/s3
 */
export class StateBackend extends Construct {
  /** The bucket: versions, AES256, TLS only, nothing public. */
  readonly bucket: Bucket;
  /** The lock table: one item per lock and per state's digest. */
  readonly table: Table;

  constructor(scope: Construct, id: string, props: StateBackendProps = {}) {
    super(scope, id);
    const { bucket, table } = Stack.of(this).system.state;
    this.bucket = new Bucket(this, 'bucket', {
      name: bucket,
      keepVersionsDays: props.keepVersionsDays ?? KEEP_VERSIONS_DAYS,
    });
    this.table = new Table(this, 'locks', {
      name: table,
      attributes: { LockID: 'string' },
      partitionKey: 'LockID',
      ...(props.deletionProtection !== undefined && { deletionProtection: props.deletionProtection }),
    });
  }
}

/** Lets Terraform, run by `to`, keep one state of this system: read it, write it, lock it and give the lock back. */
export function grantState(stack: Stack, to: Grantee, key: string): void {
  const bucket = `arn:aws:s3:::${stack.withAccount(stack.system.state.bucket)}`;
  to.allow({ actions: ['s3:ListBucket'], resources: [bucket] });
  to.allow({ actions: ['s3:GetObject', 's3:PutObject'], resources: [`${bucket}/${key}`, `${bucket}/${key}.tflock`] });
  to.allow({ actions: ['s3:DeleteObject'], resources: [`${bucket}/${key}.tflock`] });
  to.allow({
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
    resources: [stack.arnOf('dynamodb', `table/${stack.system.state.table}`)],
  });
}
