// From a request to its answer: dispatch, identity, input, IAM, the operation, output; every error in the client's protocol.
import { hash } from 'node:crypto';
import type { Readable } from 'node:stream';

import { createCall, perform, refuseUnsupported } from '../calls.ts';
import type { Clock } from '../kernel/clock.ts';
import { AwsError } from '../kernel/errors.ts';
import type { Authentication } from '../kernel/identity/identity.ts';
import { readTimestamp } from '../kernel/identity/signature.ts';
import { uuid } from '../kernel/ids.ts';
import type { Call, Kernel, Operation, Service } from '../kernel/service.ts';
import { bindingsOf } from './bindings.ts';
import { hashMismatch, isHash, readWhole, RequestBody } from './body.ts';
import { bucketOf } from './bucket.ts';
import { checkShape } from './check.ts';
import { decompress } from './compressed.ts';
import { dispatch, hasForm, likelyProtocol, signedService, type Target } from './dispatch.ts';
import { answerable, faultOf, inputError, notImplemented, unknownOperation } from './faults.ts';
import type { WireAnswer, WireBody, WireRequest } from './message.ts';
import { isRpc, protocolOf } from './protocols/index.ts';
import type { Exchange, Protocol } from './protocols/protocol.ts';
import { formOf } from './protocols/query.ts';
import { findRoute } from './route.ts';
import { loadWireModel, type WireModel } from './schemas.ts';

/** Answers a request to an AWS API, whose body is still to be read. Never rejects. */
export type Handle = (request: WireRequest, source: Readable) => Promise<WireAnswer>;

type Services = ReadonlyMap<string, Service>;

/** What is known of a request so far: all that an error's answer can be shaped by. */
interface Known {
  readonly request: WireRequest;
  readonly requestId: string;
  target?: Target;
  model?: WireModel;
}

/** The largest body that is read whole, where a service does not ask for more. */
const LARGEST_BODY = 16 * 1024 * 1024;

const DEFAULT_REGION = 'us-east-1';

export function createHandler(kernel: Kernel, services: Services): Handle {
  return async (request, source) => {
    const known: Known = { request, requestId: uuid() };
    const answer = await handle(kernel, services, known, source).catch((error: unknown) =>
      refuse(kernel, known, error),
    );
    const from = request.headers['origin'];
    const crossOrigin = from === undefined ? undefined : known.target?.service.crossOrigin?.headers(request);
    const headers = { ...requestIds(known), ...dateFor(request, kernel.clock), ...crossOrigin, ...answer.headers };
    return { ...answer, headers };
  };
}

async function handle(kernel: Kernel, services: Services, known: Known, source: Readable): Promise<WireAnswer> {
  const { request, requestId } = known;
  const early = hasForm(request, services) ? await readWhole(source, LARGEST_BODY) : undefined;
  known.target = dispatch(request, services, early && formOf(request, decompress(request, early)));
  const { service, protocol } = known.target;
  const { crossOrigin } = service;
  if (isForeignPage(request) && !crossOrigin) throw foreignPage();
  if (request.method === 'OPTIONS' && crossOrigin) return crossOrigin.preflight(request);
  known.model = await loadWireModel(service.client);
  const exchange: Exchange = {
    model: known.model,
    request,
    requestId,
    ...findOperation(known.target, known.model, request),
  };
  const { name } = exchange.operation;
  const { body, authentication, trailers } = await receive(kernel, exchange, service, early ?? source);
  const operation = service.operations[name];
  if (!operation) throw notImplemented(service.name, name);
  if (Buffer.isBuffer(body)) service.checkBody?.(name, body, { ...request.headers, ...trailers });
  const call = createCall(kernel, {
    service: service.name,
    operation: name,
    principal: authentication.principal,
    region: authentication.region ?? DEFAULT_REGION,
    anyRegion: authentication.region === undefined,
    requestId,
    endpoint: request.endpoint,
    line: lineOf(request),
    headers: request.headers,
    signed: authentication.signed,
    onHangUp: request.onHangUp,
  });
  if (operation.raw && protocol.startsWith('json-') && Buffer.isBuffer(body)) {
    return performRaw(kernel, call, operation as RawOperation, body);
  }
  const format = protocolOf(protocol, service.client);
  const plain = Buffer.isBuffer(body) && !protocol.startsWith('rest-') ? decompress(request, body) : body;
  const input = await readInput(format, exchange, plain, known.target);
  refuseUnsupported(service, name, input);
  const output: unknown = await perform(kernel, call, operation, input, () => operation.run(input, call));
  return format.writeOutput(exchange, (output ?? {}) as Record<string, unknown>);
}

function findOperation(target: Target, model: WireModel, request: WireRequest): Pick<Exchange, 'operation' | 'labels'> {
  const { service, protocol } = target;
  if (target.operation !== undefined) {
    const operation = model.operations.get(target.operation);
    if (!operation) throw unknownOperation(service.name, target.operation, protocol);
    return { operation };
  }
  const { bucket, path } = service.client === 's3' ? bucketOf(request) : { bucket: undefined, path: request.path };
  const route = findRoute(model, {
    method: request.method,
    path,
    query: new URLSearchParams(request.query),
    headers: request.headers,
    ...(bucket !== undefined && { labels: { Bucket: bucket } }),
  });
  if (!route) throw unknownOperation(service.name, `${request.method} ${request.path}`, protocol);
  return route;
}

const lineOf = ({ method, path, query }: WireRequest): string => `${method} ${path}${query === '' ? '' : `?${query}`}`;

// Browsers say where a page that calls comes from.
const isForeignPage = ({ headers, endpoint }: WireRequest): boolean =>
  headers['origin'] !== undefined && headers['origin'] !== endpoint;

const foreignPage = (): AwsError =>
  new AwsError('AccessDenied', 'Calls from a page of another origin are refused.', { status: 403 });

// A body that is read whole is read before the signature is verified: most signatures cover its hash.
async function receive(
  kernel: Kernel,
  { operation, request }: Exchange,
  service: Service,
  source: Readable | Buffer,
): Promise<{ body: WireBody; authentication: Authentication; trailers?: RequestBody['trailers'] }> {
  const limit = service.largestBody ?? LARGEST_BODY;
  const streams = bindingsOf(operation.input).payload?.[1].isStreaming() ?? false;
  const chunked = request.headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
  if (!Buffer.isBuffer(source) && (streams || chunked)) {
    const authentication = kernel.identity.authenticate(request);
    const { payload, chunks } = authentication;
    const body = new RequestBody(source, { payload, headers: request.headers, chunks });
    if (streams) return { body, authentication };
    return { body: await readWhole(body, limit), authentication, trailers: body.trailers };
  }
  const body = Buffer.isBuffer(source) ? source : await readWhole(source, limit);
  const bodySha256 = hash('sha256', body);
  const authentication = kernel.identity.authenticate({ ...request, bodySha256 });
  const { payload } = authentication;
  if (isHash(payload) && payload !== bodySha256) throw hashMismatch(payload, bodySha256);
  return { body, authentication };
}

type RawOperation = Operation & Required<Pick<Operation, 'raw'>>;

async function performRaw(kernel: Kernel, call: Call, operation: RawOperation, body: Buffer): Promise<WireAnswer> {
  const input = parseRaw(body);
  const { status, json } = await perform(kernel, call, operation, input, () => operation.raw(body, call));
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: json };
}

function parseRaw(body: Buffer): object {
  try {
    const input: unknown = JSON.parse(body.toString());
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AwsError('SerializationException', 'The input is no JSON object');
}

async function readInput(format: Protocol, exchange: Exchange, body: WireBody, target: Target): Promise<unknown> {
  try {
    const input = await format.readInput(exchange, body);
    checkShape(exchange.operation.input, input);
    return input;
  } catch (error) {
    throw inputError(error, target.protocol, target.service.missingInputCode);
  }
}

function refuse(kernel: Kernel, { request, requestId, target, model }: Known, thrown: unknown): WireAnswer {
  const error = answerable(thrown);
  if (error.status >= 500) {
    kernel.log(error === thrown ? 'refused' : 'failed', {
      service: target?.service.name,
      operation: target?.operation ?? `${request.method} ${request.path}`,
      code: error.code,
      reason: error === thrown ? error.message : String((thrown as Partial<Error> | undefined)?.stack ?? thrown),
      requestId,
    });
  }
  const protocol = target?.protocol ?? likelyProtocol(request);
  const format = protocolOf(protocol, target?.service.client ?? signedService(request) ?? 's3');
  const answer = format.writeError(faultOf(error, model, isRpc(protocol)), { model, request, requestId });
  const common = target?.service.errorHeaders?.(request);
  return { ...answer, headers: { ...answer.headers, ...common, ...error.headers } };
}

/** As far as AWS's SDKs may be off before they correct themselves by an answer's date, in milliseconds. */
const TOLERATED_SKEW = 4 * 60_000;

// An SDK that is told another time than its own takes what failed for skewed, and sends it again: each is told the time that
// it keeps.
function dateFor({ headers }: WireRequest, clock: Clock): Record<string, string> {
  // What is not said here is the cloud's time.
  if (Math.abs(clock.now() - Date.now()) < TOLERATED_SKEW) return {};
  const time = clock.keptBy(readTimestamp(headers['x-amz-date'] ?? ''), TOLERATED_SKEW);
  return time === undefined ? {} : { date: new Date(time).toUTCString() };
}

function requestIds({ requestId, target }: Known): Record<string, string> {
  return target?.service.client === 's3'
    ? { 'x-amz-request-id': requestId, 'x-amz-id-2': Buffer.from(requestId).toString('base64') }
    : { 'x-amzn-requestid': requestId };
}
