// Files of a cloud that are gone, cut short or overwritten: mended where that can be, else explained, and never taken for nothing.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { startCloud, type Cloud } from './cloud.ts';
import { inspectState } from './inspect.ts';

const home = mkdtempSync(join(tmpdir(), 'plinth-damage-'));
const whole = join(home, 'whole');
const folder = join(home, 'cloud');
let cloud: Cloud | undefined;

const clientsOf = ({ endpoint, credentials }: Cloud) => {
  const configuration = { endpoint, credentials, region: 'us-east-1', maxAttempts: 1 };
  return {
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(configuration),
    lambda: new LambdaClient(configuration),
    iam: new IAMClient(configuration),
  };
};

beforeAll(async () => {
  const made = await startCloud({ folder: whole });
  const { s3, dynamodb, lambda, iam } = clientsOf(made);
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  for (const Key of ['one', 'other']) {
    await s3.send(new PutObjectCommand({ Bucket: 'kept', Key, Body: Buffer.alloc(2_000_000, Key) }));
  }
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'kept',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
  await dynamodb.send(new PutItemCommand({ TableName: 'kept', Item: { pk: { S: 'one' } } }));
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'kept', AssumeRolePolicyDocument }));
  const ZipFile = zipSync({ 'index.mjs': Buffer.from("export const handler = () => 'kept';") });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'kept',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: Role!.Arn!,
      Code: { ZipFile },
    }),
  );
  await made.stop();
});

beforeEach(() => cpSync(whole, folder, { recursive: true }));

afterEach(async () => {
  await cloud?.stop();
  cloud = undefined;
  rmSync(folder, { recursive: true });
});

afterAll(() => rmSync(home, { recursive: true }));

const start = async () => clientsOf((cloud = await startCloud({ folder })));

const file = (...path: string[]) => join(folder, ...path);

const garble = (path: string) => writeFileSync(path, randomBytes(statSync(path).size));

/** Half of the file is gone. */
const cut = (path: string) => truncateSync(path, statSync(path).size / 2);

const explained = (what: RegExp | string) => ({
  message: expect.stringMatching(
    new RegExp(`damaged: .*${typeof what === 'string' ? what : what.source}.*plinth cloud snapshot list.*reset`),
  ) as string,
});

test('nothing is wrong with a cloud that is whole, or with none', () => {
  expect(inspectState(folder)).toEqual([]);
  expect(inspectState(file('nowhere'))).toEqual([]);
});

test.each([
  ['garbled', () => garble(file('cloud.sqlite'))],
  ['cut short', () => cut(file('cloud.sqlite'))],
  ['emptied', () => truncateSync(file('cloud.sqlite'))],
  ['missing', () => rmSync(file('cloud.sqlite'))],
])('a store that is %s keeps the cloud from starting, and is left as it is', async (_, damage) => {
  damage();
  const before = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  await expect(startCloud({ folder })).rejects.toMatchObject(explained('cloud.sqlite'));
  expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(before);
  expect(inspectState(folder)).toEqual([expect.stringContaining('cloud.sqlite')]);
});

test('a store whose pages are overwritten is none to start on', async () => {
  const store = new DatabaseSync(file('cloud.sqlite'));
  const root = store.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'documents'").get()![
    'rootpage'
  ] as number;
  const page = store.prepare('PRAGMA page_size').get()!['page_size'] as number;
  store.close();
  const handle = openSync(file('cloud.sqlite'), 'r+');
  writeSync(handle, randomBytes(page), 0, page, page * (root - 1));
  closeSync(handle);
  expect(inspectState(folder)).toHaveLength(1);
  await expect(start()).rejects.toMatchObject(explained('cloud.sqlite'));
});

test('an object whose bytes are gone or cut short is an error, while others are served', async () => {
  const [one, other] = readdirSync(file('s3'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  rmSync(one!);
  expect(inspectState(folder)).toEqual([expect.stringContaining('the bytes of 1 objects')]);
  const { s3 } = await start();
  const get = async (Key: string, Range?: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'kept', Key, ...(Range && { Range }) }));
    return Buffer.from(await Body!.transformToByteArray());
  };
  await expect(get('one', 'bytes=0-9')).rejects.toMatchObject(explained('is missing'));
  expect((await get('other')).equals(Buffer.alloc(2_000_000, 'other'))).toBe(true);
  cut(other!);
  expect((await get('other', 'bytes=0-4')).toString()).toBe('other');
  await expect(get('other', 'bytes=1500000-1500004')).rejects.toMatchObject(explained('has 1000000 bytes'));
});

test.each([
  ['garbled', garble, 'is no database'],
  ['cut short', cut, 'is no database'],
  ['emptied', (path: string) => truncateSync(path), 'is missing or empty, and with it the tables kept'],
  ['missing', rmSync, 'is missing or empty, and with it the tables kept'],
])('a table engine’s file that is %s is not taken for an empty one', async (_, damage, said) => {
  damage(file('dynamodb', 'us-east-1.sqlite'));
  expect(inspectState(folder)).toEqual([expect.stringContaining('dynamodb/us-east-1.sqlite')]);
  const { dynamodb, iam } = await start();
  const get = new GetItemCommand({ TableName: 'kept', Key: { pk: { S: 'one' } } });
  await expect(dynamodb.send(get)).rejects.toMatchObject(explained(`dynamodb/us-east-1.sqlite ${said}`));
  // The rest of the cloud goes on, and the file that was put back is used at once.
  await iam.send(new ListUsersCommand({}));
  cpSync(join(whole, 'dynamodb'), file('dynamodb'), { recursive: true });
  expect((await dynamodb.send(get)).Item).toEqual({ pk: { S: 'one' } });
});

test('a function’s code is unpacked anew from its package, and missed where that is gone too', async () => {
  const [name = ''] = readdirSync(file('lambda', 'packages'));
  rmSync(file('lambda', 'packages', name, 'code'), { recursive: true });
  const { lambda } = await start();
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'kept' }));
  expect(Buffer.from(Payload!).toString()).toBe('"kept"');
  await cloud!.stop();
  rmSync(file('lambda', 'packages', name), { recursive: true });
  const later = await start();
  await expect(later.lambda.send(new InvokeCommand({ FunctionName: 'kept' }))).rejects.toMatchObject(
    explained('code, is missing'),
  );
  await cloud!.stop();
  // A cloud that has stopped has no process that would write on.
  expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap');
});
