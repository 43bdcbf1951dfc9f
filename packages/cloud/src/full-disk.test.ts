// A disk that takes no more: an error for what does not fit, nothing half written, and everything else goes on.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'plinth-full-'));
let cloud: ChildProcess | undefined;

afterAll(() => {
  cloud?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** What the shell lets a file grow to, in its blocks of 512 bytes: 2 MB. */
const LARGEST_FILE_BLOCKS = 4096;

const FULL = { name: 'ServiceUnavailable', message: expect.stringContaining('is full; nothing was changed') };

test('what does not fit is refused, what was acknowledged stays, and with space the cloud goes on', async () => {
  // A limit of the process on its files fails as a full disk does: the write comes back undone.
  const { s3, iam } = await start(`ulimit -f ${LARGEST_FILE_BLOCKS}; exec "$0" "$@"`);
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await expect(put(s3, 'too-large', Buffer.alloc(3 * 1024 * 1024))).rejects.toMatchObject(FULL);
  const objects = await writeUntilFull((name) => put(s3, name, Buffer.alloc(40_000, name)));
  // What is smaller than an object may still find room.
  const users = await writeUntilFull((UserName) => iam.send(new CreateUserCommand({ UserName })));
  expect(await namesOf(s3, iam)).toEqual({ objects, users });

  cloud!.kill('SIGKILL');
  await once(cloud!, 'exit');
  const later = await start('exec "$0" "$@"');
  expect(await namesOf(later.s3, later.iam)).toEqual({ objects, users });
  for (const Key of objects) {
    const { Body } = await later.s3.send(new GetObjectCommand({ Bucket: 'kept', Key }));
    expect(Buffer.from(await Body!.transformToByteArray()).equals(Buffer.alloc(40_000, Key))).toBe(true);
  }
  await put(later.s3, 'too-large', Buffer.alloc(3 * 1024 * 1024));
});

async function start(shell: string) {
  const daemon = join(import.meta.dirname, 'daemon.ts');
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', daemon, folder, '0'];
  cloud = spawn('/bin/sh', ['-c', shell, ...command], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  expect((await once(cloud, 'message'))[0]).toEqual({ ready: true });
  const record = JSON.parse(readFileSync(join(folder, 'process.json'), 'utf8')) as Record<string, string>;
  const configuration = {
    endpoint: record['endpoint']!,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: record['accessKeyId']!, secretAccessKey: record['secretAccessKey']! },
  };
  return { s3: new S3Client({ ...configuration, forcePathStyle: true }), iam: new IAMClient(configuration) };
}

const put = (s3: S3Client, Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket: 'kept', Key, Body }));

/** The names of what was acknowledged, until something was refused. */
async function writeUntilFull(write: (name: string) => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  for (let refusal: unknown; refusal === undefined;) {
    const name = `name-${String(names.length).padStart(4, '0')}`;
    await write(name).then(
      () => names.push(name),
      (error: unknown) => (refusal = error),
    );
    if (refusal !== undefined) expect(refusal).toMatchObject(FULL);
  }
  return names;
}

async function namesOf(s3: S3Client, iam: IAMClient) {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'kept' }));
  const { Users = [] } = await iam.send(new ListUsersCommand({ MaxItems: 1000 }));
  return { objects: Contents.map(({ Key }) => Key), users: Users.map(({ UserName }) => UserName) };
}
