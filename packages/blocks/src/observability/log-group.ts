// A CloudWatch Logs group that forgets: how long it keeps its lines depends on the environment.
import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js';
import { Construct } from 'constructs';

import { validate, type Rule } from '../rules.ts';
import type { Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';
import type { EnvironmentName } from '../system.ts';

/** The only periods that CloudWatch Logs takes. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export type RetentionDays =
  | (1 | 3 | 5 | 7 | 14 | 30 | 60 | 90 | 120 | 150 | 180)
  | (365 | 400 | 545 | 731 | 1096 | 1827 | 2192 | 2557 | 2922 | 3288 | 3653);

export interface LogGroupProps {
  /** The group's name, e.g. `/aws/codebuild/<project>`. */
  readonly name: string;
  /** Days after which a line is forgotten. @default 7 in dev, 30 in staging, 365 in production */
  readonly retentionDays?: RetentionDays;
}

const RETENTION: Readonly<Record<EnvironmentName, RetentionDays>> = { dev: 7, staging: 30, production: 365 };

/** A log group owned by Terraform, so that it exists before the first line and its lines do not stay for ever. */
export class LogGroup extends Construct {
  readonly resource: CloudwatchLogGroup;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: LogGroupProps) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    this.name = props.name;
    this.arn = stack.arnOf('logs', `log-group:${props.name}`);
    this.resource = new CloudwatchLogGroup(this, 'Resource', {
      name: props.name,
      retentionInDays: props.retentionDays ?? RETENTION[stack.environment],
    });
  }

  /** Lets `to` open streams in the group and write lines to them. */
  grantWrite(to: Grantee): void {
    to.allow({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${this.arn}:*`] });
  }

  /** Lets Terraform, run by `to`, read the group's settings, and bring the group back where it is gone. */
  grantRestore(to: Grantee): void {
    // IAM checks DescribeLogGroups against the group whose name is empty.
    to.allow({ actions: ['logs:DescribeLogGroups'], resources: [Stack.of(this).arnOf('logs', 'log-group:*')] });
    to.allow({
      actions: ['logs:ListTagsForResource', 'logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'logs:TagResource'],
      resources: [this.arn, `${this.arn}:*`],
    });
  }
}

const RULES: readonly Rule<LogGroupProps>[] = [
  {
    code: 'log-group-name',
    holds: ({ name }) => /^(?!aws\/)[\w./#-]{1,512}$/.test(name),
    says: ({ name }) => `'${name}' is not a log group's name`,
    fix: "Use up to 512 letters, digits and _-/.#, not beginning with 'aws/'.",
  },
];
