// The protocol that a request is in, for reading it and answering it.
import type { NativeProtocol } from '../schemas.ts';
import { cborProtocol } from './cbor.ts';
import { jsonProtocol } from './json.ts';
import type { Protocol } from './protocol.ts';
import { ec2Protocol, queryProtocol } from './query.ts';
import { restJsonProtocol, restXmlProtocol, s3Protocol } from './rest.ts';

const PROTOCOLS: Readonly<Record<NativeProtocol, Protocol>> = {
  'json-1.0': jsonProtocol,
  'json-1.1': jsonProtocol,
  'rest-json': restJsonProtocol,
  'rest-xml': restXmlProtocol,
  query: queryProtocol,
  ec2: ec2Protocol,
  cbor: cborProtocol,
};

export const protocolOf = (name: NativeProtocol, client: string | undefined): Protocol =>
  name === 'rest-xml' && client === 's3' ? s3Protocol : PROTOCOLS[name];

/** Protocols in which every client error has status 400, whatever the model says. */
export const isRpc = (name: NativeProtocol): boolean => name.startsWith('json-') || name === 'cbor';
