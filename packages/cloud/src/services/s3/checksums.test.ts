// Checksums that clients declare, in headers and behind the body, and what S3 answers them.
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

// Of "hello", from other implementations: cksum, openssl, and the AWS SDK for Rust's tests for CRC64NVME.
const HELLO = {
  CRC32: 'NhCmhg==',
  CRC32C: 'mnG7TA==',
  CRC64NVME: 'M3eFcAZSQlc=',
  SHA1: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=',
  SHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
} as const;

const ALGORITHMS = Object.keys(HELLO) as (keyof typeof HELLO)[];

test.each(ALGORITHMS)('a declared %s is verified, stored and answered', async (algorithm) => {
  const value = HELLO[algorithm];
  const put = await send(
    new S3.PutObjectCommand({ Bucket, Key: algorithm, Body: 'hello', [`Checksum${algorithm}`]: value }),
  );
  expect(put).toMatchObject({ [`Checksum${algorithm}`]: value, ChecksumType: 'FULL_OBJECT' });
  const head = await send(new S3.HeadObjectCommand({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({ [`Checksum${algorithm}`]: value, ChecksumType: 'FULL_OBJECT' });
  const without = await send(new S3.HeadObjectCommand({ Bucket, Key: algorithm }));
  expect(without[`Checksum${algorithm}`]).toBeUndefined();
  const wrong = new S3.PutObjectCommand({ Bucket, Key: 'wrong', Body: 'hullo', [`Checksum${algorithm}`]: value });
  expect(await errorOf(send(wrong))).toMatchObject({
    code: 'BadDigest',
    message: `The ${algorithm} you specified did not match the calculated checksum.`,
  });
  expect(await codeOf(send(new S3.HeadObjectCommand({ Bucket, Key: 'wrong' })))).toEqual(['NotFound', 404]);
});

test.each(ALGORITHMS)('a %s behind a streamed body is verified and stored', async (algorithm) => {
  const Body = Readable.from([Buffer.from('he'), Buffer.from('llo')]);
  const put = new S3.PutObjectCommand({ Bucket, Key: 'trailer', Body, ContentLength: 5, ChecksumAlgorithm: algorithm });
  expect(await send(put)).toMatchObject({ [`Checksum${algorithm}`]: HELLO[algorithm] });
});

test('an object that came without a checksum has AWS’s default one', async () => {
  const plain = s3.clientFor({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const put = await plain.send(new S3.PutObjectCommand({ Bucket, Key: 'plain', Body: 'hello' }));
  expect(put.ChecksumCRC64NVME).toBe(HELLO.CRC64NVME);
});

test('a part of an object is answered without a checksum, for it has none', async () => {
  await send(new S3.PutObjectCommand({ Bucket, Key: 'part', Body: 'hello' }));
  const found = await send(
    new S3.GetObjectCommand({ Bucket, Key: 'part', Range: 'bytes=1-2', ChecksumMode: 'ENABLED' }),
  );
  expect(found.ChecksumCRC32).toBeUndefined();
});

test('a declared MD5 is verified', async () => {
  const put = (Body: string, ContentMD5: string) =>
    send(new S3.PutObjectCommand({ Bucket, Key: 'md5', Body, ContentMD5 }));
  await put('hello', 'XUFAKrxLKna5cZ2REBfFkg==');
  expect(await codeOf(put('hullo', 'XUFAKrxLKna5cZ2REBfFkg=='))).toEqual(['BadDigest', 400]);
  expect(await codeOf(put('hello', 'nonsense'))).toEqual(['InvalidDigest', 400]);
});

test('a checksum that is none is refused before it is compared', async () => {
  const put = send(new S3.PutObjectCommand({ Bucket, Key: 'none', Body: 'hello', ChecksumSHA256: 'nonsense' }));
  expect(await errorOf(put)).toMatchObject({
    code: 'InvalidRequest',
    message: 'Value for x-amz-checksum-sha256 header is invalid.',
  });
});

test('a copy can be given another checksum', async () => {
  await send(new S3.PutObjectCommand({ Bucket, Key: 'origin', Body: 'hello' }));
  const copy = await send(
    new S3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/origin`, ChecksumAlgorithm: 'SHA1' }),
  );
  expect(copy.CopyObjectResult).toMatchObject({ ChecksumSHA1: HELLO.SHA1, ChecksumType: 'FULL_OBJECT' });
});

test('what is said of a document is compared with it too', async () => {
  const deleteWith = (headers: Record<string, string>) => {
    const command = new S3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'any' }] } });
    command.middlewareStack.add(
      (next) => (args) => {
        const { headers: own } = args.request as { headers: Record<string, string> };
        for (const name of Object.keys(own)) if (name.startsWith('x-amz-checksum-')) delete own[name];
        Object.assign(own, headers);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    return errorOf(send(command));
  };
  expect(await deleteWith({ 'x-amz-checksum-crc32': 'AAAAAA==' })).toMatchObject({
    code: 'BadDigest',
    message: 'The CRC32 you specified did not match the calculated checksum.',
  });
  expect(await deleteWith({ 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' })).toMatchObject({ code: 'BadDigest' });
  expect(await deleteWith({ 'content-md5': 'none' })).toMatchObject({ code: 'InvalidDigest' });
  expect(
    await deleteWith({ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': 'qvTGHdzF6KLavt4PO0gs2a6pQ00=' }),
  ).toMatchObject({ code: 'InvalidRequest' });
  expect(await deleteWith({ 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' })).toMatchObject({ code: 'NotImplemented' });
});

test('an algorithm without its checksum is refused', async () => {
  const put = new S3.PutObjectCommand({ Bucket, Key: 'bare', Body: 'hello' });
  put.middlewareStack.add(
    (next) => (args) => {
      delete (args.request as { headers: Record<string, string> }).headers['x-amz-checksum-crc32'];
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  expect(await errorOf(send(put))).toMatchObject({
    code: 'InvalidRequest',
    message: expect.stringContaining('x-amz-sdk-checksum-algorithm specified') as string,
  });
});

test('what is to be locked has to come with a checksum or an MD5', async () => {
  const locked = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket: locked, ObjectLockEnabledForBucket: true }));
  const bare = s3.clientFor({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const put = (more: Partial<S3.PutObjectCommandInput>) =>
    bare.send(new S3.PutObjectCommand({ Bucket: locked, Key: 'k', Body: 'hello', ...more }));
  const refused = (what: string) => ({
    code: 'InvalidRequest',
    message: `Content-MD5 OR x-amz-checksum- HTTP header is required for Put ${what} requests with Object Lock parameters`,
  });
  await put({});
  expect(await errorOf(put({ ObjectLockLegalHoldStatus: 'ON' }))).toMatchObject(refused('Object'));
  await put({ ObjectLockLegalHoldStatus: 'ON', ContentMD5: 'XUFAKrxLKna5cZ2REBfFkg==' });
  await put({ ObjectLockLegalHoldStatus: 'ON', ChecksumSHA1: HELLO.SHA1 });
  const DefaultRetention = { Mode: 'GOVERNANCE', Days: 1 } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
  await send(new S3.PutObjectLockConfigurationCommand({ Bucket: locked, ObjectLockConfiguration }));
  expect(await errorOf(put({}))).toMatchObject(refused('Object'));
  const { UploadId } = await bare.send(new S3.CreateMultipartUploadCommand({ Bucket: locked, Key: 'k' }));
  const part = { Bucket: locked, Key: 'k', UploadId, PartNumber: 1, Body: 'hello' };
  expect(await errorOf(bare.send(new S3.UploadPartCommand(part)))).toMatchObject(refused('Part'));
  await send(new S3.UploadPartCommand(part));
});
