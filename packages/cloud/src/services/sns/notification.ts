// What SNS sends: notifications and confirmations as JSON, events for functions, texts of mails.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
import { textFor, type Message } from './message.ts';
import type { Signing } from './signing.ts';

/** How to sign, and what the links in a message begin with. */
export interface Stationery {
  readonly signing: Signing;
  readonly signatureVersion: string;
  readonly endpoint: string;
}

/** To whom a message goes. */
export interface Addressee {
  readonly subscriptionArn: string;
  readonly protocol: string;
}

export const unsubscribeUrl = (endpoint: string, subscriptionArn: string): string =>
  `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;

export const subscribeUrl = (endpoint: string, topicArn: string, token: string): string =>
  `${endpoint}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;

/** For queues, HTTP endpoints and `email-json`. */
export function notification(message: Message, to: Addressee, stationery: Stationery): string {
  const text = textFor(message, to.protocol);
  const { id: MessageId, topicArn: TopicArn, subject: Subject, timestamp: Timestamp, sequenceNumber } = message;
  return JSON.stringify({
    Type: 'Notification',
    MessageId,
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
    TopicArn,
    ...(Subject !== undefined && { Subject }),
    Message: text,
    Timestamp,
    ...signed(message, text, stationery),
    SigningCertURL: stationery.signing.certificateUrl,
    UnsubscribeURL: unsubscribeUrl(stationery.endpoint, to.subscriptionArn),
    ...(Object.keys(message.attributes).length > 0 && { MessageAttributes: message.attributes }),
  });
}

/** For functions. https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function lambdaEvent(message: Message, to: Addressee, stationery: Stationery): string {
  const text = textFor(message, to.protocol);
  return JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: to.subscriptionArn,
        Sns: {
          Type: 'Notification',
          MessageId: message.id,
          TopicArn: message.topicArn,
          Subject: message.subject ?? null,
          Message: text,
          Timestamp: message.timestamp,
          ...signed(message, text, stationery),
          SigningCertUrl: stationery.signing.certificateUrl,
          UnsubscribeUrl: unsubscribeUrl(stationery.endpoint, to.subscriptionArn),
          MessageAttributes: message.attributes,
        },
      },
    ],
  });
}

export type ConfirmationType = 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** Asks an endpoint whether it wants a subscription, or whether it really wants to lose it. */
export function confirmation(type: ConfirmationType, message: Message, token: string, stationery: Stationery): string {
  const { signing, signatureVersion, endpoint } = stationery;
  const body = {
    Type: type,
    MessageId: message.id,
    Token: token,
    TopicArn: message.topicArn,
    Message: message.text,
    SubscribeURL: subscribeUrl(endpoint, message.topicArn, token),
    Timestamp: message.timestamp,
  };
  return JSON.stringify({
    ...body,
    SignatureVersion: signatureVersion,
    Signature: signing.sign(body, signatureVersion),
    SigningCertURL: signing.certificateUrl,
  });
}

/** What a confirmation says. */
export const confirmationText = (type: ConfirmationType, topicArn: string, subscriptionArn: string): string =>
  type === 'SubscriptionConfirmation'
    ? `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
    : `You have chosen to deactivate subscription ${subscriptionArn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;

function signed(message: Message, text: string, { signing, signatureVersion }: Stationery) {
  const { id: MessageId, topicArn: TopicArn, subject: Subject, timestamp: Timestamp } = message;
  const signable = {
    Message: text,
    MessageId,
    ...(Subject !== undefined && { Subject }),
    Timestamp,
    TopicArn,
    Type: 'Notification',
  };
  return { SignatureVersion: signatureVersion, Signature: signing.sign(signable, signatureVersion) };
}
