import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { zipSync } from 'fflate';
import { expect, onTestFinished, test } from 'vitest';

import { fetchRelease } from './engine.ts';

const zip = zipSync({ terraform: Buffer.from('binary'), 'LICENSE.txt': Buffer.from('licence') });
const sha256 = createHash('sha256').update(zip).digest('hex');

const serve = async (status: number, body: Uint8Array): Promise<string> => {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/terraform.zip`;
};

test('a release with the pinned checksum is used', async () => {
  const url = await serve(200, zip);

  expect(Buffer.from(await fetchRelease('terraform', { url, sha256 })).toString()).toBe('binary');
});

test('a release with any other checksum is not', async () => {
  const url = await serve(200, zipSync({ terraform: Buffer.from('tampered') }));

  await expect(fetchRelease('terraform', { url, sha256 })).rejects.toThrow(`not ${sha256}: it is not used`);
});

test('a release that is not there, or that nobody can reach, says so', async () => {
  const url = await serve(404, zip);

  await expect(fetchRelease('terraform', { url, sha256 })).rejects.toThrow(
    `terraform is not on PATH, and ${url} answers 404`,
  );
  await expect(fetchRelease('terraform', { url: 'http://127.0.0.1:1/x', sha256 })).rejects.toThrow('cannot be reached');
});
