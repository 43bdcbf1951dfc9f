import { expect, test } from 'vitest';

import { addresses, resource, testRole, testStack } from '../testing.ts';
import { Policy } from './policy.ts';

test('a policy is granted like a role, and attached to the roles that share it', () => {
  const stack = testStack();
  const policy = new Policy(stack, 'reports', { name: 'read-reports', description: 'Reads finished reports' });
  policy.allow({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::reports/*'] });
  policy.attachTo(testRole(stack));

  expect(addresses(stack)).toEqual([
    'aws_iam_policy.reports',
    'aws_iam_role.reader',
    'aws_iam_role_policy_attachment.reports_reader',
  ]);
  expect(resource(stack, 'aws_iam_policy.reports')).toMatchInlineSnapshot(`
    {
      "description": "Reads finished reports",
      "name": "read-reports",
      "policy": "{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::reports/*"]}]}",
    }
  `);
});

test('a policy that allows nothing is refused when it is synthesized', () => {
  const stack = testStack();
  new Policy(stack, 'reports', { name: 'read-reports', description: 'Reads finished reports' });

  expect(() => addresses(stack)).toThrow("the policy 'read-reports' allows nothing");
});
