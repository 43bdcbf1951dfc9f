// plinth logs, invoke and inbox, with a small system of this test's own that is really deployed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { InboxLine } from '@plinth/cloud';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type { Command, OptionValues } from '../command.ts';
import type { Context } from '../context.ts';
import type { LogLine } from '../log-lines.ts';
import { deployProject, type DeployedProject } from '../testing.ts';
import { completion } from './completion.ts';
import { inbox } from './inbox.ts';
import { invoke } from './invoke.ts';
import { logs } from './logs.ts';

const SYSTEM = `
import { createHash } from 'node:crypto';
import { defineSystem, Function, StateBackend, Topic } from '@plinth/blocks';
import { zipSync } from 'fflate';

const program = (code) => {
  const zip = zipSync({ 'index.mjs': [Buffer.from(code), { mtime: '1980-01-01T00:00:00' }] });
  return { zip, digest: createHash('sha256').update(zip).digest('hex') };
};

export const system = defineSystem({
  name: 'tiny',
  project: 'tiny',
  owner: 'tests',
  costCenter: 'tests',
  environments: ['dev'],
  state: { bucket: 'tiny-state-{account}', table: 'tiny-locks' },
  stacks: [
    { name: 'state', key: 'state.tfstate', backend: true, build: (stack) => void new StateBackend(stack, 'state', { deletionProtection: false }) },
    {
      name: 'app',
      key: 'app.tfstate',
      build: (stack) => {
        new Function(stack, 'greeter', {
          name: 'tiny-greeter',
          description: 'Greets',
          bundle: program('export const handler = async ({ name }) => { console.info("greeting " + name); return { hello: name }; };'),
        });
        new Function(stack, 'broken', {
          name: 'tiny-broken',
          description: 'Fails',
          bundle: program('export const handler = async () => { console.warn("about to fail"); throw new TypeError("no good"); };'),
        });
        new Topic(stack, 'alerts', { name: 'tiny-alerts', emails: ['ops@example.com'] });
      },
    },
  ],
});
`;

let project: DeployedProject;
let context: Context;

beforeAll(async () => {
  project = await deployProject('tiny', SYSTEM);
  ({ context } = project);
});

afterAll(() => project.stop());

const run = <Answer>(command: Command<Answer>, args: string[], options: OptionValues = {}, given = context) =>
  command.run({ args, options }, given);

function eventFile(event: string): string {
  const file = join(project.folder, 'event.json');
  writeFileSync(file, event);
  return file;
}

it('invokes a function by its short name, and answers what it answers', async () => {
  const answer = await run(invoke, ['tiny', 'greeter'], { event: eventFile('{"name":"Ann"}') });
  expect(answer).toMatchObject({ function: 'tiny-greeter', payload: { hello: 'Ann' }, failed: false });
  expect(invoke.render(answer)).toBe('{\n  "hello": "Ann"\n}');
  expect(invoke.exitCode?.(answer)).toBe(0);
});

it('shows a function’s error with the end of its log', async () => {
  const answer = await run(invoke, ['tiny', 'tiny-broken']);
  const shown = invoke.render(answer);
  expect(shown).toMatch(/^tiny-broken failed: TypeError: no good\n/);
  expect(shown).toContain('about to fail');
  expect(invoke.exitCode?.(answer)).toBe(1);
});

it('says what there is where something is not', async () => {
  await expect(run(invoke, ['tiny', 'nobody'])).rejects.toMatchObject({
    code: 'unknown-function',
    fix: 'Its functions are: broken, greeter.',
  });
  await expect(run(invoke, ['tiny', 'greeter'], { event: eventFile('{') })).rejects.toMatchObject({
    code: 'bad-event',
  });
  await expect(run(invoke, ['tiny', 'greeter'], { event: '/nowhere.json' })).rejects.toMatchObject({
    code: 'bad-event',
    message: expect.stringContaining('ENOENT') as string,
  });
  await expect(run(logs, ['tiny', 'nobody'])).rejects.toMatchObject({
    code: 'unknown-unit',
    fix: 'These do: broken, greeter.',
  });
  await expect(run(logs, ['tiny'], { since: 'yesterday' })).rejects.toMatchObject({ code: 'bad-duration' });
});

it('shows what the functions said, by time', async () => {
  await vi.waitFor(async () => {
    const lines = await run(logs, ['tiny']);
    expect(new Set(lines.map(({ unit }) => unit))).toEqual(new Set(['greeter', 'broken']));
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted());
  });
  const lines = await run(logs, ['tiny', 'greeter']);
  expect(lines.every(({ group }) => group === '/aws/lambda/tiny-greeter')).toBe(true);
  expect(logs.render(lines)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}greeter {2}INFO greeting Ann$/m);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await run(logs, ['tiny'], { since: '1s' })).toEqual([]);
});

it('follows what they say from now on, after what they said', async () => {
  const interrupt = new AbortController();
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const following = run(logs, ['tiny'], { follow: true, json: true }, { ...context, signal: interrupt.signal });
  const greetings = () =>
    written
      .flatMap((text) => text.split('\n').filter(Boolean))
      .map((text) => JSON.parse(text) as LogLine)
      .flatMap(({ message }) => /greeting (\w+)/.exec(message)?.[1] ?? []);
  await vi.waitFor(() => expect(greetings()).toEqual(['Ann']));
  await run(invoke, ['tiny', 'greeter'], { event: eventFile('{"name":"Ben"}') });
  await vi.waitFor(() => expect(greetings()).toEqual(['Ann', 'Ben']));
  interrupt.abort();
  expect(await following).toEqual([]);
  write.mockRestore();
});

it('finds the mail in the inbox with which the system’s topic asks', async () => {
  const mails = (await run(inbox, [])) as readonly InboxLine[];
  expect(mails).toMatchObject([
    { to: 'ops@example.com', topicArn: expect.stringMatching(/:tiny-alerts$/), pending: true },
  ]);
});

it('lets a shell complete systems, units and functions', async () => {
  const next = async (...words: string[]) => (await run(completion, ['words', ...words])).script.split('\n');
  expect(await next('logs')).toEqual(['tiny']);
  expect(await next('logs', 'tiny')).toEqual(['broken', 'greeter']);
  expect(await next('invoke', 'tiny')).toEqual(['broken', 'greeter']);
  expect(await next('invoke', 'tiny', 'greeter')).toEqual(['']);
  expect(await next('cloud')).toEqual(['']);
});
