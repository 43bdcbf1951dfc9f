// Requests and answers of a function URL, and of those who invoke the function directly with a request's method and path.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
import { LIMITS } from '../../contract.ts';
import { malformed, unavailable, type Refusal } from '../domain/refusal.ts';
import { keepSecret, logger, observed } from './telemetry.ts';

/** What of the runtime's context is used here. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
}

export interface HttpEvent {
  readonly rawPath?: string;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: {
    readonly http?: { readonly method?: string };
    readonly authorizer?: { readonly iam?: { readonly userArn?: string; readonly userId?: string } };
  };
}

/** A direct invocation of a route; who it is for, the alias says by which the function is invoked. */
export interface DirectEvent {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Request {
  readonly method: string;
  /** Decoded, without empty parts. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly requestId: string;
  readonly caller: { readonly arn?: string | undefined; readonly functionArn: string };
  /** The caller's unique id, which a queue knows it by. */
  readonly principalId?: string | undefined;
}

export interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Result = { readonly status: number } & Readonly<Record<string, unknown>>;

/** Answers one invocation; a service that cannot be reached is a 503 with a name, everything else unforeseen a fault. */
export function serve(
  event: HttpEvent | DirectEvent,
  context: InvocationContext,
  run: (request: Request) => Promise<Result | Refusal>,
): Promise<Response> {
  const requestId = context.awsRequestId;
  return observed(requestId, async () => {
    const request = requestOf(event, context);
    if (request === undefined) return responseOf(malformed('the path is not encoded as an address has to be'));
    try {
      return responseOf(await run(request));
    } catch (error) {
      if (!isOfAws(error)) throw error;
      logger.error('A service did not do what it was asked', { error });
      return responseOf(unavailable(requestId));
    }
  });
}

/** The body's JSON, or why it is none. */
export function parseBody(body: string): { readonly value: unknown } | { readonly refusal: Refusal } {
  if (Buffer.byteLength(body) > LIMITS.bodyBytes) {
    return { refusal: malformed(`the body is larger than ${LIMITS.bodyBytes} bytes`) };
  }
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { refusal: malformed('the body is not JSON') };
  }
}

export function responseOf({ status, ...body }: Result): Response {
  const retryAfter = body['retryAfter'];
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(typeof retryAfter === 'number' && { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify(body),
  };
}

function requestOf(event: HttpEvent | DirectEvent, context: InvocationContext): Request | undefined {
  const direct = 'path' in event;
  const iam = direct ? undefined : event.requestContext?.authorizer?.iam;
  const text = direct ? event.path : (event.rawPath ?? '/');
  keepSecret(iam?.userArn, iam?.userId, context.invokedFunctionArn.split(':')[7]);
  const path = decoded(text);
  return (
    path && {
      method: direct ? event.method : (event.requestContext?.http?.method ?? ''),
      path,
      query: (direct ? event.query : event.queryStringParameters) ?? {},
      body: direct
        ? bodyText(event.body)
        : Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8').toString(),
      requestId: context.awsRequestId,
      caller: { arn: iam?.userArn, functionArn: context.invokedFunctionArn },
      principalId: iam?.userId,
    }
  );
}

const bodyText = (body: unknown): string => (typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));

function decoded(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const isOfAws = (error: unknown): error is Error =>
  error instanceof Error && ('$metadata' in error || error.name === 'TimeoutError' || 'code' in error);
