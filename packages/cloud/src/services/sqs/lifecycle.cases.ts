// The lives of SQS's Terraform types.
import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000';
const dead = {
  aws_sqs_queue: { lifecycle_dead: { name: 'lifecycle-dead' }, lifecycle_other: { name: 'lifecycle-other' } },
};
const redrive = (most: number) =>
  `\${jsonencode({ deadLetterTargetArn = aws_sqs_queue.lifecycle_dead.arn, maxReceiveCount = ${most} })}`;
const policy = (action: string, name: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: action, Resource: `${ARN}:${name}` },
    ],
  });
const holder = (name: string) => ({ aws_sqs_queue: { [`of_${name}`]: { name: `lifecycle-of-${name}` } } });

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_sqs_queue',
    name: 'work',
    support: dead,
    data: { aws_sqs_queue: { found: { name: '${aws_sqs_queue.work.name}' } } },
    config: { name: 'lifecycle-work', redrive_policy: redrive(3) },
    changed: {
      name: 'lifecycle-work',
      redrive_policy: redrive(5),
      visibility_timeout_seconds: 60,
      delay_seconds: 5,
      message_retention_seconds: 86_400,
      receive_wait_time_seconds: 20,
      max_message_size: 2_048,
      kms_master_key_id: 'alias/aws/sqs',
      kms_data_key_reuse_period_seconds: 600,
      tags: { Team: 'work' },
    },
    change: 'update',
    expected: {
      arn: `${ARN}:lifecycle-work`,
      fifo_queue: false,
      visibility_timeout_seconds: 30,
      message_retention_seconds: 345_600,
      max_message_size: 262_144,
      sqs_managed_sse_enabled: true,
    },
    expectedAfterChange: {
      visibility_timeout_seconds: 60,
      delay_seconds: 5,
      kms_master_key_id: 'alias/aws/sqs',
      kms_data_key_reuse_period_seconds: 600,
      tags_all: { Team: 'work' },
    },
  },
  {
    type: 'aws_sqs_queue',
    name: 'ordered',
    config: { name: 'lifecycle-ordered.fifo', fifo_queue: true, content_based_deduplication: true },
    changed: {
      name: 'lifecycle-ordered.fifo',
      fifo_queue: true,
      content_based_deduplication: false,
      deduplication_scope: 'messageGroup',
      fifo_throughput_limit: 'perMessageGroupId',
    },
    change: 'update',
    expected: { arn: `${ARN}:lifecycle-ordered.fifo`, fifo_queue: true, deduplication_scope: 'queue' },
    expectedAfterChange: { content_based_deduplication: false, fifo_throughput_limit: 'perMessageGroupId' },
  },
  {
    type: 'aws_sqs_queue',
    name: 'renamed',
    config: { name: 'lifecycle-renamed' },
    changed: { name: 'lifecycle-renamed-again' },
    change: 'replace',
    expected: { arn: `${ARN}:lifecycle-renamed` },
    expectedAfterChange: { arn: `${ARN}:lifecycle-renamed-again` },
  },
  {
    type: 'aws_sqs_queue_policy',
    name: 'opened',
    support: holder('opened'),
    config: { queue_url: '${aws_sqs_queue.of_opened.url}', policy: policy('sqs:SendMessage', 'lifecycle-of-opened') },
    changed: { queue_url: '${aws_sqs_queue.of_opened.url}', policy: policy('sqs:*', 'lifecycle-of-opened') },
    change: 'update',
    expected: {},
  },
  {
    type: 'aws_sqs_queue_redrive_policy',
    name: 'redriven',
    support: holder('redriven'),
    config: { queue_url: '${aws_sqs_queue.of_redriven.id}', redrive_policy: redrive(2) },
    changed: { queue_url: '${aws_sqs_queue.of_redriven.id}', redrive_policy: redrive(4) },
    change: 'update',
    expected: {},
  },
  {
    type: 'aws_sqs_queue_redrive_allow_policy',
    name: 'taking',
    support: holder('taking'),
    config: {
      queue_url: '${aws_sqs_queue.of_taking.id}',
      redrive_allow_policy: JSON.stringify({ redrivePermission: 'denyAll' }),
    },
    changed: {
      queue_url: '${aws_sqs_queue.of_taking.id}',
      redrive_allow_policy:
        '${jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.lifecycle_other.arn] })}',
    },
    change: 'update',
    expected: {},
  },
];
