// Lines of a cloud that go on, and what becomes of who follows them when the cloud goes.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, it } from 'vitest';

import { cloudPort, streamCloud } from './cloud-process.ts';
import type { Context } from './context.ts';

type ProcessRecord = Parameters<typeof streamCloud>[0];

let server: Server | undefined;
afterEach(() => void server?.close());

async function serve(thenEnd: boolean): Promise<ProcessRecord> {
  server = createServer((_, response) => {
    response.write('one\ntwo\n', () => {
      if (thenEnd) setTimeout(() => response.destroy(), 50);
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, token: 't' } as ProcessRecord;
}

it('tells in a sentence that the cloud ended', async () => {
  const lines: string[] = [];
  const follow = async (record: ProcessRecord) => {
    for await (const line of streamCloud(record, 'trail', new AbortController().signal)) lines.push(line);
  };
  await expect(follow(await serve(true))).rejects.toMatchObject({ code: 'cloud-ended' });
  expect(lines).toEqual(['one', 'two']);
});

it('ends without a word once nobody wants more', async () => {
  const control = new AbortController();
  const lines: string[] = [];
  for await (const line of streamCloud(await serve(false), 'trail', control.signal)) {
    lines.push(line);
    if (lines.length === 2) control.abort();
  }
  expect(lines).toEqual(['one', 'two']);
});

it.each(['abc', '0', '70000', '80x', '-1', '4566.5'])('refuses PLINTH_PORT=%s, which is no port', (value) => {
  expect(() => cloudPort({ variables: { PLINTH_PORT: value } } as unknown as Context)).toThrow(
    `PLINTH_PORT is '${value}', which is no port.`,
  );
});

it.each([
  [undefined, 4566],
  ['', 4566],
  ['65535', 65_535],
])('takes PLINTH_PORT=%s for port %i', (value, port) => {
  expect(cloudPort({ variables: { PLINTH_PORT: value } } as unknown as Context)).toBe(port);
});
