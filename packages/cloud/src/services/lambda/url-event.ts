// A function URL's request as the event that the function gets, and the function's answer as the response.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
import type { Principal } from '../../kernel/identity/principal.ts';
import type { WireAnswer, WireRequest } from '../../wire/message.ts';

export interface UrlRequest {
  readonly request: WireRequest;
  /** The path behind the URL's own. */
  readonly path: string;
  readonly body: Buffer;
  readonly urlId: string;
  readonly requestId: string;
  readonly traceId: string;
  /** Milliseconds on the cloud's clock. */
  readonly now: number;
  /** Who signed it; undefined where nobody has to. */
  readonly principal: Principal | undefined;
}

/** The event, in payload format 2.0. */
export function eventOf({ request, path, body, urlId, requestId, traceId, now, principal }: UrlRequest) {
  const { headers, query, method, host } = request;
  const cookies = headers['cookie']?.split(/; ?/);
  const parameters = joined(new URLSearchParams(query));
  const text = isText(headers['content-type']);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers: {
      ...headers,
      'x-amzn-trace-id': traceId,
      'x-forwarded-for': headers['x-forwarded-for'] ?? '127.0.0.1',
      'x-forwarded-port': new URL(request.endpoint).port,
      'x-forwarded-proto': headers['x-forwarded-proto'] ?? 'http',
    },
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    requestContext: {
      accountId: principal?.account ?? 'anonymous',
      apiId: urlId,
      ...(principal && { authorizer: { iam: callerOf(principal, headers['authorization']) } }),
      domainName: host,
      domainPrefix: urlId,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: headers['x-forwarded-for']?.split(',')[0] ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: text ? body.toString() : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** The response that a function's answer stands for: what it says, or its answer as JSON. */
export function responseOf(payload: string): WireAnswer {
  const value = JSON.parse(payload) as unknown;
  if (!isResponse(value)) return { status: 200, headers: JSON_TYPE, body: payload };
  const { statusCode, headers = {}, cookies, body, isBase64Encoded } = value;
  const own = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), String(text)]));
  const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status: statusCode,
    headers: { ...JSON_TYPE, ...own },
    ...(cookies && { cookies: cookies.map(String) }),
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

interface Response {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly unknown[];
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

const isResponse = (value: unknown): value is Response =>
  typeof value === 'object' &&
  value !== null &&
  'statusCode' in value &&
  Number.isInteger(value.statusCode) &&
  Number(value.statusCode) >= 200 &&
  Number(value.statusCode) <= 599;

/** Values of a name that comes several times are joined by commas. */
function joined(parameters: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]));
}

const isText = (type = ''): boolean =>
  /^(text\/|application\/(json|xml|javascript|[\w.+-]+\+(json|xml))\b)/.test(type.toLowerCase());

function callerOf(principal: Principal, authorization = '') {
  return {
    accessKey: /Credential=([^/,]+)\//.exec(authorization)?.[1] ?? '',
    accountId: principal.account,
    callerId: principal.id,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: principal.arn,
    userId: principal.id,
  };
}

/** E.g. `12/Mar/2026:19:03:58 +0000`. */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(now).toUTCString())!;
  return `${day}/${month}/${year}:${time} +0000`;
}
