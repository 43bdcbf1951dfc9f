// Conditional requests, through the AWS SDK.
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { codeOf, startS3, type TestS3 } from './test-s3.ts';

let s3: TestS3;
let send: S3.S3Client['send'];
let Bucket: string;
let ETag: string;
let modified: Date;
beforeAll(async () => {
  s3 = await startS3();
  send = s3.client.send.bind(s3.client);
  Bucket = s3.name();
  await s3.client.send(new S3.CreateBucketCommand({ Bucket }));
});
beforeEach(async () => {
  ETag = (await put('k', 'one')).ETag!;
  modified = (await send(new S3.HeadObjectCommand({ Bucket, Key: 'k' }))).LastModified!;
});
afterAll(() => s3.stop());

const put = (Key: string, Body: string, more: Partial<S3.PutObjectCommandInput> = {}) =>
  send(new S3.PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (more: Partial<S3.GetObjectCommandInput>) => send(new S3.GetObjectCommand({ Bucket, Key: 'k', ...more }));
const head = (more: Partial<S3.HeadObjectCommandInput>) =>
  send(new S3.HeadObjectCommand({ Bucket, Key: 'k', ...more }));
const earlier = () => new Date(modified.getTime() - 60_000);
const later = () => new Date(modified.getTime() + 60_000);

test('a read whose conditions hold is answered', async () => {
  for (const conditions of [
    { IfMatch: ETag },
    { IfMatch: '*' },
    { IfNoneMatch: '"other"' },
    { IfModifiedSince: earlier() },
    { IfUnmodifiedSince: later() },
    { IfMatch: ETag, IfUnmodifiedSince: earlier() },
    { IfNoneMatch: '"other"', IfModifiedSince: modified },
  ]) {
    expect((await get(conditions)).$metadata.httpStatusCode).toBe(200);
  }
});

test('a read whose preconditions fail is refused with 412', async () => {
  expect(await codeOf(get({ IfMatch: '"other"' }))).toEqual(['PreconditionFailed', 412]);
  expect(await codeOf(get({ IfUnmodifiedSince: earlier() }))).toEqual(['PreconditionFailed', 412]);
});

test('what has not changed is answered with 304', async () => {
  for (const conditions of [{ IfNoneMatch: ETag }, { IfModifiedSince: modified }, { IfNoneMatch: `"x", ${ETag}` }]) {
    expect((await codeOf(get(conditions)))[1]).toBe(304);
    expect((await codeOf(head(conditions)))[1]).toBe(304);
  }
});

test('If-None-Match: * writes only what is not there, and a delete marker is not', async () => {
  expect(await codeOf(put('k', 'two', { IfNoneMatch: '*' }))).toEqual(['PreconditionFailed', 412]);
  await put('fresh', 'one', { IfNoneMatch: '*' });
  const versioned = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket: versioned }));
  await send(new S3.PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: 'Enabled' } }));
  const create = () => send(new S3.PutObjectCommand({ Bucket: versioned, Key: 'k', Body: 'x', IfNoneMatch: '*' }));
  await create();
  expect(await codeOf(create())).toEqual(['PreconditionFailed', 412]);
  await send(new S3.DeleteObjectCommand({ Bucket: versioned, Key: 'k' }));
  await create();
});

test('of many that want to create one object, one does', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) => put('lock', `holder ${n}`, { IfNoneMatch: '*' })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('If-Match writes only over what it names', async () => {
  expect(await codeOf(put('k', 'two', { IfMatch: '"other"' }))).toEqual(['PreconditionFailed', 412]);
  expect(await codeOf(put('absent', 'two', { IfMatch: ETag }))).toEqual(['NoSuchKey', 404]);
  await put('k', 'two', { IfMatch: ETag });
  expect(await (await get({})).Body!.transformToString()).toBe('two');
});

test('conditions that S3 does not take on a write are refused', async () => {
  expect(await codeOf(put('k', 'x', { IfNoneMatch: ETag }))).toEqual(['NotImplemented', 501]);
  expect(await codeOf(put('k', 'x', { IfMatch: '*' }))).toEqual(['NotImplemented', 501]);
  expect(await codeOf(put('k', 'x', { IfMatch: ETag, IfNoneMatch: '*' }))).toEqual(['NotImplemented', 501]);
});

test('a delete can be made to depend on what is there', async () => {
  const remove = (more: Partial<S3.DeleteObjectCommandInput>) =>
    send(new S3.DeleteObjectCommand({ Bucket, Key: 'k', ...more }));
  expect(await codeOf(remove({ IfMatch: '"other"' }))).toEqual(['PreconditionFailed', 412]);
  await remove({ IfMatch: ETag });
  expect(await codeOf(get({}))).toEqual(['NoSuchKey', 404]);
});

test('a copy’s conditions speak of its source', async () => {
  const copy = (more: Partial<S3.CopyObjectCommandInput>) =>
    send(new S3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k`, ...more }));
  for (const failing of [
    { CopySourceIfMatch: '"other"' },
    { CopySourceIfNoneMatch: ETag },
    { CopySourceIfModifiedSince: modified },
    { CopySourceIfUnmodifiedSince: earlier() },
  ]) {
    expect(await codeOf(copy(failing))).toEqual(['PreconditionFailed', 412]);
  }
  await copy({ CopySourceIfMatch: ETag });
});

test('an upload is completed under conditions too', async () => {
  const { UploadId } = await send(new S3.CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
  const target = { Bucket, Key: 'k', UploadId };
  const part = await send(new S3.UploadPartCommand({ ...target, PartNumber: 1, Body: 'part' }));
  const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }];
  const complete = (more: Partial<S3.CompleteMultipartUploadCommandInput>) =>
    send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts }, ...more }));
  expect(await codeOf(complete({ IfNoneMatch: '*' }))).toEqual(['PreconditionFailed', 412]);
  await complete({ IfMatch: ETag });
});
