// Pages of other origins, as their browsers ask: by hand, for no SDK sends an origin.
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  type CORSRule,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { presignedUrl, send } from '../../wire/signed-request.ts';
import { startS3, type TestS3 } from './test-s3.ts';

let world: TestS3;

beforeAll(async () => {
  world = await startS3();
});
afterAll(() => world.stop());

async function bucketWith(...CORSRules: CORSRule[]): Promise<string> {
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket }));
  await world.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello' }));
  if (CORSRules.length > 0)
    await world.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  return Bucket;
}

/** What an answer tells of other origins. */
async function ask(method: string, path: string, headers: Record<string, string>) {
  const { status, headers: all, body } = await send(world.cloud.port, { method, path, headers });
  const kept = Object.entries(all).filter(([name]) => /^(access-control-|vary$)/.test(name));
  return { status, headers: Object.fromEntries(kept), body };
}

const preflight = (path: string, origin: string, method: string, headers?: string) =>
  ask('OPTIONS', path, {
    origin,
    'access-control-request-method': method,
    ...(headers !== undefined && { 'access-control-request-headers': headers }),
  });

const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method';

const UPLOADS: CORSRule = {
  AllowedOrigins: ['https://*.example.com', 'http://localhost:3000'],
  AllowedMethods: ['PUT', 'GET'],
  AllowedHeaders: ['x-amz-*', 'Content-Type'],
  ExposeHeaders: ['ETag', 'x-amz-version-id'],
  MaxAgeSeconds: 600,
};

test('a preflight is answered by the first rule that is about it', async () => {
  const bucket = await bucketWith(UPLOADS, { AllowedOrigins: ['*'], AllowedMethods: ['GET'] });
  const own = {
    'access-control-allow-origin': 'https://app.example.com',
    'access-control-allow-methods': 'PUT, GET',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'ETag, x-amz-version-id',
    'access-control-max-age': '600',
    vary: VARY,
  };
  const asked = 'X-Amz-Date, content-type';
  expect(await preflight(`/${bucket}/new`, 'https://app.example.com', 'PUT', asked)).toEqual({
    status: 200,
    headers: { ...own, 'access-control-allow-headers': 'x-amz-date, content-type' },
    body: '',
  });
  expect((await preflight(`/${bucket}`, 'https://app.example.com', 'GET')).headers).toEqual(own);
  expect((await preflight(`/${bucket}/k`, 'https://other.example', 'GET')).headers).toEqual({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET',
    vary: VARY,
  });
});

test.each([
  ['a method that no rule has', 'https://app.example.com', 'DELETE', undefined],
  ['an origin that no rule has', 'https://example.com', 'PUT', undefined],
  ['a header that no rule has', 'https://app.example.com', 'PUT', 'content-type, authorization'],
])('a preflight with %s is refused', async (_what, origin, method, headers) => {
  const bucket = await bucketWith(UPLOADS);
  const answer = await preflight(`/${bucket}/k`, origin, method, headers);
  expect(answer).toMatchObject({ status: 403, headers: {} });
  expect(answer.body).toContain('<Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed.');
  expect(answer.body).toContain(`<Method>${method}</Method><ResourceType>OBJECT</ResourceType>`);
});

test('a preflight to a bucket without rules, to none, or without its headers is refused in S3’s words', async () => {
  const bucket = await bucketWith();
  const body = async (answer: ReturnType<typeof ask>) => /<Message>(.*)<\/Message>/.exec((await answer).body)?.[1];
  expect(await body(preflight(`/${bucket}`, 'http://a.example', 'GET'))).toBe(
    'CORSResponse: CORS is not enabled for this bucket.',
  );
  expect(await body(preflight('/no-such-bucket/k', 'http://a.example', 'GET'))).toBe('CORSResponse: Bucket not found');
  expect(await body(ask('OPTIONS', `/${bucket}`, { origin: 'http://a.example' }))).toBe(
    'Invalid Access-Control-Request-Method: null',
  );
  expect(await body(ask('OPTIONS', `/${bucket}`, { 'access-control-request-method': 'GET' }))).toBe(
    'Insufficient information. Origin request header needed.',
  );
  expect(await preflight('/%', 'http://a.example', 'GET')).toMatchObject({ status: 403 });
});

test('answers, errors too, tell a page of an allowed origin that it may read them, and no other', async () => {
  const Bucket = await bucketWith(UPLOADS);
  const signed = {
    service: 's3',
    path: `/${Bucket}/k`,
    query: '',
    expiresSeconds: 60,
    signedAt: world.cloud.clock.now(),
  };
  const url = new URL(presignedUrl(world.cloud, signed));
  const get = (origin: string, path = url.pathname + url.search) => ask('GET', path, { origin });
  expect(await get('http://localhost:3000')).toEqual({
    status: 200,
    headers: {
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-allow-methods': 'PUT, GET',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'ETag, x-amz-version-id',
      'access-control-max-age': '600',
      vary: VARY,
    },
    body: 'hello',
  });
  expect(await get('http://localhost:3001')).toMatchObject({ status: 200, headers: {} });
  const denied = await get('http://localhost:3000', `/${Bucket}/k`);
  expect(denied).toMatchObject({ status: 403, headers: { 'access-control-allow-origin': 'http://localhost:3000' } });
  expect(await get('http://localhost:3000', '/%')).toMatchObject({ headers: {} });
});

test('a website has its bucket’s rules', async () => {
  const Bucket = await bucketWith(UPLOADS);
  const WebsiteConfiguration = { IndexDocument: { Suffix: 'k' } };
  await world.client.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
  const allowed = { 'access-control-allow-origin': 'https://app.example.com' };
  const path = `/_s3-website/${Bucket}/`;
  expect(await preflight(path, 'https://app.example.com', 'GET')).toMatchObject({ status: 200, headers: allowed });
  const visit = await ask('GET', path, { origin: 'https://app.example.com' });
  expect(visit).toMatchObject({ headers: allowed });
});
