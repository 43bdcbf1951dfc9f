// Clients that nobody here wrote, where the machine has them: the AWS CLI's high-level commands, boto3's transfers, curl.
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { CreateBucketCommand, HeadObjectCommand, PutBucketCorsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { startS3, type TestS3 } from './test-s3.ts';

// Each command of the AWS CLI is a process that loads for a second, on a busy machine for many.
vi.setConfig({ testTimeout: 240_000 });

const has = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

const python = ['python3', 'python'].find((name) => has(name, '-c', 'import boto3'));

let world: TestS3;
let folder: string;

beforeAll(async () => {
  world = await startS3();
  folder = mkdtempSync(join(tmpdir(), 'plinth-clients-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.stop();
});

/** Runs a command as the administrator, in the test's folder; answers what it printed. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { endpoint, credentials } = world.cloud;
  const { stdout } = await promisify(execFile)(command, args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
  return stdout;
}

/** A folder's files by their paths, in order. */
const filesIn = (path: string): string[] =>
  readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, path).length + 1))
    .toSorted();

describe.skipIf(!has('aws', '--version'))('the AWS CLI', () => {
  const s3 = (...args: string[]) => run('aws', 's3', ...args);

  test('makes a bucket, syncs both ways, copies, moves and removes what it is told to', async () => {
    mkdirSync(join(folder, 'site/sub dir'), { recursive: true });
    writeFileSync(join(folder, 'site/a.txt'), 'a');
    writeFileSync(join(folder, 'site/sub dir/ü+%20 &.txt'), 'b');
    // Beyond the size from which the CLI uploads in parts.
    writeFileSync(join(folder, 'site/large.bin'), Buffer.alloc(9 * 2 ** 20, 'x'));
    await s3('mb', 's3://cli-bucket');
    await s3('sync', 'site', 's3://cli-bucket/site', '--no-progress');
    expect(await s3('sync', 'site', 's3://cli-bucket/site', '--no-progress')).toBe('');
    await s3('sync', 's3://cli-bucket/site', 'back', '--no-progress');
    expect(filesIn('back')).toEqual(filesIn('site'));
    expect(readFileSync(join(folder, 'back/large.bin'))).toEqual(readFileSync(join(folder, 'site/large.bin')));

    await s3('cp', 's3://cli-bucket/site/large.bin', 's3://cli-bucket/copied.bin', '--storage-class', 'STANDARD_IA');
    await s3('mv', 's3://cli-bucket/site/a.txt', 's3://cli-bucket/moved.txt');
    await s3('rm', 's3://cli-bucket/site', '--recursive', '--exclude', '*', '--include', '*.bin');
    const listed = await s3('ls', 's3://cli-bucket', '--recursive');
    expect(listed.match(/(?<=^\S+ \S+ +\d+ ).+$/gm)).toEqual(['copied.bin', 'moved.txt', 'site/sub dir/ü+%20 &.txt']);
    rmSync(join(folder, 'site/sub dir'), { recursive: true });
    expect(await s3('sync', 'site', 's3://cli-bucket/site', '--delete', '--dryrun', '--exclude', '*.bin')).toContain(
      '(dryrun) delete: s3://cli-bucket/site/sub dir/ü+%20 &.txt',
    );
    await s3('rb', 's3://cli-bucket', '--force');
    expect(await s3('ls')).toBe('');
  });

  test.skipIf(!has('curl', '--version'))('presigns what curl opens', async () => {
    await s3('mb', 's3://cli-presigned');
    writeFileSync(join(folder, 'told.txt'), 'told');
    await s3('cp', 'told.txt', 's3://cli-presigned/told.txt', '--no-progress');
    const url = await s3('presign', 's3://cli-presigned/told.txt', '--expires-in', '60');
    expect(await run('curl', '-sf', url.trim())).toBe('told');
    expect(await run('curl', '-sf', '-r', '1-2', url.trim())).toBe('ol');
  });
});

describe.skipIf(python === undefined)('boto3', () => {
  const script = (...lines: string[]) =>
    run(python!, '-c', ['import boto3, io, os, json', "s3 = boto3.client('s3')", ...lines].join('\n'));

  test('uploads, copies and downloads in parts, and the bytes are the same', async () => {
    await world.client.send(new CreateBucketCommand({ Bucket: 'boto-parts' }));
    await script(
      'from boto3.s3.transfer import TransferConfig',
      'parts = TransferConfig(multipart_threshold=5 * 2**20, multipart_chunksize=5 * 2**20)',
      'body = os.urandom(11 * 2**20 + 3)',
      "s3.upload_fileobj(io.BytesIO(body), 'boto-parts', 'a', Config=parts, ExtraArgs={'ChecksumAlgorithm': 'SHA256'})",
      "s3.copy({'Bucket': 'boto-parts', 'Key': 'a'}, 'boto-parts', 'b', Config=parts)",
      'found = io.BytesIO()',
      "s3.download_fileobj('boto-parts', 'b', found, Config=parts)",
      'assert found.getvalue() == body',
    );
    const head = await world.client.send(
      new HeadObjectCommand({ Bucket: 'boto-parts', Key: 'a', ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({ ChecksumType: 'COMPOSITE', ETag: expect.stringMatching(/-3"$/) as string });
  });

  test('deletes a thousand objects at once, and pages through what is left', async () => {
    await world.client.send(new CreateBucketCommand({ Bucket: 'boto-many' }));
    const put = (n: number) =>
      world.client.send(new PutObjectCommand({ Bucket: 'boto-many', Key: `${n} +ü%/${n}`, Body: '' }));
    for (let n = 0; n < 1005; n += 15) await Promise.all(Array.from({ length: 15 }, (_, index) => put(n + index)));
    const told = await script(
      "pages = s3.get_paginator('list_objects_v2').paginate(Bucket='boto-many')",
      "keys = [each['Key'] for page in pages for each in page['Contents']]",
      "quiet = s3.delete_objects(Bucket='boto-many', Delete={'Quiet': True, 'Objects': [{'Key': k} for k in keys[:1000]]})",
      "left = s3.list_objects_v2(Bucket='boto-many')['KeyCount']",
      "print(json.dumps([len(keys), quiet.get('Errors'), left]))",
    );
    expect(JSON.parse(told)).toEqual([1005, null, 5]);
  });

  test.skipIf(!has('curl', '--version'))('presigns an upload that a page of another origin may send', async () => {
    const CORSRules = [{ AllowedOrigins: ['http://localhost:3000'], AllowedMethods: ['PUT'], AllowedHeaders: ['*'] }];
    await world.client.send(new CreateBucketCommand({ Bucket: 'boto-cors' }));
    await world.client.send(new PutBucketCorsCommand({ Bucket: 'boto-cors', CORSConfiguration: { CORSRules } }));
    const url = await script(
      'from botocore.config import Config',
      "s3 = boto3.client('s3', config=Config(signature_version='s3v4'))",
      "print(s3.generate_presigned_url('put_object', Params={'Bucket': 'boto-cors', 'Key': 'k'}, ExpiresIn=60))",
    );
    const from = ['-H', 'Origin: http://localhost:3000'];
    const asked = ['-X', 'OPTIONS', '-H', 'Access-Control-Request-Method: PUT'];
    const preflight = await run('curl', '-si', ...asked, ...from, url.trim());
    expect(preflight).toMatch(/access-control-allow-origin: http:\/\/localhost:3000/i);
    const answer = await run('curl', '-sfi', '-X', 'PUT', '--data-binary', 'sent', ...from, url.trim());
    expect(answer).toMatch(/access-control-allow-origin: http:\/\/localhost:3000/i);
  });

  test.skipIf(!has('curl', '--version'))('presigns a form, which curl posts', async () => {
    await world.client.send(new CreateBucketCommand({ Bucket: 'boto-form' }));
    const told = await script(
      "post = s3.generate_presigned_post('boto-form', 'up/${filename}', Conditions=[['starts-with', '$key', 'up/'], ['content-length-range', 1, 10]])",
      'print(json.dumps(post))',
    );
    const { url, fields } = JSON.parse(told) as { url: string; fields: Record<string, string> };
    writeFileSync(join(folder, 'posted.txt'), 'posted');
    const form = Object.entries(fields).flatMap(([name, value]) => ['--form-string', `${name}=${value}`]);
    await run('curl', '-sf', ...form, '-F', 'file=@posted.txt', url);
    const head = await world.client.send(new HeadObjectCommand({ Bucket: 'boto-form', Key: 'up/posted.txt' }));
    expect(head.ContentLength).toBe(6);
  });
});
