// The lives of Secrets Manager's Terraform types. Write-only values are in terraform/write-only.test.ts.
import { zipSync } from 'fflate';
import { expect } from 'vitest';

import type { Blocks, LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:';

const policy = (action: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::000000000000:root' },
        Action: `secretsmanager:${action}`,
        Resource: '*',
      },
    ],
  });

/** A secret, and a function that Secrets Manager may invoke. */
const rotated: Blocks = {
  aws_secretsmanager_secret: { of_rotation: { name: 'lifecycle/rotated', recovery_window_in_days: 0 } },
  aws_iam_role: {
    of_rotation: {
      name: 'lifecycle-rotator',
      assume_role_policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      }),
    },
  },
  aws_lambda_function: {
    of_rotation: {
      function_name: 'lifecycle-rotator',
      role: '${aws_iam_role.of_rotation.arn}',
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      filename: 'rotator.zip',
    },
  },
  aws_lambda_permission: {
    of_rotation: {
      function_name: '${aws_lambda_function.of_rotation.function_name}',
      action: 'lambda:InvokeFunction',
      principal: 'secretsmanager.amazonaws.com',
    },
  },
};

const rotator = zipSync({
  'index.mjs': [Buffer.from('export const handler = async () => {};'), { mtime: '2026-01-01' }],
});

const rotation = (rules: object) => ({
  secret_id: '${aws_secretsmanager_secret.of_rotation.id}',
  rotation_lambda_arn: '${aws_lambda_function.of_rotation.arn}',
  rotate_immediately: false,
  rotation_rules: [rules],
  depends_on: ['aws_lambda_permission.of_rotation'],
});

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_secretsmanager_secret',
    name: 'plain',
    support: { aws_kms_key: { of_secret: {} } },
    config: { name: 'lifecycle/plain' },
    changed: {
      name: 'lifecycle/plain',
      description: 'Changed',
      kms_key_id: '${aws_kms_key.of_secret.arn}',
      policy: policy('GetSecretValue'),
      tags: { Team: 'secrets' },
    },
    change: 'update',
    expected: {
      arn: expect.stringMatching(`^${ARN}lifecycle/plain-\\w{6}$`),
      description: '',
      force_overwrite_replica_secret: false,
      kms_key_id: '',
      name_prefix: '',
      policy: '',
      recovery_window_in_days: 30,
      replica: [],
      tags_all: {},
    },
    expectedAfterChange: {
      description: 'Changed',
      kms_key_id: expect.stringContaining(':key/'),
      policy: policy('GetSecretValue'),
      tags_all: { Team: 'secrets' },
    },
  },
  {
    type: 'aws_secretsmanager_secret',
    name: 'replicated',
    config: { name: 'lifecycle/replicated', replica: [{ region: 'us-west-2' }] },
    changed: {
      name: 'lifecycle/replicated',
      replica: [{ region: 'us-west-2' }, { region: 'us-east-2' }],
    },
    change: 'update',
    expected: { replica: [expect.objectContaining({ region: 'us-west-2', status: 'InSync' })] },
  },
  {
    type: 'aws_secretsmanager_secret',
    name: 'bared',
    support: { aws_kms_key: { of_bared: {} } },
    config: {
      name: 'lifecycle/bared',
      description: 'One',
      kms_key_id: '${aws_kms_key.of_bared.arn}',
      policy: policy('*'),
    },
    changed: { name: 'lifecycle/bared', policy: '{}' },
    change: 'update',
    expected: { policy: policy('*') },
    expectedAfterChange: { description: '', kms_key_id: '' },
  },
  {
    type: 'aws_secretsmanager_secret',
    name: 'renamed',
    config: { name_prefix: 'lifecycle/first-', recovery_window_in_days: 0 },
    changed: { name_prefix: 'lifecycle/second-', recovery_window_in_days: 0 },
    change: 'replace',
    expected: { name: expect.stringMatching(/^lifecycle\/first-\d{18}[0-9a-f]{8}$/), recovery_window_in_days: 0 },
    expectedAfterChange: { name_prefix: 'lifecycle/second-' },
    lostByImport: ['recovery_window_in_days'],
  },
  {
    type: 'aws_secretsmanager_secret_version',
    name: 'replaced',
    support: { aws_secretsmanager_secret: { of_version: { name: 'lifecycle/version' } } },
    config: { secret_id: '${aws_secretsmanager_secret.of_version.id}', secret_string: 'one' },
    changed: { secret_id: '${aws_secretsmanager_secret.of_version.id}', secret_string: 'two' },
    change: 'replace',
    expected: {
      has_secret_string_wo: null,
      secret_binary: '',
      secret_string: 'one',
      version_id: expect.stringMatching(/^terraform-/),
      version_stages: ['AWSCURRENT'],
    },
    expectedAfterChange: { secret_string: 'two', version_stages: ['AWSCURRENT'] },
  },
  {
    type: 'aws_secretsmanager_secret_version',
    name: 'staged',
    support: { aws_secretsmanager_secret: { of_stages: {} } },
    config: {
      secret_id: '${aws_secretsmanager_secret.of_stages.id}',
      secret_binary: 'AAEC/w==',
      version_stages: ['AWSCURRENT', 'blue'],
    },
    changed: {
      secret_id: '${aws_secretsmanager_secret.of_stages.id}',
      secret_binary: 'AAEC/w==',
      version_stages: ['AWSCURRENT', 'green'],
    },
    change: 'update',
    expected: { secret_binary: 'AAEC/w==', secret_string: '', version_stages: ['AWSCURRENT', 'blue'] },
    expectedAfterChange: { version_stages: ['AWSCURRENT', 'green'] },
  },
  {
    type: 'aws_secretsmanager_secret_policy',
    name: 'put',
    support: { aws_secretsmanager_secret: { with_policy: {} } },
    config: { secret_arn: '${aws_secretsmanager_secret.with_policy.arn}', policy: policy('GetSecretValue') },
    changed: { secret_arn: '${aws_secretsmanager_secret.with_policy.arn}', policy: policy('DescribeSecret') },
    change: 'update',
    expected: { policy: policy('GetSecretValue') },
    expectedAfterChange: { policy: policy('DescribeSecret') },
  },
  {
    type: 'aws_secretsmanager_secret_rotation',
    name: 'monthly',
    files: { 'rotator.zip': rotator },
    support: rotated,
    config: rotation({ automatically_after_days: 30 }),
    changed: rotation({ schedule_expression: 'rate(10 days)', duration: '2h' }),
    change: 'update',
    expected: { rotation_enabled: true, rotation_rules: [expect.objectContaining({ automatically_after_days: 30 })] },
    expectedAfterChange: {
      rotation_rules: [expect.objectContaining({ schedule_expression: 'rate(10 days)', duration: '2h' })],
    },
    lostByImport: ['rotate_immediately'],
  },
];
