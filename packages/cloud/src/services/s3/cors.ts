// Pages of other origins: what a bucket's CORS configuration lets their browsers do, asked beforehand and told with each answer.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
import type { CORSRule } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import { bucketOf } from '../../wire/bucket.ts';
import { faultOf } from '../../wire/faults.ts';
import type { WireAnswer, WireRequest } from '../../wire/message.ts';
import { protocolOf } from '../../wire/protocols/index.ts';
import type { Bucket, Buckets } from './buckets.ts';

type Headers = Readonly<Record<string, string>>;

/** The headers that let a page of another origin read an answer: those of the first rule that is about its request. */
export function crossOriginHeaders(bucket: Bucket | undefined, { headers, method }: WireRequest): Headers {
  const { origin } = headers;
  if (origin === undefined) return {};
  const found = findRule(bucket?.settings.cors, { origin, method, headers: [] });
  return found ? answerHeaders(found) : {};
}

/** Answers what a browser asks before a page of another origin may send its request. */
export function answerPreflight(bucket: Bucket | undefined, request: WireRequest): WireAnswer {
  try {
    return preflight(bucket, request);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const fault = faultOf(error, undefined, false);
    return protocolOf('rest-xml', 's3').writeError(fault, { request, requestId: uuid(), model: undefined });
  }
}

/** The bucket that a request to S3's own endpoint is about. */
export function bucketAsked(buckets: Buckets, request: WireRequest): Bucket | undefined {
  try {
    return buckets.find(bucketOf(request).bucket);
  } catch (error) {
    // A path that is none names no bucket.
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function preflight(bucket: Bucket | undefined, { headers, path }: WireRequest): WireAnswer {
  const { origin, 'access-control-request-method': method } = headers;
  if (origin === undefined) {
    throw new AwsError('BadRequest', 'Insufficient information. Origin request header needed.');
  }
  if (method === undefined) throw new AwsError('BadRequest', 'Invalid Access-Control-Request-Method: null');
  if (!bucket) throw forbidden('CORSResponse: Bucket not found', method, path);
  const rules = bucket.settings.cors;
  if (!rules) throw forbidden('CORSResponse: CORS is not enabled for this bucket.', method, path);
  const asked = namesIn(headers['access-control-request-headers']);
  const found = findRule(rules, { origin, method, headers: asked });
  if (!found) throw forbidden(NOT_ALLOWED, method, path);
  return {
    status: 200,
    headers: {
      ...answerHeaders(found),
      ...(asked.length > 0 && { 'access-control-allow-headers': asked.join(', ') }),
    },
  };
}

// S3's own words, its spelling included.
const NOT_ALLOWED =
  'CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / ' +
  "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";

const forbidden = (message: string, method: string, path: string): AwsError =>
  new AwsError('AccessForbidden', message, {
    status: 403,
    members: { Method: method, ResourceType: /^\/[^/]*\/?$/.test(path) ? 'BUCKET' : 'OBJECT' },
  });

interface Asked {
  readonly origin: string;
  readonly method: string;
  /** In lower case. */
  readonly headers: readonly string[];
}

interface Found {
  readonly rule: CORSRule;
  /** The origin as the answer names it: `*` where the rule lets everybody in. */
  readonly origin: string;
}

function findRule(rules: readonly CORSRule[] | undefined, asked: Asked): Found | undefined {
  for (const rule of rules ?? []) {
    const pattern = rule.AllowedOrigins?.find((each) => matches(each, asked.origin));
    if (pattern === undefined || !rule.AllowedMethods?.includes(asked.method)) continue;
    const allowed = (rule.AllowedHeaders ?? []).map((each) => each.toLowerCase());
    if (!asked.headers.every((name) => allowed.some((each) => matches(each, name)))) continue;
    return { rule, origin: pattern === '*' ? '*' : asked.origin };
  }
  return undefined;
}

/** A pattern has at most one wildcard. */
function matches(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}

const answerHeaders = ({ rule, origin }: Found): Headers => ({
  'access-control-allow-origin': origin,
  'access-control-allow-methods': rule.AllowedMethods!.join(', '),
  ...(origin !== '*' && { 'access-control-allow-credentials': 'true' }),
  ...(rule.ExposeHeaders?.length && { 'access-control-expose-headers': rule.ExposeHeaders.join(', ') }),
  ...(rule.MaxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.MaxAgeSeconds) }),
  vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
});

const namesIn = (list = ''): string[] =>
  list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
