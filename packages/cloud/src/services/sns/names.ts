// The names and ARNs of topics and subscriptions.
import type { Call } from '../../kernel/service.ts';
import { invalidParameter } from './errors.ts';

export const topicArnOf = ({ region, account }: Pick<Call, 'region' | 'account'>, name: string): string =>
  `arn:aws:sns:${region}:${account}:${name}`;

/** A topic's ARN as a caller gave it. Throws where it is none, or of another region than the one that is asked. */
export function readTopicArn(arn: string | undefined, { region }: Pick<Call, 'region'>): string {
  const parts = partsOf(arn ?? '', 'TopicArn');
  if (parts.length !== 6 || parts[2] !== 'sns' || parts[3] !== region) throw invalidParameter('TopicArn');
  return arn!;
}

/** A subscription's ARN as a caller gave it; its region is its own. */
export function readSubscriptionArn(arn: string | undefined): string {
  const parts = partsOf(arn ?? '', 'SubscriptionArn');
  if (parts.length !== 7 || parts[2] !== 'sns') throw invalidParameter('SubscriptionId');
  return arn!;
}

/** The topic in a subscription's ARN. */
export const topicOf = (subscriptionArn: string): string => subscriptionArn.split(':').slice(0, 6).join(':');

export const nameIn = (topicArn: string): string => topicArn.split(':')[5] ?? '';

export const regionIn = (arn: string): string => arn.split(':')[3] ?? '';

export const isFifo = (topicOrQueueArn: string): boolean => topicOrQueueArn.endsWith('.fifo');

function partsOf(arn: string, parameter: string): string[] {
  const parts = arn.split(':');
  if (parts.length < 6) {
    throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`);
  }
  return parts;
}
