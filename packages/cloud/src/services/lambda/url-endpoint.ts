// The HTTP side of function URLs: `<id>.lambda-url.<region>.localhost`, or `/_lambda-url/<id>` for clients that cannot
// resolve such names. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import { createCall } from '../../calls.ts';
import { AwsError } from '../../kernel/errors.ts';
import { anonymousPrincipal, type Principal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import { readWhole } from '../../wire/body.ts';
import type { WireAnswer, WireRequest } from '../../wire/message.ts';
import { policyFacts } from './access.ts';
import { findVersion, type Cors, type Functions, type LambdaFunction, type UrlConfig } from './functions.ts';
import { newTraceId, type Invoker } from './invoker.ts';
import { LATEST } from './names.ts';
import { eventOf, responseOf } from './url-event.ts';

const HOST = /^([0-9a-z]+)\.lambda-url\.([a-z0-9-]+)\.localhost$/;
const PATH = /^\/_lambda-url\/([0-9a-z]+)(\/.*)?$/;

const LARGEST_REQUEST = 6 * 1024 * 1024;

interface Found {
  readonly fn: LambdaFunction;
  readonly url: UrlConfig;
  readonly qualifier: string | undefined;
}

interface Arrived {
  readonly request: WireRequest;
  readonly path: string;
  readonly source: Readable;
}

export class UrlEndpoint {
  readonly #kernel: Kernel;
  readonly #functions: Functions;
  readonly #invoker: Invoker;

  constructor(kernel: Kernel, functions: Functions, invoker: Invoker) {
    this.#kernel = kernel;
    this.#functions = functions;
    this.#invoker = invoker;
  }

  /** Answers a request to a function URL; undefined where it is for something else. */
  answer(request: WireRequest, source: Readable): Promise<WireAnswer> | undefined {
    const byHost = HOST.exec(request.host);
    const byPath = byHost ? undefined : PATH.exec(request.path);
    const id = byHost?.[1] ?? byPath?.[1];
    if (id === undefined) return undefined;
    const found = this.#find(id);
    if (!found) return Promise.resolve(refusal(403, 'Forbidden'));
    return this.#serve(found, { request, path: byPath ? (byPath[2] ?? '/') : request.path, source });
  }

  async #serve(found: Found, arrived: Arrived): Promise<WireAnswer> {
    const { fn, url, qualifier } = found;
    const { headers, method } = arrived.request;
    const cors = corsHeaders(url.cors, headers['origin']);
    if (url.cors && method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) {
      return { status: 200, headers: { ...cors, ...preflightHeaders(url.cors) } };
    }
    const measure = (name: string, value: number) => this.#invoker.measure(fn, qualifier, name, value);
    const begun = performance.now();
    const answer = await this.#run(found, arrived).catch((error: unknown) => this.#refuse(error));
    measure('UrlRequestCount', 1);
    this.#invoker.measure(fn, qualifier, 'UrlRequestLatency', performance.now() - begun, 'Milliseconds');
    if (answer.status >= 500) measure('Url5xxCount', 1);
    else if (answer.status >= 400) measure('Url4xxCount', 1);
    return { ...answer, headers: { ...answer.headers, ...cors } };
  }

  async #run({ fn, url, qualifier }: Found, { request, path, source }: Arrived): Promise<WireAnswer> {
    const body = await readWhole(source, LARGEST_REQUEST);
    const requestId = uuid();
    const principal = this.#admit({ fn, url, qualifier }, request, body, requestId);
    const version = findVersion(fn, qualifier);
    if (!version) return refusal(403, 'Forbidden');
    const traceId = request.headers['x-amzn-trace-id'] ?? newTraceId();
    const now = this.#kernel.clock.now();
    const event = eventOf({ request, path, body, urlId: url.id, requestId, traceId, now, principal });
    const target = { fn, version, qualifier };
    const result = await this.#invoker.run({ target, payload: JSON.stringify(event), requestId, traceId });
    const answer = result.failed ? refusal(502, 'Internal Server Error') : responseOf(result.payload);
    return { ...answer, headers: { 'x-amzn-requestid': requestId, 'x-amzn-trace-id': traceId, ...answer.headers } };
  }

  // Since October 2025 both rights are needed, the second one as far as it goes through the URL.
  #admit({ fn, url, qualifier }: Found, request: WireRequest, body: Buffer, requestId: string): Principal | undefined {
    const principal = url.authType === 'NONE' ? anonymousPrincipal : this.#signer(request, body);
    const call = createCall(this.#kernel, {
      service: 'lambda',
      operation: 'InvokeFunctionUrl',
      principal,
      region: fn.region,
      requestId,
      headers: request.headers,
    });
    const facts = policyFacts(fn, qualifier);
    const context = {
      ...facts.context,
      'lambda:FunctionUrlAuthType': url.authType,
      'lambda:InvokedViaFunctionUrl': 'true',
    };
    const resource = qualifier === undefined ? fn.arn : `${fn.arn}:${qualifier}`;
    const actions = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];
    this.#kernel.identity.authorize(
      actions.map((action) => ({ action, resource, ...facts, context })),
      call,
    );
    this.#kernel.meter.add('lambda', 'requests:InvokeFunctionUrl', fn.region);
    return url.authType === 'NONE' ? undefined : principal;
  }

  #signer(request: WireRequest, body: Buffer): Principal {
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    const { principal, service, payload } = this.#kernel.identity.authenticate({ ...request, bodySha256 });
    const covered = payload === bodySha256 || !/^[0-9a-f]{64}$/.test(payload);
    if (principal.kind === 'anonymous' || service !== 'lambda' || !covered) {
      throw new AwsError('AccessDeniedException', 'Forbidden', { status: 403 });
    }
    return principal;
  }

  #refuse(error: unknown): WireAnswer {
    if (!(error instanceof AwsError)) throw error;
    const { code, status } = error;
    if (status === 429) return refusal(429, 'Rate Exceeded.');
    if (status === 413) return refusal(413, error.message);
    if (/AccessDenied/.test(code)) return refusal(403, 'Forbidden');
    return status === 403 || status === 400 ? refusal(403, error.message) : refusal(502, 'Internal Server Error');
  }

  #find(id: string): Found | undefined {
    for (const fn of this.#functions.list()) {
      const [key, url] = Object.entries(fn.urls).find(([, one]) => one.id === id) ?? [];
      if (url) return { fn, url, qualifier: key === LATEST ? undefined : key };
    }
    return undefined;
  }
}

const refusal = (status: number, Message: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ Message }),
});

// https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
function corsHeaders(cors: Cors | undefined, origin: string | undefined): Record<string, string> {
  const allowed = cors?.AllowOrigins ?? [];
  if (!cors || origin === undefined || !(allowed.includes('*') || allowed.includes(origin))) return {};
  return {
    'access-control-allow-origin': allowed.includes('*') && !cors.AllowCredentials ? '*' : origin,
    ...(cors.AllowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(cors.ExposeHeaders?.length && { 'access-control-expose-headers': cors.ExposeHeaders.join(',') }),
  };
}

const preflightHeaders = (cors: Cors): Record<string, string> => ({
  ...(cors.AllowMethods?.length && { 'access-control-allow-methods': cors.AllowMethods.join(',') }),
  ...(cors.AllowHeaders?.length && { 'access-control-allow-headers': cors.AllowHeaders.join(',') }),
  ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
});
