// What the `plinth` command asks of a running cloud: health for anyone, the rest for the holder of the cloud's token.
import { timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';

import type { Principal } from '../kernel/identity/principal.ts';
import { uuid } from '../kernel/ids.ts';
import type { Door, Kernel } from '../kernel/service.ts';
import { readQuestion, why, type DescribeResource } from './admin-why.ts';
import { readWhole } from './body.ts';
import type { WireAnswer, WireRequest } from './message.ts';

export interface AdminOptions {
  readonly token: string;
  readonly version: string;
  /** Milliseconds on the machine's clock. */
  readonly startedAt: number;
  readonly services: () => readonly string[];
  /** Ends the process's cloud once the answer is on its way. */
  readonly stop: () => void;
  readonly administrator: Principal;
  readonly describeResource: DescribeResource;
  /** A service's answer to one of its questions; undefined where no service has that question. */
  readonly ask: (name: string, query: URLSearchParams) => unknown;
}

export const ADMIN_PREFIX = '/_plinth/';

const LARGEST_REQUEST = 64 * 1024;

const LINES = { 'content-type': 'application/x-ndjson' };

type Admin = (request: WireRequest, source: Readable) => Promise<WireAnswer>;

/**
 * `GET /_plinth/health`; with `Authorization: Bearer <token>` also `GET /_plinth/status`, `POST /_plinth/doors` with
 * `{ folder }`, `DELETE /_plinth/doors/<id>`, `POST /_plinth/why` with `{ principal, action, resource, context }`,
 * `POST /_plinth/clock` with `{ to }`, `POST /_plinth/stop`, and whatever questions the services have.
 */
export function createAdmin(kernel: Kernel, options: AdminOptions): Admin {
  const doors = new Map<string, Door>();
  const health = () => ({
    version: options.version,
    account: kernel.account,
    startedAt: new Date(options.startedAt).toISOString(),
  });

  const openDoor = async (source: Readable) => {
    const folder = folderOf(await readWhole(source, LARGEST_REQUEST));
    if (folder === undefined) return json(400, { message: 'The body has to be {"folder": "<path>"}.' });
    const door = await kernel.openDoor({ principal: options.administrator, folder });
    const id = uuid();
    doors.set(id, door);
    return json(200, { id, reattach: door.reattach });
  };

  const closeDoor = async (id: string) => {
    const door = doors.get(id);
    doors.delete(id);
    await door?.close();
    return json(door ? 200 : 404, {});
  };

  const explain = async (source: Readable) => {
    const question = readQuestion(await readWhole(source, LARGEST_REQUEST));
    if (!question) return json(400, { message: 'The body has to be {"principal", "action", "resource", "context"}.' });
    return json(200, why(kernel, options.describeResource, question));
  };

  const moveClock = async (source: Readable) => {
    const to = numberIn(await readWhole(source, LARGEST_REQUEST), 'to');
    const { clock } = kernel;
    if (to === undefined) return json(400, { message: 'The body has to be {"to": <milliseconds since 1970>}.' });
    if (to < clock.now()) return json(409, { message: 'The cloud’s time never goes back.' });
    await clock.advance(to - clock.now());
    return json(200, { now: new Date(clock.now()).toISOString() });
  };

  const status = () =>
    json(200, {
      ...health(),
      services: options.services(),
      usage: kernel.meter.usage(),
      memoryBytes: process.memoryUsage.rss(),
      now: new Date(kernel.clock.now()).toISOString(),
    });

  return async (request, source) => {
    const [, , name, id] = request.path.split('/');
    const route = `${request.method} ${name}`;
    if (request.headers['origin'] !== undefined) return json(403, { message: 'Calls from a page are refused.' });
    if (route === 'GET health') return json(200, health());
    if (!holdsToken(request, options.token)) return json(401, { message: 'This needs the cloud’s token.' });
    if (route === 'GET status') return status();
    if (route === 'POST doors') return openDoor(source);
    if (route === 'DELETE doors' && id) return closeDoor(id);
    if (route === 'POST why') return explain(source);
    if (route === 'POST clock') return moveClock(source);
    if (route === 'POST stop') {
      setImmediate(options.stop);
      return json(202, {});
    }
    if (request.method === 'GET' && name !== undefined) {
      const answer = await options.ask(name, new URLSearchParams(request.query));
      if (answer instanceof Readable) return { status: 200, headers: LINES, body: answer };
      if (answer !== undefined) return json(200, answer);
    }
    return json(404, { message: `${request.method} ${request.path} is nothing the cloud knows.` });
  };
}

const folderOf = (body: Buffer): string | undefined => {
  const folder = member(body, 'folder');
  return typeof folder === 'string' ? folder : undefined;
};

const numberIn = (body: Buffer, name: string): number | undefined => {
  const value = member(body, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

/** A member of a JSON object; undefined where the body is something else. */
function member(body: Buffer, name: string): unknown {
  try {
    return (JSON.parse(body.toString()) as Record<string, unknown>)[name];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function holdsToken(request: WireRequest, token: string): boolean {
  const given = Buffer.from(request.headers['authorization'] ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const json = (status: number, body: unknown): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
