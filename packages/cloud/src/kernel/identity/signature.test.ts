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

interface SuiteCase {
  readonly name: string;
  readonly request?: Partial<Omit<SignedRequest, 'headers'>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signature: string;
}

/** The suite of AWS's SigV4 documentation: what differs from a GET of `/` with a host and a date. */
const UNRESERVED = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const SUITE: readonly SuiteCase[] = [
  { name: 'get-vanilla', signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' },
  {
    name: 'post-vanilla',
    request: { method: 'POST' },
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    request: { query: 'Param2=value2&Param1=value1' },
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-query-order-value',
    request: { query: 'Param1=value2&Param1=Value1' },
    signature: 'eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1',
  },
  {
    name: 'get-vanilla-query-unreserved',
    request: { query: `${UNRESERVED}=${UNRESERVED}` },
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  {
    name: 'get-unreserved',
    request: { path: `/${UNRESERVED}` },
    signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  {
    name: 'get-utf8',
    request: { path: '/ሴ' },
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  {
    name: 'get-space',
    request: { path: '/example space/' },
    signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  },
  {
    name: 'normalize-path/get-relative',
    request: { path: '/example/..' },
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'normalize-path/get-slashes',
    request: { path: '//example//' },
    signature: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  },
  {
    name: 'normalize-path/get-slash-pointless-dot',
    request: { path: '/./example' },
    signature: 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
  },
  {
    name: 'get-header-key-duplicate',
    headers: { 'my-header1': 'value2,value2,value1' },
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  {
    name: 'get-header-value-order',
    headers: { 'my-header1': 'value4,value1,value3,value2' },
    signature: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  },
  {
    name: 'get-header-value-trim',
    headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'post-x-www-form-urlencoded',
    request: { method: 'POST', bodySha256: createHash('sha256').update('Param1=value1').digest('hex') },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-sts-header-before',
    request: { method: 'POST' },
    headers: {
      'x-amz-security-token':
        'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==',
    },
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
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

describe('signatures over chunks and a trailer', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
  const request = signedRequest(
    { method: 'PUT', path: '/examplebucket/chunkObject.txt', query: '' },
    {
      'content-encoding': 'aws-chunked',
      host: 's3.amazonaws.com',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-date': DATE,
      'x-amz-decoded-content-length': '66560',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-trailer': 'x-amz-checksum-crc32c',
    },
    '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  );
  const chunks = [
    ['a'.repeat(65_536), 'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2'],
    ['a'.repeat(1_024), '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7'],
    ['', '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992'],
  ] as const;
  const trailer = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435';

  const afterChunks = () => {
    expect(verify(request, read(request), SECRET)).toBe(true);
    const signer = chunkSigner(read(request), SECRET);
    for (const [text, signature] of chunks) expect(signer.verify(sha256(text), signature)).toBe(true);
    return signer;
  };

  it('are accepted one after the other', () => {
    expect(afterChunks().verifyTrailer(sha256('x-amz-checksum-crc32c:sOO8/Q==\n'), trailer)).toBe(true);
  });

  it('are refused where the trailer says something else', () => {
    expect(afterChunks().verifyTrailer(sha256('x-amz-checksum-crc32c:AAAAAA==\n'), trailer)).toBe(false);
  });
});

describe('AWS’s test suite for Signature Version 4', () => {
  const suite = {
    secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    credential: 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request',
    date: '20150830T123600Z',
  };
  const vanilla = { method: 'GET', path: '/', query: '' };

  it.each(SUITE)('$name', ({ request = {}, headers = {}, signature }) => {
    const all: Record<string, string> = { host: 'example.amazonaws.com', 'x-amz-date': suite.date, ...headers };
    const names = Object.keys(all).toSorted().join(';');
    const authorization = `AWS4-HMAC-SHA256 Credential=${suite.credential}, SignedHeaders=${names}, Signature=${signature}`;
    const signed = { ...vanilla, ...request, headers: { ...all, authorization } };
    expect(verify(signed, read(signed), suite.secret)).toBe(true);
    const other = { ...signed, method: 'DELETE' };
    expect(verify(other, read(other), suite.secret)).toBe(false);
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
