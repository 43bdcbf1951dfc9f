// What the SDK writes the wire reads, and what the wire writes the SDK reads: random values, every operation, every protocol.
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { startCloud } from '../cloud.ts';
import { loadServices } from '../services/index.ts';
import { valueOf } from './arbitrary.ts';
import { checkShape } from './check.ts';
import type { WireRequest } from './message.ts';
import { protocolOf } from './protocols/index.ts';
import { findRoute } from './route.ts';
import { loadWireModel, type NativeProtocol, type WireModel, type WireOperation } from './schemas.ts';
import {
  isPlain,
  protocolsOf,
  queryText,
  serialize,
  SPEAKER_CONTEXT,
  speakerOf,
  speakerSchema,
} from './sdk-speaker.ts';

// A client's schemas say nothing of the protocol, so each protocol can be tried with whichever shapes suit it.
const FURTHER: [NativeProtocol, client: string][] = [
  ['ec2', 'iam'],
  ['rest-json', 's3'],
  ['query', 'codebuild'],
];

/** Random inputs and outputs of each operation in each protocol. */
const RUNS = 6;

/** Every service in every protocol that it is spoken to in, with the operations that it has. */
const cases: { protocol: NativeProtocol; client: string; model: WireModel; live: readonly WireOperation[] }[] = [];

const cloud = await startCloud({ services: [] });
for (const create of await loadServices()) {
  const { client, operations } = create(cloud.kernel);
  const model = await loadWireModel(client);
  const live = [...model.operations.values()].filter((each) => each.name in operations && isPlain(each));
  const further = FURTHER.filter(([, other]) => other === client).map(([protocol]) => protocol);
  for (const protocol of [...protocolsOf(model), ...further]) cases.push({ protocol, client, model, live });
}
await cloud.stop();

test.for(cases)('$protocol carries every operation of $client both ways', { timeout: 120_000 }, async (each) => {
  expect.hasAssertions();
  for (const operation of each.live) {
    await fc.assert(
      fc.asyncProperty(valueOf(operation.input), valueOf(operation.output), (input, output) =>
        goesBothWays(each, operation, input, output),
      ),
      { numRuns: RUNS },
    );
  }
});

test('most operations are among them, and those whose bodies stream are few', () => {
  expect(cases.reduce((sum, { live }) => sum + live.length, 0)).toBeGreaterThan(900);
});

async function goesBothWays(
  { protocol: name, client, model }: (typeof cases)[number],
  operation: WireOperation,
  input: unknown,
  output: unknown,
): Promise<void> {
  const sent = await serialize(name, model, operation, input);
  const request = wireRequest(sent);
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
  expect(inProtocol(name, plain(read))).toEqual(inProtocol(name, plain(input)));
  const answer = protocol.writeOutput(exchange, output as Record<string, unknown>);
  const bytes = Buffer.from((answer.body as string | Uint8Array | undefined) ?? '');
  const response = new HttpResponse({
    statusCode: answer.status,
    headers: answer.headers as Record<string, string>,
    body: bytes,
  });
  const received = await speakerOf(name, model).deserializeResponse(
    speakerSchema(operation),
    SPEAKER_CONTEXT as never,
    response,
  );
  const expected = { ...statusIn(operation), ...(plain(output) as object), $metadata: expect.anything() };
  expect(plain(received)).toEqual(expected);
}

/** SQS's two lists of attribute names are one parameter in forms. */
const inProtocol = (protocol: NativeProtocol, input: unknown): unknown =>
  protocol === 'query' ? { ...(input as object), AttributeNames: [], MessageSystemAttributeNames: [] } : input;

/** The member that has the answer's status, which is 200 where the operation says nothing. */
function statusIn({ output }: WireOperation): object {
  const members = output.isUnitSchema() ? [] : [...output.structIterator()];
  const status = members.find(([, member]) => member.getMergedTraits().httpResponseCode !== undefined);
  return status ? { [status[0]]: 200 } : {};
}

/** Without what does not count: subclasses of Uint8Array, and empty structures, which REST cannot tell from none. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isPlainObject(value)) return value;
  const members = Object.entries(value).map(([key, item]) => [key, plain(item)] as const);
  return Object.fromEntries(members.filter(([, item]) => item !== null && !isEmpty(item)));
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const isEmpty = (value: unknown): boolean => isPlainObject(value) && Object.keys(value).length === 0;

function wireRequest(sent: HttpRequest): WireRequest {
  const { method, path, headers } = sent;
  return { method, path, query: queryText(sent), headers, host: 'localhost', endpoint: 'http://localhost' };
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
