import { describe, expect, test } from 'vitest';

import { Function } from '../compute/function.ts';
import { zipFiles } from '../delivery/zip.ts';
import { resource, testStack } from '../testing.ts';
import { Schedule } from './schedule.ts';

const bundle = zipFiles(new Map([['index.mjs', Buffer.from('')]]));

describe('Schedule', () => {
  test('invokes its function with a role that may do only that, and gives up after an hour', () => {
    const stack = testStack();
    const target = new Function(stack, 'report', { name: 'report', description: 'Reports', bundle });
    new Schedule(stack, 'nightly', {
      name: 'nightly',
      description: 'The report of the day',
      expression: 'cron(0 3 * * ? *)',
      timeZone: 'Europe/Berlin',
      target,
      input: { days: 1 },
    });

    expect(resource(stack, 'aws_scheduler_schedule.nightly')).toMatchObject({
      schedule_expression: 'cron(0 3 * * ? *)',
      schedule_expression_timezone: 'Europe/Berlin',
      flexible_time_window: { mode: 'OFF' },
      target: { input: '{"days":1}', retry_policy: { maximum_event_age_in_seconds: 3_600, maximum_retry_attempts: 3 } },
    });
    expect(resource(stack, 'aws_iam_role_policy.nightly')['policy']).toContain('"lambda:InvokeFunction"');
  });

  test('what is no schedule is refused', () => {
    const stack = testStack();
    const target = new Function(stack, 'f', { name: 'f', description: 'Does it', bundle });
    const props = { name: 's', description: 'Sometimes', target };
    expect(() => new Schedule(stack, 's', { ...props, expression: 'daily' })).toThrow("'daily' is not a schedule");
  });
});
