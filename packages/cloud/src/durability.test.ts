// What was answered with success is there after kill -9, whenever that comes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { clientsOf, KINDS, prepare, type Clients } from './test-load.ts';

const KILLS = 100;

/** As many kinds of writes as are under way at a time. */
const AT_A_TIME = 6;

/** A cloud ends once one of them, another one each time, was acknowledged so many times at most, and a moment later. */
const MOST_WRITES = 4;
const MOMENT_MILLISECONDS = 20;

const folder = mkdtempSync(join(tmpdir(), 'plinth-durability-'));
let cloud: ChildProcess | undefined;

afterAll(() => {
  cloud?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Write {
  readonly kind: string;
  readonly name: string;
}

test(`no acknowledged write is lost in ${KILLS} kills at random moments`, { timeout: 600_000 }, async () => {
  const acknowledged: Write[] = [];
  let checked = 0;
  let clients: Clients | undefined;
  for (let life = 0; life <= KILLS; life++) {
    await start();
    // What the last life acknowledged; the whole of it once more at the end, as if nobody had looked before.
    if (life === KILLS) checked = 0;
    if (life === 0 || life === KILLS) clients = clientsOf(record());
    if (life === 0) await prepare(clients!);
    for (; checked < acknowledged.length; checked++) {
      const { kind, name } = acknowledged[checked]!;
      await KINDS[kind]!.check(name, clients!);
    }
    if (life === KILLS) break;
    const kinds = kindsOf(life);
    const written = acknowledged.length;
    const load = kinds.map((kind) => writeUntilKilled(kind, life, clients!, acknowledged));
    // In its first turn each kind is acknowledged at least once, however busy the machine is.
    const enough = Math.floor(Math.random() * MOST_WRITES) + (life < Object.keys(KINDS).length ? 1 : 0);
    const count = () => acknowledged.slice(written).filter(({ kind }) => kind === kinds[0]).length;
    while (count() < enough) await Promise.race([moment(), ...load]);
    await moment();
    const ended = once(cloud!, 'exit');
    cloud!.kill('SIGKILL');
    await Promise.all([ended, ...load]);
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  // Each kind was in the load, and some of it was acknowledged.
  expect(new Set(acknowledged.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
});

/** The kinds take turns, one leaving and one coming each time. */
function kindsOf(life: number): string[] {
  const kinds = Object.keys(KINDS);
  return Array.from({ length: AT_A_TIME }, (_, index) => kinds[(life + index) % kinds.length]!);
}

const moment = () => new Promise((resolve) => setTimeout(resolve, Math.random() * MOMENT_MILLISECONDS));

const record = () => JSON.parse(readFileSync(join(folder, 'process.json'), 'utf8')) as Record<string, string>;

/** Each time on the port of the first time, so that clients go on. */
async function start(): Promise<void> {
  const port = cloud ? new URL(record()['endpoint']!).port : '0';
  const daemon = join(import.meta.dirname, 'daemon.ts');
  cloud = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', daemon, folder, port], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  expect((await once(cloud, 'message'))[0]).toEqual({ ready: true });
}

async function writeUntilKilled(kind: string, life: number, clients: Clients, acknowledged: Write[]): Promise<void> {
  for (let count = 0; ; count++) {
    const name = `${kind}-${life}-${count}`;
    try {
      await KINDS[kind]!.run(name, clients);
    } catch (error) {
      // The end of the cloud ends the connection; an answer that is an error, or none before the end, nobody expects here.
      if (!cloud!.killed) throw error;
      expect((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode).toBeUndefined();
      return;
    }
    acknowledged.push({ kind, name });
  }
}
