// The lives of Scheduler's Terraform types.
import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:scheduler:eu-west-1:000000000000';
const role = 'arn:aws:iam::000000000000:role/scheduler';
const fn = 'arn:aws:lambda:eu-west-1:000000000000:function:report';
const queue = 'arn:aws:sqs:eu-west-1:000000000000:letters';

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_scheduler_schedule',
    name: 'nightly',
    config: {
      name: 'lifecycle-nightly',
      schedule_expression: 'rate(1 day)',
      flexible_time_window: [{ mode: 'OFF' }],
      target: [{ arn: fn, role_arn: role }],
    },
    changed: {
      name: 'lifecycle-nightly',
      description: 'Every night',
      schedule_expression: 'cron(0 3 * * ? *)',
      schedule_expression_timezone: 'Europe/Berlin',
      state: 'DISABLED',
      flexible_time_window: [{ mode: 'FLEXIBLE', maximum_window_in_minutes: 15 }],
      target: [
        {
          arn: fn,
          role_arn: role,
          input: '{"days":1}',
          dead_letter_config: [{ arn: queue }],
          retry_policy: [{ maximum_event_age_in_seconds: 3600, maximum_retry_attempts: 3 }],
        },
      ],
    },
    change: 'update',
    expected: {
      id: 'default/lifecycle-nightly',
      arn: `${ARN}:schedule/default/lifecycle-nightly`,
      group_name: 'default',
      schedule_expression_timezone: 'UTC',
      state: 'ENABLED',
    },
    expectedAfterChange: { schedule_expression_timezone: 'Europe/Berlin', state: 'DISABLED' },
  },
  {
    type: 'aws_scheduler_schedule_group',
    name: 'reports',
    config: { name: 'lifecycle-reports' },
    changed: { name: 'lifecycle-reports', tags: { Team: 'reports' } },
    change: 'update',
    expected: { id: 'lifecycle-reports', arn: `${ARN}:schedule-group/lifecycle-reports`, state: 'ACTIVE' },
    expectedAfterChange: { tags_all: { Team: 'reports' } },
  },
];
