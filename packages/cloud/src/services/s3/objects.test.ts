// Objects written and read, through the AWS SDK.
import { Readable } from 'node:stream';

import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { codeOf, errorOf, startS3, type TestS3 } from './test-s3.ts';

let s3: TestS3;
let send: S3.S3Client['send'];
let Bucket: string;
beforeAll(async () => {
  s3 = await startS3();
  send = s3.client.send.bind(s3.client);
  Bucket = s3.name();
  await s3.client.send(new S3.CreateBucketCommand({ Bucket }));
});
afterAll(() => s3.stop());

const put = (
  Key: string,
  Body: NonNullable<S3.PutObjectCommandInput['Body']>,
  more: Partial<S3.PutObjectCommandInput> = {},
) => send(new S3.PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: Partial<S3.GetObjectCommandInput> = {}) =>
  send(new S3.GetObjectCommand({ Bucket, Key, ...more }));
const text = async (Key: string, more: Partial<S3.GetObjectCommandInput> = {}) =>
  (await get(Key, more)).Body!.transformToString();

/** Bytes that differ everywhere, so that a piece in the wrong place shows. */
function bytes(length: number): Buffer {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) buffer.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
  return buffer;
}

test('text that an answer’s header cannot carry is refused, what its bytes can is answered', async () => {
  await put('dressed', 'x');
  const dressed = (ResponseContentDisposition: string) => get('dressed', { ResponseContentDisposition });
  expect((await dressed('attachment; filename="é.txt"')).ContentDisposition).toBe('attachment; filename="é.txt"');
  expect(await errorOf(dressed('attachment; filename="日.txt"'))).toEqual({
    code: 'InvalidArgument',
    status: 400,
    message: 'Header value cannot be represented using ISO-8859-1.',
  });
  expect(await codeOf(dressed('a\nb'))).toEqual(['InvalidArgument', 400]);
});

test('metadata that is not ASCII comes back as RFC 2047 has it', async () => {
  await put('words', 'x', { Metadata: { word: '=?utf-8?q?M=C3=84_x?=', plain: 'a=b' } });
  const { Metadata } = await send(new S3.HeadObjectCommand({ Bucket, Key: 'words' }));
  expect(Metadata).toEqual({ word: '=?UTF-8?B?TcOEIHg=?=', plain: 'a=b' });
});

test('keys with characters that XML has not are listed, and not deleted by a document', async () => {
  const Key = 'ctl/\u0001';
  await put(Key, 'x');
  const page = await send(new S3.ListObjectsV2Command({ Bucket, Prefix: 'ctl/', EncodingType: 'url' }));
  expect(page.Contents?.map((each) => each.Key)).toEqual(['ctl/%01']);
  const many = new S3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } });
  expect(await codeOf(send(many))).toEqual(['MalformedXML', 400]);
  await send(new S3.DeleteObjectCommand({ Bucket, Key }));
});

test('an object comes back with everything that was said of it', async () => {
  const expires = new Date('2031-05-06T07:08:09Z');
  await put('all', 'hello', {
    ContentType: 'text/plain; charset=utf-8',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentEncoding: 'identity',
    ContentLanguage: 'de',
    Expires: expires,
    Metadata: { color: 'blue', 'two-words': 'x y' },
    StorageClass: 'STANDARD_IA',
    Tagging: 'a=1&b=two%20words',
    WebsiteRedirectLocation: '/elsewhere',
  });
  const found = await send(new S3.HeadObjectCommand({ Bucket, Key: 'all' }));
  expect(found).toMatchObject({
    ContentLength: 5,
    ContentType: 'text/plain; charset=utf-8',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentEncoding: 'identity',
    ContentLanguage: 'de',
    Expires: expires,
    Metadata: { color: 'blue', 'two-words': 'x y' },
    StorageClass: 'STANDARD_IA',
    TagCount: 2,
    WebsiteRedirectLocation: '/elsewhere',
    ServerSideEncryption: 'AES256',
    AcceptRanges: 'bytes',
    ETag: '"5d41402abc4b2a76b9719d911017c592"',
  });
  expect(await text('all')).toBe('hello');
});

test('what is said in the response-* parameters overrides what is stored', async () => {
  await put('overridden', 'x', { ContentType: 'text/plain' });
  const found = await get('overridden', { ResponseContentType: 'text/html', ResponseCacheControl: 'no-store' });
  expect(found).toMatchObject({ ContentType: 'text/html', CacheControl: 'no-store' });
});

test.each([
  'simple',
  'with space',
  'a/b//c',
  'trailing/',
  'plus+and&amp;',
  'ünï/ç😀',
  '%25percent',
  'a?b#c',
  '.',
  '..dots',
  'quote\'"<>',
])('the key %j is kept as it is', async (Key) => {
  await put(Key, Key);
  expect(await text(Key)).toBe(Key);
  const { Contents = [] } = await send(new S3.ListObjectsV2Command({ Bucket, Prefix: Key }));
  expect(Contents.map((object) => object.Key)).toContain(Key);
  await send(new S3.DeleteObjectCommand({ Bucket, Key }));
  expect(await codeOf(get(Key))).toEqual(['NoSuchKey', 404]);
});

test('a key longer than 1024 bytes is refused', async () => {
  expect(await codeOf(put('ü'.repeat(513), 'x'))).toEqual(['KeyTooLongError', 400]);
});

// Around the limit between the database and a file, around what is read at once, and well beyond.
test.each([0, 1, 65_535, 65_536, 65_537, 1_048_576, 1_048_577, 9_000_001])(
  '%d bytes come back as they went',
  async (length) => {
    const body = bytes(length);
    await put('sized', body);
    const found = await (await get('sized')).Body!.transformToByteArray();
    expect(Buffer.compare(found, body)).toBe(0);
  },
);

test('a stream of unknown length is stored as its decoded bytes', async () => {
  const body = bytes(200_000);
  const pieces = [body.subarray(0, 70_000), body.subarray(70_000, 70_001), body.subarray(70_001)];
  await put('streamed', Readable.from(pieces), { ContentLength: body.length, ContentEncoding: 'gzip' });
  const found = await get('streamed');
  expect(found.ContentEncoding).toBe('gzip');
  expect(Buffer.compare(await found.Body!.transformToByteArray(), body)).toBe(0);
});

test.each([
  ['bytes=0-8', '012345678', 'bytes 0-8/10'],
  ['bytes=1-1', '1', 'bytes 1-1/10'],
  ['bytes=1-', '123456789', 'bytes 1-9/10'],
  ['bytes=-2', '89', 'bytes 8-9/10'],
  ['bytes=-15', '0123456789', 'bytes 0-9/10'],
  ['bytes=0-100', '0123456789', 'bytes 0-9/10'],
])('the range %s is answered with 206', async (Range, expected, ContentRange) => {
  await put('digits', '0123456789');
  const found = await get('digits', { Range });
  expect(found).toMatchObject({ ContentRange, ContentLength: expected.length, $metadata: { httpStatusCode: 206 } });
  expect(await found.Body!.transformToString()).toBe(expected);
});

test.each(['bytes=1-0', 'bytes=-1-', 'bytes=0-1,3-4', 'bytes=', '0-8', 'bytes=-'])(
  'the range %j is none, and ignored',
  async (Range) => {
    await put('digits', '0123456789');
    const found = await get('digits', { Range });
    expect(found.$metadata.httpStatusCode).toBe(200);
    expect(found.ContentRange).toBeUndefined();
  },
);

test.each(['bytes=100-200', 'bytes=-0', 'bytes=10-'])('the range %s is not satisfiable', async (Range) => {
  await put('digits', '0123456789');
  expect(await codeOf(get('digits', { Range }))).toEqual(['InvalidRange', 416]);
});

test('a range of a large object is read from its middle', async () => {
  const body = bytes(3_000_000);
  await put('large', body);
  const found = await get('large', { Range: 'bytes=1000000-2999998' });
  expect(Buffer.compare(await found.Body!.transformToByteArray(), body.subarray(1_000_000, 2_999_999))).toBe(0);
});

test('large objects are whole for each of many who read them, one after the other', async () => {
  const bodies = await Promise.all(
    [1_000_000, 1_048_576, 1_048_577, 3_000_000].map(async (size, index) => {
      const body = bytes(size);
      await put(`many-${index}`, body);
      return body;
    }),
  );
  // All are asked for before the first is read, so that most of the answers wait in the cloud.
  const asked = await Promise.all([...bodies, ...bodies].map((_, index) => get(`many-${index % bodies.length}`)));
  for (const [index, { Body }] of asked.entries()) {
    const found = await Body!.transformToByteArray();
    expect(Buffer.compare(found, bodies[index % bodies.length]!)).toBe(0);
  }
});

test('tags of an object are put, read and deleted', async () => {
  await put('tagged', 'x');
  const TagSet = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '' },
  ];
  await send(new S3.PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet } }));
  expect((await send(new S3.GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual(TagSet);
  await send(new S3.DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }));
  expect((await send(new S3.GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([]);
  expect(await codeOf(put('tagged', 'x', { Tagging: 'a=1&a=2' }))).toEqual(['InvalidArgument', 400]);
});

test('a copy keeps what its source has, or takes what the request says', async () => {
  await put('source', bytes(100_000), { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 't=1' });
  const CopySource = encodeURIComponent(`${Bucket}/source`);
  const copy = (Key: string, more: Partial<S3.CopyObjectCommandInput> = {}) =>
    send(new S3.CopyObjectCommand({ Bucket, Key, CopySource, ...more }));
  await copy('kept');
  await copy('replaced', {
    MetadataDirective: 'REPLACE',
    Metadata: { b: '2' },
    ContentType: 'text/html',
    TaggingDirective: 'REPLACE',
    Tagging: 'u=2',
  });
  const kept = await get('kept');
  const replaced = await get('replaced');
  expect(kept).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' }, TagCount: 1 });
  expect(replaced).toMatchObject({ ContentType: 'text/html', Metadata: { b: '2' }, TagCount: 1, ETag: kept.ETag! });
  await send(new S3.DeleteObjectCommand({ Bucket, Key: 'source' }));
  expect(Buffer.compare(await kept.Body!.transformToByteArray(), bytes(100_000))).toBe(0);
  expect(Buffer.compare(await replaced.Body!.transformToByteArray(), bytes(100_000))).toBe(0);
});

test('a copy onto itself that changes nothing is refused', async () => {
  await put('self', 'x');
  const copy = (more: Partial<S3.CopyObjectCommandInput>) =>
    send(new S3.CopyObjectCommand({ Bucket, Key: 'self', CopySource: `${Bucket}/self`, ...more }));
  expect(await codeOf(copy({}))).toEqual(['InvalidRequest', 400]);
  await copy({ MetadataDirective: 'REPLACE', Metadata: { now: 'yes' } });
  expect((await get('self')).Metadata).toEqual({ now: 'yes' });
  expect(await text('self')).toBe('x');
});

test('many objects are deleted at once, whether they are there or not', async () => {
  await put('one', '1');
  await put('two', '2');
  const { Deleted, Errors } = await send(
    new S3.DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key: 'one' }, { Key: 'never' }, { Key: 'two', ETag: '"wrong"' }] },
    }),
  );
  expect(Deleted).toEqual([{ Key: 'one' }, { Key: 'never' }]);
  expect(Errors).toMatchObject([{ Key: 'two', Code: 'PreconditionFailed' }]);
  const quiet = await send(new S3.DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: 'two' }] } }));
  expect(quiet.Deleted).toBeUndefined();
  expect(await codeOf(get('two'))).toEqual(['NoSuchKey', 404]);
});

test('the attributes of an object are answered as they are asked for', async () => {
  await put('attributes', 'hello', { ChecksumAlgorithm: 'SHA256' });
  const found = await send(
    new S3.GetObjectAttributesCommand({
      Bucket,
      Key: 'attributes',
      ObjectAttributes: ['ETag', 'Checksum', 'ObjectSize', 'StorageClass', 'ObjectParts'],
    }),
  );
  expect(found).toMatchObject({
    ETag: '5d41402abc4b2a76b9719d911017c592',
    Checksum: { ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=', ChecksumType: 'FULL_OBJECT' },
    ObjectSize: 5,
    StorageClass: 'STANDARD',
  });
  const unknown = new S3.GetObjectAttributesCommand({ Bucket, Key: 'attributes', ObjectAttributes: ['Size' as never] });
  expect(await codeOf(send(unknown))).toEqual(['InvalidArgument', 400]);
});

test('an archived object has to be restored before it is read', async () => {
  await put('cold', 'brr', { StorageClass: 'DEEP_ARCHIVE' });
  expect(await codeOf(get('cold'))).toEqual(['InvalidObjectState', 403]);
  const restore = () => send(new S3.RestoreObjectCommand({ Bucket, Key: 'cold', RestoreRequest: { Days: 2 } }));
  const head = () => send(new S3.HeadObjectCommand({ Bucket, Key: 'cold' }));
  const listed = async () => {
    const asked = { Bucket, Prefix: 'cold', OptionalObjectAttributes: ['RestoreStatus' as const] };
    const { Contents: [{ RestoreStatus: one } = {}] = [] } = await send(new S3.ListObjectsCommand(asked));
    const { Contents: [{ RestoreStatus: two } = {}] = [] } = await send(new S3.ListObjectsV2Command(asked));
    const { Versions: [{ RestoreStatus: three } = {}] = [] } = await send(new S3.ListObjectVersionsCommand(asked));
    expect([two, three]).toEqual([one, one]);
    return one;
  };
  expect(await listed()).toBeUndefined();
  const tier = (Tier: string) =>
    codeOf(
      send(new S3.RestoreObjectCommand({ Bucket, Key: 'cold', RestoreRequest: { Days: 1, Tier: Tier as 'Bulk' } })),
    );
  expect(await tier('Expedited')).toEqual(['InvalidArgument', 400]);
  expect(await tier('Quick')).toEqual(['MalformedXML', 400]);
  await restore();
  expect((await head()).Restore).toBe('ongoing-request="true"');
  expect(await listed()).toEqual({ IsRestoreInProgress: true });
  expect(await codeOf(restore())).toEqual(['RestoreAlreadyInProgress', 409]);
  await s3.cloud.clock.advance(13 * 3_600_000);
  const { Restore } = await head();
  expect(Restore).toContain('ongoing-request="false"');
  const [, expiry] = /expiry-date="([^"]+)"/.exec(Restore!)!;
  expect(await listed()).toEqual({ IsRestoreInProgress: false, RestoreExpiryDate: new Date(expiry!) });
  expect((await send(new S3.ListObjectsV2Command({ Bucket, Prefix: 'cold' }))).Contents?.[0]).not.toHaveProperty(
    'RestoreStatus',
  );
  expect(await text('cold')).toBe('brr');
  await s3.cloud.clock.advance(4 * 86_400_000);
  expect(await codeOf(get('cold'))).toEqual(['InvalidObjectState', 403]);
});

test('a storage class that is none is refused', async () => {
  expect(await codeOf(put('classless', 'x', { StorageClass: 'GOLD' as never }))).toEqual(['InvalidStorageClass', 400]);
});

test('more metadata than two kilobytes is refused', async () => {
  expect(await codeOf(put('heavy', 'x', { Metadata: { a: 'x'.repeat(2_100) } }))).toEqual(['MetadataTooLarge', 400]);
});

test('what AWS has and this S3 has not is refused by name', async () => {
  const call = send(new S3.GetObjectTorrentCommand({ Bucket, Key: 'any' }));
  expect(await errorOf(call)).toMatchObject({
    code: 'NotImplemented',
    status: 501,
    message: 'The s3 action GetObjectTorrent is not supported here.',
  });
});
