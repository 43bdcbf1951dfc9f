// Form uploads, as a browser sends them: the form is built by hand, the policy signed as AWS documents it.
import { createHash, createHmac } from 'node:crypto';

import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startS3, type TestS3 } from './test-s3.ts';

const Bucket = 'forms';
let world: TestS3;

beforeAll(async () => {
  world = await startS3();
  await world.client.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => world.stop());

interface Wanted {
  readonly fields?: Record<string, string>;
  readonly conditions?: unknown[];
  readonly expiresIn?: number;
  readonly file?: string;
  readonly secret?: string;
  readonly now?: number;
}

/** Posts a form whose policy allows its fields, and more conditions. */
async function post({ fields = { key: 'k' }, conditions = [], expiresIn = 60_000, ...more }: Wanted) {
  const { file = 'hello', secret, now = world.cloud.clock.now() } = more;
  const date = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [date.slice(0, 8), 'us-east-1', 's3', 'aws4_request'];
  const { accessKeyId, secretAccessKey } = world.cloud.credentials;
  const signed = {
    ...fields,
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [accessKeyId, ...scope].join('/'),
    'x-amz-date': date,
  };
  const allowed =
    conditions.length > 0 ? conditions : Object.entries(fields).map(([name, value]) => ({ [name]: value }));
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(now + expiresIn).toISOString(),
      conditions: [
        { bucket: Bucket },
        ...allowed,
        ...Object.entries(signed)
          .slice(Object.keys(fields).length)
          .map(([name, value]) => ({ [name]: value })),
      ],
    }),
  ).toString('base64');
  const key = scope.reduce<Buffer>(
    (before, part) => createHmac('sha256', before).update(part).digest(),
    Buffer.from(`AWS4${secret ?? secretAccessKey}`),
  );
  const form = new FormData();
  for (const [name, value] of Object.entries(signed)) form.append(name, value);
  form.append('policy', policy);
  form.append('x-amz-signature', createHmac('sha256', key).update(policy).digest('hex'));
  form.append('file', new Blob([file]), 'a b.txt');
  return fetch(`${world.cloud.endpoint}/${Bucket}`, { method: 'POST', body: form, redirect: 'manual' });
}

test('a field that is a feature the cloud has not is refused by its name, and a date that is none too', async () => {
  const hold = await post({ fields: { key: 'held', 'x-amz-object-lock-event-hold': 'ON' } });
  expect([hold.status, await hold.text()]).toEqual([501, expect.stringContaining('x-amz-object-lock-event-hold')]);
  const late = await post({ fields: { key: 'late', 'x-amz-object-lock-retain-until-date': 'tomorrow' } });
  expect([late.status, await late.text()]).toEqual([400, expect.stringContaining('tomorrow')]);
  const wrong = await post({ fields: { key: 'wrong', 'x-amz-checksum-sha512': 'AAAA' } });
  expect(wrong.status).toBe(400);
});

test('a form puts its file under its key, with what it says of it', async () => {
  const fields = {
    key: 'up/${filename}',
    'Content-Type': 'text/plain',
    'x-amz-meta-from': 'form',
    success_action_status: '201',
  };
  const response = await post({
    fields,
    conditions: [
      ['starts-with', '$key', 'up/'],
      ['starts-with', '$Content-Type', ''],
      { 'x-amz-meta-from': 'form' },
      { success_action_status: '201' },
    ],
  });
  expect(response.status).toBe(201);
  expect(await response.text()).toContain('<Bucket>forms</Bucket><Key>up/a b.txt</Key>');
  const found = await world.client.send(new GetObjectCommand({ Bucket, Key: 'up/a b.txt' }));
  expect(await found.Body!.transformToString()).toBe('hello');
  expect(found).toMatchObject({ ContentType: 'text/plain', Metadata: { from: 'form' } });
});

test('what a form says of its file is kept, whatever the alphabet', async () => {
  const fields = {
    key: 'said',
    'Content-Disposition': 'attachment; filename="日本 ü.txt"',
    'Cache-Control': 'no-cache',
    Expires: 'Thu, 01 Dec 2033 16:00:00 GMT',
    'x-amz-meta-name': 'Zoë',
    'x-amz-checksum-sha256': createHash('sha256').update('hello').digest('base64'),
    tagging: '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>',
  };
  expect((await post({ fields })).status).toBe(204);
  const found = await world.client.send(new GetObjectCommand({ Bucket, Key: 'said', ChecksumMode: 'ENABLED' }));
  expect(Buffer.from(found.ContentDisposition!, 'latin1').toString()).toBe(fields['Content-Disposition']);
  const name = Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(found.Metadata!['name']!)![1]!, 'base64').toString();
  expect(Buffer.from(name, 'latin1').toString()).toBe('Zoë');
  expect(found).toMatchObject({
    CacheControl: 'no-cache',
    Expires: new Date(fields.Expires),
    ChecksumSHA256: fields['x-amz-checksum-sha256'],
    TagCount: 1,
  });
  const wrong = { ...fields, 'x-amz-checksum-sha256': createHash('sha256').update('other').digest('base64') };
  expect(await (await post({ fields: wrong })).text()).toContain('BadDigest');
});

test('whoever posts is sent on where the form says', async () => {
  const response = await post({ fields: { key: 'k', success_action_redirect: 'http://localhost/done?x=1' } });
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toMatch(/^http:\/\/localhost\/done\?x=1&bucket=forms&key=k&etag=%22/);
  expect((await post({})).status).toBe(204);
});

test.for([
  [{ secret: 'another' }, 403, 'SignatureDoesNotMatch'],
  [{ expiresIn: -1 }, 403, 'Policy expired'],
  [{ conditions: [['eq', '$key', 'other']] }, 403, 'Policy Condition failed'],
  [{ conditions: [['starts-with', '$key', 'up/']] }, 403, 'Policy Condition failed'],
  [{ fields: { key: 'k', acl: 'private' }, conditions: [{ key: 'k' }] }, 403, 'Extra input fields: acl'],
  [{ conditions: [{ key: 'k' }, ['content-length-range', 0, 3]] }, 400, 'EntityTooLarge'],
  [{ conditions: [{ key: 'k' }, ['content-length-range', 9, 99]] }, 400, 'EntityTooSmall'],
  [{ conditions: ['nonsense'] }, 400, 'InvalidPolicyDocument'],
] as [Wanted, number, string][])('a form with %j is refused', async ([wanted, status, reason]) => {
  const response = await post(wanted);
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(reason);
});

test('a form may be signed in version 2, as boto3 does for us-east-1', async () => {
  const { accessKeyId, secretAccessKey } = world.cloud.credentials;
  const expiration = new Date(world.cloud.clock.now() + 60_000).toISOString();
  const conditions = [{ bucket: Bucket }, { key: 'old' }];
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
  const send = (secret: string) => {
    const form = new FormData();
    form.append('key', 'old');
    form.append('AWSAccessKeyId', accessKeyId);
    form.append('policy', policy);
    form.append('signature', createHmac('sha1', secret).update(policy).digest('base64'));
    form.append('file', new Blob(['x']), 'x');
    return fetch(`${world.cloud.endpoint}/${Bucket}`, { method: 'POST', body: form });
  };
  expect((await send(secretAccessKey)).status).toBe(204);
  const wrong = await send('another');
  expect([wrong.status, await wrong.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
});

test('without a policy a form is nobody’s', async () => {
  const form = new FormData();
  form.append('key', 'anonymous');
  form.append('file', new Blob(['x']), 'x');
  const response = await fetch(`${world.cloud.endpoint}/${Bucket}`, { method: 'POST', body: form });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain('AccessDenied');
  await expect(world.client.send(new HeadObjectCommand({ Bucket, Key: 'anonymous' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
});

test('a form is good for as long as it says, by whichever clock it was signed', async () => {
  const minutes = 60_000;
  await world.cloud.clock.advance(60 * minutes);
  const status = async (now: number) => (await post({ now, expiresIn: 10 * minutes })).status;
  // Dates have whole seconds: one of the second of the move counts as before it.
  const before = Date.now() + 1_000;
  expect([await status(before), await status(world.cloud.clock.now())]).toEqual([204, 204]);
  const told = world.cloud.clock.now();
  await world.cloud.clock.advance(20 * minutes);
  expect([await status(before - 2_000), await status(told)]).toEqual([403, 403]);
});
