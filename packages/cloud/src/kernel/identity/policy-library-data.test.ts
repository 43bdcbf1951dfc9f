// AWS's library of example policies for functions, tables and buckets, and its policies against the confused deputy, in words of our own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_examples.html, captured 2026-11.
import { describe, it } from 'vitest';

import { servicePrincipal } from './principal.ts';
import { account, everything, expectExample, type Example } from './test-policy-examples.ts';

const bucket = (path = '') => `arn:aws:s3:::amzn-s3-demo-bucket${path}`;

const OF_DATA: readonly Example[] = [
  {
    name: 'one table from a function, and lines in its own group',
    source: 'reference_policies_examples_lambda-access-dynamodb',
    identity: [
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
        Resource: `arn:aws:dynamodb:*:*:table/SampleTable`,
      },
      { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: 'arn:aws:logs:*:*:*' },
    ],
    requests: [
      ['dynamodb:PutItem', `arn:aws:dynamodb:eu-west-1:${account}:table/SampleTable`, {}, true],
      ['dynamodb:PutItem', `arn:aws:dynamodb:eu-west-1:${account}:table/SampleTables`, {}, false],
      ['dynamodb:Query', `arn:aws:dynamodb:eu-west-1:${account}:table/SampleTable/index/i`, {}, false],
      ['logs:PutLogEvents', `arn:aws:logs:eu-west-1:${account}:log-group:/aws/lambda/f:log-stream:s`, {}, true],
    ],
  },
  {
    name: 'items under the identity of a pool of users',
    source: 'reference_policies_examples_dynamodb_items',
    identity: [
      {
        Effect: 'Allow',
        Action: [
          'dynamodb:DeleteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        Resource: 'arn:aws:dynamodb:*:*:table/MyTable',
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${cognito-identity.amazonaws.com:sub}'] },
        },
      },
    ],
    requests: [
      ['dynamodb:GetItem', 'arn:aws:dynamodb:a:1:table/MyTable', leading('u1', 'u1'), true],
      ['dynamodb:GetItem', 'arn:aws:dynamodb:a:1:table/MyTable', leading('u1', 'u2'), false],
      ['dynamodb:GetItem', 'arn:aws:dynamodb:a:1:table/MyTable', { 'dynamodb:LeadingKeys': ['u1'] }, false],
    ],
  },
  {
    name: 'objects of one bucket, read and written',
    source: 'reference_policies_examples_s3_rw-bucket',
    identity: [
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket() },
      { Effect: 'Allow', Action: 's3:*Object', Resource: bucket('/*') },
    ],
    requests: [
      ['s3:ListBucket', bucket(), {}, true],
      ['s3:DeleteObject', bucket('/a/b'), {}, true],
      ['s3:PutObjectAcl', bucket('/a/b'), {}, false],
      ['s3:GetObject', 'arn:aws:s3:::other/a', {}, false],
    ],
  },
  {
    name: 'nothing but one bucket',
    source: 'reference_policies_examples_s3_deny-except-bucket',
    identity: [
      { Effect: 'Allow', Action: 's3:*', Resource: [bucket(), bucket('/*')] },
      { Effect: 'Deny', NotAction: 's3:*', NotResource: [bucket(), bucket('/*')] },
    ],
    requests: [
      ['s3:GetObject', bucket('/a'), {}, true],
      ['s3:GetObject', 'arn:aws:s3:::other/a', {}, false],
      ['sqs:SendMessage', '*', {}, false],
    ],
  },
  {
    name: 'a home folder by the id of who is federated',
    source: 'reference_policies_examples_s3_federated-home-directory-console',
    identity: [
      {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: [bucket('/home/${aws:userid}'), bucket('/home/${aws:userid}/*')],
      },
    ],
    requests: [
      ['s3:PutObject', bucket('/home/AROA1:ann/f'), { 'aws:userid': 'AROA1:ann' }, true],
      ['s3:PutObject', bucket('/home/AROA1:bob/f'), { 'aws:userid': 'AROA1:ann' }, false],
    ],
  },
  {
    name: 'the production bucket with MFA of the last half hour alone',
    source: 'reference_policies_examples_s3_full-access-except-production',
    identity: [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 's3:*',
        Resource: [bucket('-production/*'), bucket('-production')],
        Condition: { NumericGreaterThanIfExists: { 'aws:MultiFactorAuthAge': '1800' } },
      },
    ],
    requests: [
      ['s3:GetObject', bucket('/a'), {}, true],
      ['s3:GetObject', bucket('-production/a'), { 'aws:MultiFactorAuthAge': '1799' }, true],
      ['s3:GetObject', bucket('-production/a'), { 'aws:MultiFactorAuthAge': '1801' }, false],
      ['s3:GetObject', bucket('-production/a'), {}, false],
    ],
  },
];

const topicPolicy = {
  Effect: 'Allow',
  Principal: { Service: 's3.amazonaws.com' },
  Action: 'sns:Publish',
  Resource: `arn:aws:sns:us-east-1:${account}:uploads`,
  Condition: { ArnLike: { 'aws:SourceArn': bucket() }, StringEquals: { 'aws:SourceAccount': account } },
};

const OF_RESOURCES: readonly Example[] = [
  {
    name: 'a topic for one bucket of one account',
    source: 'confused-deputy',
    principal: servicePrincipal(account, 's3.amazonaws.com'),
    resource: [topicPolicy],
    requests: [
      ['sns:Publish', topicPolicy.Resource, { 'aws:SourceArn': bucket(), 'aws:SourceAccount': account }, true],
      ['sns:Publish', topicPolicy.Resource, { 'aws:SourceArn': bucket(), 'aws:SourceAccount': '999999999999' }, false],
      ['sns:Publish', topicPolicy.Resource, { 'aws:SourceArn': bucket('-2'), 'aws:SourceAccount': account }, false],
      ['sns:Publish', topicPolicy.Resource, {}, false],
    ],
  },
  {
    name: 'the same topic, which another service cannot use',
    source: 'confused-deputy',
    principal: servicePrincipal(account, 'events.amazonaws.com'),
    resource: [topicPolicy],
    requests: [
      ['sns:Publish', topicPolicy.Resource, { 'aws:SourceArn': bucket(), 'aws:SourceAccount': account }, false],
    ],
  },
  {
    name: 'a key through one service alone',
    source: 'kms/latest/developerguide/conditions-kms#conditions-kms-via-service',
    identity: [
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: { StringEquals: { 'kms:ViaService': ['secretsmanager.us-west-2.amazonaws.com'] } },
      },
    ],
    requests: [
      ['kms:Decrypt', '*', { 'kms:ViaService': 'secretsmanager.us-west-2.amazonaws.com' }, true],
      ['kms:Decrypt', '*', { 'kms:ViaService': 's3.us-west-2.amazonaws.com' }, false],
      ['kms:Decrypt', '*', {}, false],
    ],
  },
  {
    name: 'objects in encrypted form alone',
    source: 'AmazonS3/latest/userguide/example-bucket-policies#example-bucket-policies-encryption',
    identity: [everything],
    resource: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: bucket('/*'),
        Condition: { Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'true' } },
      },
    ],
    requests: [
      [
        's3:PutObject',
        bucket('/a'),
        { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:a:1:key/1' },
        true,
      ],
      ['s3:PutObject', bucket('/a'), {}, false],
      ['s3:GetObject', bucket('/a'), {}, true],
    ],
  },
];

describe.each([
  ['Lambda, DynamoDB and S3', OF_DATA],
  ['resources that others use', OF_RESOURCES],
])('AWS’s examples for %s', (_, examples) => {
  // oxlint-disable-next-line vitest/expect-expect -- each request of an example is an expectation
  it.each(examples)('$name', expectExample);
});

function leading(sub: string, key: string): Record<string, string | string[]> {
  return { 'cognito-identity.amazonaws.com:sub': sub, 'dynamodb:LeadingKeys': [key] };
}
