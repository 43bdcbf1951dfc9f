// The AWS query protocol and its EC2 dialect: input as form parameters, output as XML.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
import type { Fault } from '../faults.ts';
import { readForm, type FormDialect } from '../form.ts';
import type { WireRequest } from '../message.ts';
import { writeXmlMembers, xmlElement, xmlText } from '../xml.ts';
import type { Protocol } from './protocol.ts';
import { utf8, wholeBody } from './protocol.ts';

export const queryProtocol = protocol('query', {
  output: (name, members, requestId, namespace) =>
    xmlElement(
      `${name}Response`,
      (members === undefined ? '' : xmlElement(`${name}Result`, members)) +
        xmlElement('ResponseMetadata', xmlText('RequestId', requestId)),
      namespace,
    ),
  error: (fault, requestId, namespace) =>
    xmlElement(
      'ErrorResponse',
      xmlElement('Error', xmlText('Type', fault.blames) + errorElements(fault)) + xmlText('RequestId', requestId),
      namespace,
    ),
});

export const ec2Protocol = protocol('ec2', {
  output: (name, members, requestId, namespace) =>
    xmlElement(`${name}Response`, xmlText('requestId', requestId) + (members ?? ''), namespace),
  error: (fault, requestId) =>
    xmlElement(
      'Response',
      xmlElement('Errors', xmlElement('Error', errorElements(fault))) + xmlText('RequestID', requestId),
    ),
});

/** A query request's parameters: from the query string of a GET, from the body of a POST. */
export const formOf = (request: WireRequest, body: Buffer): URLSearchParams =>
  new URLSearchParams(request.method === 'POST' ? utf8(body) : request.query);

interface Envelopes {
  output(name: string, members: string | undefined, requestId: string, namespace: string): string;
  error(fault: Fault, requestId: string, namespace: string): string;
}

function protocol(dialect: FormDialect, envelopes: Envelopes): Protocol {
  return {
    readInput: ({ operation, request }, body) => {
      const form = formOf(request, wholeBody(body));
      // Old clients of SQS call the queue's URL, and need not say it again.
      const { input } = operation;
      const ofQueue = request.path !== '/' && !input.isUnitSchema() && 'QueueUrl' in input.getMemberSchemas();
      if (ofQueue && !form.has('QueueUrl')) form.set('QueueUrl', request.endpoint + request.path);
      return readForm(operation.input, form, dialect);
    },

    writeOutput: ({ operation, model, requestId }, output) => {
      const members = operation.output.isUnitSchema() ? undefined : writeXmlMembers(operation.output, output);
      return answer(200, envelopes.output(operation.name, members, requestId, model.xmlNamespace));
    },

    writeError: (fault, { model, requestId }) =>
      answer(fault.status, envelopes.error(fault, requestId, model?.xmlNamespace ?? '')),
  };
}

const answer = (status: number, body: string) => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});

function errorElements({ error, shape }: Fault): string {
  const members = shape ? writeXmlMembers(shape.schema, error.members) : '';
  return xmlText('Code', shape?.queryCode ?? error.queryCode) + xmlText('Message', error.message) + members;
}
