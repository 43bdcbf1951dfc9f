// REST-XML and REST-JSON: HTTP bindings around an XML or JSON document.
// https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html, https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
import type { Readable } from 'node:stream';

import type { NormalizedSchema } from '@smithy/core/schema';

import { bindingsOf, readBindings, writeHeaders, type Bindings } from '../bindings.ts';
import { InvalidInput } from '../check.ts';
import type { Fault } from '../faults.ts';
import { readJson, REST_JSON, writeJson } from '../json.ts';
import type { WireAnswer, WireBody } from '../message.ts';
import { elementName, readXml, writeXmlMembers, XML_DECLARATION, xmlElement, xmlText } from '../xml.ts';
import { errorMembers } from './json.ts';
import type { Exchange, Protocol } from './protocol.ts';
import { utf8 } from './protocol.ts';

type Output = Readonly<Record<string, unknown>>;

/** How a document looks, which is all that the two protocols differ in but for errors. */
interface Format {
  readonly contentType: string;
  read(schema: NormalizedSchema, body: Buffer): unknown;
  /** `members` is the part of the structure that belongs in the document. */
  write(schema: NormalizedSchema, members: Output, exchange: Exchange): string;
}

const json: Format = {
  contentType: 'application/json',
  read: (schema, body) => readJson(schema, utf8(body), REST_JSON),
  write: (schema, members) => writeJson(schema, members, REST_JSON),
};

const xml: Format = {
  contentType: 'application/xml',
  read: (schema, body) => readXml(schema, utf8(body)),
  write: (schema, members, { model }) => XML_DECLARATION + document(schema, members, model.xmlNamespace),
};

export const restJsonProtocol: Protocol = {
  ...rest(json),
  writeError: (fault) => ({
    status: fault.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': fault.shape?.name ?? fault.error.code,
    },
    body: JSON.stringify(errorMembers(fault, REST_JSON)),
  }),
};

export const restXmlProtocol: Protocol = {
  ...rest(xml),
  writeError: (fault, { requestId, model }) => ({
    status: fault.status,
    headers: { 'content-type': 'application/xml' },
    body:
      XML_DECLARATION +
      xmlElement(
        'ErrorResponse',
        xmlElement('Error', xmlText('Type', fault.blames) + errorElements(fault)) + xmlText('RequestId', requestId),
        model?.xmlNamespace,
      ),
  }),
};

/** S3's errors stand alone, name what was asked for, and have no body where HTTP allows none. */
export const s3Protocol: Protocol = {
  ...restXmlProtocol,
  writeError(fault, { request, requestId }) {
    const bare = request.method === 'HEAD' || fault.status === 304;
    const { error } = fault;
    const resource = 'Resource' in error.members ? '' : xmlText('Resource', request.path);
    const trailer = resource + xmlText('RequestId', requestId) + xmlText('HostId', requestId);
    return {
      status: fault.status,
      headers: bare ? {} : { 'content-type': 'application/xml' },
      body: bare ? undefined : XML_DECLARATION + xmlElement('Error', errorElements(fault) + trailer),
    };
  },
};

function rest(format: Format): Pick<Protocol, 'readInput' | 'writeOutput'> {
  return {
    async readInput({ operation, request, labels = {} }, body) {
      const bindings = bindingsOf(operation.input);
      const input = readBindings(bindings, labels, new URLSearchParams(request.query), request.headers);
      return Object.assign(input, await readBody(bindings, operation.input, body, format));
    },

    writeOutput(exchange, output): WireAnswer {
      const { operation } = exchange;
      const bindings = bindingsOf(operation.output);
      const headers = writeHeaders(bindings, output);
      const status = statusOf(bindings, output) ?? operation.http?.[2] ?? 200;
      const [contentType, body] = writeBody(bindings, output, format, exchange);
      return {
        status,
        headers: contentType && !('content-type' in headers) ? { ...headers, 'content-type': contentType } : headers,
        body,
      };
    },
  };
}

async function readBody(bindings: Bindings, input: NormalizedSchema, body: WireBody, format: Format): Promise<Output> {
  if (bindings.payload) {
    const [name, schema] = bindings.payload;
    if (schema.isStreaming() || !Buffer.isBuffer(body)) return { [name]: body };
    if (body.length === 0) return {};
    // REST-JSON clients send `{}` where they mean nothing.
    if (format === json && body.toString() === '{}') return {};
    return { [name]: await readPayload(schema, body, format) };
  }
  if (!Buffer.isBuffer(body) || body.length === 0 || bindings.body.length === 0) return {};
  const document = await format.read(input, body);
  if (typeof document !== 'object' || document === null) throw new InvalidInput('type', 'The input is not a structure');
  const members = document as Output;
  return Object.fromEntries(bindings.body.flatMap(([name]) => (name in members ? [[name, members[name]]] : [])));
}

function readPayload(schema: NormalizedSchema, body: Buffer, format: Format): unknown {
  if (schema.isBlobSchema()) return body;
  if (schema.isStringSchema()) return utf8(body);
  return format.read(schema, body);
}

function writeBody(
  { payload, body }: Bindings,
  output: Output,
  format: Format,
  exchange: Exchange,
): [contentType: string | undefined, body: WireAnswer['body']] {
  if (payload) {
    const [name, schema] = payload;
    const value = output[name];
    if (value === undefined || value === null) return [undefined, undefined];
    if (schema.isBlobSchema()) return ['application/octet-stream', value as Uint8Array | Readable];
    if (schema.isStringSchema()) return ['text/plain', value as string];
    return [format.contentType, format.write(schema, value as Output, exchange)];
  }
  if (body.length === 0) return [undefined, undefined];
  const members = Object.fromEntries(body.map(([name]) => [name, output[name]]));
  return [format.contentType, format.write(exchange.operation.output, members, exchange)];
}

/** An operation sets the status by the SDK's own `$metadata`, e.g. 206 for a part of an object. */
function statusOf({ status }: Bindings, output: Output): number | undefined {
  const metadata = output['$metadata'] as { httpStatusCode?: number } | undefined;
  return metadata?.httpStatusCode ?? (status && (output[status[0]] as number | undefined));
}

// Where the root element and its only member have one name, S3 writes one element: GetBucketLocation's.
function document(schema: NormalizedSchema, members: Output, namespace: string): string {
  const name = elementName(schema);
  const content = writeXmlMembers(schema, members);
  const only = bindingsOf(schema).body;
  const unwrapped = only.length === 1 && only[0]![0] === name;
  const inner = unwrapped ? content.slice(content.indexOf('>') + 1, Math.max(content.lastIndexOf('</'), 0)) : content;
  return xmlElement(name, inner, namespace);
}

function errorElements({ error, shape }: Fault): string {
  const modelled = shape ? new Set(Object.keys(shape.schema.getMemberSchemas())) : new Set<string>();
  const members = shape ? writeXmlMembers(shape.schema, error.members) : '';
  const more = Object.entries(error.members)
    .filter(([name, value]) => !modelled.has(name) && value !== undefined)
    .map(([name, value]) => xmlText(name, String(value)));
  return xmlText('Code', error.code) + xmlText('Message', error.message) + members + more.join('');
}
