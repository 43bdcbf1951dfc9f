import { describe, expect, test } from 'vitest';

import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { grantState, StateBackend } from './state-backend.ts';

describe('StateBackend', () => {
  test("bucket and table are named by the system, and the table's key is what Terraform locks by", () => {
    const stack = testStack();
    new StateBackend(stack, 'state');

    expect(addresses(stack).filter((address) => /^aws_(s3_bucket|dynamodb_table)\./.test(address))).toEqual([
      'aws_dynamodb_table.state_locks',
      'aws_s3_bucket.state_bucket',
    ]);
    expect(resource(stack, 'aws_s3_bucket.state_bucket')).toEqual({ bucket: 'shop-terraform-state-{account}' });
    expect(resource(stack, 'aws_dynamodb_table.state_locks')).toMatchObject({
      name: 'shop-terraform-locks',
      hash_key: 'LockID',
      attribute: [{ name: 'LockID', type: 'S' }],
      point_in_time_recovery: { enabled: true },
      deletion_protection_enabled: true,
    });
  });

  test('earlier states can be had back for a year, or as long as asked', () => {
    const days = (props?: { keepVersionsDays: number }) => {
      const stack = testStack();
      new StateBackend(stack, 'state', props);
      return resource(stack, 'aws_s3_bucket_lifecycle_configuration.state_bucket');
    };

    expect(days()).toHaveProperty('rule.0.noncurrent_version_expiration.0.noncurrent_days', 365);
    expect(days({ keepVersionsDays: 30 })).toHaveProperty('rule.0.noncurrent_version_expiration.0.noncurrent_days', 30);
  });

  test('deletion protection can be left out', () => {
    const stack = testStack();
    new StateBackend(stack, 'state', { deletionProtection: false });

    expect(resource(stack, 'aws_dynamodb_table.state_locks')).toMatchObject({ deletion_protection_enabled: false });
  });

  test("grantState gives one state and its locks, and deletes nothing but the state's lock file", () => {
    const stack = testStack();
    grantState(stack, testRole(stack), 'orders/terraform.tfstate');

    const state = 'arn:aws:s3:::shop-terraform-state-{account}/orders/terraform.tfstate';
    const table = 'arn:aws:dynamodb:us-east-1:{account}:table/shop-terraform-locks';
    expect(grants(stack)).toEqual([
      `dynamodb:DeleteItem on ${table}`,
      `dynamodb:GetItem on ${table}`,
      `dynamodb:PutItem on ${table}`,
      `s3:DeleteObject on ${state}.tflock`,
      `s3:GetObject on ${state}, ${state}.tflock`,
      's3:ListBucket on arn:aws:s3:::shop-terraform-state-{account}',
      `s3:PutObject on ${state}, ${state}.tflock`,
    ]);
  });
});
