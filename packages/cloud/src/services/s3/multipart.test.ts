// Multipart uploads, through the AWS SDK.
import { createHash } from 'node:crypto';

import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createHasher } from './checksums.ts';
import { codeOf, errorOf, startS3, type TestS3 } from './test-s3.ts';

const MIB = 1024 * 1024;

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

const FIRST = Buffer.alloc(5 * MIB, 'first');
const SECOND = Buffer.alloc(5 * MIB + 7, 'second');
const LAST = Buffer.from('the last part is short');
const WHOLE = Buffer.concat([FIRST, SECOND, LAST]);

async function begin(Key: string, more: Partial<S3.CreateMultipartUploadCommandInput> = {}) {
  const { UploadId } = await send(new S3.CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return { Bucket, Key, UploadId };
}

const upload = (
  target: { Bucket: string; Key: string; UploadId: string | undefined },
  PartNumber: number,
  Body: Buffer,
) => send(new S3.UploadPartCommand({ ...target, PartNumber, Body }));

const hash = (algorithm: 'CRC32' | 'CRC64NVME' | 'SHA256', bytes: Buffer): string => {
  const hasher = createHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest().toString('base64');
};

test('parts in any order become one object, with the tag that AWS gives such objects', async () => {
  const target = await begin('ordered', { ContentType: 'text/plain', Metadata: { a: '1' } });
  const parts: S3.CompletedPart[] = [];
  for (const [number, body] of [
    [3, LAST],
    [1, FIRST],
    [2, SECOND],
  ] as const) {
    const { ETag, ChecksumCRC32 } = await upload(target, number, body);
    parts.push({ PartNumber: number, ETag, ChecksumCRC32 });
  }
  parts.sort((a, b) => a.PartNumber! - b.PartNumber!);
  const done = await send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: parts } }));
  const md5s = [FIRST, SECOND, LAST].map((part) => createHash('md5').update(part).digest());
  const expected = `"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-3"`;
  expect(done.ETag).toBe(expected);
  const found = await send(new S3.GetObjectCommand({ Bucket, Key: 'ordered' }));
  expect(found).toMatchObject({
    ContentLength: WHOLE.length,
    ETag: expected,
    ContentType: 'text/plain',
    Metadata: { a: '1' },
  });
  expect(Buffer.compare(await found.Body!.transformToByteArray(), WHOLE)).toBe(0);

  const middle = await send(
    new S3.GetObjectCommand({
      Bucket,
      Key: 'ordered',
      Range: `bytes=${FIRST.length - 3}-${FIRST.length + SECOND.length + 2}`,
    }),
  );
  const slice = WHOLE.subarray(FIRST.length - 3, FIRST.length + SECOND.length + 3);
  expect(Buffer.compare(await middle.Body!.transformToByteArray(), slice)).toBe(0);

  const second = await send(new S3.GetObjectCommand({ Bucket, Key: 'ordered', PartNumber: 2 }));
  expect(second).toMatchObject({ PartsCount: 3, $metadata: { httpStatusCode: 206 } });
  expect(Buffer.compare(await second.Body!.transformToByteArray(), SECOND)).toBe(0);

  const copied = await send(new S3.CopyObjectCommand({ Bucket, Key: 'copied', CopySource: `${Bucket}/ordered` }));
  expect(copied.CopyObjectResult?.ETag).toBe(`"${createHash('md5').update(WHOLE).digest('hex')}"`);
});

test('a composite checksum is the checksum of the checksums, and every part has to name its own', async () => {
  const target = await begin('composite', { ChecksumAlgorithm: 'SHA256' });
  const Parts: S3.CompletedPart[] = [];
  for (const [index, Body] of [FIRST, LAST].entries()) {
    const part = { ...target, PartNumber: index + 1, Body, ChecksumAlgorithm: 'SHA256' as const };
    const { ETag, ChecksumSHA256 } = await send(new S3.UploadPartCommand(part));
    expect(ChecksumSHA256).toBe(hash('SHA256', Body));
    Parts.push({ PartNumber: index + 1, ETag, ChecksumSHA256 });
  }
  const bare = Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
  const refused = send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: bare } }));
  expect(await codeOf(refused)).toEqual(['InvalidRequest', 400]);
  const done = await send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
  const digests = Buffer.concat(Parts.map(({ ChecksumSHA256 }) => Buffer.from(ChecksumSHA256!, 'base64')));
  expect(done.ChecksumSHA256).toBe(`${hash('SHA256', digests)}-2`);
  expect(done.ChecksumType).toBe('COMPOSITE');
  const attributes = await send(
    new S3.GetObjectAttributesCommand({ Bucket, Key: 'composite', ObjectAttributes: ['ObjectParts', 'Checksum'] }),
  );
  expect(attributes.ObjectParts).toMatchObject({ TotalPartsCount: 2, IsTruncated: false });
  expect(attributes.ObjectParts?.Parts?.map(({ ChecksumSHA256 }) => ChecksumSHA256)).toEqual(
    Parts.map(({ ChecksumSHA256 }) => ChecksumSHA256),
  );
  // AWS tells the number of parts everywhere but here.
  expect(attributes.Checksum).toEqual({ ChecksumSHA256: hash('SHA256', digests), ChecksumType: 'COMPOSITE' });

  const partsOf = async (asked: Partial<S3.GetObjectAttributesCommandInput>) => {
    const command = { Bucket, Key: 'composite', ObjectAttributes: ['ObjectParts' as const], ...asked };
    const { ObjectParts } = await send(new S3.GetObjectAttributesCommand(command));
    const numbers = ObjectParts?.Parts?.map(({ PartNumber }) => PartNumber) ?? [];
    return [numbers, ObjectParts?.IsTruncated, ObjectParts?.NextPartNumberMarker];
  };
  expect(await partsOf({ MaxParts: 1 })).toEqual([[1], true, '1']);
  expect(await partsOf({ MaxParts: 1, PartNumberMarker: '1' })).toEqual([[2], false, '2']);
  expect(await partsOf({ MaxParts: 2 })).toEqual([[1, 2], false, '2']);
  expect(await partsOf({ PartNumberMarker: '2' })).toEqual([[], false, '0']);

  const read = async (asked: Pick<S3.GetObjectCommandInput, 'PartNumber' | 'Range'>) => {
    const place = { Bucket, Key: 'composite', ChecksumMode: 'ENABLED' as const, ...asked };
    const found = await send(new S3.GetObjectCommand(place));
    // Here the SDK compares.
    await found.Body!.transformToByteArray();
    const head = await send(new S3.HeadObjectCommand(place));
    expect(head.ChecksumSHA256).toBe(found.ChecksumSHA256);
    return [found.ChecksumSHA256, found.ChecksumType];
  };
  expect(await read({ PartNumber: 1 })).toEqual([Parts[0]!.ChecksumSHA256, 'COMPOSITE']);
  expect(await read({ PartNumber: 2 })).toEqual([Parts[1]!.ChecksumSHA256, 'COMPOSITE']);
  expect(await read({ Range: `bytes=${FIRST.length}-` })).toEqual([Parts[1]!.ChecksumSHA256, 'COMPOSITE']);
  expect(await read({ Range: `bytes=1-${FIRST.length - 1}` })).toEqual([undefined, undefined]);
  expect(await read({})).toEqual([done.ChecksumSHA256, 'COMPOSITE']);
});

test.each([
  ['COMPOSITE', [LAST], [[0, 'COMPOSITE']]],
  ['FULL_OBJECT', [LAST], [[0, 'FULL_OBJECT']]],
  ['FULL_OBJECT', [FIRST, LAST], [undefined, undefined]],
] as const)('with a %s checksum, a part is answered with its own where it has one', async (type, bodies, expected) => {
  const target = await begin('own', { ChecksumAlgorithm: 'CRC32', ChecksumType: type });
  const Parts: S3.CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const { ETag, ChecksumCRC32 } = await upload(target, index + 1, Body);
    Parts.push({ PartNumber: index + 1, ETag, ChecksumCRC32 });
  }
  await send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
  for (const [index, shown] of expected.entries()) {
    const place = { Bucket, Key: 'own', PartNumber: index + 1, ChecksumMode: 'ENABLED' as const };
    const { ChecksumCRC32, ChecksumType } = await send(new S3.HeadObjectCommand(place));
    expect([ChecksumCRC32, ChecksumType]).toEqual(
      shown ? [hash('CRC32', bodies[shown[0]]!), shown[1]] : [undefined, undefined],
    );
  }
  const { ObjectParts } = await send(
    new S3.GetObjectAttributesCommand({ Bucket, Key: 'own', ObjectAttributes: ['ObjectParts'] }),
  );
  expect(ObjectParts?.TotalPartsCount).toBe(bodies.length);
  expect(ObjectParts?.Parts?.length).toBe(type === 'COMPOSITE' ? bodies.length : undefined);
});

test('a part is answered with the checksum of its upload, or else with the one that it came with', async () => {
  const whole = await begin('answered', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
  const plain = s3.clientFor({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const bare = await plain.send(new S3.UploadPartCommand({ ...whole, PartNumber: 1, Body: LAST }));
  expect(bare.ChecksumCRC32).toBe(hash('CRC32', LAST));

  const { UploadId } = await plain.send(new S3.CreateMultipartUploadCommand({ Bucket, Key: 'answered' }));
  const sent = await send(
    new S3.UploadPartCommand({
      Bucket,
      Key: 'answered',
      UploadId,
      PartNumber: 1,
      Body: LAST,
      ChecksumAlgorithm: 'SHA256',
    }),
  );
  expect(sent.ChecksumSHA256).toBe(hash('SHA256', LAST));
  expect(sent.ChecksumCRC64NVME).toBeUndefined();
});

test('an upload is completed with checksums of its own algorithm alone', async () => {
  const target = await begin('mixed', { ChecksumAlgorithm: 'CRC32' });
  const { ETag, ChecksumCRC32 } = await upload(target, 1, LAST);
  const complete = (part: S3.CompletedPart, more: Partial<S3.CompleteMultipartUploadCommandInput> = {}) =>
    errorOf(
      send(
        new S3.CompleteMultipartUploadCommand({
          ...target,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ...part }] },
          ...more,
        }),
      ),
    );
  const message = 'Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha256';
  const ChecksumSHA256 = hash('SHA256', LAST);
  expect(await complete({ ChecksumSHA256 })).toMatchObject({ code: 'InvalidRequest', message });
  expect(await complete({ ChecksumCRC32 }, { ChecksumSHA256 })).toMatchObject({ code: 'InvalidRequest', message });
  expect(await complete({ ChecksumCRC32 }, { ChecksumType: 'FULL_OBJECT' })).toMatchObject({ code: 'InvalidRequest' });
});

test.each(['CRC32', 'CRC64NVME'] as const)(
  'the %s of the whole is computed from those of the parts',
  async (algorithm) => {
    const target = await begin('full', { ChecksumAlgorithm: algorithm, ChecksumType: 'FULL_OBJECT' });
    const Parts: S3.CompletedPart[] = [];
    for (const [index, Body] of [FIRST, SECOND, LAST].entries()) {
      const { ETag } = await send(
        new S3.UploadPartCommand({ ...target, PartNumber: index + 1, Body, ChecksumAlgorithm: algorithm }),
      );
      Parts.push({ PartNumber: index + 1, ETag });
    }
    const done = await send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
    expect(done).toMatchObject({ [`Checksum${algorithm}`]: hash(algorithm, WHOLE), ChecksumType: 'FULL_OBJECT' });
  },
);

test('an upload that asked for no checksum has AWS’s default one', async () => {
  const plain = s3.clientFor({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const { UploadId } = await plain.send(new S3.CreateMultipartUploadCommand({ Bucket, Key: 'default' }));
  const target = { Bucket, Key: 'default', UploadId };
  const { ETag } = await plain.send(new S3.UploadPartCommand({ ...target, PartNumber: 1, Body: LAST }));
  const done = await plain.send(
    new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
  );
  expect(done).toMatchObject({ ChecksumCRC64NVME: hash('CRC64NVME', LAST), ChecksumType: 'FULL_OBJECT' });
});

test('a part is copied from an object, whole or in part', async () => {
  await send(new S3.PutObjectCommand({ Bucket, Key: 'long', Body: WHOLE }));
  const target = await begin('assembled');
  const CopySource = `${Bucket}/long`;
  const whole = await send(new S3.UploadPartCopyCommand({ ...target, PartNumber: 1, CopySource }));
  const some = await send(
    new S3.UploadPartCopyCommand({ ...target, PartNumber: 2, CopySource, CopySourceRange: 'bytes=10-29' }),
  );
  const Parts = [whole, some].map(({ CopyPartResult }, index) => ({
    PartNumber: index + 1,
    ETag: CopyPartResult?.ETag,
    ChecksumCRC32: CopyPartResult?.ChecksumCRC32,
  }));
  await send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
  await send(new S3.DeleteObjectCommand({ Bucket, Key: 'long' }));
  const found = await send(new S3.GetObjectCommand({ Bucket, Key: 'assembled' }));
  const expected = Buffer.concat([WHOLE, WHOLE.subarray(10, 30)]);
  expect(Buffer.compare(await found.Body!.transformToByteArray(), expected)).toBe(0);
});

test.each([
  ['bytes=0-100', 'InvalidArgument'],
  ['bytes=100-200', 'InvalidRequest'],
  ['bytes=1-', 'InvalidArgument'],
  ['0-8', 'InvalidArgument'],
])('the copy range %s is refused', async (CopySourceRange, code) => {
  await send(new S3.PutObjectCommand({ Bucket, Key: 'ten', Body: '0123456789' }));
  const target = await begin('refused');
  const copy = new S3.UploadPartCopyCommand({ ...target, PartNumber: 1, CopySource: `${Bucket}/ten`, CopySourceRange });
  expect(await codeOf(send(copy))).toEqual([code, 400]);
});

test('completing an upload again, as a client does that heard no answer, answers the same', async () => {
  const { UploadId } = await send(new S3.CreateMultipartUploadCommand({ Bucket, Key: 'again' }));
  const target = { Bucket, Key: 'again', UploadId };
  const { ETag } = await upload(target, 1, LAST);
  const complete = (tag = ETag) =>
    send(
      new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: tag }] } }),
    );
  const { $metadata: _first, ...first } = await complete();
  const { $metadata: _second, ...second } = await complete();
  expect(second).toEqual(first);
  expect(await codeOf(complete('"0123456789abcdef0123456789abcdef"'))).toEqual(['NoSuchUpload', 404]);
  await send(new S3.PutObjectCommand({ Bucket, Key: 'again', Body: 'other' }));
  expect(await codeOf(complete())).toEqual(['NoSuchUpload', 404]);
});

test('an upload is completed only with parts that are there, as they are, in order, and large enough', async () => {
  const target = await begin('strict');
  const { ETag: one } = await upload(target, 1, LAST);
  const { ETag: two } = await upload(target, 2, LAST);
  const complete = (Parts: S3.CompletedPart[]) =>
    errorOf(send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } })));
  const crc = hash('CRC32', LAST);
  const part = (PartNumber: number, ETag: string | undefined) => ({ PartNumber, ETag, ChecksumCRC32: crc });
  expect(await complete([part(2, two), part(1, one)])).toMatchObject({ code: 'InvalidPartOrder' });
  expect(await complete([part(3, two)])).toMatchObject({ code: 'InvalidPart' });
  expect(await complete([part(1, '"0123456789abcdef0123456789abcdef"')])).toMatchObject({ code: 'InvalidPart' });
  expect(await complete([part(1, one), part(2, two)])).toMatchObject({ code: 'EntityTooSmall' });
  expect(await complete([])).toMatchObject({ code: 'MalformedXML' });
  const number = send(new S3.UploadPartCommand({ ...target, PartNumber: 10_001, Body: LAST }));
  expect(await codeOf(number)).toEqual(['InvalidArgument', 400]);
});

test('parts with checksums of their own leave no gap', async () => {
  const target = await begin('gap', { ChecksumAlgorithm: 'CRC32' });
  const { ETag, ChecksumCRC32 } = await upload(target, 2, LAST);
  const MultipartUpload = { Parts: [{ PartNumber: 2, ETag, ChecksumCRC32 }] };
  const complete = send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload }));
  expect(await codeOf(complete)).toEqual(['InvalidPartOrder', 400]);
});

test('an aborted upload is gone with its parts', async () => {
  const target = await begin('aborted');
  await upload(target, 1, LAST);
  await send(new S3.AbortMultipartUploadCommand(target));
  expect(await codeOf(upload(target, 1, LAST))).toEqual(['NoSuchUpload', 404]);
  expect(await codeOf(send(new S3.ListPartsCommand(target)))).toEqual(['NoSuchUpload', 404]);
  expect(await codeOf(send(new S3.AbortMultipartUploadCommand(target)))).toEqual(['NoSuchUpload', 404]);
});

test('parts and uploads are listed page by page', async () => {
  const target = await begin('listed/a');
  await begin('listed/b');
  await begin('listed/c/d');
  for (const number of [1, 2, 3]) await upload(target, number, LAST);
  const first = await send(new S3.ListPartsCommand({ ...target, MaxParts: 2 }));
  expect(first.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1, 2]);
  const rest = await send(new S3.ListPartsCommand({ ...target, PartNumberMarker: first.NextPartNumberMarker }));
  expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);
  expect(rest.IsTruncated).toBe(false);
  const exact = await send(new S3.ListPartsCommand({ ...target, MaxParts: 3 }));
  expect([exact.IsTruncated, exact.NextPartNumberMarker]).toEqual([false, '3']);
  for (const wrong of [{ MaxParts: -1 }, { PartNumberMarker: 'one' }]) {
    expect(await codeOf(send(new S3.ListPartsCommand({ ...target, ...wrong })))).toEqual(['InvalidArgument', 400]);
  }

  const list = (more: Partial<S3.ListMultipartUploadsCommandInput>) =>
    send(new S3.ListMultipartUploadsCommand({ Bucket, Prefix: 'listed/', Delimiter: '/', ...more }));
  expect(await codeOf(list({ MaxUploads: 0 }))).toEqual(['InvalidArgument', 400]);
  const one = await list({ MaxUploads: 1 });
  expect(one.Uploads?.map(({ Key }) => Key)).toEqual(['listed/a']);
  const others = await list({ KeyMarker: one.NextKeyMarker, UploadIdMarker: one.NextUploadIdMarker });
  expect(others.Uploads?.map(({ Key }) => Key)).toEqual(['listed/b']);
  expect(others.CommonPrefixes).toEqual([{ Prefix: 'listed/c/' }]);
});

test('a part that is uploaded again takes the place of the first one', async () => {
  const target = await begin('again');
  await upload(target, 1, FIRST);
  const { ETag, ChecksumCRC32 } = await upload(target, 1, LAST);
  const Parts = [{ PartNumber: 1, ETag, ChecksumCRC32 }];
  await send(new S3.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
  const found = await send(new S3.GetObjectCommand({ Bucket, Key: 'again' }));
  expect(await found.Body!.transformToString()).toBe(LAST.toString());
});
