// Whom a subscription may reach, by protocol.
// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
import { invalidParameter, unsupported } from './errors.ts';
import { isLoopback } from './http-endpoint.ts';
import { isFifo } from './names.ts';

type Check = (endpoint: string, topicArn: string) => void;

/** Protocols that the cloud delivers by. */
const CHECKS: Readonly<Record<string, Check>> = {
  sqs: (endpoint, topicArn) => {
    if (!/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(endpoint)) throw invalidParameter('SQS endpoint ARN');
    if (isFifo(endpoint) && !isFifo(topicArn)) {
      throw invalidParameter(
        'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
      );
    }
  },
  lambda: (endpoint) => {
    if (!/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(endpoint)) {
      throw invalidParameter('Lambda endpoint ARN');
    }
  },
  http: (endpoint) => checkUrl(endpoint, 'http:'),
  https: (endpoint) => checkUrl(endpoint, 'https:'),
  email: checkAddress,
  'email-json': checkAddress,
};

const OTHERS = ['sms', 'firehose', 'application'];

/** Throws where a topic cannot reach the endpoint. */
export function checkEndpoint(protocol: string, endpoint: string | undefined, topicArn: string): void {
  if (OTHERS.includes(protocol)) throw unsupported('Protocol', `the protocol ${protocol}`);
  const check = Object.hasOwn(CHECKS, protocol) && CHECKS[protocol];
  if (!check) throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  if (!endpoint) throw invalidParameter('Endpoint');
  if (isFifo(topicArn) && protocol !== 'sqs') {
    throw invalidParameter(
      'Invalid parameter: Endpoint Reason: Please use an SQS queue: a FIFO topic delivers to no other protocol',
    );
  }
  check(endpoint, topicArn);
}

/** True where AWS asks the endpoint before it sends anything. */
export const asksFirst = (protocol: string): boolean => protocol !== 'sqs' && protocol !== 'lambda';

function checkUrl(endpoint: string, scheme: string): void {
  let url;
  try {
    url = new URL(endpoint);
  } catch {
    throw invalidParameter('Endpoint');
  }
  if (url.protocol !== scheme) throw invalidParameter('Endpoint must match the specified protocol');
  if (!isLoopback(url.hostname)) {
    throw invalidParameter(
      `Endpoint Reason: ${url.hostname} is another machine, and nothing leaves this one: use localhost, a name under it, or a loopback address`,
    );
  }
}

function checkAddress(endpoint: string): void {
  if (!/^[^@\s<>"]+@[^@\s<>"]+$/.test(endpoint)) throw invalidParameter('Email address');
}
