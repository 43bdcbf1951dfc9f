// Exports of tables to buckets: what a table was at a moment, file by file.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import * as Db from '@aws-sdk/client-dynamodb';
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { allow, TestIdentity } from '../iam/test-identity.ts';
import { s3 } from '../s3/index.ts';
import { sts } from '../sts/index.ts';
import { dynamodb } from './index.ts';

const HOUR = 3_600_000;
const TableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders';

let cloud: Cloud;
let client: Db.DynamoDBClient;
let buckets: S3.S3Client;

beforeAll(async () => {
  cloud = await startCloud({ services: [dynamodb, s3, iam, sts] });
  const { endpoint, credentials } = cloud;
  const settings = { endpoint, credentials, region: 'us-east-1', maxAttempts: 1 };
  client = new Db.DynamoDBClient(settings);
  buckets = new S3.S3Client({ ...settings, forcePathStyle: true });
  await buckets.send(new S3.CreateBucketCommand({ Bucket: 'exports' }));
  for (const TableName of ['orders', 'forgetful']) {
    await client.send(
      new Db.CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      }),
    );
  }
  await client.send(
    new Db.UpdateContinuousBackupsCommand({
      TableName: 'orders',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
});
afterAll(() => cloud.stop());

const put = (Item: Record<string, Db.AttributeValue>) =>
  client.send(new Db.PutItemCommand({ TableName: 'orders', Item }));

async function begin(more: Partial<Db.ExportTableToPointInTimeCommandInput> = {}): Promise<Db.ExportDescription> {
  const input = { TableArn, S3Bucket: 'exports', ...more };
  return (await client.send(new Db.ExportTableToPointInTimeCommand(input))).ExportDescription!;
}

async function ended({ ExportArn }: Db.ExportDescription): Promise<Db.ExportDescription> {
  for (;;) {
    const { ExportDescription } = await client.send(new Db.DescribeExportCommand({ ExportArn }));
    if (ExportDescription!.ExportStatus !== 'IN_PROGRESS') return ExportDescription!;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function bytes(Key: string): Promise<Buffer> {
  const { Body } = await buckets.send(new S3.GetObjectCommand({ Bucket: 'exports', Key }));
  return Buffer.from(await Body!.transformToByteArray());
}

const md5 = (content: Buffer) => createHash('md5').update(content).digest('base64');

async function json(Key: string) {
  return JSON.parse((await bytes(Key)).toString()) as Record<string, unknown>;
}

interface DataFile {
  readonly dataFileS3Key: string;
  readonly md5Checksum: string;
  readonly etag: string;
  readonly itemCount: number;
}

/** All items of an export, and its files. */
async function read(done: Db.ExportDescription): Promise<{ files: DataFile[]; items: unknown[] }> {
  const summary = await json(done.ExportManifest!);
  const lines = (await bytes(summary['manifestFilesS3Key'] as string)).toString().trimEnd().split('\n');
  const files = lines.map((line) => JSON.parse(line) as DataFile);
  const items: unknown[] = [];
  for (const { dataFileS3Key, md5Checksum } of files) {
    const content = await bytes(dataFileS3Key);
    expect(md5(content)).toBe(md5Checksum);
    const texts = gunzipSync(content).toString().split('\n').filter(Boolean);
    items.push(...texts.map((line) => (JSON.parse(line) as { Item: unknown }).Item));
  }
  return { files, items };
}

test('an export is the table as it was at its moment, with manifests and checksums', async () => {
  expect(await read(await ended(await begin({ S3Prefix: 'empty' })))).toMatchObject({
    files: [{ itemCount: 0 }],
    items: [],
  });
  const binary = Buffer.from([0, 255]);
  await put({ id: { S: 'a' }, count: { N: '123456789012345678901234567890' }, data: { B: binary } });
  await put({ id: { S: 'b' }, list: { L: [{ BOOL: true }, { NULL: true }] } });
  const ExportTime = new Date(cloud.clock.now() + HOUR);
  await cloud.clock.advance(2 * HOUR);
  await put({ id: { S: 'b' }, late: { BOOL: true } });
  await put({ id: { S: 'c' } });

  const begun = await begin({ ExportTime, S3Prefix: 'orders/' });
  expect(begun).toMatchObject({ ExportStatus: 'IN_PROGRESS', TableArn, ExportFormat: 'DYNAMODB_JSON', ExportTime });
  const done = await ended(begun);
  expect(done).toMatchObject({ ExportStatus: 'COMPLETED', ItemCount: 2, S3SseAlgorithm: 'AES256' });
  expect(done.ExportManifest).toMatch(/^orders\/AWSDynamoDB\/\d{14}-[\da-f]{8}\/manifest-summary\.json$/);
  const { files, items } = await read(done);
  expect(items).toHaveLength(2);
  expect(items).toContainEqual({
    id: { S: 'a' },
    count: { N: '123456789012345678901234567890' },
    data: { B: binary.toString('base64') },
  });
  expect(items).toContainEqual({ id: { S: 'b' }, list: { L: [{ BOOL: true }, { NULL: true }] } });
  expect(files).toHaveLength(1);

  const folder = done.ExportManifest!.replace(/\/[^/]*$/, '');
  expect(await json(done.ExportManifest!)).toMatchObject({
    version: '2020-06-30',
    exportArn: done.ExportArn,
    exportTime: ExportTime.toISOString(),
    itemCount: 2,
    billedSizeBytes: done.BilledSizeBytes,
  });
  for (const name of ['manifest-summary', 'manifest-files']) {
    const sum = (await bytes(`${folder}/${name}.checksum`)).toString();
    expect(sum).toBe(md5(await bytes(`${folder}/${name}.json`)));
  }
  expect(await bytes(`${folder}/_started`)).toHaveLength(0);

  const now = await read(await ended(await begin()));
  expect(now.items).toHaveLength(3);
  expect(now.items).toContainEqual({ id: { S: 'b' }, late: { BOOL: true } });
});

test('a token stands for one export', async () => {
  const ClientToken = 'once';
  const first = await begin({ ClientToken });
  expect(await begin({ ClientToken })).toMatchObject({ ExportArn: first.ExportArn });
  await expect(begin({ ClientToken, S3Prefix: 'other' })).rejects.toMatchObject({ name: 'ExportConflictException' });
  await ended(first);
});

test('exports are listed in pages', async () => {
  const arns: string[] = [];
  for await (const page of Db.paginateListExports({ client, pageSize: 1 }, { TableArn })) {
    arns.push(...page.ExportSummaries!.map(({ ExportArn }) => ExportArn!));
  }
  const { ExportSummaries } = await client.send(new Db.ListExportsCommand({}));
  expect(arns).toEqual(ExportSummaries!.map(({ ExportArn }) => ExportArn));
  expect(arns.length).toBeGreaterThan(1);
});

test('an export to no bucket fails, and says why', async () => {
  expect(await ended(await begin({ S3Bucket: 'no-such-bucket' }))).toMatchObject({
    ExportStatus: 'FAILED',
    FailureCode: 'S3NoSuchBucket',
    FailureMessage: expect.stringContaining('bucket'),
  });
});

test('an export writes as its caller', async () => {
  const world = new TestIdentity(cloud);
  const input = new Db.ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'exports' });
  const as = async (user: string, ...actions: string[]) => {
    const theirs = new Db.DynamoDBClient(world.as(await world.user(user, allow(...actions))));
    return ended((await theirs.send(input)).ExportDescription!);
  };
  expect(await as('reader', 'dynamodb:*')).toMatchObject({ ExportStatus: 'FAILED', FailureCode: 'S3AccessDenied' });
  const writer = await as('writer', 'dynamodb:*', 's3:PutObject', 's3:PutObjectAcl');
  expect(writer).toMatchObject({ ExportStatus: 'COMPLETED' });
});

test.each([
  [
    'without recovery',
    { TableArn: TableArn.replace('orders', 'forgetful') },
    'PointInTimeRecoveryUnavailableException',
  ],
  ['of no table', { TableArn: TableArn.replace('orders', 'none') }, 'TableNotFoundException'],
  ['of a moment before it', { ExportTime: new Date(0) }, 'InvalidExportTimeException'],
  ['of a moment to come', { ExportTime: new Date(4e12) }, 'InvalidExportTimeException'],
  ['with a key, and not for KMS', { S3SseKmsKeyId: 'alias/own' }, 'ValidationException'],
  ['of its changes', { ExportType: 'INCREMENTAL_EXPORT' as const }, undefined],
  ['in Ion', { ExportFormat: 'ION' as const }, undefined],
])('an export of a table %s is refused', async (_what, wrong, name) => {
  await expect(begin(wrong)).rejects.toMatchObject(name ? { name } : { $metadata: { httpStatusCode: 501 } });
});

test('an export that is not there is not found', async () => {
  const ExportArn = `${TableArn}/export/01234567890123-a1b2c3d4`;
  await expect(client.send(new Db.DescribeExportCommand({ ExportArn }))).rejects.toMatchObject({
    name: 'ExportNotFoundException',
  });
});
