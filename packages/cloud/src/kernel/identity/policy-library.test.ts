// AWS's library of example policies for the account, its machines and its identities, in words of our own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_examples.html, captured 2026-11.
import { describe, it } from 'vitest';

import { account, everything, expectExample, type Example } from './test-policy-examples.ts';

const user = (name: string) => `arn:aws:iam::${account}:user/${name}`;
const bucket = (path = '') => `arn:aws:s3:::amzn-s3-demo-bucket${path}`;
const instance = `arn:aws:ec2:us-east-1:${account}:instance/i-1`;
const volume = `arn:aws:ec2:us-east-1:${account}:volume/vol-1`;

const OF_AWS: readonly Example[] = [
  {
    name: 'access with MFA alone, within dates',
    source: 'reference_policies_examples_aws_mfa-dates',
    identity: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 'sqs:*'],
        Resource: '*',
        Condition: {
          Bool: { 'aws:MultiFactorAuthPresent': 'true' },
          DateGreaterThan: { 'aws:CurrentTime': '2026-07-01T00:00:00Z' },
          DateLessThan: { 'aws:CurrentTime': '2026-12-31T23:59:59Z' },
        },
      },
    ],
    requests: [
      ['sqs:SendMessage', '*', at('2026-11-21T10:00:00Z', { 'aws:MultiFactorAuthPresent': 'true' }), true],
      ['sqs:SendMessage', '*', at('2026-11-21T10:00:00Z', { 'aws:MultiFactorAuthPresent': 'false' }), false],
      ['sqs:SendMessage', '*', at('2026-11-21T10:00:00Z', {}), false],
      ['sqs:SendMessage', '*', at('2027-01-01T00:00:00Z', { 'aws:MultiFactorAuthPresent': 'true' }), false],
    ],
  },
  {
    name: 'turning on and off one Region',
    source: 'reference_policies_examples_aws-enable-disable-regions',
    identity: [
      {
        Effect: 'Allow',
        Action: ['account:EnableRegion', 'account:DisableRegion'],
        Resource: '*',
        Condition: { StringEquals: { 'account:TargetRegion': 'ap-east-1' } },
      },
      { Effect: 'Allow', Action: 'account:ListRegions', Resource: '*' },
    ],
    requests: [
      ['account:EnableRegion', '*', { 'account:TargetRegion': 'ap-east-1' }, true],
      ['account:EnableRegion', '*', { 'account:TargetRegion': 'me-south-1' }, false],
      ['account:ListRegions', '*', {}, true],
    ],
  },
  {
    name: 'no objects of other accounts, unless a service asks that has to',
    source: 'reference_policies_examples_resource_account_data_exch',
    identity: [
      everything,
      {
        Effect: 'Deny',
        Action: 's3:GetObject',
        Resource: '*',
        Condition: {
          'ForAllValues:StringNotEquals': { 'aws:CalledVia': ['dataexchange.amazonaws.com'] },
          StringNotEquals: { 'aws:ResourceAccount': [account] },
        },
      },
    ],
    requests: [
      ['s3:GetObject', bucket('/a'), { 'aws:ResourceAccount': account }, true],
      ['s3:GetObject', bucket('/a'), { 'aws:ResourceAccount': '999999999999' }, false],
      [
        's3:GetObject',
        bucket('/a'),
        { 'aws:ResourceAccount': '999999999999', 'aws:CalledVia': ['dataexchange.amazonaws.com'] },
        true,
      ],
      [
        's3:GetObject',
        bucket('/a'),
        { 'aws:ResourceAccount': '999999999999', 'aws:CalledVia': ['athena.amazonaws.com'] },
        false,
      ],
    ],
  },
];

const OF_EC2_AND_RDS: readonly Example[] = [
  {
    name: 'volumes for the instances of the department',
    source: 'reference_policies_examples_ec2_ebs-owner',
    identity: [
      {
        Effect: 'Allow',
        Action: ['ec2:AttachVolume', 'ec2:DetachVolume'],
        Resource: 'arn:aws:ec2:*:*:instance/*',
        Condition: { StringEquals: { 'aws:ResourceTag/Department': 'Development' } },
      },
      {
        Effect: 'Allow',
        Action: ['ec2:AttachVolume', 'ec2:DetachVolume'],
        Resource: 'arn:aws:ec2:*:*:volume/*',
        Condition: { StringEquals: { 'aws:ResourceTag/VolumeUser': '${aws:username}' } },
      },
    ],
    requests: [
      ['ec2:AttachVolume', instance, { 'aws:ResourceTag/Department': 'Development' }, true],
      ['ec2:AttachVolume', instance, { 'aws:ResourceTag/Department': 'Sales' }, false],
      ['ec2:DetachVolume', volume, { 'aws:username': 'ann', 'aws:ResourceTag/VolumeUser': 'ann' }, true],
      ['ec2:DetachVolume', volume, { 'aws:username': 'ann', 'aws:ResourceTag/VolumeUser': 'bob' }, false],
    ],
  },
  {
    name: 'machines whose owner and cost centre are the caller’s',
    source: 'reference_policies_examples_ec2-start-stop-match-tags',
    identity: [
      {
        Effect: 'Allow',
        Action: ['ec2:StartInstances', 'ec2:StopInstances'],
        Resource: 'arn:aws:ec2:*:*:instance/*',
        Condition: { StringEquals: { 'aws:ResourceTag/CostCenter': '${aws:PrincipalTag/CostCenter}' } },
      },
    ],
    requests: [
      ['ec2:StopInstances', instance, { 'aws:ResourceTag/CostCenter': '7', 'aws:PrincipalTag/CostCenter': '7' }, true],
      ['ec2:StopInstances', instance, { 'aws:ResourceTag/CostCenter': '7', 'aws:PrincipalTag/CostCenter': '8' }, false],
      ['ec2:StopInstances', instance, { 'aws:ResourceTag/CostCenter': '7' }, false],
    ],
  },
  {
    name: 'all of a service in one Region',
    source: 'reference_policies_examples_ec2_region, reference_policies_examples_rds_region',
    identity: [
      {
        Effect: 'Allow',
        Action: ['ec2:*', 'rds:*'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-2' } },
      },
    ],
    requests: [
      ['rds:CreateDBInstance', '*', { 'aws:RequestedRegion': 'us-east-2' }, true],
      ['ec2:RunInstances', '*', { 'aws:RequestedRegion': 'us-east-1' }, false],
    ],
  },
  {
    name: 'databases of one’s own, by a tag of the service’s',
    source: 'reference_policies_examples_rds_tag-owner',
    identity: [
      { Effect: 'Allow', Action: ['rds:Describe*', 'rds:List*'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['rds:DeleteDBInstance', 'rds:RebootDBInstance'],
        Resource: '*',
        Condition: { StringEqualsIgnoreCase: { 'rds:db-tag/Owner': '${aws:username}' } },
      },
    ],
    requests: [
      ['rds:DescribeDBInstances', '*', {}, true],
      ['rds:RebootDBInstance', '*', { 'aws:username': 'ann', 'rds:db-tag/Owner': 'Ann' }, true],
      ['rds:RebootDBInstance', '*', { 'aws:username': 'ann', 'rds:db-tag/Owner': 'bob' }, false],
    ],
  },
];

const OF_IAM: readonly Example[] = [
  {
    name: 'roles that bear a tag',
    source: 'reference_policies_examples_iam-assume-tagged-role',
    identity: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: '*',
        Condition: { StringEquals: { 'iam:ResourceTag/Project': 'ExampleCorpABC' } },
      },
    ],
    requests: [
      ['sts:AssumeRole', `arn:aws:iam::${account}:role/r`, { 'iam:ResourceTag/Project': 'ExampleCorpABC' }, true],
      ['sts:AssumeRole', `arn:aws:iam::${account}:role/r`, { 'iam:ResourceTag/Project': 'Other' }, false],
    ],
  },
  {
    name: 'one tag with some values, and no other tag',
    source: 'reference_policies_examples_iam-add-tag-user-role',
    identity: [
      {
        Effect: 'Allow',
        Action: ['iam:TagUser', 'iam:TagRole'],
        Resource: '*',
        Condition: {
          StringLike: { 'aws:RequestTag/Department': ['HR', 'Mark*'] },
          'ForAllValues:StringEquals': { 'aws:TagKeys': 'Department' },
        },
      },
    ],
    requests: [
      ['iam:TagUser', user('bob'), { 'aws:RequestTag/Department': 'Marketing', 'aws:TagKeys': ['Department'] }, true],
      ['iam:TagUser', user('bob'), { 'aws:RequestTag/Department': 'Sales', 'aws:TagKeys': ['Department'] }, false],
      [
        'iam:TagUser',
        user('bob'),
        { 'aws:RequestTag/Department': 'HR', 'aws:RequestTag/Level': '7', 'aws:TagKeys': ['Department', 'Level'] },
        false,
      ],
    ],
  },
  {
    name: 'new users with their tags alone',
    source: 'reference_policies_examples_iam-new-user-tag',
    identity: [
      {
        Effect: 'Allow',
        Action: ['iam:CreateUser', 'iam:TagUser'],
        Resource: '*',
        Condition: {
          StringEquals: { 'aws:RequestTag/Department': ['Development', 'QualityAssurance'] },
          StringLike: { 'aws:RequestTag/JobFunction': '*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['Department', 'JobFunction'] },
        },
      },
    ],
    requests: [
      ['iam:CreateUser', user('bob'), tags({ Department: 'Development', JobFunction: 'Tester' }), true],
      ['iam:CreateUser', user('bob'), tags({ Department: 'Development' }), false],
      ['iam:CreateUser', user('bob'), tags({ Department: 'Sales', JobFunction: 'Tester' }), false],
      ['iam:CreateUser', user('bob'), {}, false],
    ],
  },
  {
    name: 'a role for one service',
    source: 'reference_policies_examples_iam-passrole-service',
    identity: [
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: '*',
        Condition: { StringEquals: { 'iam:PassedToService': 'cloudwatch.amazonaws.com' } },
      },
    ],
    requests: [
      ['iam:PassRole', '*', { 'iam:PassedToService': 'cloudwatch.amazonaws.com' }, true],
      ['iam:PassRole', '*', { 'iam:PassedToService': 'lambda.amazonaws.com' }, false],
      ['iam:PassRole', '*', {}, false],
    ],
  },
  {
    name: 'the members of one group',
    source: 'reference_policies_examples_iam_manage-group-membership',
    identity: [
      { Effect: 'Allow', Action: ['iam:ListUsers', 'iam:ListGroups', 'iam:GetGroup'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['iam:AddUserToGroup', 'iam:RemoveUserFromGroup'],
        Resource: `arn:aws:iam::${account}:group/MarketingTeam`,
      },
    ],
    requests: [
      ['iam:AddUserToGroup', `arn:aws:iam::${account}:group/MarketingTeam`, {}, true],
      ['iam:AddUserToGroup', `arn:aws:iam::${account}:group/Admins`, {}, false],
      ['iam:GetGroup', `arn:aws:iam::${account}:group/Admins`, {}, true],
    ],
  },
  {
    name: 'users under a path',
    source: 'reference_policies_examples_iam-users-by-path (iam_policy-sim-path)',
    identity: [
      { Effect: 'Allow', Action: 'iam:*Policy*', Resource: `arn:aws:iam::${account}:user/Department/Development/*` },
    ],
    requests: [
      ['iam:PutUserPolicy', user('Department/Development/bob'), {}, true],
      ['iam:PutUserPolicy', user('Department/Sales/bob'), {}, false],
    ],
  },
];

describe.each([
  ['AWS', OF_AWS],
  ['EC2 and RDS', OF_EC2_AND_RDS],
  ['IAM', OF_IAM],
])('AWS’s examples for %s', (_, examples) => {
  // oxlint-disable-next-line vitest/expect-expect -- each request of an example is an expectation
  it.each(examples)('$name', expectExample);
});

function at(time: string, more: Record<string, string>): Record<string, string> {
  return { 'aws:CurrentTime': time, ...more };
}

function tags(given: Record<string, string>): Record<string, string | string[]> {
  const requested = Object.entries(given).map(([key, value]) => [`aws:RequestTag/${key}`, value] as const);
  return { ...Object.fromEntries(requested), 'aws:TagKeys': Object.keys(given) };
}
