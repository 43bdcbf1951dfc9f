// Objects under keys of the customer's own, which every request has to bring.
import { createHash, randomBytes } from 'node:crypto';

import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { sendSigned } from '../../wire/signed-request.ts';
import { codeOf, startS3, type TestS3 } from './test-s3.ts';

let s3: TestS3;
let send: S3.S3Client['send'];
let Bucket: string;

beforeAll(async () => {
  s3 = await startS3();
  send = s3.client.send.bind(s3.client);
  Bucket = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket }));
  const BlockedEncryptionTypes = { EncryptionType: ['NONE' as const] };
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BlockedEncryptionTypes }];
  await send(new S3.PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
});
afterAll(() => s3.stop());

function keyOf(bytes = randomBytes(32)) {
  const SSECustomerKeyMD5 = createHash('md5').update(bytes).digest('base64');
  return { SSECustomerAlgorithm: 'AES256', SSECustomerKey: bytes.toString('base64'), SSECustomerKeyMD5 };
}

const asSource = ({ SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 }: ReturnType<typeof keyOf>) => ({
  CopySourceSSECustomerAlgorithm: SSECustomerAlgorithm,
  CopySourceSSECustomerKey: SSECustomerKey,
  CopySourceSSECustomerKeyMD5: SSECustomerKeyMD5,
});

const get = (Key: string, more: Partial<S3.GetObjectCommandInput> = {}) =>
  send(new S3.GetObjectCommand({ Bucket, Key, ...more }));
const text = async (Key: string, more: Partial<S3.GetObjectCommandInput> = {}) =>
  (await get(Key, more)).Body!.transformToString();

test('only who brings the key reads the object, or hears of it', async () => {
  const key = keyOf();
  const shown = { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: key.SSECustomerKeyMD5 };
  const put = await send(new S3.PutObjectCommand({ Bucket, Key: 'a', Body: 'secret', ...key }));
  expect(put).toMatchObject(shown);
  expect(put.ServerSideEncryption).toBeUndefined();
  expect(put.ETag).not.toBe(`"${createHash('md5').update('secret').digest('hex')}"`);
  expect(await text('a', key)).toBe('secret');
  expect(await text('a', { ...key, Range: 'bytes=0-2' })).toBe('sec');
  const head = await send(new S3.HeadObjectCommand({ Bucket, Key: 'a', ...key }));
  expect(head).toMatchObject({ ...shown, ETag: put.ETag! });
  expect(await codeOf(get('a'))).toEqual(['InvalidRequest', 400]);
  expect(await codeOf(get('a', keyOf()))).toEqual(['AccessDenied', 403]);
  const wrong = send(new S3.HeadObjectCommand({ Bucket, Key: 'a' }));
  expect((await codeOf(wrong))[1]).toBe(400);
});

test('an object without such a key wants none, and a key that is none is refused', async () => {
  await send(new S3.PutObjectCommand({ Bucket, Key: 'plain', Body: 'x' }));
  expect(await codeOf(get('plain', keyOf()))).toEqual(['InvalidRequest', 400]);
  const put = (more: Partial<S3.PutObjectCommandInput>) =>
    codeOf(send(new S3.PutObjectCommand({ Bucket, Key: 'b', Body: 'x', ...keyOf(), ...more })));
  expect(await put({ SSECustomerAlgorithm: 'DES' })).toEqual(['InvalidEncryptionAlgorithmError', 400]);
  expect(await put(keyOf(randomBytes(16)))).toEqual(['InvalidArgument', 400]);
  expect(await put({ ServerSideEncryption: 'AES256' })).toEqual(['InvalidArgument', 400]);
  // The SDK computes the key's hash itself.
  const name = 'x-amz-server-side-encryption-customer';
  const headers = { [`${name}-algorithm`]: 'AES256', [`${name}-key`]: keyOf().SSECustomerKey };
  const signed = { method: 'PUT', service: 's3', path: `/${Bucket}/b`, body: 'x' };
  for (const more of [{}, { [`${name}-key-md5`]: keyOf().SSECustomerKeyMD5 }]) {
    const answer = await sendSigned(s3.cloud, { ...signed, headers: { ...headers, ...more } });
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('<Code>InvalidArgument</Code>')]);
  }
});

test('a copy has the key that it is given, once its source’s is brought', async () => {
  const [from, to] = [keyOf(), keyOf()];
  await send(new S3.PutObjectCommand({ Bucket, Key: 'from', Body: 'secret', ...from }));
  const copy = (more: Partial<S3.CopyObjectCommandInput>) =>
    send(new S3.CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/from`, ...more }));
  expect(await codeOf(copy({}))).toEqual(['InvalidRequest', 400]);
  await copy({ ...asSource(from), ...to });
  expect(await text('to', to)).toBe('secret');
  await copy(asSource(from));
  expect(await text('to')).toBe('secret');
});

test('each part of an upload brings the key that the upload began with', async () => {
  const key = keyOf();
  const { UploadId } = await send(new S3.CreateMultipartUploadCommand({ Bucket, Key: 'parts', ...key }));
  const part = (more: object) =>
    send(new S3.UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'part', ...more }));
  expect(await codeOf(part({}))).toEqual(['InvalidRequest', 400]);
  expect(await codeOf(part(keyOf()))).toEqual(['AccessDenied', 403]);
  const { ETag } = await part(key);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const complete = { Bucket, Key: 'parts', UploadId, MultipartUpload };
  expect(
    await codeOf(send(new S3.CompleteMultipartUploadCommand({ ...complete, ...keyOf(Buffer.alloc(32, 'other')) }))),
  ).toEqual(['AccessDenied', 403]);
  await send(new S3.CompleteMultipartUploadCommand(complete));
  expect(await text('parts', key)).toBe('part');
});

test('buckets refuse such keys, unless their encryption blocks nothing', async () => {
  const closed = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket: closed }));
  const put = send(new S3.PutObjectCommand({ Bucket: closed, Key: 'a', Body: 'x', ...keyOf() }));
  expect(await codeOf(put)).toEqual(['AccessDenied', 403]);
});
