import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js';
import { TerraformStack } from 'cdktn';
import { RootConstruct } from 'constructs';
import { expect, test } from 'vitest';

import { LogGroup } from './observability/log-group.ts';
import { Stack } from './stack.ts';
import { terraformOf } from './synth.ts';
import { testStack } from './testing.ts';

test('every resource is tagged, through the provider', () => {
  expect(terraformOf(testStack('staging'))['provider']).toMatchInlineSnapshot(`
    {
      "aws": [
        {
          "default_tags": [
            {
              "tags": {
                "CostCenter": "4711",
                "Environment": "staging",
                "ManagedBy": "plinth",
                "Owner": "team-shop",
                "Project": "shop",
              },
            },
          ],
          "region": "us-east-1",
        },
      ],
    }
  `);
});

test('both major versions of the provider that the blocks are checked against are accepted', () => {
  expect(terraformOf(testStack())['terraform']).toEqual({
    required_version: '>= 1.5',
    required_providers: { aws: { source: 'hashicorp/aws', version: '>= 5.100.0, < 7.0.0' } },
  });
});

test('the account is asked of the target, once, and written nowhere', () => {
  const stack = testStack();
  expect(stack.withAccount('plain')).toBe('plain');
  expect(terraformOf(stack)).not.toHaveProperty('data');

  stack.output('name', stack.withAccount('a-{account}'), 'A name');
  stack.output('arn', stack.arnOf('sqs', 'orders'), 'An ARN');
  expect(terraformOf(stack)).toMatchObject({
    data: { aws_caller_identity: { current: {} } },
    output: {
      name: { value: 'a-${data.aws_caller_identity.current.account_id}' },
      arn: { value: 'arn:aws:sqs:us-east-1:${data.aws_caller_identity.current.account_id}:orders' },
    },
  });
});

test('two blocks that would share an address are refused, not merged', () => {
  const stack = testStack();
  new LogGroup(stack, 'orders-log', { name: 'a' });
  new LogGroup(stack, 'orders_log', { name: 'b' });

  expect(() => terraformOf(stack)).toThrow(
    expect.objectContaining({
      code: 'address-taken',
      message:
        'test/orders-log/Resource and test/orders_log/Resource would both be aws_cloudwatch_log_group.orders_log in Terraform',
    }),
  );
});

test("resources of cdktn's own stand beside blocks", () => {
  const stack = testStack();
  new CloudwatchLogGroup(stack, 'raw', { name: 'raw' });

  expect(terraformOf(stack)).toMatchObject({ resource: { aws_cloudwatch_log_group: { raw: { name: 'raw' } } } });
});

test('a block outside of a stack of ours is refused', () => {
  const other = new TerraformStack(new RootConstruct(), 'other');

  expect(() => new LogGroup(other, 'log', { name: 'a' })).toThrow(expect.objectContaining({ code: 'not-in-a-stack' }));
  expect(Stack.of(testStack())).toBeInstanceOf(Stack);
});
