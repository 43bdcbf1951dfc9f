// Objects under KMS keys: the key is really asked, as the caller, at every write and read.
import { createHash } from 'node:crypto';

import * as KMS from '@aws-sdk/client-kms';
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { allow, document, TestIdentity, theAccount, type Keys } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { sts } from '../sts/index.ts';
import { s3 } from './index.ts';
import { codeOf, errorOf } from './test-s3.ts';

let world: TestIdentity;
let keys: KMS.KMSClient;
/** May do everything in S3, and nothing in KMS. */
let stranger: S3.S3Client;
let owner: S3.S3Client;
let KeyArn: string;

beforeAll(async () => {
  world = new TestIdentity(await startCloud({ services: [iam, sts, kms, s3] }));
  keys = new KMS.KMSClient(world.as());
  owner = clientOf();
  stranger = clientOf(await world.user('stranger', allow('s3:*')));
  KeyArn = await createKey();
});

afterAll(() => world.cloud.stop());

const clientOf = (credentials?: Keys) => new S3.S3Client({ ...world.as(credentials), forcePathStyle: true });
const createKey = async (input: KMS.CreateKeyCommandInput = {}) =>
  (await keys.send(new KMS.CreateKeyCommand(input))).KeyMetadata!.Arn!;
const md5Tag = (text: string) => `"${createHash('md5').update(text).digest('hex')}"`;
let names = 0;
const createBucket = async (rule?: S3.ServerSideEncryptionRule) => {
  const Bucket = `encrypted-${++names}`;
  await owner.send(new S3.CreateBucketCommand({ Bucket }));
  const ServerSideEncryptionConfiguration = { Rules: rule ? [rule] : [] };
  if (rule) await owner.send(new S3.PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  return Bucket;
};
const byDefault = (KMSMasterKeyID: string | undefined, BucketKeyEnabled = false): S3.ServerSideEncryptionRule => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID },
  BucketKeyEnabled,
});
const textOf = async (answer: S3.GetObjectCommandOutput) => answer.Body!.transformToString();

test('an object under a key is written and read by whoever may use the key, and by nobody else', async () => {
  const Bucket = await createBucket();
  const put = { Bucket, Key: 'k', Body: 'secret', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyArn } as const;
  const denied = await errorOf(stranger.send(new S3.PutObjectCommand(put)));
  expect(denied).toEqual({
    code: 'AccessDenied',
    status: 403,
    message: `User: arn:aws:iam::000000000000:user/stranger is not authorized to perform: kms:GenerateDataKey on resource: ${KeyArn} because no identity-based policy allows the kms:GenerateDataKey action`,
  });
  const written = await owner.send(new S3.PutObjectCommand(put));
  expect(written).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyArn });
  // The tag of such an object is no MD5 of its bytes.
  expect(written.ETag).toMatch(/^"[0-9a-f]{32}"$/);
  expect(written.ETag).not.toBe(md5Tag('secret'));
  const read = await owner.send(new S3.GetObjectCommand({ Bucket, Key: 'k' }));
  expect([await textOf(read), read.SSEKMSKeyId, read.ETag]).toEqual(['secret', KeyArn, written.ETag]);
  expect(await codeOf(stranger.send(new S3.GetObjectCommand({ Bucket, Key: 'k' })))).toEqual(['AccessDenied', 403]);
  // What is known of an object is no secret of the key's, but for what tells of its bytes.
  expect(await stranger.send(new S3.HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({ SSEKMSKeyId: KeyArn });
  const checksum = stranger.send(new S3.HeadObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' }));
  await expect(checksum).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test('a bucket’s default key is taken where the request says nothing, by alias too', async () => {
  await keys.send(new KMS.CreateAliasCommand({ AliasName: 'alias/buckets', TargetKeyId: KeyArn }));
  const Bucket = await createBucket(byDefault('alias/buckets', true));
  const written = await owner.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  expect(written).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyArn, BucketKeyEnabled: true });
  expect(await codeOf(stranger.send(new S3.GetObjectCommand({ Bucket, Key: 'k' })))).toEqual(['AccessDenied', 403]);
  const plain = { Bucket, Key: 'plain', Body: 'x', ServerSideEncryption: 'AES256' } as const;
  expect(await stranger.send(new S3.PutObjectCommand(plain))).toMatchObject({ ServerSideEncryption: 'AES256' });
  const { ServerSideEncryptionConfiguration } = await owner.send(new S3.GetBucketEncryptionCommand({ Bucket }));
  expect(ServerSideEncryptionConfiguration?.Rules).toEqual([byDefault('alias/buckets', true)]);
});

test('aws:kms without a key is S3’s own key in the account, which everybody may use through S3', async () => {
  const Bucket = await createBucket(byDefault(undefined));
  const written = await stranger.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  const { KeyMetadata } = await keys.send(new KMS.DescribeKeyCommand({ KeyId: 'alias/aws/s3' }));
  expect([written.SSEKMSKeyId, KeyMetadata?.KeyManager]).toEqual([KeyMetadata?.Arn, 'AWS']);
  expect(await textOf(await stranger.send(new S3.GetObjectCommand({ Bucket, Key: 'k' })))).toBe('x');
});

test('the object’s ARN is the encryption context, the bucket’s where the bucket has a key of its own', async () => {
  const user = await world.user('context', allow('s3:*'), {
    ...allow('kms:GenerateDataKey', 'kms:Decrypt'),
    Condition: {
      StringLike: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::encrypted-*/mine/*' },
      StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' },
    },
  });
  const client = clientOf(user);
  const Bucket = await createBucket(byDefault(KeyArn));
  const put = (Key: string, BucketKeyEnabled?: boolean) =>
    client.send(new S3.PutObjectCommand({ Bucket, Key, Body: 'x', ServerSideEncryption: 'aws:kms', BucketKeyEnabled }));
  await put('mine/1');
  expect(await codeOf(put('others/1'))).toEqual(['AccessDenied', 403]);
  expect(await codeOf(put('mine/2', true))).toEqual(['AccessDenied', 403]);
  const SSEKMSEncryptionContext = Buffer.from('{"app":"a"}').toString('base64');
  const given = { Bucket, Key: 'given', Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSEncryptionContext } as const;
  const told = (await owner.send(new S3.PutObjectCommand(given))).SSEKMSEncryptionContext!;
  expect(JSON.parse(Buffer.from(told, 'base64').toString())).toEqual({
    app: 'a',
    'aws:s3:arn': `arn:aws:s3:::${Bucket}/given`,
  });
});

test('without its key an object cannot be read, and a write says what is wrong with the key', async () => {
  const SSEKMSKeyId = await createKey();
  const Bucket = await createBucket();
  const put = () =>
    owner.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSKeyId }));
  await put();
  await keys.send(new KMS.DisableKeyCommand({ KeyId: SSEKMSKeyId }));
  expect(await codeOf(owner.send(new S3.GetObjectCommand({ Bucket, Key: 'k' })))).toEqual([
    'KMS.DisabledException',
    400,
  ]);
  expect(await codeOf(put())).toEqual(['KMS.DisabledException', 400]);
  const missing = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/none' } as const;
  const unknown = owner.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...missing }));
  expect(await codeOf(unknown)).toEqual(['KMS.NotFoundException', 400]);
  const without = owner.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', SSEKMSKeyId }));
  expect(await codeOf(without)).toEqual(['InvalidArgument', 400]);
});

test('a copy decrypts its source and goes under the key of its destination', async () => {
  const other = await createKey();
  const [from, to] = [await createBucket(byDefault(KeyArn)), await createBucket(byDefault(other))];
  const { ETag } = await owner.send(new S3.PutObjectCommand({ Bucket: from, Key: 'k', Body: 'copied' }));
  const copy = { Bucket: to, Key: 'copy', CopySource: `${from}/k` };
  const copied = await owner.send(new S3.CopyObjectCommand(copy));
  expect(copied).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: other });
  expect(copied.CopyObjectResult?.ETag).not.toBe(ETag);
  const read = await owner.send(new S3.GetObjectCommand({ Bucket: to, Key: 'copy' }));
  expect([await textOf(read), read.SSEKMSKeyId]).toEqual(['copied', other]);
  expect(await codeOf(stranger.send(new S3.CopyObjectCommand({ ...copy, ServerSideEncryption: 'AES256' })))).toEqual([
    'AccessDenied',
    403,
  ]);
  const plain = await owner.send(new S3.CopyObjectCommand({ ...copy, ServerSideEncryption: 'AES256' }));
  expect(plain.CopyObjectResult?.ETag).toBe(md5Tag('copied'));
});

test('a multipart upload is under one key, which every part needs', async () => {
  const Bucket = await createBucket(byDefault(KeyArn));
  const begun = await owner.send(new S3.CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
  expect(begun).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyArn });
  const part = { Bucket, Key: 'k', UploadId: begun.UploadId, PartNumber: 1 };
  expect(await codeOf(stranger.send(new S3.UploadPartCommand({ ...part, Body: 'x' })))).toEqual(['AccessDenied', 403]);
  const { ETag } = await owner.send(new S3.UploadPartCommand({ ...part, Body: 'whole' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const done = await owner.send(new S3.CompleteMultipartUploadCommand({ ...part, MultipartUpload }));
  expect(done).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyArn });
  expect(await textOf(await owner.send(new S3.GetObjectCommand({ Bucket, Key: 'k' })))).toBe('whole');
});

test('a bucket policy may insist on a key', async () => {
  const Bucket = await createBucket();
  const Policy = document({
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
    Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': KeyArn } },
  });
  await owner.send(new S3.PutBucketPolicyCommand({ Bucket, Policy }));
  const user = clientOf(await world.user('insisted', allow('s3:*', 'kms:*')));
  const put = (more: Partial<S3.PutObjectCommandInput>) =>
    user.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...more }));
  expect(await codeOf(put({}))).toEqual(['AccessDenied', 403]);
  await put({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyArn });
});

test('a key whose policy names nobody but S3’s way in keeps direct calls out', async () => {
  const Policy = document(
    { Effect: 'Allow', Principal: theAccount, Action: ['kms:Put*', 'kms:Describe*'], Resource: '*' },
    {
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com', 'kms:CallerAccount': '000000000000' },
      },
    },
  );
  const through = await createKey({ Policy });
  const Bucket = await createBucket(byDefault(through));
  await stranger.send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  const direct = keys.send(new KMS.GenerateDataKeyCommand({ KeyId: through, KeySpec: 'AES_256' }));
  await expect(direct).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
