// The life of CloudTrail's Terraform type.
import { expect } from 'vitest';

import type { Blocks, LifecycleCase } from '../../terraform/lifecycle-case.ts';

const support: Blocks = {
  // It cannot go while the trail's objects are in it.
  aws_s3_bucket: { of_trail: { bucket: 'lifecycle-trail', force_destroy: true } },
  aws_s3_bucket_policy: {
    of_trail: {
      bucket: '${aws_s3_bucket.of_trail.id}',
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudtrail.amazonaws.com' },
            Action: ['s3:GetBucketAcl', 's3:PutObject'],
            Resource: ['arn:aws:s3:::lifecycle-trail', 'arn:aws:s3:::lifecycle-trail/*'],
          },
        ],
      }),
    },
  },
};

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_cloudtrail',
    name: 'plain',
    support,
    config: { name: 'lifecycle-plain', s3_bucket_name: '${aws_s3_bucket_policy.of_trail.bucket}' },
    changed: {
      name: 'lifecycle-plain',
      s3_bucket_name: '${aws_s3_bucket_policy.of_trail.bucket}',
      s3_key_prefix: 'trail',
      is_multi_region_trail: true,
      enable_log_file_validation: true,
      enable_logging: false,
      event_selector: [
        {
          read_write_type: 'WriteOnly',
          data_resource: [{ type: 'AWS::S3::Object', values: ['arn:aws:s3:::lifecycle-trail/'] }],
        },
      ],
      tags: { Team: 'audit' },
    },
    change: 'update',
    expected: {
      arn: 'arn:aws:cloudtrail:eu-west-1:000000000000:trail/lifecycle-plain',
      home_region: 'eu-west-1',
      enable_logging: true,
      include_global_service_events: true,
      is_multi_region_trail: false,
      is_organization_trail: false,
    },
    expectedAfterChange: {
      enable_logging: false,
      enable_log_file_validation: true,
      s3_key_prefix: 'trail',
      event_selector: [expect.objectContaining({ read_write_type: 'WriteOnly' })],
      tags_all: { Team: 'audit' },
    },
  },
  {
    type: 'aws_cloudtrail',
    name: 'fields',
    config: {
      name: 'lifecycle-fields',
      s3_bucket_name: '${aws_s3_bucket_policy.of_trail.bucket}',
      advanced_event_selector: [
        {
          name: 'objects',
          field_selector: [
            { field: 'eventCategory', equals: ['Data'] },
            { field: 'resources.type', equals: ['AWS::S3::Object'] },
          ],
        },
      ],
    },
    changed: {
      name: 'lifecycle-fields',
      s3_bucket_name: '${aws_s3_bucket_policy.of_trail.bucket}',
      advanced_event_selector: [
        {
          field_selector: [
            { field: 'eventCategory', equals: ['Management'] },
            { field: 'eventSource', not_equals: ['kms.amazonaws.com'] },
          ],
        },
      ],
    },
    change: 'update',
    expected: { advanced_event_selector: [expect.objectContaining({ name: 'objects' })] },
    expectedAfterChange: { advanced_event_selector: [expect.objectContaining({ name: '' })], event_selector: [] },
  },
];
