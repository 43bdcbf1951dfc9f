// Old presigned URLs against the example of AWS's documentation, and over real HTTP as boto3 makes them.
import { createHmac } from 'node:crypto';

import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { s3 } from '../../services/s3/index.ts';
import { readQuerySignature, verifyQuery } from './signature-v2.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
describe('a presigned URL of version 2', () => {
  const request = {
    method: 'GET',
    path: '/photos/puppy.jpg',
    query: 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620',
    headers: { host: 'johnsmith.s3.amazonaws.com' },
  };

  it('is accepted as AWS’s example has it', () => {
    const signature = readQuerySignature(request)!;
    expect(signature).toMatchObject({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', expiresAt: 1_175_139_620_000 });
    expect(verifyQuery(request, signature, SECRET)).toBe(true);
  });

  it.each([
    ['another object', { path: '/photos/kitten.jpg' }],
    ['another method', { method: 'PUT' }],
    ['another bucket', { headers: { host: 'other.s3.amazonaws.com' } }],
    ['a subresource', { query: `${request.query}&acl` }],
    [
      'a bucket in the path where the host names another one',
      { path: '/johnsmith/photos/puppy.jpg', headers: { host: 'other.s3.amazonaws.com' } },
    ],
    ['a later end', { query: request.query.replace('1175139620', '1975139620') }],
  ])('is refused for %s', (_what, change) => {
    const changed = { ...request, ...change };
    expect(verifyQuery(changed, readQuerySignature(changed)!, SECRET)).toBe(false);
  });
});

describe('one over HTTP', () => {
  let cloud: Cloud;

  beforeAll(async () => {
    cloud = await startCloud({ services: [s3] });
    const client = new S3Client({
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      credentials: cloud.credentials,
      forcePathStyle: true,
    });
    await client.send(new CreateBucketCommand({ Bucket: 'old' }));
    await client.send(new PutObjectCommand({ Bucket: 'old', Key: 'a b', Body: 'hello' }));
  });

  afterAll(() => cloud.stop());

  const presign = (expires: number, secret = cloud.credentials.secretAccessKey, path = '/old/a%20b') => {
    const signature = createHmac('sha1', secret).update(`GET\n\n\n${expires}\n${path}`).digest('base64');
    const parameters = { AWSAccessKeyId: cloud.credentials.accessKeyId, Signature: signature, Expires: `${expires}` };
    return `${cloud.endpoint}${path}?${new URLSearchParams(parameters).toString()}`;
  };
  const soon = () => Math.floor(Date.now() / 1000) + 60;

  it('opens the object until its end', async () => {
    const response = await fetch(presign(soon()));
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    const late = await fetch(presign(soon() - 120));
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });

  it('opens an object of any region, for it names none', async () => {
    const { endpoint, credentials } = cloud;
    const ireland = new S3Client({ endpoint, credentials, region: 'eu-west-1', forcePathStyle: true });
    await ireland.send(new CreateBucketCommand({ Bucket: 'ireland' }));
    await ireland.send(new PutObjectCommand({ Bucket: 'ireland', Key: 'a', Body: 'hello' }));
    const response = await fetch(presign(soon(), credentials.secretAccessKey, '/ireland/a'), { redirect: 'manual' });
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
  });

  it('is refused with S3’s answer where somebody else signed it', async () => {
    const response = await fetch(presign(soon(), 'wrong'));
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
  });
});
