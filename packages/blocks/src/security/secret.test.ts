import { describe, expect, test } from 'vitest';

import { Function } from '../compute/function.ts';
import { zipFiles } from '../delivery/zip.ts';
import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Key } from './key.ts';
import { Secret, type SecretProps } from './secret.ts';

const ARN = '${aws_secretsmanager_secret.database.arn}';
const KEY = '${aws_kms_key.key.arn}';

const testSecret = (stack = testStack(), props: Partial<SecretProps> = {}) =>
  new Secret(stack, 'database', {
    name: 'shop/database',
    description: 'Opens the database',
    key: new Key(stack, 'key', { name: 'secrets', description: 'Secrets' }),
    ...props,
  });

describe('Secret', () => {
  test('is under its key, can be had back, and has no value in Terraform', () => {
    const stack = testStack();
    testSecret(stack);

    expect(addresses(stack)).toEqual(['aws_kms_alias.key', 'aws_kms_key.key', 'aws_secretsmanager_secret.database']);
    expect(resource(stack, 'aws_secretsmanager_secret.database')).toMatchInlineSnapshot(`
      {
        "description": "Opens the database",
        "kms_key_id": "\${aws_kms_key.key.arn}",
        "name": "shop/database",
        "recovery_window_in_days": 30,
      }
    `);
  });

  test('is had back for a week outside of production, and not at all where that is said', () => {
    const dev = testStack('dev');
    testSecret(dev);
    expect(resource(dev, 'aws_secretsmanager_secret.database')['recovery_window_in_days']).toBe(7);
    const gone = testStack();
    testSecret(gone, { recoveryDays: 0 });
    expect(resource(gone, 'aws_secretsmanager_secret.database')['recovery_window_in_days']).toBe(0);
  });

  test('who reads may decrypt and not write, who writes may encrypt and not read', () => {
    const read = testStack();
    testSecret(read).grantRead(testRole(read));
    expect(grants(read)).toEqual([
      `kms:Decrypt on ${KEY}`,
      `secretsmanager:DescribeSecret on ${ARN}`,
      `secretsmanager:GetSecretValue on ${ARN}`,
    ]);

    const write = testStack();
    testSecret(write).grantWrite(testRole(write));
    expect(grants(write)).toEqual([
      `kms:Encrypt on ${KEY}`,
      `kms:GenerateDataKey on ${KEY}`,
      `secretsmanager:DescribeSecret on ${ARN}`,
      `secretsmanager:PutSecretValue on ${ARN}`,
      `secretsmanager:UpdateSecretVersionStage on ${ARN}`,
    ]);
  });

  test('Terraform may read its settings, and no value', () => {
    const stack = testStack();
    testSecret(stack).grantInspect(testRole(stack));
    expect(grants(stack)).toEqual([
      `secretsmanager:DescribeSecret on ${ARN}`,
      `secretsmanager:GetResourcePolicy on ${ARN}`,
    ]);
  });

  test('a function that rotates it may read and write it, and is invoked for this secret alone', () => {
    const stack = testStack();
    const bundle = zipFiles(new Map([['index.mjs', Buffer.from('')]]));
    const rotator = new Function(stack, 'rotator', { name: 'rotator', description: 'Makes new values', bundle });
    testSecret(stack).rotate(rotator, { days: 30, reads: ['AWSPENDING', 'AWSCURRENT'] });

    const rotation = addresses(stack).find((address) => address.startsWith('aws_secretsmanager_secret_rotation.'))!;
    expect(resource(stack, rotation)).toMatchObject({
      rotate_immediately: true,
      rotation_rules: { automatically_after_days: 30 },
    });
    const permission = addresses(stack).find((address) => address.startsWith('aws_lambda_permission.'))!;
    expect(resource(stack, permission)).toMatchObject({
      principal: 'secretsmanager.amazonaws.com',
      source_arn: ARN,
      source_account: '{account}',
    });
    const { Statement } = JSON.parse(resource(stack, 'aws_iam_role_policy.rotator')['policy'] as string) as {
      Statement: { Action: string[]; Condition?: object }[];
    };
    expect(Statement.flatMap(({ Action }) => Action)).toContain('secretsmanager:UpdateSecretVersionStage');
    expect(Statement.filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))).toMatchObject([
      { Condition: { StringEquals: { 'secretsmanager:VersionStage': ['AWSPENDING', 'AWSCURRENT'] } } },
    ]);
  });

  test.each([
    [{ name: 'shop database' }, "'shop database' is not a secret's name"],
    [{ name: 'shop-secret' }, "'shop-secret' ends like the random end of an ARN"],
    [{ recoveryDays: 3 }, "'shop/database' could be had back for 3 days"],
  ])('%o is refused', (props, message) => {
    expect(() => testSecret(testStack(), props)).toThrow(message);
  });
});
