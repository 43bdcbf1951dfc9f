// What is no proper request: every one gets AWS's error in its own protocol, and the cloud goes on.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import type { RequestBody } from './body.ts';
import { send, sendSigned, type ChunkSignature, type HandMade } from './signed-request.ts';
import { testService } from './test-service.ts';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({
    services: [
      testService('codebuild', 'codebuild', { ListProjects: () => ({ projects: [] }) }),
      testService('iam', 'iam', { GetRole: () => ({ Role: { RoleName: 'r' } }), TagRole: () => ({}) }),
      testService('s3', 's3', {
        PutObject: async ({ Body }: { Body: RequestBody }) => ({
          ETag: Buffer.concat(await Body.toArray()).toString(),
        }),
        PutBucketVersioning: () => ({}),
        DeleteObjects: () => ({}),
      }),
    ],
  });
});
afterAll(() => cloud.stop());

const json = (body: string | Buffer, target = 'CodeBuild_20161006.ListProjects'): HandMade => ({
  service: 'codebuild',
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  body,
});

const form = (body: string): HandMade => ({
  service: 'iam',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
});

const cbor = (body: Buffer): HandMade => ({
  service: 'codebuild',
  path: '/service/CodeBuild_20161006/operation/ListProjects',
  headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
  body,
});

const xml = (body: string): HandMade => ({ service: 's3', method: 'PUT', path: '/bucket?versioning=', body });

test.for([
  ['JSON that ends too early', json('{"sortBy": '), 400, 'SerializationException'],
  ['a JSON list', json('[]'), 400, 'SerializationException'],
  ['a number where a string belongs', json('{"sortBy": 1}'), 400, 'SerializationException'],
  ['bytes that are no UTF-8', json(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])), 400, 'SerializationException'],
  ['an operation that nobody has', json('{}', 'CodeBuild_20161006.Nonsense'), 400, 'UnknownOperationException'],
  ['an operation that the cloud lacks', json('{}', 'CodeBuild_20161006.ListReports'), 501, 'NotImplemented'],
  ['CBOR that ends too early', cbor(Buffer.from([0xa1, 0x61])), 400, 'SerializationException'],
  ['an action that nobody has', form('Action=Nonsense'), 400, 'InvalidAction'],
  ['no action', form('Version=2010-05-08'), 400, 'MissingAction'],
  ['a form without what is required', form('Action=GetRole'), 400, 'ValidationError'],
  ['a form that nests without end', form(`Action=TagRole&${'a.'.repeat(5000)}=1`), 400, 'MalformedInput'],
  ['XML that ends too early', xml('<VersioningConfiguration><Status>'), 400, 'MalformedXML'],
  ['XML of another kind', xml('<Tagging/>'), 400, 'MalformedXML'],
  [
    'XML with an element that nobody knows',
    xml('<VersioningConfiguration><Status>Enabled</Status><Statu5>Enabled</Statu5></VersioningConfiguration>'),
    400,
    'Statu5',
  ],
  [
    'XML that says one thing twice',
    xml('<VersioningConfiguration><!-- <a> --><Status/><Status>Enabled</Status></VersioningConfiguration>'),
    400,
    'MalformedXML',
  ],
  ['text where XML belongs', xml('{}'), 400, 'MalformedXML'],
  ['XML that nests without end', xml(`<VersioningConfiguration>${'<a>'.repeat(100_000)}`), 400, 'MalformedXML'],
  ['a key that is no percent-encoding', { service: 's3', method: 'PUT', path: '/bucket/%zz' }, 400, 'InvalidURI'],
  ['a method that S3 lacks', { service: 's3', method: 'PATCH', path: '/bucket' }, 405, 'MethodNotAllowed'],
  ['a body that is too large', json(Buffer.alloc(17 * 1024 * 1024, 0x20)), 413, 'RequestEntityTooLargeException'],
] as [string, HandMade, number, string][])('%s', async ([, made, status, code]) => {
  const answer = await sendSigned(cloud, made);
  expect({ status: answer.status, names: answer.body.includes(code) ? code : answer.body }).toEqual({
    status,
    names: code,
  });
});

const lackingForm = (service: string): HandMade => ({ ...form('Action=DescribeThings'), service });

test.for([
  ['rest-json', { service: 'apigateway', method: 'GET', path: '/restapis' }, /^\{"message":.*apigateway/],
  ['rest-xml', { service: 'route53', method: 'GET', path: '/2013-04-01/hostedzone' }, /<ErrorResponse.*route53/s],
  ['query', lackingForm('rds'), /<ErrorResponse.*rds/s],
  ['ec2 query', lackingForm('ec2'), /<Response><Errors><Error>.*ec2/s],
  ['json', { ...json('{}', 'AmazonEC2ContainerServiceV20141113.ListTasks'), service: 'ecs' }, /^\{"__type":.*ecs/],
] as [string, HandMade, RegExp][])(
  'a service that the cloud lacks is refused in its own protocol: %s',
  async ([, made, shape]) => {
    expect(await sendSigned(cloud, made)).toMatchObject({ status: 501, body: expect.stringMatching(shape) });
  },
);

test('nesting without end in JSON is refused', async () => {
  const answer = await sendSigned(cloud, json(`{"sortBy":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`));
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('SerializationException') });
});

test('random bytes in every protocol get an error of the sender, and the cloud lives', async () => {
  const kinds = [
    (body: Buffer) => json(body),
    cbor,
    (body: Buffer) => form(body.toString('latin1')),
    (body: Buffer) => xml(body.toString('latin1')),
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kinds), fc.uint8Array({ minLength: 1, maxLength: 60 }), async (kind, bytes) => {
      const answer = await sendSigned(cloud, kind(Buffer.from(bytes)));
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
  expect((await sendSigned(cloud, json('{}'))).status).toBe(200);
});

test('a body that is not what was signed is refused', async () => {
  const put = { service: 's3', method: 'PUT', path: '/bucket/key', body: 'other', payload: 'a'.repeat(64) };
  expect(await sendSigned(cloud, put)).toMatchObject({
    status: 400,
    body: expect.stringContaining('<Code>XAmzContentSHA256Mismatch</Code>'),
  });
});

test('a request without a signature is nobody’s', async () => {
  const headers = { 'x-amz-target': 'CodeBuild_20161006.ListProjects', 'content-type': 'application/x-amz-json-1.1' };
  const answer = await send(cloud.port, { method: 'POST', headers, body: '{}' });
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('MissingAuthenticationTokenException') });
});

test('another host’s name, a page’s origin and a path that is none are refused', async () => {
  expect(await send(cloud.port, { headers: { host: 'evil.example' } })).toMatchObject({ status: 403 });
  expect(await send(cloud.port, { path: 'http://127.0.0.1/' })).toMatchObject({ status: 400 });
  const { headers, ...rest } = json('{}');
  expect(await sendSigned(cloud, { ...rest, headers: { ...headers, origin: 'http://evil.example' } })).toMatchObject({
    status: 403,
    body: expect.stringContaining('AccessDenied'),
  });
  expect(await send(cloud.port, { path: '/_plinth/health', headers: { origin: 'http://evil.example' } })).toMatchObject(
    { status: 403 },
  );
});

const chunked = (
  payload: string,
  body: (signature: ChunkSignature) => Buffer,
  headers: Record<string, string> = {},
): HandMade => ({
  service: 's3',
  method: 'PUT',
  path: '/bucket/key',
  payload,
  headers: { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '11', ...headers },
  body,
});

const chunks = ['hello ', 'world', ''].map((text) => Buffer.from(text));

const signedChunks = (signature: ChunkSignature): string =>
  chunks
    .map(
      (data) =>
        `${data.length.toString(16)};chunk-signature=${signature.chunk(data)}\r\n${data.length > 0 ? `${data.toString()}\r\n` : ''}`,
    )
    .join('');

test('signed chunks are decoded, with a signed trailer or without', async () => {
  const plain = chunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', (signature) =>
    Buffer.from(`${signedChunks(signature)}\r\n`),
  );
  expect(await sendSigned(cloud, plain)).toMatchObject({ status: 200, headers: { etag: 'hello world' } });
  const trailer = 'x-amz-checksum-crc32:DUoRhQ==';
  const trailed = chunked(
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    (signature) =>
      Buffer.from(
        `${signedChunks(signature)}${trailer}\r\nx-amz-trailer-signature:${signature.trailer(`${trailer}\n`)}\r\n\r\n`,
      ),
    { 'x-amz-trailer': 'x-amz-checksum-crc32' },
  );
  expect(await sendSigned(cloud, trailed)).toMatchObject({ status: 200, headers: { etag: 'hello world' } });
});

test.for([
  ['a chunk that was changed', (text: string) => text.replace('world', 'wOrld'), 403, 'SignatureDoesNotMatch'],
  ['a chunk that is missing', (text: string) => text.replace(/5;[^]*?world\r\n/, ''), 403, 'SignatureDoesNotMatch'],
  ['an end that is missing', (text: string) => text.slice(0, text.indexOf('0;')), 400, 'IncompleteBody'],
  ['a size that is none', (text: string) => text.replace('5;', 'x;'), 400, 'IncompleteBody'],
  ['a size without end', (text: string) => text.replace('5;', 'fffffffff;'), 400, 'IncompleteBody'],
] as [string, (text: string) => string, number, string][])(
  'in signed chunks, %s is refused',
  async ([, spoil, status, code]) => {
    const made = chunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', (signature) =>
      Buffer.from(spoil(`${signedChunks(signature)}\r\n`)),
    );
    expect(await sendSigned(cloud, made)).toMatchObject({ status, body: expect.stringContaining(code) });
  },
);

test('a refused body leaves the connection usable', async () => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      sendSigned(cloud, { ...json(Buffer.alloc(200_000, 0x20)), path: '/?x', service: 'codebuild' }),
    ),
  );
  expect(answers.every(({ status }) => status === 400)).toBe(true);
  expect((await sendSigned(cloud, json('{}'))).status).toBe(200);
});
