// A subscription's attributes: which there are, what they may be, and how AWS shows them.
// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
import { effectiveDeliveryPolicy, readSubscriptionDeliveryPolicy } from './delivery-policy.ts';
import { invalidParameter, unsupported } from './errors.ts';
import { checkFilterPolicy, type FilterScope } from './filter-policy.ts';
import { isFifo } from './names.ts';
import type { Subscription } from './subscriptions.ts';
import type { Topic } from './topics.ts';

type Attributes = Readonly<Record<string, string>>;
type Target = Pick<Subscription, 'topicArn' | 'protocol' | 'endpoint' | 'attributes'>;

const RAW_PROTOCOLS = ['sqs', 'http', 'https'];

/** The attributes with one more, or without it where the value is empty. Throws where it cannot be; `where` begins the error. */
export function withAttribute(target: Target, name: string, value: string, where = ''): Attributes {
  const { [name]: _before, ...others } = target.attributes;
  if (value === '' || (name === 'FilterPolicy' && isEmptyObject(value))) {
    if (!KNOWN.includes(name)) throw invalidParameter('AttributeName');
    return others;
  }
  switch (name) {
    case 'RawMessageDelivery':
      if (value !== 'true' && value !== 'false') {
        throw invalidParameter(`${where}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
      }
      if (value === 'true' && !RAW_PROTOCOLS.includes(target.protocol)) {
        throw invalidParameter(`${where}Delivery protocol [${target.protocol}] does not support raw message delivery.`);
      }
      break;
    case 'FilterPolicy':
      checkFilterPolicy(value, scopeOf(target.attributes), where);
      break;
    case 'FilterPolicyScope': {
      if (value !== 'MessageAttributes' && value !== 'MessageBody') {
        throw invalidParameter(
          `${where}FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        );
      }
      const policy = target.attributes['FilterPolicy'];
      if (policy !== undefined) checkFilterPolicy(policy, value, where);
      break;
    }
    case 'RedrivePolicy':
      checkRedrivePolicy(value, target, where);
      break;
    case 'DeliveryPolicy':
      readSubscriptionDeliveryPolicy(value);
      break;
    case 'SubscriptionRoleArn':
    case 'ReplayPolicy':
      throw unsupported(`${where}AttributeName`, name);
    default:
      throw invalidParameter('AttributeName');
  }
  return { ...target.attributes, [name]: value };
}

/** Attributes given together: the scope first, since the policy is judged by it. */
export function withAttributes(target: Target, given: Attributes): Attributes {
  const order = (name: string) => (name === 'FilterPolicyScope' ? 0 : 1);
  return Object.entries(given)
    .toSorted(([left], [right]) => order(left) - order(right))
    .reduce<Attributes>(
      (attributes, [name, value]) => withAttribute({ ...target, attributes }, name, value, 'Attributes Reason: '),
      target.attributes,
    );
}

const KNOWN = [
  'RawMessageDelivery',
  'FilterPolicy',
  'FilterPolicyScope',
  'RedrivePolicy',
  'DeliveryPolicy',
  'SubscriptionRoleArn',
  'ReplayPolicy',
];

export const scopeOf = (attributes: Attributes): FilterScope =>
  attributes['FilterPolicyScope'] === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';

export const isRaw = (attributes: Attributes): boolean => attributes['RawMessageDelivery'] === 'true';

/** The ARN of the queue for what could not be delivered. */
export function deadLetterQueue(attributes: Attributes): string | undefined {
  const policy = attributes['RedrivePolicy'];
  return policy === undefined ? undefined : (JSON.parse(policy) as { deadLetterTargetArn: string }).deadLetterTargetArn;
}

/** As GetSubscriptionAttributes answers them. */
export function shownSubscriptionAttributes(subscription: Subscription, topic: Topic | undefined): Attributes {
  const { arn, topicArn, protocol, endpoint, principal, attributes, pending, authenticated } = subscription;
  const { healthyRetryPolicy, throttlePolicy, requestPolicy } = effectiveDeliveryPolicy(
    topic?.attributes['DeliveryPolicy'],
    attributes['DeliveryPolicy'],
  );
  return {
    SubscriptionArn: arn,
    TopicArn: topicArn,
    Protocol: protocol,
    Endpoint: endpoint,
    Owner: arn.split(':')[4]!,
    SubscriptionPrincipal: principal,
    PendingConfirmation: String(pending),
    ConfirmationWasAuthenticated: String(authenticated),
    RawMessageDelivery: 'false',
    ...(attributes['FilterPolicy'] !== undefined && { FilterPolicyScope: 'MessageAttributes' }),
    ...attributes,
    ...(protocol.startsWith('http') && {
      EffectiveDeliveryPolicy: JSON.stringify({
        healthyRetryPolicy,
        sicklyRetryPolicy: null,
        throttlePolicy: throttlePolicy ?? null,
        requestPolicy,
        guaranteed: false,
      }),
    }),
  };
}

// https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
function checkRedrivePolicy(text: string, { topicArn, endpoint, protocol }: Target, where: string): void {
  const refuse = (why: string) => invalidParameter(`${where}RedrivePolicy: ${why}`);
  let arn: unknown;
  try {
    arn = (JSON.parse(text) as { deadLetterTargetArn?: unknown } | null)?.deadLetterTargetArn;
  } catch {
    throw refuse('failed to parse JSON.');
  }
  if (typeof arn !== 'string') throw refuse('deadLetterTargetArn is required');
  if (!/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(arn)) throw refuse('deadLetterTargetArn is an invalid arn');
  const [, , , region, account] = arn.split(':');
  const [, , , ownRegion, ownAccount] = topicArn.split(':');
  if (region !== ownRegion || account !== ownAccount) {
    throw refuse('the dead-letter queue must be in the same account and region as the subscription');
  }
  if (protocol === 'sqs' && isFifo(endpoint) !== isFifo(arn)) {
    throw refuse(
      'the dead-letter queue of a FIFO queue must be a FIFO queue, and that of a standard queue a standard one',
    );
  }
}

const isEmptyObject = (text: string): boolean => /^\s*\{\s*\}\s*$/.test(text);
