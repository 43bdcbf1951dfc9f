// What the SDK writes the wire reads, and what the wire writes the SDK reads: random values, every operation, every protocol.
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { valueOf } from './arbitrary.ts';
import { checkShape } from './check.ts';
import type { WireRequest } from './message.ts';
import { protocolOf } from './protocols/index.ts';
import { findRoute } from './route.ts';
import { loadWireModel, type NativeProtocol, type WireModel, type WireOperation } from './schemas.ts';
import { isPlain, queryText, serialize, SPEAKER_CONTEXT, speakerOf, speakerSchema } from './sdk-speaker.ts';

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
  const operations = [...model.operations.values()].filter(isPlain);
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
        expect(plain(read)).toEqual(plain(input));
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
        expect(plain(received)).toEqual({ ...(plain(output) as object), $metadata: expect.anything() });
      },
    ),
    { numRuns: RUNS },
  );
});

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
