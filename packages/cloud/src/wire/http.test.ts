// The HTTP server, over sockets: what no HTTP client would send, or not at that pace.
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { silentLog } from '../kernel/log.ts';
import { listen, type Answer, type HttpServer } from './http.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: localhost\r\n';

/** Far from the machine's. */
const NOW = Date.UTC(2031, 4, 6, 7, 8, 9, 987);

let server: HttpServer;

beforeAll(async () => {
  const echo: Answer = async ({ path }, source) => ({
    status: 200,
    headers: {},
    body: path === '/news' ? Readable.from(news()) : path === '/slow' ? await slow(source) : await text(source),
  });
  server = await listen(0, echo, { log: silentLog, now: () => NOW, patience: { head: 400, silence: 800 } });
});
afterAll(() => server.close());

describe('the server', () => {
  it('says that it takes a body before it is sent, to who asks', async () => {
    const client = open();
    client.socket.write(`${HEAD}Content-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`);
    expect(await client.next()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.socket.write('ping');
    expect(await client.rest()).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nping$/);
  });

  it.each([
    ['a head that is too long', `${HEAD}X: ${'x'.repeat(70_000)}\r\n\r\n`, '431 Request Header Fields Too Large'],
    ['a head that does not end', HEAD, '408 Request Timeout'],
    ['what is no HTTP', 'hello\r\n\r\n', '400 Bad Request'],
    ['another machine’s name', 'GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n', '403 Forbidden'],
  ])('refuses %s', async (_, head, status) => {
    const client = open();
    client.socket.write(head);
    expect((await client.rest()).split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  });

  it.each([
    ['what it answers', 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['what it refuses', 'GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n'],
    ['what it streams', 'GET /news HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  ])('tells the time that it was given with %s', async (_, request) => {
    const client = open();
    client.socket.write(request);
    expect((await client.rest()).match(/^date: .*$/gim)).toEqual(['date: Tue, 06 May 2031 07:08:09 GMT']);
  });

  it('has patience with who waits for news', async () => {
    const client = open();
    client.socket.write('GET /news HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await client.rest()).toContain('late news');
  });

  it.each([
    ['with a body', 'POST /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\nping'],
    ['without one', 'GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  ])('takes its time for a request %s that is here as a whole', async (_, request) => {
    const client = open();
    client.socket.write(request);
    expect(await client.rest()).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*slow$/);
  });

  it('lets go of who falls silent in the middle of a body', async () => {
    const client = open();
    client.socket.write(`${HEAD}Content-Length: 4\r\n\r\npi`);
    expect(await client.rest()).toBe('');
  });
});

async function slow(source: Readable): Promise<string> {
  if (source.readable) source.resume();
  await pause(1_500);
  return 'slow';
}

async function* news(): AsyncGenerator<string> {
  await pause(1_500);
  yield 'late news';
}

function open(): { socket: Socket; next: () => Promise<string>; rest: () => Promise<string> } {
  const socket = connect(server.port, '127.0.0.1');
  // A server that has said no closes while the rest is on its way.
  socket.on('error', () => {});
  return {
    socket,
    next: () => new Promise((resolve) => void socket.once('data', (data: Buffer) => resolve(data.toString()))),
    rest: () =>
      new Promise((resolve) => {
        let all = '';
        socket.on('data', (data: Buffer) => (all += data.toString()));
        socket.on('close', () => resolve(all));
      }),
  };
}
