// Requests signed by hand, for tests of what no SDK sends.
import { createHash, createHmac } from 'node:crypto';
import { request, type Agent } from 'node:http';

import type { Cloud } from '../cloud.ts';

export interface HandMade {
  readonly method?: string;
  /** Path and query, percent-encoded. */
  readonly path?: string;
  readonly service: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is signed; the body's hash unless it is a word such as `UNSIGNED-PAYLOAD`. */
  readonly payload?: string;
  /** When it says that it was signed, in milliseconds. @default now */
  readonly signedAt?: number;
  readonly body?: string | Buffer | ((signature: ChunkSignature) => Buffer);
}

/** Signs chunk after chunk, beginning with the request's own signature. */
export interface ChunkSignature {
  chunk(data: Buffer): string;
  trailer(text: string): string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Where a request goes, and whose it is. */
type Destination = Pick<Cloud, 'port' | 'credentials'> & { readonly agent?: Agent };

/** Sends a request whose every part the test decides, signed by the cloud's administrator. */
export function sendSigned(cloud: Destination, made: HandMade): Promise<Answer> {
  const { method = 'POST', path = '/', service, body = '' } = made;
  const timestamp = new Date(made.signedAt ?? Date.now()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = timestamp.slice(0, 8);
  const host = made.headers?.['host'] ?? `127.0.0.1:${cloud.port}`;
  const payload = made.payload ?? sha256(typeof body === 'function' ? '' : body);
  const headers: Record<string, string> = {
    ...made.headers,
    host,
    'x-amz-date': timestamp,
    'x-amz-content-sha256': payload,
  };
  const names = Object.keys(headers)
    .map((name) => name.toLowerCase())
    .toSorted();
  const [pathname = '/', query = ''] = path.split('?');
  const canonical = [
    method,
    // All but S3 sign a path whose segments are encoded once more than they are sent.
    service === 's3' ? pathname : pathname.split('/').map(encodeURIComponent).join('/'),
    query
      .split('&')
      .filter(Boolean)
      .map((pair) => pair.split('=') as [string, string?])
      .toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
      .map(([name, value = '']) => `${name}=${value}`)
      .join('&'),
    names.map((name) => `${name}:${headers[name]!.trim()}\n`).join(''),
    names.join(';'),
    payload,
  ].join('\n');
  const scope = `${date}/us-east-1/${service}/aws4_request`;
  const key = [date, 'us-east-1', service, 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${cloud.credentials.secretAccessKey}`),
  );
  const sign = (text: string) => hmac(key, text).toString('hex');
  const signature = sign(['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n'));
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${cloud.credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  let previous = signature;
  const chain = (algorithm: string, parts: string[]) =>
    (previous = sign([algorithm, timestamp, scope, previous, ...parts].join('\n')));
  const signer: ChunkSignature = {
    chunk: (data) => chain('AWS4-HMAC-SHA256-PAYLOAD', [sha256(''), sha256(data)]),
    trailer: (text) => chain('AWS4-HMAC-SHA256-TRAILER', [sha256(text)]),
  };
  const bytes = typeof body === 'function' ? body(signer) : body;
  return send(cloud.port, { method, path, headers, body: bytes }, cloud.agent);
}

/** The URL of a GET that whoever has it may open for a while, signed by the cloud's administrator. */
export function presignedUrl(
  { port, credentials }: Pick<Cloud, 'port' | 'credentials'>,
  made: { service: string; path?: string; query: string; expiresSeconds: number; signedAt: number },
): string {
  const timestamp = new Date(made.signedAt).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [timestamp.slice(0, 8), 'us-east-1', made.service, 'aws4_request'];
  const host = `127.0.0.1:${port}`;
  const { path = '/' } = made;
  const query = [
    ...made.query.split('&').filter(Boolean),
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent([credentials.accessKeyId, ...scope].join('/'))}`,
    `X-Amz-Date=${timestamp}`,
    `X-Amz-Expires=${made.expiresSeconds}`,
    'X-Amz-SignedHeaders=host',
  ]
    .toSorted()
    .join('&');
  const canonical = [
    'GET',
    path,
    query,
    `host:${host}\n`,
    'host',
    made.service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256(''),
  ].join('\n');
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${credentials.secretAccessKey}`));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), sha256(canonical)].join('\n'));
  return `http://${host}${path}?${query}&X-Amz-Signature=${signature.toString('hex')}`;
}

/** Sends a request as it is. */
export function send(
  port: number,
  {
    method = 'GET',
    path = '/',
    headers = {},
    body = '',
  }: Pick<HandMade, 'method' | 'path' | 'headers'> & { body?: string | Buffer },
  agent?: Agent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length =
      body.length > 0 && !headers['transfer-encoding'] ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const options = { port, host: '127.0.0.1', method, path, agent, headers: { ...length, ...headers } };
    const call = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
