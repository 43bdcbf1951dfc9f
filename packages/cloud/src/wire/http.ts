// The cloud's HTTP server on the loopback address: limits, host and origin checks, bodies in and out.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Log } from '../kernel/log.ts';
import type { WireAnswer, WireRequest } from './message.ts';

/** Answers a request whose body is still to be read. */
export type Answer = (request: WireRequest, source: Readable) => Promise<WireAnswer>;

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A presigned URL with a session token and policy fits easily; AWS itself stops at 8 KB of headers plus a long URL. */
const LARGEST_HEAD = 64 * 1024;

/** How long a connection may be silent; long polls answer within twenty seconds. */
const IDLE_MILLISECONDS = 120_000;

const HEADERS_MILLISECONDS = 30_000;

/** How long answers under way may take once the server closes. */
const CLOSE_MILLISECONDS = 1_000;

/** Listens on 127.0.0.1; port 0 takes any free one. */
export async function listen(port: number, answer: Answer, log: Log): Promise<HttpServer> {
  const server = createServer({
    maxHeaderSize: LARGEST_HEAD,
    headersTimeout: HEADERS_MILLISECONDS,
    requestTimeout: 0,
    keepAlive: true,
  });
  server.timeout = IDLE_MILLISECONDS;
  server.keepAliveTimeout = IDLE_MILLISECONDS;
  const serve = (message: IncomingMessage, response: ServerResponse) => {
    respond(message, response, answer).catch((error: unknown) => {
      log('broken answer', { reason: String(error) });
      response.destroy();
    });
  };
  server.on('request', serve);
  server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    serve(message, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

/** Host names under which the cloud answers: a page elsewhere that resolves to this machine has another. */
export function isLoopbackHost(host: string): boolean {
  return host === '127.0.0.1' || host === '[::1]' || host === 'localhost' || host.endsWith('.localhost');
}

async function respond(message: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const request = readRequest(message);
  const { status, headers, body } = isLoopbackHost(request.host)
    ? await answer(request, message)
    : {
        status: 403,
        headers: { 'content-type': 'text/plain' },
        body: `${request.host} is not a name of this machine.\n`,
      };
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    await pipeline(body, response);
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const length = message.method === 'HEAD' ? undefined : (bytes?.length ?? 0);
  const lengthless = length === undefined || status === 204 || status === 304;
  response.writeHead(status, lengthless ? headers : { ...headers, 'content-length': String(length) });
  response.end(message.method === 'HEAD' ? undefined : bytes);
}

function readRequest(message: IncomingMessage): WireRequest {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const authority = message.headers.host ?? '';
  return {
    method: message.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: message.headers as Record<string, string | undefined>,
    host: authority.replace(/:\d+$/, '').toLowerCase(),
    endpoint: `http://${authority}`,
  };
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
