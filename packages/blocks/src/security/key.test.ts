import { describe, expect, test } from 'vitest';

import { Table } from '../data/table.ts';
import { Bucket } from '../storage/bucket.ts';
import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Key } from './key.ts';

const ARN = '${aws_kms_key.orders.arn}';

const testKey = (stack = testStack()) => new Key(stack, 'orders', { name: 'shop/orders', description: 'Orders' });

describe('Key', () => {
  test('rotates, can be had back for a month, and leaves who may use it to the account', () => {
    const stack = testStack();
    testKey(stack);

    expect(addresses(stack)).toEqual(['aws_kms_alias.orders', 'aws_kms_key.orders']);
    expect(resource(stack, 'aws_kms_alias.orders')).toMatchObject({ name: 'alias/shop/orders' });
    const { policy, ...key } = resource(stack, 'aws_kms_key.orders');
    expect(key).toMatchInlineSnapshot(`
      {
        "deletion_window_in_days": 30,
        "description": "Orders",
        "enable_key_rotation": true,
      }
    `);
    expect(JSON.parse(policy as string).Statement).toEqual([
      {
        Sid: 'AccountDecides',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::{account}:root' },
        Action: ['kms:*'],
        Resource: ['*'],
      },
    ]);
  });

  test('options change settings, never the address', () => {
    const stack = testStack();
    new Key(stack, 'orders', { name: 'orders', description: 'Orders', rotationDays: 90, deletionDays: 7 });

    expect(addresses(stack)).toEqual(['aws_kms_alias.orders', 'aws_kms_key.orders']);
    expect(resource(stack, 'aws_kms_key.orders')).toMatchObject({
      deletion_window_in_days: 7,
      rotation_period_in_days: 90,
    });
  });

  test('grants name exact actions on this key, through one service where that is said', () => {
    const stack = testStack();
    const role = testRole(stack);
    const key = testKey(stack);
    key.grantEncrypt(role);
    key.grantDecrypt(role, 's3');

    expect(grants(stack)).toEqual([`kms:Decrypt on ${ARN}`, `kms:Encrypt on ${ARN}`, `kms:GenerateDataKey on ${ARN}`]);
    const { policy } = resource(stack, 'aws_iam_role_policy.reader');
    expect(JSON.parse(policy as string).Statement[1].Condition).toEqual({
      StringEquals: { 'kms:ViaService': ['s3.us-east-1.amazonaws.com'] },
    });
  });

  test('Terraform may read its settings, and use it for nothing', () => {
    const stack = testStack();
    testKey(stack).grantInspect(testRole(stack));

    expect(grants(stack)).toEqual([
      `kms:DescribeKey on ${ARN}`,
      `kms:GetKeyPolicy on ${ARN}`,
      `kms:GetKeyRotationStatus on ${ARN}`,
      'kms:ListAliases on *',
      `kms:ListResourceTags on ${ARN}`,
    ]);
  });

  test.each([
    [{ name: 'alias/orders!' }, "'alias/orders!' is not an alias"],
    [{ name: 'aws/orders' }, "'aws/orders' is not an alias"],
    [{ name: 'orders', deletionDays: 6 }, "'orders' could be had back for 6 days"],
    [{ name: 'orders', rotationDays: 89 }, "'orders' would rotate every 89 days"],
  ])('%o is refused', (props, message) => {
    expect(() => new Key(testStack(), 'key', { description: 'x', ...props })).toThrow(message);
  });

  test('a bucket under it uses a bucket key, and its grants reach to the key', () => {
    const stack = testStack();
    const role = testRole(stack);
    const bucket = new Bucket(stack, 'files', { name: 'files', key: testKey(stack) });
    bucket.grantRead(role);

    expect(resource(stack, 'aws_s3_bucket_server_side_encryption_configuration.files')['rule']).toEqual([
      {
        apply_server_side_encryption_by_default: { kms_master_key_id: ARN, sse_algorithm: 'aws:kms' },
        bucket_key_enabled: true,
      },
    ]);
    expect(grants(stack)).toContain(`kms:Decrypt on ${ARN}`);
    expect(grants(stack)).not.toContain(`kms:GenerateDataKey on ${ARN}`);
    bucket.grantWrite(role);
    expect(grants(stack)).toContain(`kms:GenerateDataKey on ${ARN}`);
  });

  test('a table under it is read and written by those who may decrypt', () => {
    const stack = testStack();
    const key = testKey(stack);
    const table = new Table(stack, 'lines', { name: 'lines', attributes: { id: 'string' }, partitionKey: 'id', key });
    table.grantWrite(testRole(stack));

    expect(resource(stack, 'aws_dynamodb_table.lines')['server_side_encryption']).toEqual({
      enabled: true,
      kms_key_arn: ARN,
    });
    expect(grants(stack)).toContain(`kms:Decrypt on ${ARN}`);
  });

  test('with onlyVia its policy denies every use but through that service', () => {
    const stack = testStack();
    new Key(stack, 'salts', { name: 'salts', description: 'Salts', onlyVia: 'secretsmanager' });

    const { Statement } = JSON.parse(resource(stack, 'aws_kms_key.salts')['policy'] as string) as {
      Statement: { Effect: string; Action: string[]; Condition?: object }[];
    };
    expect(Statement[1]).toMatchObject({
      Effect: 'Deny',
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
      Condition: { StringNotEquals: { 'kms:ViaService': ['secretsmanager.us-east-1.amazonaws.com'] } },
    });
  });
});
