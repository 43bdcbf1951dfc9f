// AWS JSON 1.0 and 1.1: the operation in `X-Amz-Target`, the input and the output as JSON.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
import { EVENT_STREAM, writeEvents } from '../event-stream.ts';
import type { Fault } from '../faults.ts';
import { AWS_JSON, readJson, writeJson, type JsonSettings } from '../json.ts';
import type { WireRequest } from '../message.ts';
import type { Protocol } from './protocol.ts';
import { utf8, wholeBody } from './protocol.ts';

export const jsonProtocol: Protocol = {
  readInput: ({ operation }, body) => readJson(operation.input, utf8(wholeBody(body)), AWS_JSON),

  writeOutput({ operation: { output: schema }, request }, output) {
    const type = contentType(request);
    if (!schema.getEventStreamMember()) {
      return { status: 200, headers: { 'content-type': type }, body: writeJson(schema, output, AWS_JSON) };
    }
    const body = writeEvents(schema, output, type, (each, value) => writeJson(each, value, AWS_JSON));
    return { status: 200, headers: { 'content-type': EVENT_STREAM }, body };
  },

  writeError(fault, { request }) {
    const { error, shape, blames, status } = fault;
    const name = shape?.name ?? error.code;
    const queryMode = request.headers['x-amzn-query-mode'] === 'true';
    return {
      status,
      headers: {
        'content-type': contentType(request),
        ...(queryMode && { 'x-amzn-query-error': `${shape?.queryCode ?? error.queryCode};${blames}` }),
      },
      body: JSON.stringify({ __type: name, ...errorMembers(fault, AWS_JSON) }),
    };
  },
};

/** An error's members as JSON: the modelled ones by their shape, the message always. */
export function errorMembers({ error, shape }: Fault, settings: JsonSettings): Record<string, unknown> {
  const modelled = shape?.schema.getMemberSchemas() ?? {};
  const messageName = 'Message' in modelled && !('message' in modelled) ? 'Message' : 'message';
  const members = shape ? (JSON.parse(writeJson(shape.schema, error.members, settings)) as object) : error.members;
  return { [messageName]: error.message, ...members };
}

const contentType = ({ headers }: WireRequest): string =>
  headers['content-type']?.includes('json-1.0') ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
