// The log of deliveries that a topic may keep in CloudWatch Logs, written as roles that the topic names.
// https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
import { hash } from 'node:crypto';

import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import { textFor, type Message } from './message.ts';
import { regionIn } from './names.ts';
import type { Subscription } from './subscriptions.ts';
import type { Topic } from './topics.ts';

/** How attributes of a protocol's log begin. */
const PREFIXES: Readonly<Record<string, string>> = { http: 'HTTP', https: 'HTTP', lambda: 'Lambda', sqs: 'SQS' };

/** What became of a delivery. */
export interface Outcome {
  readonly attempts: number;
  /** What the endpoint answered, where it took the message. */
  readonly answer?: unknown;
  readonly error?: Error;
}

/** Writes an entry, where the topic wants one for the protocol; nothing of that holds up the delivery. */
export async function logDelivery(
  kernel: Kernel,
  { arn, name, attributes }: Topic,
  { protocol, endpoint }: Subscription,
  message: Message,
  outcome: Outcome,
): Promise<void> {
  const prefix = PREFIXES[protocol];
  const failed = outcome.error !== undefined;
  const role = attributes[`${prefix}${failed ? 'Failure' : 'Success'}FeedbackRoleArn`];
  if (prefix === undefined || role === undefined) return;
  const sampleRate = Number(attributes[`${prefix}SuccessFeedbackSampleRate`] ?? 0);
  if (!failed && Math.random() * 100 >= sampleRate) return;
  const now = kernel.clock.now();
  const deliveryId = uuid();
  const entry = {
    notification: {
      messageMD5Sum: hash('md5', textFor(message, protocol)),
      messageId: message.id,
      topicArn: arn,
      timestamp: message.timestamp.replace('T', ' ').replace('Z', ''),
    },
    delivery: {
      deliveryId,
      destination: endpoint,
      providerResponse: responseOf(outcome),
      dwellTimeMs: now - Date.parse(message.timestamp),
      attempts: outcome.attempts,
      statusCode: statusOf(protocol, outcome),
    },
    status: failed ? 'FAILURE' : 'SUCCESS',
  };
  const region = regionIn(arn);
  const logGroupName = `sns/${region}/${kernel.account}/${name}${failed ? '/Failure' : ''}`;
  try {
    const { principal } = kernel.sessions.assumeForService('sns.amazonaws.com', role, deliveryId, arn);
    const logs = (operation: string, input: object) => kernel.invoke('logs', operation, input, { principal, region });
    const stream = { logGroupName, logStreamName: deliveryId };
    await logs('CreateLogGroup', { logGroupName }).catch(unlessThere);
    await logs('CreateLogStream', stream);
    await logs('PutLogEvents', { ...stream, logEvents: [{ timestamp: now, message: JSON.stringify(entry) }] });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    kernel.log('sns.delivery-not-logged', { topic: arn, role, reason: error.message });
  }
}

function responseOf({ answer, error }: Outcome): string {
  if (error) return JSON.stringify({ ErrorCode: error.name, ErrorMessage: error.message });
  const { MessageId } = (answer ?? {}) as { MessageId?: string };
  return MessageId === undefined ? '' : JSON.stringify({ sqsMessageId: MessageId });
}

function statusOf(protocol: string, { error }: Outcome): number {
  if (error) return error instanceof AwsError ? error.status : 500;
  return protocol === 'lambda' ? 202 : 200;
}

function unlessThere(error: unknown): void {
  if ((error as Error).name !== 'ResourceAlreadyExistsException') throw error;
}
