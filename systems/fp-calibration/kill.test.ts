// Fifty senders at once, over HTTP and the queue, and the cloud killed in the middle: nothing that was taken is lost, nothing is
// there twice. For the full minute: PLINTH_SOAK_SECONDS=60.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { hashFinding, readSalt } from './app/domain/anonymize.ts';
import type { Credentials } from './client.ts';
import { LIMITS } from './contract.ts';
import { DeployedSystem, eventOf, type EventOptions } from './testing/deployed-system.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const SECONDS = Number(process.env['PLINTH_SOAK_SECONDS'] ?? 6);

/** Two senders each: one of fifty may send a thousand events an hour, and all senders of an organization share that. */
const ORGANIZATIONS = Array.from({ length: 25 }, (_, index) => `sender${index}`);
const TO_THE_QUEUE = 5;

/** Between two events of a sender, so that no organization has more than an hour's requests. */
const PAUSE_MILLISECONDS = (2 * (SECONDS + 60) * 1_000) / LIMITS.requestsPerHour;

let service: DeployedSystem;
let organizations: Map<string, Credentials>;

beforeAll(async () => {
  service = await DeployedSystem.start();
  organizations = await service.organizations(ORGANIZATIONS);
  for (const name of ORGANIZATIONS.slice(0, TO_THE_QUEUE)) {
    const enrolment = { method: 'PUT', path: `/v1/consent/${name}/credential` } as const;
    const { status } = await service.call('consent', enrolment, organizations.get(name)!);
    if (status !== 200) throw new Error(`${name} could not enrol: ${status}`);
  }
});

afterAll(() => service.stop());

interface Sent {
  readonly organization: string;
  readonly event: EventOptions;
  /** What an answer called it; a message of the queue has no answer. */
  readonly eventId?: string;
}

/** All that the senders have done, and whether they may go home. */
interface Work {
  readonly sent: Sent[];
  readonly failures: unknown[];
  over: boolean;
}

/** Sends one event after the other, each until it is acknowledged; whatever else happens is counted. */
async function send(
  organization: string,
  acknowledge: (event: EventOptions) => Promise<string | undefined | false>,
  work: Work,
): Promise<void> {
  while (!work.over) {
    const event = { ruleId: 'R-KILL', finding: randomUUID(), actualOutcome: 'pending' } as const;
    for (;;) {
      const eventId = await acknowledge(event).catch((error: unknown) => {
        work.failures.push(error);
        return false as const;
      });
      if (eventId !== false) {
        work.sent.push({ organization, event, ...(eventId !== undefined && { eventId }) });
        break;
      }
      await wait(100);
    }
    await wait(PAUSE_MILLISECONDS);
  }
}

/** Half of the time, and on a slow machine until so many events more are acknowledged. */
async function goOn({ sent }: Work, more: number): Promise<void> {
  const goal = sent.length + more;
  await wait((SECONDS * 1_000) / 2);
  while (sent.length < goal) await wait(100);
}

const overHttp = (credentials: Credentials) => async (event: EventOptions) => {
  const { status, body } = await service.report(credentials, event, Date.now());
  if (status === 202) return body.eventId as string;
  // It was taken before, though nobody heard the answer.
  if (status === 409) return body.priorEventId as string;
  throw new Error(`${status} ${JSON.stringify(body)}`);
};

function throughQueue(credentials: Credentials) {
  const client = new SQSClient({ ...service.configuration, credentials, maxAttempts: 1 });
  const QueueUrl = service.output('events_queue_url');
  return async (event: EventOptions) => {
    const MessageBody = JSON.stringify(eventOf(event, Date.now()));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    return undefined;
  };
}

/** Messages of a queue, seen or not. */
async function waiting(url: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await new SQSClient(service.configuration).send(
    new GetQueueAttributesCommand({ QueueUrl: service.output(url), AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

/** The kept events: their ids by what each found. */
async function kept(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const pages = paginateScan(
    { client: new DynamoDBClient(service.configuration) },
    { TableName: service.output('fp_events_table_name'), ConsistentRead: true },
  );
  for await (const { Items = [] } of pages) {
    for (const { findingKey, id } of Items) {
      if (findingKey?.S !== undefined) found.set(findingKey.S, [...(found.get(findingKey.S) ?? []), id!.S!]);
    }
  }
  return found;
}

it('keeps every acknowledged event, once', async () => {
  const work: Work = { sent: [], failures: [], over: false };
  const senders = ORGANIZATIONS.flatMap((name, index) => {
    const credentials = organizations.get(name)!;
    const acknowledge = index < TO_THE_QUEUE ? throughQueue(credentials) : overHttp(credentials);
    return [1, 2].map(() => send(name, acknowledge, work));
  });
  const { pid } = service.answer('cloud', 'start') as { pid: number };
  await goOn(work, 50);
  expect(work.failures).toEqual([]);
  process.kill(pid, 'SIGKILL');
  await service.begin('cloud', 'start');
  await goOn(work, 50);
  work.over = true;
  await Promise.all(senders);
  const { sent, failures } = work;
  expect(failures.length).toBeGreaterThan(0);

  // What was in flight when the cloud died is hidden for three minutes.
  for (let round = 0; round < 5 && (await waiting('events_queue_url')) > 0; round++) service.advance('4m');
  expect(await waiting('events_queue_url')).toBe(0);
  expect(await waiting('events_dead_letters_url')).toBe(0);

  const secrets = new SecretsManagerClient(service.configuration);
  const SecretId = service.output('hmac_salt_secret_name');
  const salt = readSalt((await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString);
  const events = await kept();
  const keyOf = ({ organization, event: { ruleId, finding } }: Sent) =>
    hashFinding(salt, organization, ruleId, finding);
  expect([...events.keys()].toSorted()).toEqual(sent.map(keyOf).toSorted());
  expect([...events.values()].filter((ids) => ids.length !== 1)).toEqual([]);
  const strays = sent.filter((one) => one.eventId !== undefined && events.get(keyOf(one))?.[0] !== one.eventId);
  expect(strays).toEqual([]);
});
