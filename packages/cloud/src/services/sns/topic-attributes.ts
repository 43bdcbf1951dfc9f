// A topic's attributes: which there are, what they may be, and how AWS shows them.
// https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
import { defaultDeliveryPolicy, readTopicDeliveryPolicy } from './delivery-policy.ts';
import { invalidParameter, unsupported } from './errors.ts';
import { isFifo } from './names.ts';
import { readTopicPolicy } from './topic-policy.ts';
import type { Topic } from './topics.ts';

type Attributes = Readonly<Record<string, string>>;

interface Rule {
  /** Only when the topic is made. */
  readonly fixed?: boolean;
  readonly fifoOnly?: boolean;
  readonly check: (value: string, topicArn: string) => boolean | void;
}

const oneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value);

/** The longest display name, in characters. */
const LONGEST_DISPLAY_NAME = 100;

const RULES: Readonly<Record<string, Rule>> = {
  Policy: { check: (value, topicArn) => void readTopicPolicy(value, topicArn) },
  DisplayName: { check: (value) => value.length <= LONGEST_DISPLAY_NAME },
  DeliveryPolicy: { check: (value) => void readTopicDeliveryPolicy(value) },
  KmsMasterKeyId: { check: () => true },
  SignatureVersion: { check: oneOf('1', '2') },
  TracingConfig: {
    check: (value) => {
      if (value === 'Active') throw unsupported('TracingConfig', 'active tracing');
      return value === 'PassThrough';
    },
  },
  FifoTopic: { fixed: true, check: oneOf('true', 'false') },
  ContentBasedDeduplication: { fifoOnly: true, check: oneOf('true', 'false') },
  FifoThroughputScope: { fifoOnly: true, check: oneOf('Topic', 'MessageGroup') },
};

/** Of the log of deliveries, by protocol. */
const FEEDBACK =
  /^(?:HTTP|SQS|Lambda|Firehose|Application)(?:(?:Success|Failure)FeedbackRoleArn|(SuccessFeedbackSampleRate))$/;

function feedbackRule(name: string): Rule | undefined {
  const [found, rate] = FEEDBACK.exec(name) ?? [];
  if (found === undefined) return undefined;
  return {
    check: rate
      ? (value) => /^\d{1,3}$/.test(value) && Number(value) <= 100
      : (value) => /^arn:aws:iam::\d{12}:role\/.+$/.test(value),
  };
}

/** What AWS has and the cloud has not. */
const UNSUPPORTED = ['ArchivePolicy', 'DataProtectionPolicy'];

/** The roles that SNS is to take, which whoever names them has to be allowed to pass. */
export const rolesIn = (attributes: Attributes): string[] =>
  Object.entries(attributes).flatMap(([name, value]) => (name.endsWith('FeedbackRoleArn') && value ? [value] : []));

/** Throws where an attribute cannot have a value; an empty one unsets it. */
export function checkTopicAttribute(name: string, value: string, topicArn: string, creating = false): void {
  if (UNSUPPORTED.includes(name)) {
    if (value === '') return;
    throw unsupported('AttributeName', name);
  }
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : feedbackRule(name);
  if (!rule || (rule.fixed && !creating)) throw invalidParameter('AttributeName');
  if (rule.fifoOnly && !isFifo(topicArn)) {
    throw invalidParameter(`Attributes Reason: The ${name} attribute can only be set on FIFO topics`);
  }
  if (value !== '' && rule.check(value, topicArn) === false) {
    throw invalidParameter(`${creating ? 'Attributes Reason: ' : ''}${name}: ${value}`);
  }
}

/** As GetTopicAttributes answers them. */
export function shownTopicAttributes(
  { arn, attributes, policy, subscriptionsDeleted }: Topic,
  counts: { readonly confirmed: number; readonly pending: number },
): Attributes {
  const fifo = isFifo(arn);
  return {
    TopicArn: arn,
    Owner: arn.split(':')[4]!,
    Policy: policy,
    DisplayName: '',
    SubscriptionsConfirmed: String(counts.confirmed),
    SubscriptionsPending: String(counts.pending),
    SubscriptionsDeleted: String(subscriptionsDeleted),
    ...(fifo && { FifoTopic: 'true', ContentBasedDeduplication: 'false', FifoThroughputScope: 'Topic' }),
    ...attributes,
    EffectiveDeliveryPolicy: JSON.stringify(
      attributes['DeliveryPolicy'] ? readTopicDeliveryPolicy(attributes['DeliveryPolicy']) : defaultDeliveryPolicy,
    ),
  };
}
