// What AWS's documentation says of its example policies, in policies of our own words.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_examples.html, captured 2026-11.
import { describe, it } from 'vitest';

import { account, everything, expectExample, type Example } from './test-policy-examples.ts';

const table = `arn:aws:dynamodb:us-west-2:${account}:table/GameScores`;

const examples: readonly Example[] = [
  {
    name: 'access within dates',
    source: 'reference_policies_examples_aws-dates',
    identity: [
      {
        Effect: 'Allow',
        Action: 'service:Action',
        Resource: '*',
        Condition: {
          DateGreaterThan: { 'aws:CurrentTime': '2020-04-01T00:00:00Z' },
          DateLessThan: { 'aws:CurrentTime': '2020-06-30T23:59:59Z' },
        },
      },
    ],
    requests: [
      ['service:Action', '*', { 'aws:CurrentTime': '2020-05-01T00:00:00Z' }, true],
      ['service:Action', '*', { 'aws:CurrentTime': '2020-07-01T00:00:00Z' }, false],
      ['service:Action', '*', {}, false],
    ],
  },
  {
    name: 'no access outside of regions, global services left out',
    source: 'reference_policies_examples_aws_deny-requested-region',
    identity: [
      everything,
      {
        Effect: 'Deny',
        NotAction: ['cloudfront:*', 'iam:*', 'route53:*', 'support:*'],
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-central-1', 'eu-west-1'] } },
      },
    ],
    requests: [
      ['s3:CreateBucket', 'arn:aws:s3:::b', { 'aws:RequestedRegion': 'eu-west-1' }, true],
      ['s3:CreateBucket', 'arn:aws:s3:::b', { 'aws:RequestedRegion': 'us-east-1' }, false],
      ['iam:CreateUser', '*', { 'aws:RequestedRegion': 'us-east-1' }, true],
    ],
  },
  {
    name: 'no access from outside of the network, except through AWS services',
    source: 'reference_policies_examples_aws_deny-ip',
    identity: [
      everything,
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: {
          NotIpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '203.0.113.0/24', '2001:db8::/32'] },
          Bool: { 'aws:ViaAWSService': 'false' },
        },
      },
    ],
    requests: [
      ['s3:GetObject', '*', { 'aws:SourceIp': '203.0.113.77', 'aws:ViaAWSService': 'false' }, true],
      ['s3:GetObject', '*', { 'aws:SourceIp': '2001:db8:1::2', 'aws:ViaAWSService': 'false' }, true],
      ['s3:GetObject', '*', { 'aws:SourceIp': '198.51.100.1', 'aws:ViaAWSService': 'false' }, false],
      ['s3:GetObject', '*', { 'aws:ViaAWSService': 'true' }, true],
    ],
  },
  {
    name: 'one’s own credentials, and nothing else without MFA',
    source: 'reference_policies_examples_aws_my-sec-creds-self-manage',
    identity: [
      everything,
      {
        Effect: 'Deny',
        NotAction: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'sts:GetSessionToken'],
        Resource: '*',
        Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
      },
    ],
    requests: [
      ['s3:ListAllMyBuckets', '*', { 'aws:MultiFactorAuthPresent': 'false' }, false],
      // IfExists: a key that is not there denies too.
      ['s3:ListAllMyBuckets', '*', {}, false],
      ['s3:ListAllMyBuckets', '*', { 'aws:MultiFactorAuthPresent': 'true' }, true],
      ['iam:EnableMFADevice', '*', {}, true],
    ],
  },
  {
    name: 'access keys of one’s own user alone',
    source: 'reference_policies_examples_iam_credentials_console',
    identity: [
      {
        Effect: 'Allow',
        Action: ['iam:*AccessKey*', 'iam:GetUser'],
        Resource: 'arn:aws:iam::*:user/${aws:username}',
      },
    ],
    requests: [
      ['iam:CreateAccessKey', `arn:aws:iam::${account}:user/ann`, { 'aws:username': 'ann' }, true],
      ['iam:CreateAccessKey', `arn:aws:iam::${account}:user/bob`, { 'aws:username': 'ann' }, false],
      ['iam:DeleteUser', `arn:aws:iam::${account}:user/ann`, { 'aws:username': 'ann' }, false],
    ],
  },
  {
    name: 'a home folder in a bucket',
    source: 'reference_policies_examples_s3_home-directory-console',
    identity: [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::amzn-s3-demo-bucket',
        Condition: { StringLike: { 's3:prefix': ['', 'home/', 'home/${aws:username}/*'] } },
      },
      {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: [
          'arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}',
          'arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}/*',
        ],
      },
    ],
    requests: [
      ['s3:ListBucket', 'arn:aws:s3:::amzn-s3-demo-bucket', { 'aws:username': 'ann', 's3:prefix': '' }, true],
      ['s3:ListBucket', 'arn:aws:s3:::amzn-s3-demo-bucket', { 'aws:username': 'ann', 's3:prefix': 'home/ann/x' }, true],
      ['s3:ListBucket', 'arn:aws:s3:::amzn-s3-demo-bucket', { 'aws:username': 'ann', 's3:prefix': 'home/bob/' }, false],
      ['s3:PutObject', 'arn:aws:s3:::amzn-s3-demo-bucket/home/ann/a', { 'aws:username': 'ann' }, true],
      ['s3:PutObject', 'arn:aws:s3:::amzn-s3-demo-bucket/home/bob/a', { 'aws:username': 'ann' }, false],
    ],
  },
  {
    name: 'a folder by team, with a default for who has none',
    source: 'reference_policies_variables',
    identity: [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: "arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalTag/team, 'company-wide'}/*",
      },
    ],
    requests: [
      ['s3:GetObject', 'arn:aws:s3:::amzn-s3-demo-bucket/red/a', { 'aws:PrincipalTag/team': 'red' }, true],
      ['s3:GetObject', 'arn:aws:s3:::amzn-s3-demo-bucket/company-wide/a', {}, true],
      ['s3:GetObject', 'arn:aws:s3:::amzn-s3-demo-bucket/red/a', {}, false],
    ],
  },
  {
    name: 'one’s own items, and some attributes of them, in a table',
    source: 'reference_policies_examples_dynamodb_columns, reference_policies_examples_dynamodb_items',
    identity: [
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        Resource: table,
        Condition: {
          'ForAllValues:StringEquals': {
            'dynamodb:LeadingKeys': ['${aws:username}'],
            'dynamodb:Attributes': ['UserId', 'TopScore'],
          },
          StringEqualsIfExists: {
            'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
            'dynamodb:ReturnValues': ['NONE', 'UPDATED_OLD', 'UPDATED_NEW'],
          },
        },
      },
    ],
    requests: [
      ['dynamodb:GetItem', table, own({ 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' }), true],
      ['dynamodb:GetItem', table, own({ 'dynamodb:Select': 'ALL_ATTRIBUTES' }), false],
      ['dynamodb:GetItem', table, { ...own({}), 'dynamodb:LeadingKeys': ['bob'] }, false],
      ['dynamodb:GetItem', table, { ...own({}), 'dynamodb:LeadingKeys': ['ann', 'bob'] }, false],
      ['dynamodb:PutItem', table, { ...own({}), 'dynamodb:Attributes': ['UserId', 'Email'] }, false],
      ['dynamodb:UpdateItem', table, own({ 'dynamodb:ReturnValues': 'UPDATED_NEW' }), true],
      ['dynamodb:UpdateItem', table, own({ 'dynamodb:ReturnValues': 'ALL_NEW' }), false],
    ],
  },
  {
    name: 'what is tagged as the caller is',
    source: 'tutorial_attribute-based-access-control',
    identity: [
      {
        Effect: 'Allow',
        Action: 'secretsmanager:*',
        Resource: '*',
        Condition: {
          StringEquals: { 'aws:ResourceTag/project': '${aws:PrincipalTag/project}' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['project', 'name', 'team'] },
        },
      },
    ],
    requests: [
      ['secretsmanager:GetSecretValue', '*', { 'aws:ResourceTag/project': 'a', 'aws:PrincipalTag/project': 'a' }, true],
      [
        'secretsmanager:GetSecretValue',
        '*',
        { 'aws:ResourceTag/project': 'b', 'aws:PrincipalTag/project': 'a' },
        false,
      ],
      ['secretsmanager:GetSecretValue', '*', { 'aws:ResourceTag/project': 'a' }, false],
      [
        'secretsmanager:TagResource',
        '*',
        { 'aws:ResourceTag/project': 'a', 'aws:PrincipalTag/project': 'a', 'aws:TagKeys': ['project', 'cost'] },
        false,
      ],
    ],
  },
  {
    name: 'tags that a request has to bring',
    source: 'reference_policies_elements_condition_operators#Conditions_Null',
    identity: [
      { Effect: 'Allow', Action: 'ec2:*', Resource: '*' },
      { Effect: 'Deny', Action: 'ec2:CreateTags', Resource: '*', Condition: { Null: { 'aws:TagKeys': 'true' } } },
    ],
    requests: [
      ['ec2:CreateTags', '*', {}, false],
      ['ec2:CreateTags', '*', { 'aws:TagKeys': ['a'] }, true],
    ],
  },
  {
    name: 'an edge around what a delegated administrator may give',
    source: 'access_policies_boundaries',
    identity: [everything],
    boundary: [
      { Effect: 'Allow', Action: ['s3:*', 'cloudwatch:*', 'iam:*'], Resource: '*' },
      {
        Effect: 'Deny',
        Action: ['iam:CreateUser', 'iam:PutUserPolicy'],
        Resource: '*',
        Condition: { StringNotEquals: { 'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/edge` } },
      },
    ],
    requests: [
      ['s3:CreateBucket', '*', {}, true],
      ['sqs:CreateQueue', '*', {}, false],
      ['iam:CreateUser', '*', {}, false],
      ['iam:CreateUser', '*', { 'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/edge` }, true],
    ],
  },
  {
    name: 'a bucket that only its administrator and the account may touch',
    source: 'reference_policies_elements_notprincipal',
    identity: [everything],
    resource: [
      {
        Effect: 'Deny',
        NotPrincipal: { AWS: [`arn:aws:iam::${account}:user/bob`, `arn:aws:iam::${account}:root`] },
        Action: 's3:*',
        Resource: 'arn:aws:s3:::bucket/*',
      },
    ],
    requests: [['s3:GetObject', 'arn:aws:s3:::bucket/a', {}, false]],
  },
  {
    name: 'a bucket over TLS alone',
    source: 'AmazonS3/userguide/example-bucket-policies#example-bucket-policies-use-case-HTTP-HTTPS',
    identity: [everything],
    resource: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/*'],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
    requests: [
      ['s3:GetObject', 'arn:aws:s3:::bucket/a', { 'aws:SecureTransport': 'true' }, true],
      ['s3:GetObject', 'arn:aws:s3:::bucket/a', { 'aws:SecureTransport': 'false' }, false],
    ],
  },
];

describe('AWS’s example of', () => {
  // oxlint-disable-next-line vitest/expect-expect -- each request of an example is an expectation
  it.each(examples)('$name', expectExample);
});

function own(more: Record<string, string>): Record<string, string | string[]> {
  return {
    'aws:username': 'ann',
    'dynamodb:LeadingKeys': ['ann'],
    'dynamodb:Attributes': ['UserId', 'TopScore'],
    ...more,
  };
}
