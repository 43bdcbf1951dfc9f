// A schedule of EventBridge Scheduler that invokes a function, in a time zone that people live in.
import { SchedulerSchedule } from '@cdktn/provider-aws/lib/scheduler-schedule/index.js';
import { Construct } from 'constructs';

import type { Function } from '../compute/function.ts';
import { validate, type Rule } from '../rules.ts';
import { Role } from '../security/role.ts';
import { Stack } from '../stack.ts';

export interface ScheduleProps {
  /** The schedule's name; its role's is the same, with the region behind it. */
  readonly name: string;
  /** What happens then, and why. */
  readonly description: string;
  /** `rate(1 day)`, `cron(0 3 ? * MON *)` or `at(2027-01-31T12:00:00)`. */
  readonly expression: string;
  /** An IANA name, e.g. `Europe/Berlin`. @default UTC */
  readonly timeZone?: string;
  /** Who is invoked. */
  readonly target: Function;
  /** What the function gets, as JSON. @default Scheduler's own event */
  readonly input?: unknown;
}

/** Tries for an hour, three times at most: what matters longer than that has to notice by itself. */
export class Schedule extends Construct {
  readonly resource: SchedulerSchedule;

  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', {
      name: `${props.name}-${stack.region}`,
      assumedBy: 'scheduler.amazonaws.com',
      description: `Lets the schedule ${props.name} invoke its function`,
    });
    props.target.grantInvoke(role);
    this.resource = new SchedulerSchedule(this, 'Resource', {
      name: props.name,
      description: props.description,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: props.timeZone ?? 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: props.target.resource.arn,
        roleArn: role.resource.arn,
        ...(props.input !== undefined && { input: JSON.stringify(props.input) }),
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3_600 },
      },
    });
  }
}

const RULES: readonly Rule<ScheduleProps>[] = [
  {
    code: 'schedule-name',
    holds: ({ name }) => /^[\w.-]{1,45}$/.test(name),
    says: ({ name }) => `'${name}' is not a schedule's name`,
    fix: 'Use up to 45 letters, digits, dots, dashes and underscores.',
  },
  {
    code: 'schedule-expression',
    holds: ({ expression }) => /^(rate|cron|at)\(.+\)$/.test(expression),
    says: ({ expression }) => `'${expression}' is not a schedule`,
    fix: 'Write rate(…), cron(…) or at(…).',
  },
];
