// Websites, visited as a browser does: without a signature, by their own host.
import { request } from 'node:http';

import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketRequestPaymentCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startS3, type TestS3 } from './test-s3.ts';

let world: TestS3;

beforeAll(async () => {
  world = await startS3();
});
afterAll(() => world.stop());

async function site(WebsiteConfiguration: WebsiteConfiguration, open = true): Promise<string> {
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket }));
  await world.client.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
  if (!open) return Bucket;
  const PublicAccessBlockConfiguration = { BlockPublicPolicy: false, RestrictPublicBuckets: false };
  await world.client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  const everybody = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
  const listing = { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${Bucket}` };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [everybody, listing] });
  const { $metadata } = await world.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  // Some clients take no other status: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
  expect($metadata.httpStatusCode).toBe(204);
  return Bucket;
}

const put = (Bucket: string, Key: string, Body: string, extra = {}) =>
  world.client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'text/html', ...extra }));

/** Names below localhost are not resolved everywhere: the host is said in the header. */
function visit(bucket: string, path: string, method = 'GET', more: Record<string, string> = {}) {
  return new Promise<{ status: number; location: string | undefined; type: string | undefined; body: string }>(
    (resolve, reject) => {
      const headers = { host: `${bucket}.s3-website-us-east-1.localhost:${world.cloud.port}`, ...more };
      const call = request({ port: world.cloud.port, host: '127.0.0.1', path, method, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          const { location, 'content-type': type } = response.headers;
          resolve({ status: response.statusCode ?? 0, location, type, body });
        });
      });
      call.on('error', reject).end();
    },
  );
}

test('a folder has an index, and a name without its slash leads there', async () => {
  const bucket = await site({ IndexDocument: { Suffix: 'index.html' } });
  await put(bucket, 'index.html', 'home');
  await put(bucket, 'docs/index.html', 'docs');
  await put(bucket, 'page.html', 'page');
  expect(await visit(bucket, '/')).toMatchObject({ status: 200, body: 'home', type: 'text/html' });
  expect(await visit(bucket, '/docs/')).toMatchObject({ status: 200, body: 'docs' });
  expect(await visit(bucket, '/docs')).toMatchObject({ status: 302, location: '/docs/' });
  expect(await visit(bucket, '/page.html', 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await visit(bucket, '/page.html', 'PUT')).toMatchObject({ status: 405 });
  const byPath = await fetch(`${world.cloud.endpoint}/_s3-website/${bucket}/page.html`);
  expect(await byPath.text()).toBe('page');
});

test('what is not there is the error document, or a page that says so', async () => {
  const bucket = await site({ IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } });
  expect(await visit(bucket, '/nothing')).toMatchObject({
    status: 404,
    type: 'text/html; charset=utf-8',
    body: expect.stringContaining('NoSuchKey') as string,
  });
  await put(bucket, 'error.html', 'sorry');
  expect(await visit(bucket, '/nothing')).toMatchObject({ status: 404, body: 'sorry' });
});

test('a browser is sent what it does not have yet, and as much as it asks for', async () => {
  const Bucket = await site({ IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } });
  const { ETag } = await put(Bucket, 'film', 'a long film');
  await put(Bucket, 'error.html', 'sorry');
  expect(await visit(Bucket, '/film', 'GET', { 'if-none-match': ETag! })).toMatchObject({ status: 304, body: '' });
  expect(await visit(Bucket, '/film', 'GET', { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
  expect(await visit(Bucket, '/film', 'GET', { range: 'bytes=2-5' })).toMatchObject({ status: 206, body: 'long' });
  expect(await visit(Bucket, '/none', 'GET', { range: 'bytes=2-3' })).toMatchObject({ status: 404, body: 'sorry' });
});

test('redirects of the site, of its rules and of its objects', async () => {
  const all = await site({ RedirectAllRequestsTo: { HostName: 'example.com', Protocol: 'https' } });
  expect(await visit(all, '/a/b')).toMatchObject({ status: 301, location: 'https://example.com/a/b' });
  const ruled = await site({
    IndexDocument: { Suffix: 'index.html' },
    RoutingRules: [
      {
        Condition: { KeyPrefixEquals: 'docs/' },
        Redirect: { ReplaceKeyPrefixWith: 'documents/', HttpRedirectCode: '302' },
      },
      {
        Condition: { HttpErrorCodeReturnedEquals: '404' },
        Redirect: { HostName: 'example.com', ReplaceKeyWith: 'lost' },
      },
    ],
  });
  const host = `http://${ruled}.s3-website-us-east-1.localhost:${world.cloud.port}`;
  expect(await visit(ruled, '/docs/x')).toMatchObject({ status: 302, location: `${host}/documents/x` });
  expect(await visit(ruled, '/x')).toMatchObject({ status: 301, location: 'http://example.com/lost' });
  await put(ruled, 'old', '', { WebsiteRedirectLocation: '/new' });
  expect(await visit(ruled, '/old')).toMatchObject({ status: 301, location: '/new' });
});

test('only what the bucket’s policy shows everybody is shown', async () => {
  const closed = await site({ IndexDocument: { Suffix: 'index.html' } }, false);
  await put(closed, 'index.html', 'secret');
  expect(await visit(closed, '/')).toMatchObject({
    status: 403,
    body: expect.stringContaining('AccessDenied') as string,
  });
  const paid = await site({ IndexDocument: { Suffix: 'index.html' } });
  await put(paid, 'index.html', 'open');
  expect(await visit(paid, '/')).toMatchObject({ status: 200 });
  const RequestPaymentConfiguration = { Payer: 'Requester' as const };
  await world.client.send(new PutBucketRequestPaymentCommand({ Bucket: paid, RequestPaymentConfiguration }));
  expect(await visit(paid, '/')).toMatchObject({ status: 403 });
  expect(await visit('no-such-bucket', '/')).toMatchObject({
    status: 404,
    body: expect.stringContaining('NoSuchBucket') as string,
  });
});
