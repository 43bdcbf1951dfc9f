// plinth inbox against a cloud of this test's own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { startCloud, type Cloud, type InboxLine } from '@plinth/cloud';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type { Invocation } from '../command.ts';
import type { Context } from '../context.ts';
import { inbox } from './inbox.ts';

const home = mkdtempSync(join(tmpdir(), 'plinth-inbox-'));
let cloud: Cloud;
let context: Context;
let sns: SNSClient;
let TopicArn: string;

beforeAll(async () => {
  cloud = await startCloud();
  const { endpoint, token, credentials, port } = cloud;
  const folder = join(home, 'clouds', String(port));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'process.json'), JSON.stringify({ endpoint, token, pid: process.pid }));
  context = {
    home,
    variables: { PLINTH_PORT: String(port) },
    signal: new AbortController().signal,
  } as unknown as Context;
  sns = new SNSClient({ endpoint, credentials, region: 'us-east-1' });
  TopicArn = (await sns.send(new CreateTopicCommand({ Name: 'alerts' }))).TopicArn!;
});

afterAll(async () => {
  await cloud.stop();
  rmSync(home, { recursive: true, force: true });
});

const show = (...args: string[]) => inbox.run({ args, options: {} }, context);
const confirm = (address: string) => inbox.run({ args: [], options: { confirm: address } }, context);
const subscribe = (Endpoint: string) => sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint }));

/** The list, once there are so many mails. */
const list = (count: number) =>
  vi.waitFor(async () => {
    const mails = (await show()) as readonly InboxLine[];
    expect(mails).toHaveLength(count);
    return mails;
  });

it('is empty at first', async () => {
  expect(inbox.render(await show())).toBe('');
  await expect(show('1')).rejects.toMatchObject({ code: 'unknown-mail', fix: 'There is none yet.' });
});

it('confirms subscriptions, and shows the mails that then come', async () => {
  for (const [index, address] of ['ops@example.com', 'dev@example.com', 'qa@example.com'].entries()) {
    await subscribe(address);
    await list(index + 1);
  }
  expect(inbox.render(await show('1'))).toMatch(
    /^Date: .+\nFrom: AWS Notifications <.+>\nTo: ops@example\.com\nSubject: /,
  );
  await expect(confirm('boss@example.com')).rejects.toMatchObject({
    code: 'nothing-to-confirm',
    fix: 'Those that wait: ops@example.com, dev@example.com, qa@example.com.',
  });
  expect(inbox.render(await confirm('ops@example.com'))).toMatch(/^ {2}1 .+ops@example\.com .+\(waits no more\)\n/);
  expect(await confirm('all')).toMatchObject([{ to: 'dev@example.com' }, { to: 'qa@example.com' }]);
  await expect(confirm('all')).rejects.toMatchObject({ message: 'No subscription waits for an answer.' });
  const Message = 'The oven is at 300 degrees.\n\nOpen the door.\nThen wait.';
  await sns.send(new PublishCommand({ TopicArn, Subject: 'Too warm', Message }));
  const mails = await list(6);
  expect(
    mails
      .slice(3)
      .map(({ to }) => to)
      .toSorted(),
  ).toEqual(['dev@example.com', 'ops@example.com', 'qa@example.com']);
  expect(inbox.render(mails.slice(3, 4))).toMatch(
    /^ {2}4 {2}\S+Z {2}\S+@example\.com {2}Too warm\n {5}The oven is at 300 degrees\.\n {5}Open the door\.$/,
  );
});

it('follows what comes in until it is interrupted', async () => {
  const interrupt = new AbortController();
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const invocation: Invocation = { args: [], options: { follow: true, json: true } };
  const following = inbox.run(invocation, { ...context, signal: interrupt.signal });
  await vi.waitFor(() => expect(written).toHaveLength(6));
  await subscribe('late@example.com');
  await vi.waitFor(() => expect(written).toHaveLength(7));
  interrupt.abort();
  expect(await following).toEqual([]);
  write.mockRestore();
  expect(JSON.parse(written.at(-1)!)).toMatchObject({ to: 'late@example.com', pending: true });
});
