// An SQS queue that loses nothing: what cannot be handled goes to a queue of dead letters.
import { SqsQueue } from '@cdktn/provider-aws/lib/sqs-queue/index.js';
import { Construct } from 'constructs';

import { validate, type Rule } from '../rules.ts';
import type { Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';

export interface QueueProps {
  /** The queue's name; the dead letters' has `-dead-letters` behind it. */
  readonly name: string;
  /** Seconds for which a message that somebody received is hidden from others. @default 30 */
  readonly visibilityTimeoutSeconds?: number;
  /** How often a message may be received before it is a dead letter. @default 5 */
  readonly attempts?: number;
  /** Days, 1 to 14, for which a message waits to be received. @default 4 */
  readonly retentionDays?: number;
}

/**
 * A standard queue, encrypted by SQS, with long polling, and a queue beside it that keeps for 14 days what was received too
 * often. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export class Queue extends Construct {
  readonly resource: SqsQueue;
  readonly deadLetters: SqsQueue;
  readonly name: string;
  readonly arn: string;
  readonly deadLettersName: string;
  readonly deadLettersArn: string;
  readonly visibilityTimeoutSeconds: number;

  constructor(scope: Construct, id: string, props: QueueProps) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    this.name = props.name;
    this.deadLettersName = `${props.name}${DEAD_LETTERS}`;
    this.arn = stack.arnOf('sqs', this.name);
    this.visibilityTimeoutSeconds = props.visibilityTimeoutSeconds ?? 30;
    this.deadLettersArn = stack.arnOf('sqs', this.deadLettersName);
    this.deadLetters = new SqsQueue(this, 'dead_letters', {
      name: this.deadLettersName,
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: RETENTION_DAYS.most * DAY_SECONDS,
      redriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [this.arn] }),
    });
    this.resource = new SqsQueue(this, 'Resource', {
      name: this.name,
      sqsManagedSseEnabled: true,
      receiveWaitTimeSeconds: LONGEST_WAIT_SECONDS,
      visibilityTimeoutSeconds: this.visibilityTimeoutSeconds,
      messageRetentionSeconds: (props.retentionDays ?? 4) * DAY_SECONDS,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: this.deadLettersArn, maxReceiveCount: props.attempts ?? 5 }),
      dependsOn: [this.deadLetters],
    });
  }

  /** Lets `to` send messages. */
  grantSend(to: Grantee): void {
    to.allow({ actions: ['sqs:SendMessage', 'sqs:GetQueueUrl'], resources: [this.arn] });
  }

  /** Lets `to` receive messages, and say what became of them. */
  grantConsume(to: Grantee): void {
    to.allow({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      resources: [this.arn],
    });
  }
}

const DEAD_LETTERS = '-dead-letters';
const DAY_SECONDS = 86_400;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
const LONGEST_WAIT_SECONDS = 20;
const LONGEST_VISIBILITY_SECONDS = 43_200;
const RETENTION_DAYS = { least: 1, most: 14 };

const RULES: readonly Rule<QueueProps>[] = [
  {
    code: 'queue-name',
    holds: ({ name }) => /^[\w-]+$/.test(name) && name.length + DEAD_LETTERS.length <= 80,
    says: ({ name }) => `'${name}' is not a queue's name`,
    fix: `Use up to ${80 - DEAD_LETTERS.length} letters, digits, dashes and underscores.`,
  },
  {
    code: 'queue-visibility',
    holds: ({ visibilityTimeoutSeconds: seconds = 30 }) => seconds >= 0 && seconds <= LONGEST_VISIBILITY_SECONDS,
    says: ({ name, visibilityTimeoutSeconds }) =>
      `messages of '${name}' would be hidden for ${visibilityTimeoutSeconds} seconds`,
    fix: `Give 0 to ${LONGEST_VISIBILITY_SECONDS} seconds.`,
  },
  {
    code: 'queue-retention',
    holds: ({ retentionDays: days = 4 }) => days >= RETENTION_DAYS.least && days <= RETENTION_DAYS.most,
    says: ({ name, retentionDays }) => `messages of '${name}' would wait for ${retentionDays} days`,
    fix: `Give ${RETENTION_DAYS.least} to ${RETENTION_DAYS.most} days.`,
  },
];
