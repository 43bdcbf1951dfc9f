// A disk that takes no more: an error for what does not fit, nothing half written, and everything else goes on.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CreateBackupCommand,
  CreateTableCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  RestoreTableFromBackupCommand,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { CreateUserCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateScheduleCommand } from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { clientsOf, KINDS, prepare, type Clients } from './test-load.ts';

let folder: string;
let cloud: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-full-'));
});

afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

/** What the shell lets a file grow to, in its blocks of 512 bytes: 2 MB. Such a limit fails as a full disk does. */
const LIMITED = 'ulimit -S -f 4096; exec "$0" "$@"';
/** Lifts the limit of a process that runs, where there is such a program. */
const PRLIMIT = '/usr/bin/prlimit';

const UNLIMITED = 'exec "$0" "$@"';

const FULL = { name: 'ServiceUnavailable', message: expect.stringContaining('is full; nothing was changed') };

test('what does not fit is refused, what was acknowledged stays, and with space the cloud goes on', async () => {
  const { s3, iam } = await start(LIMITED);
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await expect(put(s3, 'too-large', Buffer.alloc(3 * 1024 * 1024))).rejects.toMatchObject(FULL);
  const objects = await writeUntilFull((name) => put(s3, name, Buffer.alloc(40_000, name)));
  // What is smaller than an object may still find room.
  const users = await writeUntilFull((UserName) => iam.send(new CreateUserCommand({ UserName })));
  expect(await namesOf(s3, iam)).toEqual({ objects, users });

  await kill();
  const later = await start(UNLIMITED);
  expect(await namesOf(later.s3, later.iam)).toEqual({ objects, users });
  for (const Key of objects) {
    const { Body } = await later.s3.send(new GetObjectCommand({ Bucket: 'kept', Key }));
    expect(Buffer.from(await Body!.transformToByteArray()).equals(Buffer.alloc(40_000, Key))).toBe(true);
  }
  await put(later.s3, 'too-large', Buffer.alloc(3 * 1024 * 1024));
});

test('every kind of write is refused, and what was acknowledged before is there afterwards', async () => {
  const limited = await start(LIMITED);
  await prepare(limited);
  const { s3, dynamodb } = limited;
  const v = { S: 'x'.repeat(200_000) };
  // The table engine's file is another one.
  await writeUntilFull((pk) => dynamodb.send(new PutItemCommand({ TableName: 'kept', Item: { pk: { S: pk }, v } })));
  for (const size of [40_000, 400]) await writeUntilFull((name) => put(s3, `${size}-${name}`, Buffer.alloc(size)));
  const acknowledged = new Map<string, string[]>();
  for (const [kind, writes] of Object.entries(KINDS)) {
    acknowledged.set(kind, await writeUntilFull((name) => writes.run(name, limited), `${kind}-0-`));
  }
  await kill();
  const later = await start(UNLIMITED);
  for (const [kind, names] of acknowledged) for (const name of names) await KINDS[kind]!.check(name, later);
  for (const [kind, writes] of Object.entries(KINDS)) await writes.run(`${kind}-1-0`, later);
  for (const [kind, writes] of Object.entries(KINDS)) await writes.check(`${kind}-1-0`, later);
  expect([...acknowledged.keys()]).toEqual(Object.keys(KINDS));
});

test('a write of a table with a stream that fits is kept whole: its record comes once there is room for it', async () => {
  const clients = await start(LIMITED);
  await prepare(clients);
  const { s3, dynamodb } = clients;
  for (const size of [40_000, 400]) await writeUntilFull((name) => put(s3, `${size}-${name}`, Buffer.alloc(size)));
  const write = (pk: string, v: string) =>
    dynamodb.send(new PutItemCommand({ TableName: 'streamed', Item: { pk: { S: pk }, v: { S: v.repeat(5_000) } } }));
  const keys = ['a', 'b', 'c'];
  for (const pk of keys) await write(pk, 'x');
  await write('a', 'y');
  expect(await clients.wasStreamed('a')).toBe(false);
  const createTable = () => dynamodb.send(new CreateTableCommand(LATE));
  await expect(createTable()).rejects.toMatchObject(FULL);
  if (existsSync(PRLIMIT)) {
    execFileSync(PRLIMIT, ['--fsize=unlimited', '--pid', String(cloud!.pid)]);
    // There is room now, and nobody writes.
    await expect.poll(() => clients.wasStreamed('c'), { timeout: 10_000 }).toBe(true);
    await createTable();
    await kill();
  } else await kill();
  const later = await start(UNLIMITED);
  for (const pk of keys) {
    const { Item } = await later.dynamodb.send(new GetItemCommand({ TableName: 'streamed', Key: { pk: { S: pk } } }));
    expect(Item?.['v']?.S?.[0]).toBe(pk === 'a' ? 'y' : 'x');
    expect(await later.wasStreamed(pk)).toBe(true);
  }
});

test.runIf(existsSync(PRLIMIT))('what comes due on a full disk is done once there is room', async () => {
  const clients = await start(UNLIMITED);
  await prepare(clients);
  const { scheduler, sqs } = clients;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'due' }));
  const due = Date.now() + 3_000;
  await scheduler.send(
    new CreateScheduleCommand({
      Name: 'due',
      ScheduleExpression: `at(${new Date(due).toISOString().slice(0, 19)})`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: 'arn:aws:sqs:us-east-1:000000000000:due',
        RoleArn: 'arn:aws:iam::000000000000:role/kept',
        Input: 'now',
      },
    }),
  );
  execFileSync(PRLIMIT, ['--fsize=1:unlimited', '--pid', String(cloud!.pid)]);
  const received = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.length ?? 0;
  // By then its moment has come, and found no room.
  await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan(due + 1_000);
  expect(await received()).toBe(0);
  execFileSync(PRLIMIT, ['--fsize=unlimited', '--pid', String(cloud!.pid)]);
  await expect.poll(received, { timeout: 10_000 }).toBe(1);
});

test.runIf(existsSync(PRLIMIT))('a restore that found no room goes on once there is some', async () => {
  const clients = await start(LIMITED);
  await prepare(clients);
  const { dynamodb } = clients;
  for (const pk of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const Item = { pk: { S: pk }, v: { S: pk.repeat(200_000) } };
    await dynamodb.send(new PutItemCommand({ TableName: 'kept', Item }));
  }
  const { BackupDetails } = await dynamodb.send(new CreateBackupCommand({ TableName: 'kept', BackupName: 'kept' }));
  const BackupArn = BackupDetails!.BackupArn!;
  await dynamodb.send(new RestoreTableFromBackupCommand({ BackupArn, TargetTableName: 'again' }));
  const status = async () => (await dynamodb.send(new DescribeTableCommand({ TableName: 'again' }))).Table?.TableStatus;
  await expect.poll(() => readFileSync(join(folder, 'cloud.log'), 'utf8')).toContain('restore failed');
  expect(await status()).toBe('CREATING');
  execFileSync(PRLIMIT, ['--fsize=unlimited', '--pid', String(cloud!.pid)]);
  // The table engine is a process of its own.
  for (const pid of childrenOf(cloud!.pid!)) execFileSync(PRLIMIT, ['--fsize=unlimited', '--pid', pid]);
  await expect.poll(status, { timeout: 10_000 }).toBe('ACTIVE');
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'again', Key: { pk: { S: 'f' } } }));
  expect(Item?.['v']?.S).toHaveLength(200_000);
});

/** The processes below a process. */
function childrenOf(pid: number | string): string[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').flatMap((child) => [child, ...childrenOf(child)]);
}

const LATE: CreateTableCommandInput = {
  TableName: 'late',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  // Some pages, which there is no room for.
  Tags: Array.from({ length: 50 }, (_, number) => ({ Key: `tag-${number}`, Value: 'x'.repeat(256) })),
};

async function start(shell: string): Promise<Clients> {
  const daemon = join(import.meta.dirname, 'daemon.ts');
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', daemon, folder, '0'];
  cloud = spawn('/bin/sh', ['-c', shell, ...command], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  expect((await once(cloud, 'message'))[0]).toEqual({ ready: true });
  return clientsOf(JSON.parse(readFileSync(join(folder, 'process.json'), 'utf8')) as Record<string, string>);
}

async function kill(): Promise<void> {
  if (!cloud) return;
  const ended = once(cloud, 'exit');
  cloud.kill('SIGKILL');
  await ended;
  cloud = undefined;
}

const put = (s3: Clients['s3'], Key: string, Body: Buffer) =>
  s3.send(new PutObjectCommand({ Bucket: 'kept', Key, Body }));

/** The names of what was acknowledged, until something was refused. */
async function writeUntilFull(write: (name: string) => Promise<unknown>, prefix = 'name-'): Promise<string[]> {
  const names: string[] = [];
  for (let refusal: unknown; refusal === undefined;) {
    const name = `${prefix}${String(names.length).padStart(4, '0')}`;
    await write(name).then(
      () => names.push(name),
      (error: unknown) => (refusal = error),
    );
    if (refusal !== undefined) expect(refusal).toMatchObject(FULL);
  }
  return names;
}

async function namesOf(s3: Clients['s3'], iam: Clients['iam']) {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'kept' }));
  const { Users = [] } = await iam.send(new ListUsersCommand({ MaxItems: 1000 }));
  return { objects: Contents.map(({ Key }) => Key), users: Users.map(({ UserName }) => UserName) };
}
