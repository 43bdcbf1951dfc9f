// What the SDK writes the wire reads, and what the wire writes the SDK reads: random values, every operation, every protocol.
import {
  AwsEc2QueryProtocol,
  AwsJson1_0Protocol,
  AwsJson1_1Protocol,
  AwsQueryProtocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols';
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { valueOf } from './arbitrary.ts';
import { checkShape } from './check.ts';
import type { WireRequest } from './message.ts';
import { protocolOf } from './protocols/index.ts';
import { findRoute } from './route.ts';
import { loadWireModel, type NativeProtocol, type WireModel, type WireOperation } from './schemas.ts';

const CLIENT_PROTOCOLS = {
  'json-1.0': AwsJson1_0Protocol,
  'json-1.1': AwsJson1_1Protocol,
  query: AwsQueryProtocol,
  ec2: AwsEc2QueryProtocol,
  'rest-json': AwsRestJsonProtocol,
  'rest-xml': AwsRestXmlProtocol,
  cbor: AwsSmithyRpcV2CborProtocol,
} as const;

// A client's schemas say nothing of the protocol, so each protocol can be tried with whichever shapes suit it.
const CASES: [NativeProtocol, client: string][] = [
  ['json-1.0', 'dynamodb'],
  ['json-1.1', 'codebuild'],
  ['json-1.1', 'cloudwatch-logs'],
  ['query', 'iam'],
  ['query', 'sts'],
  ['ec2', 'iam'],
  ['rest-xml', 's3'],
  ['rest-json', 's3'],
  ['cbor', 'codebuild'],
  ['cbor', 'dynamodb'],
];

const RUNS = 150;

test.for(CASES)('%s carries the shapes of %s both ways', { timeout: 60_000 }, async ([name, client]) => {
  const model = await loadWireModel(client);
  const operations = [...model.operations.values()].filter((operation) => isPlain(operation));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...operations).chain((operation) =>
        fc.record({
          operation: fc.constant(operation),
          input: valueOf(operation.input),
          output: valueOf(operation.output),
        }),
      ),
      async ({ operation, input, output }) => {
        const speaker = speakerOf(name, model);
        const sent = await speaker.serializeRequest(schemaOf(operation), input as object, CONTEXT as never);
        const request = wireRequest(sent as HttpRequest);
        const body = Buffer.from((sent.body as string | Uint8Array | undefined) ?? '');
        const exchange = {
          model,
          operation,
          request,
          requestId: 'id',
          labels: labelsOf(model, operation, request, input),
        };
        const protocol = protocolOf(name, client);
        const read = await protocol.readInput(exchange, body);
        checkShape(operation.input, read);
        expect(plain(read)).toEqual(plain(input));
        const answer = protocol.writeOutput(exchange, output as Record<string, unknown>);
        const bytes = Buffer.from((answer.body as string | Uint8Array | undefined) ?? '');
        const response = new HttpResponse({ statusCode: answer.status, headers: { ...answer.headers }, body: bytes });
        const received = await speaker.deserializeResponse(schemaOf(operation), CONTEXT as never, response);
        expect(plain(received)).toEqual({ ...(plain(output) as object), $metadata: expect.anything() });
      },
    ),
    { numRuns: RUNS },
  );
});

const CONTEXT = {
  endpoint: async () => ({ protocol: 'http:', hostname: 'localhost', path: '/' }),
  __smithy_context: { service: 'Service', operation: 'Operation' },
};

/** Without what does not count: subclasses of Uint8Array, and empty structures, which REST cannot tell from none. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isPlainObject(value)) return value;
  const members = Object.entries(value).filter(([, item]) => item !== null && !isEmpty(item));
  return Object.fromEntries(members.map(([key, item]) => [key, plain(item)]));
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const isEmpty = (value: unknown): boolean => isPlainObject(value) && Object.keys(value).length === 0;

/** Bodies that stream are not read into memory; their way is tested with the server. */
function isPlain({ input, output }: WireOperation): boolean {
  const members = [input, output].flatMap((schema) => (schema.isUnitSchema() ? [] : [...schema.structIterator()]));
  return !members.some(([, member]) => member.isStreaming());
}

function speakerOf(name: NativeProtocol, model: WireModel) {
  return new CLIENT_PROTOCOLS[name]({
    defaultNamespace: 'test',
    errorTypeRegistries: [],
    serviceTarget: model.target,
    version: model.version,
    xmlNamespace: model.xmlNamespace,
  } as never);
}

const schemaOf = ({ name, input, output, http }: WireOperation) => ({
  namespace: 'test',
  name,
  traits: http ? { http: [...http] as [string, string, number] } : 0,
  input: input as never,
  output: output as never,
});

function wireRequest({ method, path, query, headers }: HttpRequest): WireRequest {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value ?? '')}`),
  );
  return { method, path, query: pairs.join('&'), headers, host: 'localhost', endpoint: 'http://localhost' };
}

/** Listing either kind of bucket is one request but for the host, or the SDK's hint. */
const TOLD_BY_HINT = ['ListDirectoryBuckets'];

/** The route is found without the SDK's hint, which other clients do not send. */
function labelsOf(model: WireModel, operation: WireOperation, request: WireRequest, input: unknown) {
  if (!operation.http) return undefined;
  const query = new URLSearchParams(request.query);
  if (!TOLD_BY_HINT.includes(operation.name)) query.delete('x-id');
  const { Bucket } = input as { Bucket?: string };
  const route = findRoute(model, { ...request, query, ...(Bucket !== undefined && { labels: { Bucket } }) });
  expect(route?.operation.name).toBe(operation.name);
  return route?.labels;
}
