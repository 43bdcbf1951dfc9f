// The SDK's side of every protocol, for tests: what it sends for an input, without a client around it.
import {
  AwsEc2QueryProtocol,
  AwsJson1_0Protocol,
  AwsJson1_1Protocol,
  AwsQueryProtocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols';
import type { HttpRequest } from '@smithy/core/protocols';

import type { NativeProtocol, WireModel, WireOperation } from './schemas.ts';
import type { HandMade } from './signed-request.ts';

const PROTOCOLS = {
  'json-1.0': AwsJson1_0Protocol,
  'json-1.1': AwsJson1_1Protocol,
  query: AwsQueryProtocol,
  ec2: AwsEc2QueryProtocol,
  'rest-json': AwsRestJsonProtocol,
  'rest-xml': AwsRestXmlProtocol,
  cbor: AwsSmithyRpcV2CborProtocol,
} as const;

export const SPEAKER_CONTEXT = {
  endpoint: async () => ({ protocol: 'http:', hostname: 'localhost', path: '/' }),
};

export function speakerOf(name: NativeProtocol, model: WireModel) {
  return new PROTOCOLS[name]({
    defaultNamespace: 'test',
    errorTypeRegistries: [],
    serviceTarget: model.target,
    version: model.version,
    xmlNamespace: model.xmlNamespace,
  } as never);
}

export const speakerSchema = ({ name, input, output, http }: WireOperation) => ({
  namespace: 'test',
  name,
  traits: http ? { http: [...http] as [string, string, number] } : 0,
  input: input as never,
  output: output as never,
});

/** The request that the SDK makes of an input, before it is signed. */
export async function serialize(
  name: NativeProtocol,
  model: WireModel,
  operation: WireOperation,
  input: unknown,
): Promise<HttpRequest> {
  // CBOR's paths name both.
  const context = { ...SPEAKER_CONTEXT, __smithy_context: { service: model.target, operation: operation.name } };
  const sent = await speakerOf(name, model).serializeRequest(
    speakerSchema(operation),
    input as object,
    context as never,
  );
  return sent as HttpRequest;
}

/** The protocols that a service of this model can be asked in. */
export function protocolsOf({ protocol, queryCompatible }: WireModel): NativeProtocol[] {
  if (protocol.startsWith('rest-')) return [protocol];
  if (protocol === 'query' || protocol === 'ec2') return [protocol];
  return [protocol, 'cbor', ...(queryCompatible ? (['query'] as const) : [])];
}

/** What the SDK makes of an input, for a test to sign, or to spoil, by hand. */
export interface SdkRequest extends Required<Pick<HandMade, 'service' | 'method' | 'path' | 'headers'>> {
  readonly protocol: NativeProtocol;
  readonly body: Buffer;
}

export async function sdkRequest(
  service: string,
  protocol: NativeProtocol,
  model: WireModel,
  operation: WireOperation,
  input: unknown,
): Promise<SdkRequest> {
  const sent = await serialize(protocol, model, operation, input);
  const query = queryText(sent);
  // Said anew for each body.
  const { 'content-length': _length, ...headers } = sent.headers;
  // S3's schemas leave the bucket to the host's name.
  const { Bucket } = input as { Bucket?: string };
  const path = service === 's3' && Bucket !== undefined ? `/${encodeURIComponent(Bucket)}${sent.path}` : sent.path;
  return {
    service,
    protocol,
    method: sent.method,
    path: query === '' ? path : `${path}?${query}`,
    headers,
    body: Buffer.from((sent.body as string | Uint8Array | undefined) ?? ''),
  };
}

/** A request's query as it is sent. */
export const queryText = ({ query }: Pick<HttpRequest, 'query'>): string =>
  Object.entries(query)
    .flatMap(([name, values]) =>
      [values]
        .flat()
        .map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value ?? '').replaceAll("'", '%27')}`),
    )
    .join('&');

/** Bodies that stream are not read into memory; their way is tested with the server. */
export function isPlain({ input, output }: WireOperation): boolean {
  const members = [input, output].flatMap((schema) => (schema.isUnitSchema() ? [] : [...schema.structIterator()]));
  return !members.some(([, member]) => member.isStreaming());
}
