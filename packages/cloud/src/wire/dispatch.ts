// Which service and which protocol a request means, by what the client sent and not by what the service prefers.
import { AwsError } from '../kernel/errors.ts';
import type { Service } from '../kernel/service.ts';
import type { WireRequest } from './message.ts';
import { wireSettings, type NativeProtocol } from './schemas.ts';

export interface Target {
  readonly service: Service;
  readonly protocol: NativeProtocol;
  /** In RPC protocols; REST's is found by its route. */
  readonly operation: string | undefined;
}

type Services = ReadonlyMap<string, Service>;

/** Finds what a request is for; `form` holds a query request's parameters. Throws where there is no such service. */
export function dispatch(request: WireRequest, services: Services, form: URLSearchParams | undefined): Target {
  const rpc = rpcTarget(request);
  if (rpc) {
    const { target, operation, protocol } = rpc;
    // A target in a header is for POST to the root alone; anything else means something else.
    if (request.method !== 'POST' || (protocol !== 'cbor' && request.path !== '/')) {
      throw new AwsError('UnknownOperationException', `${request.method} ${request.path} is no operation`, {
        status: 404,
      });
    }
    const service = signed(request, services, target) ?? find(services, ({ client }) => targetOf(client) === target);
    if (!service) throw unknownService(signedService(request) ?? target);
    return { service, protocol, operation };
  }
  const action = form?.get('Action') ?? undefined;
  const service = signed(request, services) ?? (action === undefined ? services.get('s3') : ownerOf(action, services));
  if (!service) throw unknownService(signedService(request) ?? action ?? 's3');
  const { protocol } = wireSettings(service.client);
  if (protocol.startsWith('rest-')) return { service, protocol, operation: undefined };
  if (action === undefined) throw new AwsError('MissingAction', 'The request must contain the parameter Action');
  return { service, protocol: protocol === 'ec2' ? 'ec2' : 'query', operation: action };
}

/** Services of AWS that speak XML; every other REST service speaks JSON. */
const XML_SERVICES: ReadonlySet<string> = new Set(['s3', 's3-outposts', 'cloudfront', 'route53']);

/** The protocol in which to answer while nothing more is known. */
export function likelyProtocol(request: WireRequest): NativeProtocol {
  const rpc = rpcTarget(request);
  if (rpc) return rpc.protocol;
  const service = signedService(request);
  if (looksLikeForm(request)) return service === 'ec2' ? 'ec2' : 'query';
  return service === undefined || XML_SERVICES.has(service) ? 'rest-xml' : 'rest-json';
}

/** True where the parameters that dispatch needs are in the query string or the body: the query protocol's. */
export function hasForm(request: WireRequest, services: Services): boolean {
  if (rpcTarget(request) || !looksLikeForm(request)) return false;
  const service = signer(services, signedService(request) ?? '');
  return !service || !wireSettings(service.client).protocol.startsWith('rest-');
}

/** The service in the credential scope of a signature, in the header or in the query. */
export function signedService(request: WireRequest): string | undefined {
  const header = /\bCredential=[^,\s]*\/([^/,\s]+)\/aws4_request/.exec(request.headers['authorization'] ?? '');
  if (header) return header[1];
  if (!request.query.includes('X-Amz-Credential')) return undefined;
  return new URLSearchParams(request.query).get('X-Amz-Credential')?.split('/').at(-2);
}

const looksLikeForm = ({ method, headers, query }: WireRequest): boolean =>
  method === 'POST'
    ? (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
    : /(^|&)Action=/.test(query);

interface RpcTarget {
  /** The service's name in the protocol, e.g. `DynamoDB_20120810`. */
  readonly target: string;
  readonly operation: string;
  readonly protocol: NativeProtocol;
}

function rpcTarget(request: WireRequest): RpcTarget | undefined {
  const [, cborTarget, cborOperation] = /^\/service\/([^/]+)\/operation\/([^/]+)\/?$/.exec(request.path) ?? [];
  if (cborTarget && cborOperation && request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    return { target: cborTarget, operation: cborOperation, protocol: 'cbor' };
  }
  const header = request.headers['x-amz-target'];
  if (header === undefined) return undefined;
  const dot = header.lastIndexOf('.');
  const protocol = (request.headers['content-type'] ?? '').includes('json-1.0') ? 'json-1.0' : 'json-1.1';
  return { target: header.slice(0, Math.max(dot, 0)), operation: header.slice(dot + 1), protocol };
}

function signed(request: WireRequest, services: Services, target?: string): Service | undefined {
  const name = signedService(request);
  if (name === undefined) return undefined;
  const named = signer(services, name);
  const service =
    target === undefined || (named && targetOf(named.client) === target)
      ? named
      : (find(services, ({ client, signingName }) => signingName === name && targetOf(client) === target) ?? named);
  if (!service) throw unknownService(name);
  return service;
}

/** The service that signs by this name: its own, or another's that only some sign by, as CloudWatch does by `monitoring`. */
const signer = (services: Services, name: string): Service | undefined =>
  services.get(name) ?? find(services, ({ signingName }) => signingName === name);

/** Actions that nobody signs, and that their service here has not: who asks is told that, not to sign. */
const UNSIGNED_ACTIONS: Readonly<Record<string, string>> = { AssumeRoleWithSAML: 'sts' };

/** The service that has the action, for a query request that nobody signed, as AssumeRoleWithWebIdentity is. */
function ownerOf(action: string, services: Services): Service {
  const owner = [...services.values()].find(({ client, operations }) => {
    const { protocol, queryCompatible } = wireSettings(client);
    return Object.hasOwn(operations, action) && (queryCompatible || ['query', 'ec2'].includes(protocol));
  });
  if (owner) return owner;
  const lacking = services.get(UNSIGNED_ACTIONS[action] ?? '');
  if (lacking) return lacking;
  throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
}

const find = (services: Services, is: (service: Service) => boolean): Service | undefined =>
  [...services.values()].find(is);

const targetOf = (client: string): string => wireSettings(client).target;

const unknownService = (name: string): AwsError =>
  new AwsError('NotImplemented', `The service ${name} is not supported here.`, { status: 501 });
