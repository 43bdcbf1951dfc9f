// How each protocol is told: through the service's own API, so that its policies decide; by HTTP; or into the inbox.
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import type { Kernel } from '../../kernel/service.ts';
import { effectiveDeliveryPolicy } from './delivery-policy.ts';
import type { Job } from './delivery-queue.ts';
import { post } from './http-endpoint.ts';
import type { Inbox } from './inbox.ts';
import { textFor, type Message, type MessageAttributes } from './message.ts';
import { isFifo, nameIn, regionIn } from './names.ts';
import {
  confirmation,
  lambdaEvent,
  notification,
  subscribeUrl,
  unsubscribeUrl,
  type Stationery,
} from './notification.ts';
import { isRaw } from './subscription-attributes.ts';
import type { Subscription } from './subscriptions.ts';
import type { Topic } from './topics.ts';

export interface Sending {
  readonly kernel: Kernel;
  readonly inbox: Inbox;
  readonly stationery: Stationery;
  readonly topic: Topic;
  readonly subscription: Subscription;
  readonly message: Message;
  /** Aborted when the cloud stops: what was not told then is told after its next start. */
  readonly signal: AbortSignal;
}

/** Tells a subscriber; rejects with the error that stood in the way. */
export async function sendNotification(sending: Sending): Promise<unknown> {
  const { kernel, subscription } = sending;
  switch (subscription.protocol) {
    case 'sqs':
      return sendToQueue(sending, subscription.endpoint);
    case 'lambda': {
      const to = { subscriptionArn: subscription.arn, protocol: 'lambda' };
      const Payload = Buffer.from(lambdaEvent(sending.message, to, sending.stationery));
      const input = { FunctionName: subscription.endpoint, InvocationType: 'Event', Payload };
      return kernel.invoke('lambda', 'Invoke', input, asSns(sending, subscription.endpoint));
    }
    case 'http':
    case 'https':
      return sendToHttp(sending);
    default:
      return sendMail(sending);
  }
}

/** Puts a message into a queue: the subscriber's, or the one for dead letters. */
export function sendToQueue(sending: Sending, queueArn: string): Promise<unknown> {
  const { kernel, message, subscription } = sending;
  const { groupId, deduplicationId } = message;
  const raw = isRaw(subscription.attributes);
  const input = {
    QueueUrl: `${kernel.endpoint()}/${kernel.account}/${nameIn(queueArn)}`,
    MessageBody: bodyOf(sending),
    ...(raw && { MessageAttributes: queueAttributes(message.attributes) }),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(isFifo(queueArn) && { MessageDeduplicationId: deduplicationId ?? message.id }),
  };
  return kernel.invoke('sqs', 'SendMessage', input, asSns(sending, queueArn));
}

const USER_AGENT = 'Amazon Simple Notification Service Agent';

/** Asks an HTTP endpoint or an address whether it wants a subscription, or wants to lose it. */
export async function sendConfirmation(
  { kernel, inbox, stationery, topic, signal }: Omit<Sending, 'subscription' | 'message'>,
  { type, message, token, protocol, endpoint }: Exclude<Job, { type: 'Notification' }>,
  subscriptionArn: string,
): Promise<void> {
  const document = confirmation(type, message, token, stationery);
  if (protocol.startsWith('http')) {
    const { requestPolicy } = effectiveDeliveryPolicy(topic.attributes['DeliveryPolicy'], undefined);
    const headers = {
      'x-amz-sns-message-type': type,
      'x-amz-sns-message-id': message.id,
      'x-amz-sns-topic-arn': message.topicArn,
      ...(type === 'UnsubscribeConfirmation' && { 'x-amz-sns-subscription-arn': subscriptionArn }),
      'content-type': requestPolicy.headerContentType,
      'user-agent': USER_AGENT,
    };
    return post(endpoint, { headers, body: document, signal });
  }
  const confirmUrl = subscribeUrl(stationery.endpoint, message.topicArn, token);
  const subscribing = type === 'SubscriptionConfirmation';
  const text = subscribing
    ? `This address was subscribed to the topic\n${message.topicArn}\n\nTo confirm the subscription, open this link:\n${confirmUrl}\n\nIf this is a mistake, nothing needs to be done.\n`
    : `The subscription\n${subscriptionArn}\nhas ended. Should this be a mistake, open this link to subscribe again:\n${confirmUrl}\n`;
  inbox.put({
    at: new Date(kernel.clock.now()).toISOString(),
    from: sender(topic),
    to: endpoint,
    subject: `AWS Notification - ${subscribing ? 'Subscription' : 'Unsubscribe'} Confirmation`,
    body: protocol === 'email-json' ? document : text,
    topicArn: message.topicArn,
    ...(subscribing && { confirmUrl }),
  });
}

function sendToHttp(sending: Sending): Promise<void> {
  const { topic, subscription, message } = sending;
  const raw = isRaw(subscription.attributes);
  const { requestPolicy } = effectiveDeliveryPolicy(
    topic.attributes['DeliveryPolicy'],
    subscription.attributes['DeliveryPolicy'],
  );
  const headers = {
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': message.id,
    'x-amz-sns-topic-arn': message.topicArn,
    'x-amz-sns-subscription-arn': subscription.arn,
    ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
    'content-type': requestPolicy.headerContentType,
    'user-agent': USER_AGENT,
  };
  return post(subscription.endpoint, { headers, body: bodyOf(sending), signal: sending.signal });
}

function sendMail({ kernel, inbox, stationery, topic, subscription, message }: Sending): void {
  const { protocol, arn } = subscription;
  const end = `\n\n--\nTo get no more of these mails, open this link:\n${unsubscribeUrl(stationery.endpoint, arn)}\n`;
  inbox.put({
    at: new Date(kernel.clock.now()).toISOString(),
    from: sender(topic),
    to: subscription.endpoint,
    subject: message.subject ?? 'AWS Notification Message',
    body:
      protocol === 'email-json'
        ? notification(message, { subscriptionArn: arn, protocol }, stationery)
        : textFor(message, protocol) + end,
    topicArn: message.topicArn,
  });
}

const sender = ({ attributes }: Topic): string =>
  `${attributes['DisplayName'] || 'AWS Notifications'} <no-reply@sns.amazonaws.com>`;

const bodyOf = ({ message, subscription: { arn, protocol, attributes }, stationery }: Sending): string =>
  isRaw(attributes)
    ? textFor(message, protocol)
    : notification(message, { subscriptionArn: arn, protocol }, stationery);

const queueAttributes = (attributes: MessageAttributes) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { Type, Value }]) => [
      name,
      Type.startsWith('Binary')
        ? { DataType: Type, BinaryValue: Buffer.from(Value, 'base64') }
        : { DataType: Type, StringValue: Value },
    ]),
  );

/** As SNS itself, for the topic. */
const asSns = ({ kernel, message }: Sending, arn: string) => ({
  principal: servicePrincipal(kernel.account, 'sns.amazonaws.com'),
  region: regionIn(arn),
  sourceArn: message.topicArn,
});
