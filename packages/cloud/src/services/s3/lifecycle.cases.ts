// The lives of S3's Terraform types.
import { expect } from 'vitest';

import type { Blocks, Body, LifecycleCase } from '../../terraform/lifecycle-case.ts';
import { lifecycleConfigurationCases } from './lifecycle-configuration.cases.ts';
import { objectCases } from './object.cases.ts';

/** A bucket under a case's name, for the settings that the case is about. */
const bucket = (name: string): Blocks => ({ aws_s3_bucket: { [name]: { bucket: dashed(name) } } });

const dashed = (name: string) => name.replaceAll('_', '-');

const inBucket = (name: string, more: Body): Body => ({ bucket: `\${aws_s3_bucket.${name}.id}`, ...more });

const policy = (name: string, action: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: action,
        Resource: `arn:aws:s3:::${dashed(name)}/*`,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_s3_bucket',
    name: 'plain_bucket',
    config: { bucket: 'plain-bucket' },
    changed: { bucket: 'plain-bucket', tags: { Team: 'storage' } },
    change: 'update',
    expected: {
      id: 'plain-bucket',
      acceleration_status: '',
      arn: 'arn:aws:s3:::plain-bucket',
      bucket_domain_name: 'plain-bucket.s3.amazonaws.com',
      bucket_prefix: '',
      bucket_regional_domain_name: 'plain-bucket.s3.eu-west-1.amazonaws.com',
      cors_rule: [],
      force_destroy: false,
      grant: [{ permissions: ['FULL_CONTROL'], type: 'CanonicalUser', uri: '' }],
      hosted_zone_id: 'Z1BKCTXD74EZPE',
      lifecycle_rule: [],
      logging: [],
      object_lock_configuration: [],
      object_lock_enabled: false,
      policy: '',
      region: 'eu-west-1',
      replication_configuration: [],
      request_payer: 'BucketOwner',
      server_side_encryption_configuration: [
        {
          rule: [
            {
              apply_server_side_encryption_by_default: [{ kms_master_key_id: '', sse_algorithm: 'AES256' }],
              bucket_key_enabled: false,
            },
          ],
        },
      ],
      tags_all: {},
      versioning: [{ enabled: false, mfa_delete: false }],
      website: [],
      website_domain: null,
    },
    expectedAfterChange: { tags_all: { Team: 'storage' } },
  },
  {
    type: 'aws_s3_bucket',
    name: 'locked_bucket',
    config: { bucket_prefix: 'locked-', object_lock_enabled: false },
    changed: { bucket_prefix: 'locked-', object_lock_enabled: true },
    change: 'replace',
    expected: { bucket: expect.stringMatching(/^locked-\d{18}[0-9a-f]{8}$/), bucket_prefix: 'locked-' },
    expectedAfterChange: {
      object_lock_configuration: [{ object_lock_enabled: 'Enabled', rule: [] }],
      versioning: [{ enabled: true, mfa_delete: false }],
    },
  },
  {
    type: 'aws_s3_bucket_versioning',
    name: 'versioned',
    support: bucket('versioned'),
    config: inBucket('versioned', { versioning_configuration: { status: 'Enabled' } }),
    changed: inBucket('versioned', { versioning_configuration: { status: 'Suspended' } }),
    change: 'update',
    expected: {
      id: 'versioned',
      expected_bucket_owner: '',
      versioning_configuration: [{ status: 'Enabled', mfa_delete: '' }],
    },
  },
  {
    type: 'aws_s3_bucket_server_side_encryption_configuration',
    name: 'encrypted',
    support: bucket('encrypted'),
    config: inBucket('encrypted', {
      rule: { apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } },
    }),
    changed: inBucket('encrypted', {
      rule: { apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' }, bucket_key_enabled: true },
    }),
    change: 'update',
    expected: {
      expected_bucket_owner: '',
      rule: [
        {
          apply_server_side_encryption_by_default: [{ kms_master_key_id: '', sse_algorithm: 'AES256' }],
          bucket_key_enabled: false,
          blocked_encryption_types: [],
        },
      ],
    },
    expectedAfterChange: { rule: [expect.objectContaining({ bucket_key_enabled: true })] },
  },
  {
    type: 'aws_s3_bucket_policy',
    name: 'guarded',
    support: bucket('guarded'),
    config: inBucket('guarded', { policy: policy('guarded', 's3:GetObject') }),
    changed: inBucket('guarded', { policy: policy('guarded', 's3:PutObject') }),
    change: 'update',
    expected: { id: 'guarded' },
    expectedAfterChange: { policy: expect.stringContaining('s3:PutObject') },
  },
  {
    type: 'aws_s3_bucket_ownership_controls',
    name: 'owned',
    support: bucket('owned'),
    config: inBucket('owned', { rule: { object_ownership: 'BucketOwnerPreferred' } }),
    changed: inBucket('owned', { rule: { object_ownership: 'BucketOwnerEnforced' } }),
    change: 'update',
    expected: { rule: [{ object_ownership: 'BucketOwnerPreferred' }] },
    expectedAfterChange: { rule: [{ object_ownership: 'BucketOwnerEnforced' }] },
  },
  {
    type: 'aws_s3_bucket_public_access_block',
    name: 'closed',
    support: bucket('closed'),
    config: inBucket('closed', { block_public_acls: true, block_public_policy: true }),
    changed: inBucket('closed', { block_public_policy: true, restrict_public_buckets: true }),
    change: 'update',
    expected: {
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: false,
      restrict_public_buckets: false,
    },
    expectedAfterChange: { block_public_acls: false, restrict_public_buckets: true },
  },
  {
    type: 'aws_s3_bucket_cors_configuration',
    name: 'shared',
    support: bucket('shared'),
    config: inBucket('shared', { cors_rule: [{ allowed_methods: ['GET'], allowed_origins: ['*'] }] }),
    changed: inBucket('shared', {
      cors_rule: [
        { allowed_methods: ['GET', 'PUT'], allowed_origins: ['https://example.com'], allowed_headers: ['*'] },
        { id: 'read', allowed_methods: ['GET'], allowed_origins: ['*'], expose_headers: ['ETag'], max_age_seconds: 60 },
      ],
    }),
    change: 'update',
    expected: { cors_rule: [expect.objectContaining({ allowed_methods: ['GET'], allowed_origins: ['*'] })] },
  },
  {
    type: 'aws_s3_bucket_cors_configuration',
    name: 'reshared',
    support: { aws_s3_bucket: { reshared: { bucket: 'reshared' }, shared_instead: { bucket: 'shared-instead' } } },
    config: inBucket('reshared', { cors_rule: [{ allowed_methods: ['GET'], allowed_origins: ['*'] }] }),
    changed: inBucket('shared_instead', {
      expected_bucket_owner: '000000000000',
      cors_rule: [{ allowed_methods: ['GET'], allowed_origins: ['*'] }],
    }),
    change: 'replace',
    expected: { id: 'reshared', expected_bucket_owner: '' },
    expectedAfterChange: { id: 'shared-instead,000000000000' },
  },
  {
    type: 'aws_s3_bucket_accelerate_configuration',
    name: 'accelerated',
    support: bucket('accelerated'),
    config: inBucket('accelerated', { status: 'Enabled' }),
    changed: inBucket('accelerated', { status: 'Suspended' }),
    change: 'update',
    expected: { id: 'accelerated', status: 'Enabled', expected_bucket_owner: '' },
  },
  {
    type: 'aws_s3_bucket_request_payment_configuration',
    name: 'paid',
    support: bucket('paid'),
    config: inBucket('paid', { payer: 'Requester' }),
    changed: inBucket('paid', { payer: 'BucketOwner' }),
    change: 'update',
    expected: { id: 'paid', payer: 'Requester' },
  },
  {
    type: 'aws_s3_bucket_metric',
    name: 'measured',
    support: bucket('measured'),
    config: inBucket('measured', { name: 'everything' }),
    changed: inBucket('measured', { name: 'everything', filter: { prefix: 'images/', tags: { kind: 'photo' } } }),
    change: 'update',
    expected: { id: 'measured:everything', filter: [] },
  },
  {
    type: 'aws_s3_bucket_acl',
    name: 'granted',
    support: {
      ...bucket('granted'),
      aws_s3_bucket_ownership_controls: {
        granted: { bucket: '${aws_s3_bucket.granted.id}', rule: { object_ownership: 'BucketOwnerPreferred' } },
      },
    },
    config: inBucket('granted', { acl: 'private', depends_on: ['aws_s3_bucket_ownership_controls.granted'] }),
    changed: inBucket('granted', {
      acl: 'log-delivery-write',
      depends_on: ['aws_s3_bucket_ownership_controls.granted'],
    }),
    change: 'update',
    expected: {
      id: 'granted,private',
      acl: 'private',
      access_control_policy: [
        expect.objectContaining({ grant: [expect.objectContaining({ permission: 'FULL_CONTROL' })] }),
      ],
    },
  },
  {
    type: 'aws_s3_bucket_logging',
    name: 'logged',
    support: { aws_s3_bucket: { logged: { bucket: 'logged' }, logs_of: { bucket: 'logs-of' } } },
    config: inBucket('logged', { target_bucket: '${aws_s3_bucket.logs_of.id}', target_prefix: 'logs/' }),
    changed: inBucket('logged', {
      target_bucket: '${aws_s3_bucket.logs_of.id}',
      target_prefix: 'logs/',
      target_object_key_format: { partitioned_prefix: { partition_date_source: 'EventTime' } },
    }),
    change: 'update',
    expected: { target_bucket: 'logs-of', target_object_key_format: [], target_prefix: 'logs/' },
  },
  {
    type: 'aws_s3_bucket_object_lock_configuration',
    name: 'locked',
    support: { aws_s3_bucket: { locked: { bucket: 'locked', object_lock_enabled: true } } },
    config: inBucket('locked', { rule: [{ default_retention: [{ mode: 'GOVERNANCE', days: 5 }] }] }),
    changed: inBucket('locked', { rule: [{ default_retention: [{ mode: 'COMPLIANCE', years: 1 }] }] }),
    change: 'update',
    expected: { id: 'locked', object_lock_enabled: 'Enabled' },
  },
  {
    type: 'aws_s3_bucket_replication_configuration',
    name: 'replicated',
    support: {
      aws_s3_bucket: { replicated: { bucket: 'replicated' }, replica: { bucket: 'replica' } },
      aws_s3_bucket_versioning: {
        replicated: { bucket: '${aws_s3_bucket.replicated.id}', versioning_configuration: [{ status: 'Enabled' }] },
        replica: { bucket: '${aws_s3_bucket.replica.id}', versioning_configuration: [{ status: 'Enabled' }] },
      },
    },
    config: replication([{ id: 'all', status: 'Enabled', filter: [{ prefix: '' }], ...markers('Enabled') }]),
    changed: replication([
      {
        id: 'reports',
        status: 'Enabled',
        priority: 2,
        filter: [{ and: [{ prefix: 'reports/', tags: { kind: 'final' } }] }],
        ...markers('Disabled'),
      },
      {
        id: 'timed',
        status: 'Enabled',
        priority: 1,
        filter: [{ prefix: 'timed/' }],
        ...markers('Disabled'),
        source_selection_criteria: [{ sse_kms_encrypted_objects: [{ status: 'Enabled' }] }],
        to: {
          encryption_configuration: [{ replica_kms_key_id: 'arn:aws:kms:eu-west-1:000000000000:alias/aws/s3' }],
          metrics: [{ status: 'Enabled', event_threshold: [{ minutes: 15 }] }],
          replication_time: [{ status: 'Enabled', time: [{ minutes: 15 }] }],
        },
      },
    ]),
    change: 'update',
    expected: { id: 'replicated', role: 'arn:aws:iam::000000000000:role/replicator' },
  },
  {
    type: 'aws_s3_bucket_website_configuration',
    name: 'website',
    support: bucket('website'),
    config: inBucket('website', {
      index_document: [{ suffix: 'index.html' }],
      error_document: [{ key: 'error.html' }],
    }),
    changed: inBucket('website', {
      index_document: [{ suffix: 'home.html' }],
      routing_rule: [
        {
          condition: [{ key_prefix_equals: 'docs/' }],
          redirect: [{ replace_key_prefix_with: 'documents/', http_redirect_code: '302' }],
        },
      ],
    }),
    change: 'update',
    expected: { website_domain: 's3-website-eu-west-1.amazonaws.com', routing_rules: '' },
    expectedAfterChange: { error_document: [] },
  },
  {
    type: 'aws_s3_bucket_notification',
    name: 'notifying',
    support: bucket('notifying'),
    config: inBucket('notifying', { eventbridge: true }),
    changed: inBucket('notifying', {}),
    change: 'update',
    expected: { eventbridge: true, lambda_function: [], queue: [], topic: [] },
    expectedAfterChange: { eventbridge: false },
  },
  {
    type: 'aws_s3_bucket_lifecycle_configuration',
    name: 'expiring',
    support: bucket('expiring'),
    config: inBucket('expiring', {
      rule: [
        {
          id: 'all',
          status: 'Enabled',
          filter: {},
          abort_incomplete_multipart_upload: { days_after_initiation: 7 },
          noncurrent_version_expiration: { noncurrent_days: 90 },
        },
      ],
    }),
    changed: inBucket('expiring', {
      rule: [
        {
          id: 'logs',
          status: 'Enabled',
          filter: { and: { prefix: 'logs/', tags: { kind: 'old' } } },
          expiration: { days: 365 },
          transition: [
            { days: 30, storage_class: 'STANDARD_IA' },
            { days: 90, storage_class: 'GLACIER' },
          ],
        },
        { id: 'off', status: 'Disabled', filter: { prefix: 'tmp/' }, expiration: { days: 1 } },
      ],
    }),
    change: 'update',
    expected: { id: 'expiring', transition_default_minimum_object_size: 'all_storage_classes_128K' },
  },
  ...lifecycleConfigurationCases,
  ...objectCases,
];

function markers(status: string) {
  return { delete_marker_replication: [{ status }] };
}

/** Both buckets have to keep versions before one can be replicated to the other. */
function replication(rules: readonly { readonly to?: object; readonly [attribute: string]: unknown }[]) {
  return {
    bucket: '${aws_s3_bucket_versioning.replicated.bucket}',
    role: 'arn:aws:iam::000000000000:role/replicator',
    rule: rules.map(({ to, ...rule }) => ({
      ...rule,
      destination: [{ bucket: 'arn:aws:s3:::${aws_s3_bucket_versioning.replica.bucket}', ...to }],
    })),
  };
}
