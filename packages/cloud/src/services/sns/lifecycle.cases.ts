// The lives of SNS's Terraform types.
import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:sns:eu-west-1:000000000000';
const queue = 'arn:aws:sqs:eu-west-1:000000000000:letters';
const ROLE = 'arn:aws:iam::000000000000:role/feedback';
const dead = 'arn:aws:sqs:eu-west-1:000000000000:dead';

const policy = (name: string, service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Publishes',
        Effect: 'Allow',
        Principal: { Service: `${service}.amazonaws.com` },
        Action: 'sns:Publish',
        Resource: `${ARN}:${name}`,
      },
    ],
  });

const topicFor = (name: string) => ({ aws_sns_topic: { [name]: { name: `lifecycle-${name}` } } });

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_sns_topic',
    name: 'orders',
    data: { aws_sns_topic: { orders: { name: '${aws_sns_topic.orders.name}' } } },
    config: { name: 'lifecycle-orders' },
    changed: {
      name: 'lifecycle-orders',
      display_name: 'Orders',
      signature_version: 2,
      kms_master_key_id: 'alias/aws/sns',
      delivery_policy: JSON.stringify({ http: { defaultHealthyRetryPolicy: { numRetries: 5 } } }),
      policy: policy('lifecycle-orders', 'events'),
      sqs_failure_feedback_role_arn: ROLE,
      sqs_success_feedback_role_arn: ROLE,
      sqs_success_feedback_sample_rate: 50,
      tags: { Team: 'shop' },
    },
    change: 'update',
    expected: {
      id: `${ARN}:lifecycle-orders`,
      arn: `${ARN}:lifecycle-orders`,
      owner: '000000000000',
      fifo_topic: false,
    },
    expectedAfterChange: {
      display_name: 'Orders',
      signature_version: 2,
      sqs_success_feedback_sample_rate: 50,
      tags_all: { Team: 'shop' },
    },
  },
  {
    type: 'aws_sns_topic',
    name: 'in_order',
    config: { name: 'lifecycle-in-order.fifo', fifo_topic: true, content_based_deduplication: true },
    changed: { name: 'lifecycle-in-turn.fifo', fifo_topic: true, fifo_throughput_scope: 'MessageGroup' },
    change: 'replace',
    expected: { fifo_topic: true, content_based_deduplication: true },
    expectedAfterChange: { content_based_deduplication: false, fifo_throughput_scope: 'MessageGroup' },
  },
  {
    type: 'aws_sns_topic',
    name: 'prefixed',
    config: { name_prefix: 'lifecycle-first-' },
    changed: { name_prefix: 'lifecycle-second-' },
    change: 'replace',
    expected: { name_prefix: 'lifecycle-first-' },
  },
  {
    type: 'aws_sns_topic_policy',
    name: 'open',
    support: topicFor('of_policy'),
    config: { arn: '${aws_sns_topic.of_policy.arn}', policy: policy('lifecycle-of_policy', 'events') },
    changed: { arn: '${aws_sns_topic.of_policy.arn}', policy: policy('lifecycle-of_policy', 's3') },
    change: 'update',
    expected: { id: `${ARN}:lifecycle-of_policy`, owner: '000000000000' },
  },
  {
    type: 'aws_sns_topic_subscription',
    name: 'queue',
    support: topicFor('of_queue'),
    config: { topic_arn: '${aws_sns_topic.of_queue.arn}', protocol: 'sqs', endpoint: queue },
    changed: {
      topic_arn: '${aws_sns_topic.of_queue.arn}',
      protocol: 'sqs',
      endpoint: queue,
      raw_message_delivery: true,
      filter_policy_scope: 'MessageBody',
      filter_policy: JSON.stringify({ store: { city: ['Rome'] } }),
      redrive_policy: JSON.stringify({ deadLetterTargetArn: dead }),
    },
    change: 'update',
    expected: { pending_confirmation: false, confirmation_was_authenticated: true, owner_id: '000000000000' },
    expectedAfterChange: { raw_message_delivery: true, filter_policy_scope: 'MessageBody' },
  },
  {
    type: 'aws_sns_topic_subscription',
    name: 'mail',
    support: topicFor('of_mail'),
    config: { topic_arn: '${aws_sns_topic.of_mail.arn}', protocol: 'email', endpoint: 'ops@example.com' },
    changed: { topic_arn: '${aws_sns_topic.of_mail.arn}', protocol: 'email', endpoint: 'dev@example.com' },
    change: 'replace',
    expected: { pending_confirmation: true, confirmation_was_authenticated: false, raw_message_delivery: false },
  },
];
