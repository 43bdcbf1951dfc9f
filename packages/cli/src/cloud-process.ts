// The cloud beside the project: found where it runs, started where it does not.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ProcessRecord } from '@plinth/cloud/daemon';

import { toolchainFolder, type Context } from './context.ts';
import { enginePath } from './engine/engine.ts';
import {
  badPort,
  cloudEnded,
  cloudFailed,
  cloudNotRunning,
  diskFull,
  otherCloud,
  portTaken,
  storeDamaged,
  storeInUse,
  storeNewer,
} from './errors.ts';

/** What the cloud says of itself. */
export interface CloudStatus {
  readonly version: string;
  readonly account: string;
  readonly services: readonly string[];
  readonly startedAt: string;
  readonly memoryBytes: number;
  readonly now: string;
  readonly usage: readonly { service: string; kind: string; region: string; amount: number }[];
}

/** The port that local AWS tools use; PLINTH_PORT overrides it. */
const PORT = 4566;

export function cloudPort({ variables }: Context): number {
  const value = variables['PLINTH_PORT'] || String(PORT);
  if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > 65_535) throw badPort(value);
  return Number(value);
}

/** Each port has a cloud of its own, so that two never meet. */
export const cloudFolder = (context: Context): string => join(context.home, 'clouds', String(cloudPort(context)));

/** Where the cloud's folder is while another one takes its place. */
export const formerFolder = (folder: string): string => `${folder}.before`;

export const cloudLog = (context: Context): string => join(cloudFolder(context), 'cloud.log');

/** The running cloud, or undefined; a record that a killed process left behind does not count. */
export async function findCloud(context: Context): Promise<ProcessRecord | undefined> {
  const text = await readFile(join(cloudFolder(context), 'process.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const record = readRecord(text);
  return record && (await answers(record)) ? record : undefined;
}

/** Undefined where the file was cut short: the cloud replaces it as a whole. */
function readRecord(text: string): ProcessRecord | undefined {
  try {
    return JSON.parse(text) as ProcessRecord;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function requireCloud(context: Context): Promise<ProcessRecord> {
  const record = await findCloud(context);
  if (!record) throw cloudNotRunning();
  return record;
}

/** The running cloud, started in the background where there is none. */
export async function ensureCloud(context: Context): Promise<ProcessRecord & { readonly started: boolean }> {
  const running = await findCloud(context);
  if (running) return { ...running, started: false };
  const folder = cloudFolder(context);
  // A snapshot that was being loaded when its command was killed had taken the cloud away, and not yet taken its place.
  if (!existsSync(folder) && existsSync(formerFolder(folder))) await rename(formerFolder(folder), folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await launch(context, folder);
  return { ...(await requireCloud(context)), started: true };
}

/** Stops the cloud; false where none ran. */
export async function stopCloud(context: Context): Promise<boolean> {
  const record = await findCloud(context);
  if (!record) return false;
  await callCloud(record, 'POST', 'stop');
  // It has ended when its process has: only then is everything in its files.
  while (isAlive(record.pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  return true;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

export const cloudStatus = (record: ProcessRecord): Promise<CloudStatus> => callCloud(record, 'GET', 'status');

/** A call to the cloud's own endpoints, which only the owner of its folder can make. */
export async function callCloud<Answer>(
  record: ProcessRecord,
  method: string,
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${record.token}`, 'content-type': 'application/json' };
  const options = { method, headers, ...(signal && { signal }) };
  const response = await send(`${record.endpoint}/_plinth/${path}`, options, body && JSON.stringify(body));
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  const { statusCode = 0 } = response;
  if (statusCode >= 300) throw new Error(`${method} /_plinth/${path}: ${statusCode} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Answer;
}

/** Not with fetch, which has patience for five minutes only. */
const send = (url: string, options: RequestOptions, body?: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end(body);
  });

/** The lines of an answer that may go on for ever; they end with the signal. */
export async function* streamCloud(record: ProcessRecord, path: string, signal: AbortSignal): AsyncGenerator<string> {
  const headers = { authorization: `Bearer ${record.token}` };
  try {
    const response = await send(`${record.endpoint}/_plinth/${path}`, { headers, signal });
    if (response.statusCode !== 200) throw new Error(`GET /_plinth/${path}: ${response.statusCode}`);
    let rest = '';
    for await (const text of response.setEncoding('utf8')) {
      const lines = (rest + String(text)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? cloudEnded() : error;
  }
}

/** Whether a cloud answers there, whoever's it is. */
const isCloud = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/_plinth/health`, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) }).then(
    ({ ok }) => ok,
    () => false,
  );

const ANSWER_MILLISECONDS = 1_000;

// Only the cloud that wrote the record takes its token.
const answers = (record: ProcessRecord): Promise<boolean> =>
  cloudStatus(record).then(
    () => true,
    () => false,
  );

async function launch(context: Context, folder: string): Promise<void> {
  const daemon = fileURLToPath(import.meta.resolve('@plinth/cloud/daemon'));
  const flags = ['--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, daemon, folder, String(cloudPort(context))], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Recovery builds run on this path, with the engine that applied.
    env: { ...context.variables, PATH: enginePath(context.variables, toolchainFolder(context)) },
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const answer = await new Promise<{ ready: boolean; code?: string; message?: string }>((resolve) => {
    child.once('message', (message) => resolve(message as { ready: boolean }));
    child.once('exit', (code) => resolve({ ready: false, message: errors.trim() || `it exited with ${code}` }));
  });
  if (!answer.ready) {
    if (answer.code === 'EADDRINUSE') {
      const port = cloudPort(context);
      throw (await isCloud(port)) ? otherCloud(port) : portTaken(port);
    }
    const { code, message = 'for no reason it gave' } = answer;
    if (code === 'STORE_NEWER') throw storeNewer(message);
    if (code === 'DISK_FULL') throw diskFull(folder);
    if (code === 'STORE_IN_USE') throw storeInUse(folder);
    if (code === 'STORE_DAMAGED') throw storeDamaged(message, folder);
    throw cloudFailed(message, cloudLog(context));
  }
  child.stderr?.destroy();
  child.unref();
}
