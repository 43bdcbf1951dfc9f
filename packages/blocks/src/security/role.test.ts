import { describe, expect, test } from 'vitest';

import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Role } from './role.ts';
import { anyAction, anyResource } from './statement.ts';

describe('Role', () => {
  test('only the service may assume it, and only for this account', () => {
    const stack = testStack();
    testRole(stack);

    const { assume_role_policy } = resource(stack, 'aws_iam_role.reader');
    expect(JSON.parse(assume_role_policy as string)).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": [
              "sts:AssumeRole",
            ],
            "Condition": {
              "StringEquals": {
                "aws:SourceAccount": [
                  "{account}",
                ],
              },
            },
            "Effect": "Allow",
            "Principal": {
              "Service": "lambda.amazonaws.com",
            },
          },
        ],
        "Version": "2012-10-17",
      }
    `);
  });

  test('the trust can be narrowed to one resource of the service', () => {
    const stack = testStack();
    const sourceArn = stack.arnOf('codebuild', 'project/apply');
    new Role(stack, 'build', { name: 'build', assumedBy: 'codebuild.amazonaws.com', description: 'Builds', sourceArn });

    expect(resource(stack, 'aws_iam_role.build')['assume_role_policy']).toContain(
      '"ArnLike":{"aws:SourceArn":["arn:aws:codebuild:us-east-1:{account}:project/apply"]}',
    );
  });

  test('a role without grants has no policy; grants share one, and equal scopes one statement', () => {
    const stack = testStack();
    const role = testRole(stack);
    expect(addresses(stack)).toEqual(['aws_iam_role.reader']);

    role.allow({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] });
    role.allow({ actions: ['s3:PutObject', 's3:GetObject'], resources: ['arn:aws:s3:::a/*'] });
    role.allow({ actions: ['s3:ListBucket'], resources: ['arn:aws:s3:::a'] });
    expect(addresses(stack)).toEqual(['aws_iam_role.reader', 'aws_iam_role_policy.reader']);
    const { policy } = resource(stack, 'aws_iam_role_policy.reader');
    expect(JSON.parse(policy as string)).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": [
              "s3:GetObject",
              "s3:PutObject",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:s3:::a/*",
            ],
          },
          {
            "Action": [
              "s3:ListBucket",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:s3:::a",
            ],
          },
        ],
        "Version": "2012-10-17",
      }
    `);
  });

  test('a wide action or resource has to be given its reason', () => {
    const stack = testStack();
    const role = testRole(stack);

    // @ts-expect-error -- a wildcard in an action
    expect(() => role.allow({ actions: ['s3:*'], resources: ['arn:aws:s3:::a'] })).toThrow("the action 's3:*' is wide");
    // @ts-expect-error -- the resource '*'
    expect(() => role.allow({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] })).toThrow('on every resource');
    role.allow({
      actions: ['s3:ListAllMyBuckets', anyAction('ec2:Describe*', 'the inventory reads whatever EC2 has')],
      resources: [anyResource('AWS defines no resource for these actions')],
    });
    expect(grants(stack)).toEqual(['ec2:Describe* on *', 's3:ListAllMyBuckets on *']);
  });

  test('what the compiler cannot see is refused when it runs', () => {
    const role = testRole(testStack());
    const allow = (action: string, target: string) => () =>
      role.allow({ actions: [action as 's3:GetObject'], resources: [target] });

    expect(allow('s3:Get*', 'arn:aws:s3:::a')).toThrow(expect.objectContaining({ code: 'wide-action' }));
    expect(allow('s3:GetObject', '*')).toThrow(expect.objectContaining({ code: 'wide-resource' }));
    expect(allow('GetObject', 'arn:aws:s3:::a')).toThrow(expect.objectContaining({ code: 'action-name' }));
    expect(allow('s3:GetObject', 'my-bucket')).toThrow(expect.objectContaining({ code: 'resource-arn' }));
    expect(() => role.allow({ actions: [], resources: [] })).toThrow(
      expect.objectContaining({ code: 'empty-statement' }),
    );
    expect(() => role.allow({ actions: ['s3:GetObject'], resources: [anyResource('because')] })).toThrow(
      expect.objectContaining({ code: 'reason-missing' }),
    );
  });

  test('grantInspect reads the role and its policies', () => {
    const stack = testStack();
    const role = testRole(stack);
    role.grantInspect(role);

    expect(grants(stack)).toEqual(
      ['GetRole', 'GetRolePolicy', 'ListAttachedRolePolicies', 'ListRolePolicies'].map(
        (name) => `iam:${name} on arn:aws:iam::{account}:role/reader`,
      ),
    );
  });
});
