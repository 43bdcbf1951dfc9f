// The lives of CloudWatch Logs' Terraform types.
import { zipSync } from 'fflate';
import { expect } from 'vitest';

import type { Blocks, LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:logs:eu-west-1:000000000000:log-group:';

const files = {
  'reader.zip': zipSync({
    'index.mjs': [Buffer.from('export const handler = async () => 1;'), { mtime: '2026-01-01' }],
  }),
};

/** A function that CloudWatch Logs may invoke. */
const reader: Blocks = {
  aws_iam_role: {
    of_reader: {
      name: 'lifecycle-log-reader',
      assume_role_policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      }),
    },
  },
  aws_lambda_function: {
    log_reader: {
      function_name: 'lifecycle-log-reader',
      role: '${aws_iam_role.of_reader.arn}',
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      filename: 'reader.zip',
    },
  },
  aws_lambda_permission: {
    of_reader: {
      action: 'lambda:InvokeFunction',
      function_name: '${aws_lambda_function.log_reader.function_name}',
      principal: 'logs.amazonaws.com',
    },
  },
};

const transformation = (rest: object = {}) => [{ name: 'errors', namespace: 'Shop', value: '1', ...rest }];

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_cloudwatch_log_group',
    name: 'kept',
    config: { name: '/lifecycle/kept' },
    changed: { name: '/lifecycle/kept', retention_in_days: 14, tags: { Team: 'logs' } },
    change: 'update',
    expected: {
      id: '/lifecycle/kept',
      arn: `${ARN}/lifecycle/kept`,
      deletion_protection_enabled: false,
      kms_key_id: '',
      log_group_class: 'STANDARD',
      name_prefix: '',
      region: 'eu-west-1',
      retention_in_days: 0,
      skip_destroy: false,
      tags_all: {},
    },
    expectedAfterChange: { retention_in_days: 14, tags_all: { Team: 'logs' } },
  },
  {
    type: 'aws_cloudwatch_log_group',
    name: 'prefixed',
    config: { name_prefix: '/lifecycle/first-', retention_in_days: 1 },
    changed: { name_prefix: '/lifecycle/second-', retention_in_days: 1 },
    change: 'replace',
    expected: {
      name: expect.stringMatching(/^\/lifecycle\/first-\d{18}[0-9a-f]{8}$/),
      name_prefix: '/lifecycle/first-',
    },
  },
  {
    type: 'aws_cloudwatch_log_group',
    name: 'encrypted',
    support: {
      aws_kms_key: {
        of_logs: {
          policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: 'arn:aws:iam::000000000000:root', Service: 'logs.eu-west-1.amazonaws.com' },
                Action: 'kms:*',
                Resource: '*',
              },
            ],
          }),
        },
      },
    },
    config: { name: '/lifecycle/encrypted', kms_key_id: '${aws_kms_key.of_logs.arn}' },
    changed: { name: '/lifecycle/encrypted' },
    change: 'update',
    expected: { kms_key_id: expect.stringMatching(/^arn:aws:kms:eu-west-1:000000000000:key\//) },
    expectedAfterChange: { kms_key_id: '' },
  },
  {
    type: 'aws_cloudwatch_log_stream',
    name: 'renamed',
    support: { aws_cloudwatch_log_group: { of_stream: { name: '/lifecycle/of-stream' } } },
    config: { name: 'one', log_group_name: '${aws_cloudwatch_log_group.of_stream.name}' },
    changed: { name: 'two', log_group_name: '${aws_cloudwatch_log_group.of_stream.name}' },
    change: 'replace',
    expected: { id: 'one', arn: `${ARN}/lifecycle/of-stream:log-stream:one` },
    importId: ({ name, log_group_name }) => `${log_group_name}:${name}`,
  },
  {
    type: 'aws_cloudwatch_log_metric_filter',
    name: 'errors',
    support: { aws_cloudwatch_log_group: { of_metric_filter: { name: '/lifecycle/metric-filter' } } },
    config: {
      name: 'errors',
      log_group_name: '${aws_cloudwatch_log_group.of_metric_filter.name}',
      pattern: 'ERROR',
      metric_transformation: transformation({ default_value: '0', unit: 'Count' }),
    },
    changed: {
      name: 'errors',
      log_group_name: '${aws_cloudwatch_log_group.of_metric_filter.name}',
      pattern: '{ $.level = "error" }',
      metric_transformation: transformation({ dimensions: { Service: '$.service' } }),
    },
    change: 'update',
    expected: {
      id: 'errors',
      metric_transformation: [
        { name: 'errors', namespace: 'Shop', value: '1', default_value: '0', unit: 'Count', dimensions: {} },
      ],
    },
    expectedAfterChange: {
      metric_transformation: [
        {
          name: 'errors',
          namespace: 'Shop',
          value: '1',
          default_value: '',
          unit: 'None',
          dimensions: { Service: '$.service' },
        },
      ],
    },
    importId: ({ name, log_group_name }) => `${log_group_name}:${name}`,
  },
  {
    type: 'aws_cloudwatch_log_subscription_filter',
    name: 'read',
    files,
    support: { ...reader, aws_cloudwatch_log_group: { of_subscription: { name: '/lifecycle/subscription' } } },
    config: {
      name: 'read',
      log_group_name: '${aws_cloudwatch_log_group.of_subscription.name}',
      destination_arn: '${aws_lambda_function.log_reader.arn}',
      filter_pattern: '',
      depends_on: ['aws_lambda_permission.of_reader'],
    },
    changed: {
      name: 'read',
      log_group_name: '${aws_cloudwatch_log_group.of_subscription.name}',
      destination_arn: '${aws_lambda_function.log_reader.arn}',
      filter_pattern: 'ERROR',
      depends_on: ['aws_lambda_permission.of_reader'],
    },
    change: 'update',
    expected: { id: expect.stringMatching(/^cwlsf-\d+$/), distribution: 'ByLogStream', role_arn: '' },
    expectedAfterChange: { filter_pattern: 'ERROR' },
    importId: ({ name, log_group_name }) => `${log_group_name}|${name}`,
  },
  {
    type: 'aws_cloudwatch_log_resource_policy',
    name: 'of_events',
    config: { policy_name: 'lifecycle-events', policy_document: policyOf('logs:PutLogEvents') },
    changed: { policy_name: 'lifecycle-events', policy_document: policyOf('logs:CreateLogStream') },
    change: 'update',
    expected: { id: 'lifecycle-events' },
  },
  {
    type: 'aws_cloudwatch_query_definition',
    name: 'errors',
    support: { aws_cloudwatch_log_group: { of_query: { name: '/lifecycle/query' } } },
    config: { name: 'shop/errors', query_string: 'fields @message' },
    changed: {
      name: 'shop/all',
      query_string: 'fields @timestamp, @message',
      log_group_names: ['${aws_cloudwatch_log_group.of_query.name}'],
    },
    change: 'update',
    expected: { id: expect.stringMatching(/^[\w-]{36}$/), name: 'shop/errors' },
    expectedAfterChange: { name: 'shop/all', log_group_names: ['/lifecycle/query'] },
    importId: ({ id }) => `arn:aws:logs:eu-west-1:000000000000:query-definition:${id}`,
  },
];

function policyOf(action: string): string {
  const Principal = { Service: 'events.amazonaws.com' };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: action, Resource: 'arn:aws:logs:*:*:log-group:/events/*:*' }],
  });
}
