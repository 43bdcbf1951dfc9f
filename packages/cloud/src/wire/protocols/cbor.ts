// Smithy RPC v2 CBOR: the operation in the path, the input and the output as CBOR.
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
import { cbor, CborShapeDeserializer2, CborShapeSerializer2 } from '@smithy/core/cbor';
import type { NormalizedSchema } from '@smithy/core/schema';

import type { Protocol } from './protocol.ts';
import { wholeBody } from './protocol.ts';

export const cborProtocol: Protocol = {
  readInput({ operation }, body) {
    const bytes = wholeBody(body);
    return bytes.length === 0 || operation.input.isUnitSchema() ? {} : reader.read(operation.input, bytes);
  },

  writeOutput: ({ operation }, output) => ({
    status: 200,
    headers,
    body: operation.output.isUnitSchema() ? undefined : encode(operation.output, output),
  }),

  writeError({ error, shape, status, blames }, { request }) {
    const members = shape ? (cbor.deserialize(encode(shape.schema, error.members)) as object) : error.members;
    const name = shape ? `${shape.namespace}#${shape.name}` : error.code;
    const queryMode = request.headers['x-amzn-query-mode'] === 'true';
    return {
      status,
      headers: {
        ...headers,
        ...(queryMode && { 'x-amzn-query-error': `${shape?.queryCode ?? error.queryCode};${blames}` }),
      },
      body: cbor.serialize({ __type: name, message: error.message, ...members }),
    };
  },
};

const reader = new CborShapeDeserializer2();

function encode(schema: NormalizedSchema, value: unknown): Uint8Array {
  const writer = new CborShapeSerializer2();
  writer.write(schema, value);
  return writer.flush();
}

const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
