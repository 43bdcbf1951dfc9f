// The plinth command as a process of its own, against clouds of its own.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');
const home = mkdtempSync(join(tmpdir(), 'plinth-cli-'));
let port: number;
let otherPort: number;

beforeAll(async () => {
  port = await freePort();
  otherPort = await freePort();
});

afterAll(() => {
  for (const each of [port, otherPort]) plinth(['cloud', 'stop'], each);
  rmSync(home, { recursive: true, force: true });
});

describe('help', () => {
  it('lists every command, and shows each one’s options and examples', () => {
    expect(plinth([]).stdout).toContain('plinth <command>');
    const { stdout, status } = plinth(['cloud', 'start', '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: plinth cloud start [options]');
    expect(stdout).toContain('PLINTH_PORT=4567 plinth cloud start');
  });

  it('names the nearest command for one that does not exist', () => {
    const { stderr, status } = plinth(['statsu']);
    expect(status).toBe(64);
    expect(stderr).toContain("There is no command 'statsu'.");
    expect(stderr).toContain('plinth status');
    expect(plinth(['cloud', 'strat']).stderr).toMatch(/Did you mean: plinth cloud start\?$/m);
  });

  it('lists what a noun alone may be followed by, and says which Plinth this is', () => {
    const { stdout, status } = plinth(['cloud', 'snapshot']);
    expect(status).toBe(64);
    expect(stdout).toMatch(/^ {2}cloud snapshot save +set the whole cloud aside/m);
    expect(stdout).not.toContain('cloud start');
    expect(plinth(['state', '--help']).status).toBe(0);
    expect(plinth(['help', 'clock', 'set']).stdout).toContain('Usage: plinth clock set');
    expect(plinth(['--version']).stdout).toMatch(/^plinth \d+\.\d+\.\d+ \(Node v\d+/);
  });

  it('refuses options and arguments that a command does not take', () => {
    expect(plinth(['down', '--fast'])).toMatchObject({
      status: 64,
      stderr: expect.stringContaining("'--fast'") as string,
    });
    expect(plinth(['state', 'unlock', 'aiops'])).toMatchObject({ status: 64 });
  });
});

describe('the shell', () => {
  const complete = (...words: readonly string[]) => {
    const script = `node="$1"; main="$2"; eval "$("$node" "$main" completion bash)"; shift 2
      plinth() { "$node" "$main" "$@"; }
      COMP_WORDS=(plinth "$@"); COMP_CWORD=$#; _plinth; echo "\${COMPREPLY[*]}"`;
    return spawnSync('bash', ['-c', script, 'bash', process.execPath, main, ...words], { encoding: 'utf8' }).stdout;
  };

  it('completes commands word by word, and options after a dash', () => {
    expect(complete('dr')).toBe('drift\n');
    expect(complete('cloud', 'snapshot', '').trim().split(' ').toSorted()).toEqual(['list', 'load', 'save']);
    expect(complete('state', 're')).toBe('restore\n');
    expect(complete('up', '--j')).toBe('--json\n');
    expect(complete('logs', 'ai')).toBe('aiops\n');
    expect(plinth(['completion', 'fish']).stderr).toContain('Use bash or zsh.');
  });

  it('is told what the machine lacks', () => {
    const checks = (PLINTH_DYNOXIDE?: string) =>
      spawnSync(process.execPath, [main, 'doctor', '--json'], {
        env: {
          ...process.env,
          PLINTH_DIR: home,
          PLINTH_PORT: String(port),
          ...(PLINTH_DYNOXIDE && { PLINTH_DYNOXIDE }),
        },
        encoding: 'utf8',
      });
    const { stdout, status } = checks('/nowhere/dynoxide');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toContainEqual({
      name: 'dynoxide',
      result: 'missing',
      detail: expect.stringContaining('/nowhere/dynoxide: ENOENT; DynamoDB needs it') as string,
    });
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: 'Node', result: 'ok' }));
    // What the project has is there for a home elsewhere, too.
    const found = JSON.parse(checks().stdout) as { name: string; detail: string }[];
    expect(found.find(({ name }) => name === 'dynoxide')).toMatchObject({ result: 'ok' });
  });
});

describe('errors', () => {
  it('say what there is where something is not', () => {
    expect(plinth(['synth', 'nothing']).stderr).toContain('The systems are: aiops, fp-calibration.');
    expect(plinth(['synth', 'aiops', '--env', 'moon']).stderr).toContain('Its environments are: production.');
    expect(plinth(['plan', 'aiops', '--target', 'azure']).stderr).toContain("'azure' is no target.");
  });

  it('are data with --json', () => {
    const { stdout, status } = plinth(['synth', 'nothing', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'unknown-system', fix: expect.any(String) as string } });
  });
});

describe('the cloud', () => {
  it('starts in the background, says so the second time, and keeps its files to its owner', () => {
    expect(answer(['cloud', 'start'])).toMatchObject({ started: true, endpoint: `http://127.0.0.1:${port}` });
    expect(answer(['cloud', 'start'])).toMatchObject({ started: false });
    expect(answer(['cloud', 'status'])).toMatchObject({ account: '000000000000' });
    const folder = join(home, 'clouds', String(port));
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'process.json')).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'cloud.sqlite')).mode & 0o077).toBe(0);
  });

  it('survives kill -9 with all that it acknowledged, and never meets the cloud on another port', async () => {
    await client(port).send(new CreateBucketCommand({ Bucket: 'kept' }));
    const { pid } = answer(['cloud', 'status']) as { pid: number };
    process.kill(pid, 'SIGKILL');
    expect(answer(['cloud', 'start'])).toMatchObject({ started: true });
    expect((await client(port).send(new ListBucketsCommand({}))).Buckets).toMatchObject([{ Name: 'kept' }]);
    expect(answer(['cloud', 'start'], otherPort)).toMatchObject({ started: true });
    expect((await client(otherPort).send(new ListBucketsCommand({}))).Buckets).toEqual([]);
  });

  it('is what plinth aws asks, also for services where version 1 of the AWS CLI overlooks AWS_ENDPOINT_URL', () => {
    const tools = mkdtempSync(join(tmpdir(), 'plinth-aws-'));
    writeFileSync(join(tools, 'aws'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    const { stdout } = spawnSync(process.execPath, [main, 'aws', 'sqs', 'list-queues'], {
      env: { ...process.env, PATH: `${tools}:${process.env['PATH']}`, PLINTH_DIR: home, PLINTH_PORT: String(port) },
      encoding: 'utf8',
    });
    rmSync(tools, { recursive: true });
    expect(stdout).toBe(`--endpoint-url http://127.0.0.1:${port} sqs list-queues\n`);
  });

  it('is emptied by a reset, which has to be confirmed', async () => {
    expect(plinth(['cloud', 'reset'], otherPort).stderr).toContain('Confirm with --yes.');
    await client(otherPort).send(new CreateBucketCommand({ Bucket: 'gone' }));
    expect(plinth(['cloud', 'reset', '--yes'], otherPort).status).toBe(0);
    expect((await client(otherPort).send(new ListBucketsCommand({}))).Buckets).toEqual([]);
  });

  it('has a time of its own, which moves forward, survives a restart, and never goes back', () => {
    const before = answer(['clock', 'show'], otherPort) as { now: string; aheadMilliseconds: number };
    expect(before.aheadMilliseconds).toBe(0);
    const moved = answer(['clock', 'advance', '31d'], otherPort) as { now: string };
    expect(Date.parse(moved.now) - Date.parse(before.now)).toBeGreaterThanOrEqual(31 * 86_400_000);
    expect(plinth(['clock', 'set', before.now.slice(0, 10)], otherPort).stderr).toContain('never goes back');
    const year = String(new Date(moved.now).getUTCFullYear() + 2);
    expect(answer(['clock', 'set', `${year}-01-01`], otherPort)).toMatchObject({
      now: expect.stringContaining(`${year}-01-01T00:00`) as string,
    });
    plinth(['cloud', 'stop'], otherPort);
    plinth(['cloud', 'start'], otherPort);
    expect(answer(['clock', 'show'], otherPort)).toMatchObject({ now: expect.stringContaining(`${year}-`) as string });
    expect(plinth(['clock', 'advance', 'soon'], otherPort).stderr).toContain('31d, 12h or 1h30m');
  });

  it('keeps a trail of who called what', async () => {
    await client(otherPort).send(new CreateBucketCommand({ Bucket: 'trailed' }));
    await expect(client(otherPort).send(new DeleteBucketCommand({ Bucket: 'not-there' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
    const { stdout } = plinth(['cloud', 'trail', '--user', 'root', '--since', '5m'], otherPort);
    expect(stdout).toMatch(/^\d{4}-\S+Z {2}root +s3 CreateBucket +arn:aws:s3:::trailed +ok$/m);
    const errors = answer(['cloud', 'trail', '--errors', '--event', 'DeleteBucket'], otherPort);
    expect(errors).toMatchObject([{ errorCode: 'NoSuchBucket', requestParameters: { bucketName: 'not-there' } }]);
    await client(otherPort).send(new DeleteBucketCommand({ Bucket: 'trailed' }));
    expect(plinth(['cloud', 'trail', '--since', 'soon'], otherPort).stderr).toContain('31d, 12h or 1h30m');
  });

  it('is set aside as a whole, and comes back as it was', async () => {
    await client(otherPort).send(new CreateBucketCommand({ Bucket: 'saved' }));
    expect(answer(['cloud', 'snapshot', 'save', 'one'], otherPort)).toMatchObject({ name: 'one', port: otherPort });
    expect(plinth(['cloud', 'snapshot', 'save', 'one'], otherPort).stderr).toContain('There is a snapshot one already');
    await client(otherPort).send(new DeleteBucketCommand({ Bucket: 'saved' }));
    expect(plinth(['cloud', 'snapshot', 'load', 'two', '--yes'], otherPort).stderr).toContain(
      'The snapshots are: one.',
    );
    expect(plinth(['cloud', 'snapshot', 'load', 'one'], otherPort).stderr).toContain('Confirm with --yes.');
    expect(answer(['cloud', 'snapshot', 'load', 'one', '--yes'], otherPort)).toMatchObject({ name: 'one' });
    expect((await client(otherPort).send(new ListBucketsCommand({}))).Buckets).toMatchObject([{ Name: 'saved' }]);
    expect(answer(['cloud', 'snapshot', 'list'], otherPort)).toMatchObject([{ name: 'one' }]);
    expect(statSync(join(home, 'snapshots', 'one')).mode & 0o077).toBe(0);
  });

  it('stays as it is where a snapshot cannot be made, or cannot take its place', async () => {
    const snapshots = join(home, 'snapshots');
    await client(otherPort).send(new CreateBucketCommand({ Bucket: 'later' }));
    const names = async () =>
      (await client(otherPort).send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name);
    // A limit on the size of files fails as a full disk does.
    const full = spawnSync(
      '/bin/sh',
      ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, main, 'cloud', 'snapshot', 'save', 'full'],
      { env: { ...process.env, PLINTH_DIR: home, PLINTH_PORT: String(otherPort) }, encoding: 'utf8' },
    );
    expect(full.stderr).toContain('The snapshot full was not made');
    expect(full.stderr).toContain('Free some space');
    expect(readdirSync(snapshots)).toEqual(['one']);

    cpSync(join(snapshots, 'one'), join(snapshots, 'cut'), { recursive: true });
    truncateSync(join(snapshots, 'cut', 'cloud', 'cloud.sqlite'), 20_000);
    expect(plinth(['cloud', 'snapshot', 'load', 'cut', '--yes'], otherPort).stderr).toContain(
      'The snapshot cut is damaged: cloud.sqlite',
    );
    cpSync(join(snapshots, 'one'), join(snapshots, 'newer'), { recursive: true });
    setVersion(join(snapshots, 'newer', 'cloud'), 99);
    expect(plinth(['cloud', 'snapshot', 'load', 'newer', '--yes'], otherPort).stderr).toContain('store has version 99');
    mkdirSync(join(snapshots, 'half'));
    expect(plinth(['cloud', 'snapshot', 'list'], otherPort).stdout).toMatch(/half +it is not whole/);
    expect(await names()).toEqual(['later', 'saved']);

    // As when the command is killed between taking one away and putting the other one there.
    plinth(['cloud', 'stop'], otherPort);
    const folder = join(home, 'clouds', String(otherPort));
    renameSync(folder, `${folder}.before`);
    plinth(['cloud', 'start'], otherPort);
    expect(await names()).toEqual(['later', 'saved']);
  });

  it('that is damaged is explained, also by the doctor, and never begun anew by itself', () => {
    plinth(['cloud', 'stop'], otherPort);
    const file = join(home, 'clouds', String(otherPort), 'cloud.sqlite');
    renameSync(file, `${file}.away`);
    writeFileSync(file, 'no database');
    const { stderr, status } = plinth(['cloud', 'start'], otherPort);
    expect(status).toBe(1);
    expect(stderr).toMatch(/damaged: cloud.sqlite[^]*plinth cloud snapshot load[^]*plinth cloud reset/);
    expect(plinth(['cloud', 'snapshot', 'save', 'damaged'], otherPort).stderr).toContain('No snapshot was made');
    expect(answer(['doctor'], otherPort)).toContainEqual(
      expect.objectContaining({ name: 'cloud', result: 'missing', detail: expect.stringContaining('cloud.sqlite') }),
    );
    renameSync(`${file}.away`, file);
    expect(answer(['cloud', 'start'], otherPort)).toMatchObject({ started: true });
  });

  it('leaves the state of a newer Plinth alone, and says how to go on', () => {
    plinth(['cloud', 'stop'], otherPort);
    setVersion(join(home, 'clouds', String(otherPort)), 99);
    const { stderr, status } = plinth(['cloud', 'start'], otherPort);
    expect(status).toBe(1);
    expect(stderr).toContain('The cloud’s store has version 99');
    expect(stderr).toContain('plinth cloud reset');
    expect(plinth(['cloud', 'reset', '--yes'], otherPort).status).toBe(0);
    expect(answer(['cloud', 'start'], otherPort)).toMatchObject({ endpoint: `http://127.0.0.1:${otherPort}` });
  });

  it('names a port that something else holds', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: taken } = server.address() as AddressInfo;
    expect(plinth(['cloud', 'start'], taken).stderr).toContain(`Port ${taken} is taken`);
    server.close();
    const elsewhere = { PLINTH_DIR: join(home, 'elsewhere'), PLINTH_PORT: String(otherPort) };
    const { stderr } = spawnSync(process.execPath, [main, 'cloud', 'start'], {
      env: { ...process.env, ...elsewhere },
      encoding: 'utf8',
    });
    expect(stderr).toContain(`On port ${otherPort} there is a Plinth cloud already`);
  });

  it('ends once its folder is removed, and another one begins there', async () => {
    const { pid } = answer(['cloud', 'status'], otherPort) as { pid: number };
    rmSync(join(home, 'clouds', String(otherPort)), { recursive: true });
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
    expect(answer(['cloud', 'start'], otherPort)).toMatchObject({ started: true });
  });
});

function setVersion(folder: string, version: number): void {
  const store = new DatabaseSync(join(folder, 'cloud.sqlite'));
  store.exec(`PRAGMA user_version = ${version}`);
  store.close();
}

function plinth(words: readonly string[], at = port) {
  const env = { ...process.env, PLINTH_DIR: home, PLINTH_PORT: String(at) };
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...words], { env, encoding: 'utf8' });
  return { stdout, stderr, status };
}

const answer = (words: readonly string[], at = port): unknown => JSON.parse(plinth([...words, '--json'], at).stdout);

function client(at: number): S3Client {
  const variables = answer(['env'], at) as Record<string, string>;
  return new S3Client({
    endpoint: variables['AWS_ENDPOINT_URL']!,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: variables['AWS_ACCESS_KEY_ID']!, secretAccessKey: variables['AWS_SECRET_ACCESS_KEY']! },
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}
