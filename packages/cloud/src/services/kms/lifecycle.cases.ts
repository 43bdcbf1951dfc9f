// The lives of KMS's Terraform types.
import { expect } from 'vitest';

import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:kms:eu-west-1:000000000000:';
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const policy = (id: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: id,
    Statement: [
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'kms:*', Resource: '*' },
    ],
  });

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_kms_key',
    name: 'plain',
    config: {},
    changed: {
      description: 'Rotates',
      enable_key_rotation: true,
      rotation_period_in_days: 90,
      tags: { Team: 'keys' },
      policy: policy('changed'),
    },
    change: 'update',
    expected: {
      arn: expect.stringMatching(`^${ARN}key/`),
      bypass_policy_lockout_safety_check: false,
      custom_key_store_id: '',
      customer_master_key_spec: 'SYMMETRIC_DEFAULT',
      deletion_window_in_days: null,
      description: '',
      enable_key_rotation: false,
      id: expect.stringMatching(ID),
      is_enabled: true,
      key_id: expect.stringMatching(ID),
      key_usage: 'ENCRYPT_DECRYPT',
      multi_region: false,
      policy: expect.stringContaining('"Sid":"Enable IAM User Permissions"'),
      rotation_period_in_days: 0,
      tags_all: {},
      xks_key_id: '',
    },
    expectedAfterChange: {
      description: 'Rotates',
      enable_key_rotation: true,
      rotation_period_in_days: 90,
      tags_all: { Team: 'keys' },
    },
  },
  {
    type: 'aws_kms_key',
    name: 'disabled',
    config: { is_enabled: false, description: 'Asleep', deletion_window_in_days: 7 },
    // Enabled first, since a disabled key cannot be made to rotate.
    changed: { is_enabled: true, enable_key_rotation: true, description: 'Awake', deletion_window_in_days: 7 },
    change: 'update',
    expected: { is_enabled: false, description: 'Asleep' },
    expectedAfterChange: { is_enabled: true, enable_key_rotation: true, rotation_period_in_days: 365 },
    lostByImport: ['deletion_window_in_days'],
  },
  {
    type: 'aws_kms_key',
    name: 'of_another_kind',
    config: { customer_master_key_spec: 'ECC_NIST_P256', key_usage: 'SIGN_VERIFY' },
    changed: { customer_master_key_spec: 'HMAC_256', key_usage: 'GENERATE_VERIFY_MAC' },
    change: 'replace',
    expected: { customer_master_key_spec: 'ECC_NIST_P256', key_usage: 'SIGN_VERIFY' },
    expectedAfterChange: { customer_master_key_spec: 'HMAC_256', key_usage: 'GENERATE_VERIFY_MAC' },
  },
  {
    type: 'aws_kms_key_policy',
    name: 'put',
    support: { aws_kms_key: { with_policy: {} } },
    config: { key_id: '${aws_kms_key.with_policy.id}', policy: policy('first') },
    changed: { key_id: '${aws_kms_key.with_policy.id}', policy: policy('second') },
    change: 'update',
    expected: { policy: policy('first'), bypass_policy_lockout_safety_check: false },
    expectedAfterChange: { policy: policy('second') },
  },
  {
    type: 'aws_kms_replica_key',
    name: 'replica',
    support: { aws_kms_key: { replicated: { multi_region: true, region: 'us-west-2' } } },
    config: { primary_key_arn: '${aws_kms_key.replicated.arn}' },
    changed: {
      primary_key_arn: '${aws_kms_key.replicated.arn}',
      description: 'The one here',
      enabled: false,
      policy: policy('here'),
      tags: { Team: 'keys' },
    },
    change: 'update',
    expected: {
      arn: expect.stringMatching(`^${ARN}key/mrk-`),
      enabled: true,
      key_rotation_enabled: false,
      key_spec: 'SYMMETRIC_DEFAULT',
      primary_key_arn: expect.stringContaining(':us-west-2:'),
    },
    expectedAfterChange: { enabled: false, description: 'The one here' },
  },
  {
    type: 'aws_kms_external_key',
    name: 'brought',
    config: { key_material_base64: Buffer.alloc(32, 'k').toString('base64'), description: 'Mine' },
    // Whose material cannot be read back is not imported into Terraform; one that waits for its material is.
    changed: { description: 'Empty' },
    change: 'replace',
    expected: {
      enabled: true,
      expiration_model: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      key_state: 'Enabled',
      key_usage: 'ENCRYPT_DECRYPT',
      multi_region: false,
      valid_to: '',
    },
    expectedAfterChange: { enabled: false, expiration_model: '', key_state: 'PendingImport' },
  },
  {
    type: 'aws_kms_external_key',
    name: 'waiting',
    config: { description: 'Empty' },
    changed: { description: 'Still empty', policy: policy('waiting'), tags: { Team: 'keys' } },
    change: 'update',
    expected: { description: 'Empty', key_state: 'PendingImport' },
  },
  {
    type: 'aws_kms_alias',
    name: 'moved',
    support: { aws_kms_key: { one: {}, other: {} } },
    config: { name: 'alias/moved', target_key_id: '${aws_kms_key.one.key_id}' },
    changed: { name: 'alias/moved', target_key_id: '${aws_kms_key.other.arn}' },
    change: 'update',
    expected: {
      id: 'alias/moved',
      arn: `${ARN}alias/moved`,
      name_prefix: '',
      target_key_arn: expect.stringMatching(`^${ARN}key/`),
      target_key_id: expect.stringMatching(ID),
    },
  },
  {
    type: 'aws_kms_alias',
    name: 'prefixed',
    support: { aws_kms_key: { of_prefixed: {} } },
    config: { target_key_id: '${aws_kms_key.of_prefixed.key_id}' },
    changed: { name_prefix: 'alias/second-', target_key_id: '${aws_kms_key.of_prefixed.key_id}' },
    change: 'replace',
    expected: { name: expect.stringMatching(/^alias\/\d{18}[0-9a-f]{8}$/), name_prefix: 'alias/' },
    expectedAfterChange: { name: expect.stringMatching(/^alias\/second-\d{18}[0-9a-f]{8}$/) },
  },
  {
    type: 'aws_kms_grant',
    name: 'given',
    support: { aws_kms_key: { granted: {} } },
    config: {
      key_id: '${aws_kms_key.granted.key_id}',
      name: 'given',
      grantee_principal: 'arn:aws:iam::000000000000:root',
      operations: ['Encrypt', 'Decrypt'],
    },
    changed: {
      key_id: '${aws_kms_key.granted.key_id}',
      name: 'given',
      grantee_principal: 'arn:aws:iam::000000000000:root',
      operations: ['Decrypt', 'DescribeKey'],
      constraints: [{ encryption_context_equals: { Purpose: 'orders' } }],
    },
    change: 'replace',
    expected: {
      grant_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      grant_token: expect.any(String),
      operations: ['Decrypt', 'Encrypt'],
      retire_on_delete: false,
    },
    expectedAfterChange: {
      constraints: [{ encryption_context_equals: { Purpose: 'orders' }, encryption_context_subset: null }],
    },
    toldOnce: ['grant_token'],
  },
];
