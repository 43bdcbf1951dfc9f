// What a bucket's policy may ask of a request: how it is signed, since when, and for how long it locks.
// https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { presignedUrl } from '../../wire/signed-request.ts';
import { codeOf, startS3, type TestS3 } from './test-s3.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

let s3: TestS3;

beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

/** A bucket with an object `k`, where the action is denied under the conditions. */
async function bucketThatDenies(
  Action: string,
  Condition: object,
  ObjectLockEnabledForBucket = false,
): Promise<string> {
  const Bucket = s3.name();
  await s3.client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket }));
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'text' }));
  const Statement = [{ Effect: 'Deny', Principal: '*', Action, Resource: `arn:aws:s3:::${Bucket}/*`, Condition }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  return Bucket;
}

const opens = async (Bucket: string, signedAt: number): Promise<number> => {
  const made = { service: 's3', path: `/${Bucket}/k`, query: '', expiresSeconds: 3_600, signedAt };
  return (await fetch(presignedUrl(s3.cloud, made))).status;
};

test('a signature in the header may be asked for, so that no URL opens anything', async () => {
  const Bucket = await bucketThatDenies('s3:GetObject', { StringNotEquals: { 's3:authType': 'REST-HEADER' } });
  expect(await opens(Bucket, s3.cloud.clock.now())).toBe(403);
  expect((await s3.client.send(new GetObjectCommand({ Bucket, Key: 'k' }))).ContentLength).toBe(4);
});

test('a URL may be good for less than it says, on the cloud’s clock', async () => {
  const Bucket = await bucketThatDenies('s3:GetObject', {
    NumericGreaterThan: { 's3:signatureAge': String(10 * MINUTE) },
  });
  const signedAt = s3.cloud.clock.now();
  expect(await opens(Bucket, signedAt)).toBe(200);
  await s3.cloud.clock.advance(11 * MINUTE);
  expect(await opens(Bucket, signedAt)).toBe(403);
  expect((await s3.client.send(new GetObjectCommand({ Bucket, Key: 'k' }))).ContentLength).toBe(4);
});

test('the version of signatures is told', async () => {
  const Bucket = await bucketThatDenies('s3:GetObject', {
    StringEquals: { 's3:signatureversion': 'AWS4-HMAC-SHA256' },
  });
  expect(await codeOf(s3.client.send(new GetObjectCommand({ Bucket, Key: 'k' })))).toEqual(['AccessDenied', 403]);
});

test('a lock may last for so many days, and a hold may not be taken away', async () => {
  const longest = { NumericGreaterThan: { 's3:object-lock-remaining-retention-days': '10' } };
  const Bucket = await bucketThatDenies('s3:PutObject*', longest, true);
  const until = (days: number) => new Date(s3.cloud.clock.now() + days * DAY);
  const retain = (days: number) =>
    s3.client.send(
      new PutObjectRetentionCommand({
        Bucket,
        Key: 'k',
        Retention: { Mode: 'GOVERNANCE', RetainUntilDate: until(days) },
      }),
    );
  const put = (days: number) =>
    s3.client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'new',
        Body: 'x',
        ObjectLockMode: 'GOVERNANCE',
        ObjectLockRetainUntilDate: until(days),
      }),
    );
  expect(await codeOf(retain(11))).toEqual(['AccessDenied', 403]);
  await retain(9);
  expect(await codeOf(put(11))).toEqual(['AccessDenied', 403]);
  await put(9);

  const held = await bucketThatDenies(
    's3:PutObjectLegalHold',
    { StringEquals: { 's3:object-lock-legal-hold': 'OFF' } },
    true,
  );
  const hold = (Status: 'ON' | 'OFF') =>
    s3.client.send(new PutObjectLegalHoldCommand({ Bucket: held, Key: 'k', LegalHold: { Status } }));
  await hold('ON');
  expect(await codeOf(hold('OFF'))).toEqual(['AccessDenied', 403]);
});
