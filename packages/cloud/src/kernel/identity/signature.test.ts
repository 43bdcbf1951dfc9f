// SigV4 against the worked examples of AWS's documentation, captured 2026-11.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { chunkSigner, EMPTY_SHA256, readSignature, verify, type Signature, type SignedRequest } from './signature.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const HOST = 'examplebucket.s3.amazonaws.com';
const CREDENTIAL = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const DATE = '20130524T000000Z';

interface Example {
  readonly name: string;
  readonly request: Omit<SignedRequest, 'headers'>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signature: string;
}

const examples: readonly Example[] = [
  {
    name: 'a GET of an object with a range',
    request: { method: 'GET', path: '/test.txt', query: '' },
    headers: { host: HOST, range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': DATE },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'a PUT of an object whose name has to be encoded',
    request: { method: 'PUT', path: '/test%24file.text', query: '' },
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      host: HOST,
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      'x-amz-date': DATE,
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'a GET of a subresource',
    request: { method: 'GET', path: '/', query: 'lifecycle' },
    headers: { host: HOST, 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': DATE },
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'a listing with a query',
    request: { method: 'GET', path: '/', query: 'max-keys=2&prefix=J' },
    headers: { host: HOST, 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': DATE },
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

describe('a signature in the header', () => {
  for (const { name, request, headers, signature } of examples) {
    const signed = signedRequest(request, headers, signature);
    it(`is accepted for ${name}`, () => {
      expect(verify(signed, read(signed), SECRET)).toBe(true);
    });

    it(`is refused for ${name} once a byte of the request differs`, () => {
      const tampered = { ...signed, path: `${signed.path}x` };
      expect(verify(tampered, read(tampered), SECRET)).toBe(false);
      expect(verify(signed, read(signed), `${SECRET}x`)).toBe(false);
    });
  }

  it('names what is missing where it is incomplete', () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=host`;
    const request = { method: 'GET', path: '/', query: '', headers: { host: HOST, authorization, 'x-amz-date': DATE } };
    expect(readSignature(request)).toBe("Authorization header requires 'Signature' parameter.");
  });

  it('has to cover the host', () => {
    const request = signedRequest({ method: 'GET', path: '/', query: '' }, { 'x-amz-date': DATE }, 'aa');
    expect(readSignature(request)).toContain("'Host'");
  });
});

describe('a signature in the query', () => {
  const query =
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(CREDENTIAL)}&X-Amz-Date=${DATE}` +
    '&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
    '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const request = { method: 'GET', path: '/test.txt', query, headers: { host: HOST } };

  it('is accepted, whatever the body', () => {
    const signature = read(request);
    expect(signature).toMatchObject({ expiresSeconds: 86_400, payload: 'UNSIGNED-PAYLOAD' });
    expect(verify(request, signature, SECRET)).toBe(true);
  });

  it('is refused for a longer life than a week', () => {
    expect(readSignature({ ...request, query: query.replace('86400', '604801') })).toContain('604800');
  });
});

describe('signatures over chunks', () => {
  const seed = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';
  const request = signedRequest(
    { method: 'PUT', path: '/examplebucket/chunkObject.txt', query: '' },
    {
      'content-encoding': 'aws-chunked',
      'content-length': '66824',
      host: 's3.amazonaws.com',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-date': DATE,
      'x-amz-decoded-content-length': '66560',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    seed,
  );
  const chunks = [
    ['a'.repeat(65_536), 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'],
    ['a'.repeat(1_024), '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'],
    ['', 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
  ] as const;

  it('are accepted one after the other', () => {
    expect(verify(request, read(request), SECRET)).toBe(true);
    const signer = chunkSigner(read(request), SECRET);
    for (const [text, signature] of chunks) expect(signer.verify(sha256(text), signature)).toBe(true);
  });

  it('are refused out of order', () => {
    const signer = chunkSigner(read(request), SECRET);
    expect(signer.verify(sha256(chunks[1][0]), chunks[1][1])).toBe(false);
  });
});

function signedRequest(
  request: Omit<SignedRequest, 'headers'>,
  headers: Readonly<Record<string, string>>,
  signature: string,
): SignedRequest {
  const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${Object.keys(headers).join(';')},Signature=${signature}`;
  return { ...request, headers: { ...headers, authorization } };
}

function read(request: SignedRequest): Signature {
  const signature = readSignature(request);
  if (signature === undefined || typeof signature === 'string') throw new Error(`no signature: ${signature}`);
  return signature;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
