// Digest files, checked as AWS's documentation says that log files are validated: hashes, signatures, and the chain of them.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import * as CloudTrail from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand } from '@aws-sdk/client-iam';
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { account, document, TestIdentity } from '../iam/test-identity.ts';
import { s3 } from '../s3/index.ts';
import { sts } from '../sts/index.ts';
import { cloudtrail } from './index.ts';

const Bucket = 'validated';
const HOUR = 3_600_000;
const FIVE_MINUTES = 5 * 60_000;
const FOLDER = `AWSLogs/${account}/CloudTrail-Digest/us-east-1/`;

/** As far as it is looked at here. */
interface Digest {
  readonly digestEndTime: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly previousDigestS3Object: string | null;
  readonly previousDigestHashValue: string | null;
  readonly previousDigestSignature: string | null;
  readonly logFiles: readonly {
    readonly s3Object: string;
    readonly hashValue: string;
    readonly oldestEventTime: string;
  }[];
}

let world: TestIdentity;
let client: CloudTrail.CloudTrailClient;
let buckets: S3.S3Client;

beforeAll(async () => {
  world = new TestIdentity(await startCloud({ services: [iam, sts, s3, cloudtrail] }));
  client = new CloudTrail.CloudTrailClient(world.as());
  buckets = new S3.S3Client({ ...world.as(), forcePathStyle: true });
  await buckets.send(new S3.CreateBucketCommand({ Bucket }));
  await open();
});
afterAll(() => world.cloud.stop());

async function open(): Promise<void> {
  const Policy = document({
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: ['s3:GetBucketAcl', 's3:PutObject'],
    Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
  });
  await buckets.send(new S3.PutBucketPolicyCommand({ Bucket, Policy }));
}

const makeUser = (UserName: string) => world.iam.send(new CreateUserCommand({ UserName }));
const status = () => client.send(new CloudTrail.GetTrailStatusCommand({ Name: 'checked' }));
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

async function read(Key: string) {
  const { Body, Metadata } = await buckets.send(new S3.GetObjectCommand({ Bucket, Key }));
  return { text: gunzipSync(await Body!.transformToByteArray()).toString(), metadata: Metadata ?? {} };
}

async function digestKeys(): Promise<string[]> {
  const { Contents = [] } = await buckets.send(new S3.ListObjectsV2Command({ Bucket, Prefix: FOLDER }));
  return Contents.map(({ Key }) => Key!);
}

/** A digest file whose signature holds. */
async function verified(key: string): Promise<{ digest: Digest; text: string; signature: string }> {
  const { text, metadata } = await read(key);
  const digest = JSON.parse(text) as Digest;
  const { PublicKeyList } = await client.send(new CloudTrail.ListPublicKeysCommand({}));
  const found = PublicKeyList!.find(({ Fingerprint }) => Fingerprint === digest.digestPublicKeyFingerprint);
  expect(found!.Fingerprint).toBe(createHash('md5').update(found!.Value!).digest('hex'));
  const publicKey = createPublicKey({ key: Buffer.from(found!.Value!), format: 'der', type: 'pkcs1' });
  const previous = digest.previousDigestSignature ?? 'null';
  const signed = [digest.digestEndTime, `${Bucket}/${key}`, sha256(text), previous].join('\n');
  const signature = metadata['signature']!;
  expect(verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'hex'))).toBe(true);
  expect(metadata['signature-algorithm']).toBe('SHA256withRSA');
  return { digest, text, signature };
}

test('each hour’s log files are in a signed digest file, which knows the one before it', async () => {
  const created = await client.send(
    new CloudTrail.CreateTrailCommand({ Name: 'checked', S3BucketName: Bucket, EnableLogFileValidation: true }),
  );
  expect(created.LogFileValidationEnabled).toBe(true);
  await client.send(new CloudTrail.StartLoggingCommand({ Name: 'checked' }));
  await makeUser('one');
  await world.cloud.clock.advance(FIVE_MINUTES);
  expect(await digestKeys()).toEqual([]);
  await world.cloud.clock.advance(HOUR);
  const [firstKey] = await digestKeys();
  expect(firstKey).toMatch(
    new RegExp(
      `^${FOLDER}\\d{4}/\\d\\d/\\d\\d/${account}_CloudTrail-Digest_us-east-1_checked_us-east-1_\\d{8}T\\d{6}Z.json.gz$`,
    ),
  );
  const first = await verified(firstKey!);
  expect(first.digest).toMatchObject({ digestS3Object: firstKey, previousDigestS3Object: null });
  const records: string[] = [];
  for (const { s3Object, hashValue } of first.digest.logFiles) {
    const { text } = await read(s3Object);
    expect(sha256(text)).toBe(hashValue);
    records.push(text);
  }
  expect(records.join()).toContain('"userName":"one"');
  expect(await status()).toMatchObject({ LatestDigestDeliveryTime: expect.any(Date) as Date });

  await makeUser('two');
  await world.cloud.clock.advance(FIVE_MINUTES);
  await world.cloud.clock.advance(HOUR);
  const [, secondKey] = await digestKeys();
  const second = await verified(secondKey!);
  expect(second.digest).toMatchObject({
    previousDigestS3Object: firstKey,
    previousDigestHashValue: sha256(first.text),
    previousDigestSignature: first.signature,
  });
  const files = [first, second].flatMap(({ digest }) => digest.logFiles.map(({ s3Object }) => s3Object));
  expect(new Set(files).size).toBe(files.length);
});

test('a digest file that the bucket did not take comes once it does, and the last one when validation ends', async () => {
  const before = (await digestKeys()).length;
  await makeUser('three');
  await world.cloud.clock.advance(FIVE_MINUTES);
  await buckets.send(new S3.DeleteBucketPolicyCommand({ Bucket }));
  await world.cloud.clock.advance(HOUR);
  expect(await status()).toMatchObject({ LatestDigestDeliveryError: 'AccessDenied' });
  await open();
  await world.cloud.clock.advance(2 * FIVE_MINUTES);
  expect(await status()).not.toHaveProperty('LatestDigestDeliveryError');
  expect(await digestKeys()).toHaveLength(before + 1);

  await makeUser('four');
  await world.cloud.clock.advance(FIVE_MINUTES);
  const { LatestDigestDeliveryTime: earlier } = await status();
  const update = new CloudTrail.UpdateTrailCommand({ Name: 'checked', EnableLogFileValidation: false });
  expect((await client.send(update)).LogFileValidationEnabled).toBe(false);
  expect((await status()).LatestDigestDeliveryTime!.getTime()).toBeGreaterThan(earlier!.getTime());
  const last = await verified((await digestKeys()).at(-1)!);
  expect(last.digest.logFiles.length).toBeGreaterThan(0);
  const count = (await digestKeys()).length;
  await makeUser('five');
  await world.cloud.clock.advance(2 * HOUR);
  expect(await digestKeys()).toHaveLength(count);
});

test('public keys are those of a time', async () => {
  const now = world.cloud.clock.now();
  const list = (from: number, to: number) =>
    client.send(new CloudTrail.ListPublicKeysCommand({ StartTime: new Date(from), EndTime: new Date(to) }));
  expect((await list(now - HOUR, now)).PublicKeyList).toHaveLength(1);
  expect((await list(0, HOUR)).PublicKeyList).toEqual([]);
  await expect(list(now, now - HOUR)).rejects.toMatchObject({ name: 'InvalidTimeRangeException' });
});
