// AWS JSON 1.0 and 1.1: the operation in `X-Amz-Target`, the input and the output as JSON.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
import { JsonShapeDeserializer2, JsonShapeSerializer } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Schema } from '@smithy/types';

import { InvalidInput } from '../check.ts';
import type { Fault } from '../faults.ts';
import type { WireRequest } from '../message.ts';
import type { Protocol } from './protocol.ts';
import { utf8, wholeBody } from './protocol.ts';

const settings = { timestampFormat: { useTrait: true, default: 7 as const }, jsonName: false };

export const jsonProtocol: Protocol = {
  readInput: ({ operation }, body) => readJson(operation.input, wholeBody(body), settings),

  writeOutput: ({ operation, request }, output) => ({
    status: 200,
    headers: { 'content-type': contentType(request) },
    body: writeJson(operation.output, output, settings),
  }),

  writeError(fault, { request }) {
    const { error, shape, blames, status } = fault;
    const name = shape?.name ?? error.code;
    const queryMode = request.headers['x-amzn-query-mode'] === 'true';
    return {
      status,
      headers: {
        'content-type': contentType(request),
        ...(queryMode && { 'x-amzn-query-error': `${shape?.queryCode ?? error.code};${blames}` }),
      },
      body: JSON.stringify({ __type: name, ...errorMembers(fault, settings) }),
    };
  },
};

type JsonSettings = ConstructorParameters<typeof JsonShapeDeserializer2>[0];

/** Reads JSON into the SDK's type; no body is an empty structure. Rejects where it is no JSON. */
export const readJson = (schema: NormalizedSchema, body: Buffer, options: JsonSettings): Promise<unknown> =>
  new Reader(options).read(schema, utf8(body));

// The SDK's reader takes a list for a structure without members.
class Reader extends JsonShapeDeserializer2 {
  protected override _read(schema: Schema, value: unknown): unknown {
    const ns = NormalizedSchema.of(schema);
    if (Array.isArray(value) && (ns.isStructSchema() || ns.isMapSchema())) {
      throw new InvalidInput('type', `A list stands where ${ns.getName() ?? 'a structure'} belongs`);
    }
    return super._read(schema, value);
  }
}

export function writeJson(schema: NormalizedSchema, output: unknown, options: JsonSettings): string {
  if (schema.isUnitSchema()) return '{}';
  const serializer = new JsonShapeSerializer(options);
  serializer.write(schema, output);
  return serializer.flush();
}

/** An error's members as JSON: the modelled ones by their shape, `message` always. */
export function errorMembers({ error, shape }: Fault, options: JsonSettings): Record<string, unknown> {
  const modelled = shape?.schema.getMemberSchemas() ?? {};
  const messageName = 'Message' in modelled && !('message' in modelled) ? 'Message' : 'message';
  const members = shape ? (JSON.parse(writeJson(shape.schema, error.members, options)) as object) : error.members;
  return { [messageName]: error.message, ...members };
}

const contentType = ({ headers }: WireRequest): string =>
  headers['content-type']?.includes('json-1.0') ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
