import { describe, expect, test } from 'vitest';

import { grants, resource, testRole, testStack } from '../testing.ts';
import { Queue } from './queue.ts';

const ARN = 'arn:aws:sqs:us-east-1:{account}:orders';

describe('Queue', () => {
  test('the smallest use is encrypted, polls long, and keeps dead letters for 14 days', () => {
    const stack = testStack();
    new Queue(stack, 'orders', { name: 'orders' });

    const queue = resource(stack, 'aws_sqs_queue.orders');
    expect(queue).toMatchObject({ sqs_managed_sse_enabled: true, receive_wait_time_seconds: 20 });
    expect(JSON.parse(queue['redrive_policy'] as string)).toEqual({
      deadLetterTargetArn: `${ARN}-dead-letters`,
      maxReceiveCount: 5,
    });
    const deadLetters = resource(stack, 'aws_sqs_queue.orders_dead_letters');
    expect(deadLetters).toMatchObject({ name: 'orders-dead-letters', message_retention_seconds: 1_209_600 });
    expect(JSON.parse(deadLetters['redrive_allow_policy'] as string)).toMatchObject({ sourceQueueArns: [ARN] });
  });

  test('a sender cannot receive, a consumer cannot send', () => {
    const stack = testStack();
    new Queue(stack, 'orders', { name: 'orders' }).grantSend(testRole(stack));
    expect(grants(stack)).toEqual([`sqs:GetQueueUrl on ${ARN}`, `sqs:SendMessage on ${ARN}`]);

    const other = testStack();
    new Queue(other, 'orders', { name: 'orders' }).grantConsume(testRole(other));
    expect(grants(other).join()).not.toContain('SendMessage');
    expect(grants(other)).toContain(`sqs:DeleteMessage on ${ARN}`);
  });

  test.each([
    [{ name: 'a.fifo' }, "'a.fifo' is not a queue's name"],
    [{ name: 'a', visibilityTimeoutSeconds: 43_201 }, 'would be hidden for 43201 seconds'],
    [{ name: 'a', retentionDays: 15 }, 'would wait for 15 days'],
  ])('%j is refused', (wrong, message) => {
    expect(() => new Queue(testStack(), 'q', wrong)).toThrow(message);
  });
});
