// How a client calls the service: one request to a function URL, signed as an organization's credential.
import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { json } from 'node:stream/consumers';

import { SignatureV4 } from '@smithy/signature-v4';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ServiceRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** E.g. `/v1/events`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ServiceAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- whoever asked knows what is answered
  readonly body: any;
}

/** Calls a function URL as the credential's organization. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export async function callService(
  functionUrl: string,
  { method = 'GET', path, query = {}, body }: ServiceRequest,
  as: { readonly credentials: Credentials; readonly region: string },
): Promise<ServiceAnswer> {
  const url = new URL(functionUrl);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signer = new SignatureV4({ ...as, service: 'lambda', sha256: Sha256 });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path,
    query: { ...query },
    headers: { host: url.host, ...(text !== undefined && { 'content-type': 'application/json' }) },
    body: text,
  });
  const search = new URLSearchParams(query).toString();
  // Names below `localhost` are this machine's, though not every resolver knows it.
  const hostname = url.hostname.endsWith('.localhost') ? '127.0.0.1' : url.hostname;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    send(
      { method, hostname, port: url.port, path: search === '' ? path : `${path}?${search}`, headers },
      (response) => {
        json(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      },
    )
      .once('error', reject)
      .end(text);
  });
}

/** What the signer wants of a hash, by Node's own. */
class Sha256 {
  readonly #hash;

  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {}
}
