// Signatures over real HTTP: clocks, mechanisms and headers, beyond what the SDK sends by itself.
import { createServer, request } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import { sts } from '../services/sts/index.ts';
import { presignedUrl, send, sendSigned } from './signed-request.ts';

const HOUR = 3_600_000;
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ services: [sts] });
});

afterAll(() => cloud.stop());

const ask = (signedAt?: number) =>
  sendSigned(cloud, { service: 'sts', headers: FORM, body: BODY, ...(signedAt && { signedAt }) });

describe('a signature', () => {
  it('is as old as a quarter of an hour at most, and no younger than that', async () => {
    const now = Date.now();
    expect((await ask(now - 14 * 60_000)).status).toBe(200);
    expect((await ask(now + 14 * 60_000)).status).toBe(200);
    const old = await ask(now - 16 * 60_000);
    expect(old.status).toBe(403);
    expect(old.body).toMatch(
      /Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)/,
    );
    const young = await ask(now + 16 * 60_000);
    expect(young.body).toMatch(/Signature not yet current: .* is still later than .* \+ 15 min\.\)/);
  });

  it('keeps the machine’s time or the cloud’s', async () => {
    const own = await startCloud({ services: [sts] });
    await own.clock.advance(5 * HOUR);
    const at = (signedAt: number) => sendSigned(own, { service: 'sts', headers: FORM, body: BODY, signedAt });
    expect((await at(Date.now())).status).toBe(200);
    expect((await at(own.clock.now())).status).toBe(200);
    expect((await at(Date.now() + 2 * HOUR)).status).toBe(403);
    await own.stop();
  });

  it('in a URL lasts as long as it says on the cloud’s clock, by whichever clock it was made', async () => {
    const own = await startCloud({ services: [sts] });
    const open = (signedAt: number) => {
      const url = presignedUrl(own, { service: 'sts', query: BODY, expiresSeconds: 600, signedAt });
      return async () => (await fetch(url)).status;
    };
    const first = open(Date.now());
    expect(await first()).toBe(200);
    await own.clock.advance(HOUR);
    expect(await first()).toBe(403);
    // Dates have whole seconds: one of the second of the move counts as before it.
    const second = open(Date.now() + 1_000);
    const third = open(own.clock.now());
    expect([await second(), await third()]).toEqual([200, 200]);
    await own.clock.advance(HOUR);
    expect(await third()).toBe(403);
    await own.stop();
  });

  it('covers headers that come several times', async () => {
    expect(await repeated()).toBe(200);
  });

  it.each([
    ['of another kind', { authorization: 'AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=' }, '/'],
    ['of two kinds at once', { authorization: 'AWS4-HMAC-SHA256 x' }, '/?X-Amz-Algorithm=AWS4-HMAC-SHA256'],
  ])('%s is refused', async (_what, headers, path) => {
    const answer = await send(cloud.port, { method: 'POST', path, headers: { ...FORM, ...headers }, body: BODY });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('IncompleteSignature');
  });
});

// Signed over `one,two`, sent as two headers of one name, which no client of the SDK does.
async function repeated(): Promise<number> {
  const captured: Record<string, string> = {};
  const echo = createServer((message, response) => {
    Object.assign(captured, message.headers);
    response.end();
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const { port } = echo.address() as { port: number };
  const host = `127.0.0.1:${cloud.port}`;
  await sendSigned(
    { port, credentials: cloud.credentials },
    { service: 'sts', headers: { ...FORM, host, 'x-amz-meta-a': 'one,two' }, body: BODY },
  );
  echo.close();
  const { 'x-amz-meta-a': _joined, ...rest } = captured;
  return new Promise((resolve, reject) => {
    const call = request({ port: cloud.port, host: '127.0.0.1', method: 'POST', path: '/' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    for (const [name, value] of Object.entries(rest)) call.setHeader(name, value);
    call.setHeader('x-amz-meta-a', ['one', 'two']);
    call.on('error', reject);
    call.end(BODY);
  });
}
