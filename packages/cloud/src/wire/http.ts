// The cloud's HTTP server on the loopback address: limits, host and origin checks, bodies in and out.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Log } from '../kernel/log.ts';
import type { WireAnswer, WireRequest } from './message.ts';
import { isOwned, releaseBytes } from './owned-bytes.ts';

/** Answers a request whose body is still to be read. */
export type Answer = (request: WireRequest, source: Readable) => Promise<WireAnswer>;

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A presigned URL with a session token and policy fits easily; AWS itself stops at 8 KB of headers plus a long URL. */
const LARGEST_HEAD = 64 * 1024;

/** How long a client may take, in milliseconds. */
export interface Patience {
  /** For a request's head. */
  readonly head: number;
  /** Without a word from either side; long polls answer within twenty seconds. */
  readonly silence: number;
}

const PATIENCE: Patience = { head: 30_000, silence: 120_000 };

/** How much, and for how long, a refused client's body is read to its end before the connection is closed instead. */
const DRAIN_BYTES = 1024 * 1024;
const DRAIN_MILLISECONDS = 1_000;

/** How long answers under way may take once the server closes. */
const CLOSE_MILLISECONDS = 1_000;

/** What is said to a client whose request never came to be one, by Node's code. */
const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What a server is told besides where to listen. */
export interface ServerOptions {
  readonly log: Log;
  /** The time that answers tell, in milliseconds: clients correct their clocks by it. */
  readonly now: () => number;
  /** @default half a minute for a head, two minutes of silence */
  readonly patience?: Patience;
}

/** Listens on 127.0.0.1; port 0 takes any free one. */
export async function listen(port: number, answer: Answer, options: ServerOptions): Promise<HttpServer> {
  const { log, patience = PATIENCE } = options;
  const date = dateHeader(options.now);
  const server = createServer({
    maxHeaderSize: LARGEST_HEAD,
    headersTimeout: patience.head,
    connectionsCheckingInterval: patience.head / 2,
    requestTimeout: 0,
    keepAlive: true,
  });
  server.timeout = patience.silence;
  server.keepAliveTimeout = patience.silence;
  const serve = (message: IncomingMessage, response: ServerResponse) => {
    response.sendDate = false;
    respond(message, response, answer, date).catch((error: unknown) => {
      // A client that goes away while it is answered is nobody's fault.
      if (message.socket.destroyed) return;
      log('broken answer', {
        path: message.url,
        reason: String((error as Partial<Error> | undefined)?.stack ?? error),
      });
      if (response.headersSent) response.destroy();
      else abandon(response);
    });
  };
  server.on('request', serve);
  server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    serve(message, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

/** The `date` header, written once a second: most answers have the one before it. */
function dateHeader(now: () => number): () => string {
  let second = Number.NaN;
  let text = '';
  return () => {
    const current = Math.floor(now() / 1_000);
    if (current !== second) {
      second = current;
      text = new Date(current * 1_000).toUTCString();
    }
    return text;
  };
}

// What was to be the head of the answer says nothing of this one.
function abandon(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500, 'Internal Server Error', { 'content-length': '0' }).end();
}

/** Host names under which the cloud answers: a page elsewhere that resolves to this machine has another. */
export function isLoopbackHost(host: string): boolean {
  return host === '127.0.0.1' || host === '[::1]' || host === 'localhost' || host.endsWith('.localhost');
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  date: () => string,
): Promise<void> {
  // Once the whole request is here, silence is the cloud's own: a function may run for a quarter of an hour.
  const received = () => void response.setTimeout(0);
  message.once('end', received);
  setImmediate(() => {
    if (message.complete && !response.writableEnded) received();
  });
  const request = { ...readRequest(message), onHangUp: hangUpOf(response) };
  const { status, headers: named, cookies, body } = refuse(request) ?? (await answer(request, message));
  const headers = answerHeaders(named, date());
  if (cookies) response.setHeader('set-cookie', cookies);
  if (!(await drained(message))) response.setHeader('connection', 'close');
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    // What has no length may have nothing to say yet: the client is told that it was understood, and may wait for long.
    if (headers['content-length'] === undefined) {
      response.flushHeaders();
      response.setTimeout(0);
    }
    await pipeline(body, response);
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0));
  const hasLength = message.method !== 'HEAD' && status !== 204 && status !== 304;
  response.writeHead(status, hasLength ? { ...headers, 'content-length': String(bytes.length) } : headers);
  if (isOwned(bytes)) response.once('finish', () => releaseBytes(bytes));
  response.end(hasLength ? bytes : undefined);
}

// Node takes a `content-disposition` that comes after the length for UTF-8, and fails on what is none.
function answerHeaders(
  { 'content-length': length, ...headers }: WireAnswer['headers'],
  date: string,
): WireAnswer['headers'] {
  return length === undefined ? { date, ...headers } : { date, ...headers, 'content-length': length };
}

const hangUpOf = (response: ServerResponse) => (run: () => void) => {
  const closed = () => {
    if (!response.writableFinished) run();
  };
  response.once('close', closed);
  return () => void response.off('close', closed);
};

function readRequest(message: IncomingMessage): WireRequest {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const authority = message.headers.host ?? '';
  return {
    method: message.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: headersOf(message),
    host: authority.replace(/:\d+$/, '').toLowerCase(),
    endpoint: `http://${authority}`,
  };
}

// Values of a header that comes several times are joined as SigV4 signs them, without the space that Node puts between.
function headersOf(message: IncomingMessage): Record<string, string | undefined> {
  const headers = message.headers as Record<string, string | undefined>;
  if (message.rawHeaders.length === Object.keys(headers).length * 2) return headers;
  const several = Object.entries(message.headersDistinct).filter(
    ([name, values]) => values !== undefined && values.length > 1 && headers[name] === values.join(', '),
  );
  return { ...headers, ...Object.fromEntries(several.map(([name, values]) => [name, values!.join(',')])) };
}

function refuse({ host, path }: WireRequest): WireAnswer | undefined {
  if (!isLoopbackHost(host)) return plain(403, `${host} is not a name of this machine.`);
  return path.startsWith('/') ? undefined : plain(400, 'The request target has to be a path.');
}

const plain = (status: number, text: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${text}\n`,
});

/** Lets a client that was refused early finish what it is sending, within limits; false where it does not. */
async function drained(message: IncomingMessage): Promise<boolean> {
  if (message.complete) return true;
  let size = 0;
  return new Promise((resolve) => {
    const settle = (complete: boolean) => {
      clearTimeout(timer);
      message.off('data', count);
      resolve(complete);
    };
    const count = (chunk: Buffer) => {
      size += chunk.length;
      if (size > DRAIN_BYTES) settle(false);
    };
    const timer = setTimeout(() => settle(false), DRAIN_MILLISECONDS);
    message.on('data', count);
    message.once('end', () => settle(true));
    message.once('close', () => settle(message.complete));
    message.resume();
  });
}

// What is being answered may finish; what takes longer is cut off, for it may be a poll that waits for news.
async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MILLISECONDS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
