// How often, and how far apart, an HTTP endpoint that fails is tried again.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html#creating-delivery-policy
import { invalidParameter } from './errors.ts';

export interface RetryPolicy {
  /** Seconds. */
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly backoffFunction: 'arithmetic' | 'exponential' | 'geometric' | 'linear';
}

export interface RequestPolicy {
  readonly headerContentType: string;
}

export interface ThrottlePolicy {
  readonly maxReceivesPerSecond: number;
}

interface TopicDeliveryPolicy {
  readonly http: {
    readonly defaultHealthyRetryPolicy: RetryPolicy;
    readonly defaultThrottlePolicy?: ThrottlePolicy;
    readonly disableSubscriptionOverrides: boolean;
    readonly defaultRequestPolicy: RequestPolicy;
  };
}

export interface DeliveryPolicy {
  readonly healthyRetryPolicy: RetryPolicy;
  readonly throttlePolicy?: ThrottlePolicy | undefined;
  readonly requestPolicy: RequestPolicy;
}

const RETRIES: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

const REQUEST: RequestPolicy = { headerContentType: 'text/plain; charset=UTF-8' };

export const defaultDeliveryPolicy: TopicDeliveryPolicy = {
  http: { defaultHealthyRetryPolicy: RETRIES, disableSubscriptionOverrides: false, defaultRequestPolicy: REQUEST },
};

const MOST_RETRIES = 100;
const LONGEST_DELAY_SECONDS = 3_600;

const BACKOFFS = ['arithmetic', 'exponential', 'geometric', 'linear'];

/** What AWS lets a delivery carry as its content type. */
const CONTENT_TYPES =
  /^(application\/(atom\+xml|json|octet-stream|soap\+xml|x-www-form-urlencoded|xhtml\+xml|xml)|text\/(css|csv|html|plain|xml))(;\s*charset=[\w-]+)?$/i;

/** A topic's policy in full. Throws where it is not one. */
export function readTopicDeliveryPolicy(text: string): TopicDeliveryPolicy {
  const { http = {} } = parse(text);
  if (!isObject(http)) throw invalid('http must be an object');
  const throttle = readThrottle(http['defaultThrottlePolicy']);
  return {
    http: {
      defaultHealthyRetryPolicy: readRetries(http['defaultHealthyRetryPolicy']),
      ...(throttle && { defaultThrottlePolicy: throttle }),
      disableSubscriptionOverrides: http['disableSubscriptionOverrides'] === true,
      defaultRequestPolicy: readRequest(http['defaultRequestPolicy']),
    },
  };
}

/** A subscription's policy; undefined members are the topic's. Throws where it is not one. */
export function readSubscriptionDeliveryPolicy(text: string): Partial<DeliveryPolicy> {
  const { healthyRetryPolicy, requestPolicy, throttlePolicy } = parse(text);
  const throttle = readThrottle(throttlePolicy);
  return {
    ...(healthyRetryPolicy !== undefined && { healthyRetryPolicy: readRetries(healthyRetryPolicy) }),
    ...(throttle && { throttlePolicy: throttle }),
    ...(requestPolicy !== undefined && { requestPolicy: readRequest(requestPolicy) }),
  };
}

/** The policy that holds for a subscription: its own, where the topic lets it have one. */
export function effectiveDeliveryPolicy(
  ofTopic: string | undefined,
  ofSubscription: string | undefined,
): DeliveryPolicy {
  const { http } = ofTopic ? readTopicDeliveryPolicy(ofTopic) : defaultDeliveryPolicy;
  return {
    healthyRetryPolicy: http.defaultHealthyRetryPolicy,
    throttlePolicy: http.defaultThrottlePolicy,
    requestPolicy: http.defaultRequestPolicy,
    ...(ofSubscription && !http.disableSubscriptionOverrides && readSubscriptionDeliveryPolicy(ofSubscription)),
  };
}

function readRetries(given: unknown = {}): RetryPolicy {
  if (!isObject(given)) throw invalid('healthyRetryPolicy must be an object');
  const policy = { ...RETRIES, ...given } as RetryPolicy;
  const { minDelayTarget, maxDelayTarget, numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } =
    policy;
  const numbers = {
    minDelayTarget,
    maxDelayTarget,
    numRetries,
    numNoDelayRetries,
    numMinDelayRetries,
    numMaxDelayRetries,
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < 0) throw invalid(`${name} must be a non-negative integer`);
  }
  if (minDelayTarget < 1 || maxDelayTarget > LONGEST_DELAY_SECONDS || minDelayTarget > maxDelayTarget) {
    throw invalid(`minDelayTarget must be between 1 and maxDelayTarget, which is ${LONGEST_DELAY_SECONDS} at most`);
  }
  if (numRetries > MOST_RETRIES) throw invalid(`numRetries must be between 0 and ${MOST_RETRIES}`);
  if (numNoDelayRetries + numMinDelayRetries + numMaxDelayRetries > numRetries) {
    throw invalid('numRetries must not be less than the sum of the retries of the other phases');
  }
  if (!BACKOFFS.includes(policy.backoffFunction))
    throw invalid('backoffFunction must be one of ' + BACKOFFS.join(', '));
  return policy;
}

function readThrottle(given: unknown): ThrottlePolicy | undefined {
  if (given === undefined || given === null) return undefined;
  const most = isObject(given) ? given['maxReceivesPerSecond'] : undefined;
  if (!Number.isInteger(most) || (most as number) < 1) {
    throw invalid('maxReceivesPerSecond must be an integer of at least 1');
  }
  return { maxReceivesPerSecond: most as number };
}

function readRequest(given: unknown = {}): RequestPolicy {
  if (!isObject(given)) throw invalid('requestPolicy must be an object');
  const policy = { ...REQUEST, ...given } as RequestPolicy;
  if (!CONTENT_TYPES.test(policy.headerContentType)) throw invalid('headerContentType is not supported');
  return policy;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const policy: unknown = JSON.parse(text);
    if (isObject(policy)) return policy;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid('failed to parse JSON');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (why: string) => invalidParameter(`DeliveryPolicy: ${why}`);
