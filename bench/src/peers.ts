// What is measured: the cloud as a process of its own, and its peers where they are installed.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ProcessRecord } from '@plinth/cloud/daemon';

/** Something with AWS's API. */
export interface Subject {
  readonly name: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly pid: number;
  stop(): Promise<void>;
}

/** A cloud, its clock, and its way in for Terraform. */
export interface Plinth extends Subject {
  /** Moves the cloud's clock forward. */
  advance(milliseconds: number): Promise<void>;
  openDoor(): Promise<{ readonly reattach: string; close(): Promise<void> }>;
}

/** Where the launcher keeps compiled code. */
const COMPILE_CACHE = fileURLToPath(new URL('../../.plinth/cache', import.meta.url));

/** The cloud as `plinth cloud start` runs it, on disk. */
export async function startPlinth(): Promise<Plinth> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const daemon = fileURLToPath(import.meta.resolve('@plinth/cloud/daemon'));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', daemon, folder, '0'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env },
  });
  await once(child, 'message');
  const record = JSON.parse(readFileSync(join(folder, 'process.json'), 'utf8')) as ProcessRecord;
  const { endpoint, accessKeyId, secretAccessKey, pid } = record;
  const headers = { authorization: `Bearer ${record.token}`, 'content-type': 'application/json' };
  return {
    name: 'plinth',
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
    pid,
    advance: async (milliseconds) => {
      const status = await fetch(`${endpoint}/_plinth/status`, { headers });
      const { now } = (await status.json()) as { now: string };
      const to = Date.parse(now) + milliseconds;
      await fetch(`${endpoint}/_plinth/clock`, { method: 'POST', headers, body: JSON.stringify({ to }) });
    },
    openDoor: async () => {
      const doors = `${endpoint}/_plinth/doors`;
      const opened = await fetch(doors, { method: 'POST', headers, body: JSON.stringify({ folder }) });
      const { id, reattach } = (await opened.json()) as { id: string; reattach: string };
      return { reattach, close: async () => void (await fetch(`${doors}/${id}`, { method: 'DELETE', headers })) };
    },
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true });
    },
  };
}

/** moto_server, or undefined where it is not installed. */
export async function startMoto(): Promise<Subject | undefined> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const gone = new Promise<'gone'>((resolve) => {
    child.once('error', () => resolve('gone'));
    child.once('exit', () => resolve('gone'));
  });
  const endpoint = `http://127.0.0.1:${port}`;
  if ((await Promise.race([gone, answering(endpoint)])) === 'gone') return undefined;
  return {
    name: 'moto_server',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    pid: child.pid ?? 0,
    stop: () => end(child),
  };
}

/** The limit of what a Node process can do for S3. */
export async function startFloor(): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-floor-'));
  const child = fork(fileURLToPath(new URL('floor-server.ts', import.meta.url)), [folder], { stdio: 'ignore' });
  const [port] = (await once(child, 'message')) as [number];
  return {
    name: 'floor',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    pid: child.pid ?? 0,
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a process holds of the machine's memory. */
export const residentMegabytes = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024);

/** Resolves once something answers HTTP there. */
export async function answering(endpoint: string): Promise<void> {
  while (
    !(await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  )
    await new Promise((wait) => setTimeout(wait, 20));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
