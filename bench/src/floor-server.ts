// The least that a Node process can do for S3's two calls: check and hash a body as S3 has to, write a file, send a file.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const [, , folder = '.'] = process.argv;

const pathOf = (url: string | undefined): string => join(folder, encodeURIComponent(url?.split('?')[0] ?? ''));

function put(request: IncomingMessage, response: ServerResponse): void {
  // The ETag is an MD5, the signature covers a SHA-256, and SDKs ask for a CRC32.
  const etag = createHash('md5');
  const signed = createHash('sha256');
  let checksum = 0;
  const file = openSync(pathOf(request.url), 'w', 0o600);
  request.on('data', (chunk: Buffer) => {
    etag.update(chunk);
    signed.update(chunk);
    checksum = crc32(chunk, checksum);
    writeSync(file, chunk);
  });
  request.on('end', () => {
    closeSync(file);
    const isSigned = signed.digest('hex') === request.headers['x-amz-content-sha256'];
    response.writeHead(isSigned ? 200 : 400, { etag: etag.digest('hex'), 'x-amz-checksum-crc32': String(checksum) });
    response.end();
  });
}

const server = createServer((request, response) => {
  if (request.method === 'PUT') put(request, response);
  else response.end(request.url === '/' ? undefined : readFileSync(pathOf(request.url)));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
