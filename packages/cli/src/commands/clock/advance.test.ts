// plinth clock advance, where it takes long: a cloud that does not answer, as one that has much to do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { Context } from '../../context.ts';
import { createProgress } from '../../progress.ts';
import { advance } from './advance.ts';

test('Ctrl-C lets go of it at once; a time that AWS cannot say is refused', async () => {
  const moving = Promise.withResolvers<void>();
  const server = createServer((message, response) => {
    if (message.url === '/_plinth/status') response.end(JSON.stringify({ now: '2027-01-01T00:00:00Z' }));
    else moving.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const home = mkdtempSync(join(tmpdir(), 'plinth-clock-'));
  onTestFinished(() => {
    server.close();
    rmSync(home, { recursive: true });
  });
  const folder = join(home, 'clouds', String(port));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'process.json'), JSON.stringify({ endpoint: `http://127.0.0.1:${port}`, token: 'x' }));
  const interrupt = new AbortController();
  const context: Context = {
    root: home,
    home,
    variables: { PLINTH_PORT: String(port) },
    progress: createProgress(process.stderr, true),
    signal: interrupt.signal,
    ask: undefined,
  };
  const late = advance.run({ args: ['9999999w'], options: {} }, context);
  await expect(late).rejects.toMatchObject({ code: 'bad-time' });
  const moved = advance.run({ args: ['31d'], options: {} }, context);
  await moving.promise;
  interrupt.abort();
  await expect(moved).rejects.toMatchObject({ code: 'interrupted', fix: expect.stringContaining('plinth clock show') });
});
