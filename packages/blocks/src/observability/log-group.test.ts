import { describe, expect, test } from 'vitest';

import { grants, resource, testRole, testStack } from '../testing.ts';
import { LogGroup } from './log-group.ts';

const ARN = 'arn:aws:logs:us-east-1:{account}:log-group:/shop/orders';

describe('LogGroup', () => {
  test.each([
    ['dev', 7],
    ['staging', 30],
    ['production', 365],
  ] as const)('in %s lines are kept for %i days', (environment, days) => {
    const stack = testStack(environment);
    new LogGroup(stack, 'orders', { name: '/shop/orders' });

    expect(resource(stack, 'aws_cloudwatch_log_group.orders')).toEqual({
      name: '/shop/orders',
      retention_in_days: days,
    });
  });

  test('grantWrite opens streams in this group and writes to them', () => {
    const stack = testStack();
    new LogGroup(stack, 'orders', { name: '/shop/orders' }).grantWrite(testRole(stack));

    expect(grants(stack)).toEqual([`logs:CreateLogStream on ${ARN}:*`, `logs:PutLogEvents on ${ARN}:*`]);
  });

  test('grantRestore creates the group and cannot delete it', () => {
    const stack = testStack();
    new LogGroup(stack, 'orders', { name: '/shop/orders' }).grantRestore(testRole(stack));

    expect(grants(stack)).toContain(`logs:CreateLogGroup on ${ARN}, ${ARN}:*`);
    expect(grants(stack).join()).not.toContain('Delete');
  });

  test('names that CloudWatch Logs reserves are refused', () => {
    expect(() => new LogGroup(testStack(), 'l', { name: 'aws/orders' })).toThrow(
      "'aws/orders' is not a log group's name",
    );
  });
});
