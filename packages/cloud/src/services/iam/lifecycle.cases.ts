// The lives of IAM's Terraform types.
import { expect } from 'vitest';

import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const trust = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
  });

const allow = (...actions: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

const OF_AWS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_iam_role',
    name: 'plain',
    config: { name: 'plain', assume_role_policy: trust('codebuild.amazonaws.com') },
    changed: {
      name: 'plain',
      assume_role_policy: trust('lambda.amazonaws.com'),
      description: 'runs builds',
      max_session_duration: 7200,
      tags: { Team: 'builds' },
    },
    change: 'update',
    expected: {
      id: 'plain',
      arn: 'arn:aws:iam::000000000000:role/plain',
      description: '',
      force_detach_policies: false,
      inline_policy: [],
      managed_policy_arns: [],
      max_session_duration: 3600,
      name_prefix: '',
      path: '/',
      permissions_boundary: '',
      tags: null,
      tags_all: {},
      unique_id: expect.stringMatching(/^AROA/),
    },
    expectedAfterChange: { description: 'runs builds', max_session_duration: 7200, tags_all: { Team: 'builds' } },
  },
  {
    type: 'aws_iam_role',
    name: 'full',
    support: {
      aws_iam_policy: {
        role_full_one: { name: 'role-full-one', policy: allow('s3:GetObject') },
        role_full_two: { name: 'role-full-two', policy: allow('s3:PutObject') },
      },
    },
    config: {
      name: 'full',
      path: '/service/',
      assume_role_policy: trust('codebuild.amazonaws.com'),
      inline_policy: [
        { name: 'logs', policy: allow('logs:PutLogEvents') },
        { name: 'objects', policy: allow('s3:GetObject') },
      ],
      managed_policy_arns: ['${aws_iam_policy.role_full_one.arn}'],
      permissions_boundary: '${aws_iam_policy.role_full_one.arn}',
      tags: { Team: 'builds', Old: 'yes' },
    },
    changed: {
      name: 'full',
      path: '/service/',
      assume_role_policy: trust('codebuild.amazonaws.com'),
      inline_policy: [
        { name: 'logs', policy: allow('logs:PutLogEvents', 'logs:CreateLogStream') },
        { name: 'tables', policy: allow('dynamodb:GetItem') },
      ],
      managed_policy_arns: ['${aws_iam_policy.role_full_two.arn}'],
      permissions_boundary: '${aws_iam_policy.role_full_two.arn}',
      tags: { Team: 'releases' },
    },
    change: 'update',
    expected: {
      arn: 'arn:aws:iam::000000000000:role/service/full',
      inline_policy: expect.arrayContaining([{ name: 'objects', policy: allow('s3:GetObject') }]),
      managed_policy_arns: ['arn:aws:iam::000000000000:policy/role-full-one'],
      permissions_boundary: 'arn:aws:iam::000000000000:policy/role-full-one',
    },
    expectedAfterChange: {
      inline_policy: expect.arrayContaining([{ name: 'tables', policy: allow('dynamodb:GetItem') }]),
      managed_policy_arns: ['arn:aws:iam::000000000000:policy/role-full-two'],
      tags_all: { Team: 'releases' },
    },
  },
  {
    type: 'aws_iam_role',
    name: 'renamed',
    config: { name_prefix: 'first-', assume_role_policy: trust('codebuild.amazonaws.com') },
    changed: { name_prefix: 'second-', assume_role_policy: trust('codebuild.amazonaws.com') },
    change: 'replace',
    expected: { name: expect.stringMatching(/^first-\d{18}[0-9a-f]{8}$/), name_prefix: 'first-' },
    expectedAfterChange: { name_prefix: 'second-' },
  },
  {
    type: 'aws_iam_role_policy',
    name: 'written',
    support: {
      aws_iam_role: { with_policy: { name: 'with-policy', assume_role_policy: trust('lambda.amazonaws.com') } },
    },
    config: { role: '${aws_iam_role.with_policy.name}', name: 'written', policy: allow('s3:GetObject') },
    changed: { role: '${aws_iam_role.with_policy.name}', name: 'written', policy: allow('s3:PutObject') },
    change: 'update',
    expected: { id: 'with-policy:written', role: 'with-policy', name_prefix: '', policy: allow('s3:GetObject') },
    expectedAfterChange: { policy: allow('s3:PutObject') },
  },
  {
    type: 'aws_iam_role_policy_attachment',
    name: 'attached',
    support: {
      aws_iam_role: { with_attachment: { name: 'with-attachment', assume_role_policy: trust('lambda.amazonaws.com') } },
      aws_iam_policy: { to_attach: { name: 'to-attach', policy: allow('s3:GetObject') } },
    },
    config: { role: '${aws_iam_role.with_attachment.name}', policy_arn: '${aws_iam_policy.to_attach.arn}' },
    changed: { role: '${aws_iam_role.with_attachment.name}', policy_arn: OF_AWS },
    change: 'replace',
    expected: { role: 'with-attachment', policy_arn: 'arn:aws:iam::000000000000:policy/to-attach' },
    expectedAfterChange: { policy_arn: OF_AWS },
    importId: ({ role, policy_arn }) => `${role}/${policy_arn}`,
  },
  {
    type: 'aws_iam_policy',
    name: 'managed',
    config: { name: 'managed', path: '/team/', policy: allow('s3:GetObject'), tags: { Old: 'yes' } },
    changed: { name: 'managed', path: '/team/', policy: allow('s3:GetObject', 's3:PutObject'), tags: { New: 'yes' } },
    change: 'update',
    expected: {
      id: 'arn:aws:iam::000000000000:policy/team/managed',
      arn: 'arn:aws:iam::000000000000:policy/team/managed',
      attachment_count: 0,
      description: '',
      policy_id: expect.stringMatching(/^ANPA/),
      tags_all: { Old: 'yes' },
    },
    expectedAfterChange: { policy: allow('s3:GetObject', 's3:PutObject'), tags_all: { New: 'yes' } },
  },
  {
    type: 'aws_iam_policy',
    name: 'described',
    config: { name: 'described', description: 'one', policy: allow('s3:GetObject') },
    changed: { name: 'described', description: 'two', policy: allow('s3:GetObject') },
    change: 'replace',
    expected: { description: 'one', path: '/' },
    expectedAfterChange: { description: 'two' },
  },
];
