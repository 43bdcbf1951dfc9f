// Breakers, calibration and the salt: the handlers against tables and a secret.
import { randomUUID } from 'node:crypto';

import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { readSalt } from './app/domain/anonymize.ts';
import { addWeeks, weekOf } from './app/domain/iso-week.ts';
import { tableName, VARIABLES } from './contract.ts';
import { consenting, context, event, handle, request, send, user, TestService } from './testing/handlers.ts';

let service: TestService;

beforeAll(async () => {
  service = await TestService.start();
});

beforeEach(() => service.listen());

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

afterAll(() => service.stop());

describe('blocks', () => {
  const block = (organization: string, ruleId = 'R-1') =>
    handle.blocks(request('POST', '/v1/blocks', { body: { ruleId }, arn: user(organization) }));

  it('of a rule trip its breaker once, however many come at once; then it only warns', async () => {
    const answers = await Promise.all(Array.from({ length: 14 }, () => block('blocked')));
    expect(answers.filter(({ body }) => body.tripped)).toHaveLength(1);
    expect(service.measured('BreakerTrips')).toEqual([1]);
    expect((await block('blocked')).body).toMatchObject({ state: 'OPEN', enforcement: 'warn' });
    const { body } = await handle.blocks(request('GET', '/v1/blocks/R-1', { arn: user('blocked') }));
    expect(body).toMatchObject({ ruleId: 'R-1', state: 'OPEN', until: expect.stringMatching(/Z$/) as string });
    expect((await block('another')).body).toMatchObject({ state: 'CLOSED', enforcement: 'block' });
    for (const { expiresAt } of await service.rows('counter')) expect(expiresAt?.N).toMatch(/^\d{10}$/);
  });

  it('block as ever where the counter cannot be read', async () => {
    const table = process.env[VARIABLES.counterTable];
    vi.stubEnv(VARIABLES.counterTable, 'not-there');
    expect(await block('blocked')).toMatchObject({ status: 200, body: { state: 'UNKNOWN', enforcement: 'block' } });
    vi.stubEnv(VARIABLES.counterTable, table);
    expect(service.measured('BreakerUnreadable')).toEqual([1]);
  });

  it('trip by false positives too: three of ten reviewed', async () => {
    const organization = await consenting('reviewing');
    const reviews = Array.from({ length: 10 }, (_, index) =>
      event({ ruleId: 'R-WRONG', actualOutcome: index < 7 ? 'true_positive' : 'false_positive' }),
    );
    expect((await send(organization, reviews)).status).toBe(202);
    expect((await block(organization, 'R-WRONG')).body).toMatchObject({ state: 'OPEN', enforcement: 'warn' });
  });
});

describe('calibration', () => {
  const WEEK = addWeeks(weekOf(Date.now()), -2);
  const put = async (ruleId: string, organizations: number, each = 1, more: Record<string, { S: string }> = {}) => {
    const items = Array.from({ length: organizations * each }, (_, index) => ({
      id: { S: String(randomUUID()) },
      organizationHash: { S: `hash-${index % organizations}` },
      saltEpoch: { S: 'epoch-1' },
      ruleId: { S: ruleId },
      ruleVersion: { S: '1.0.0' },
      actualOutcome: { S: 'false_positive' },
      week: { S: WEEK },
      ...more,
    }));
    items.push({ ...items[0]!, id: { S: `rule#${ruleId}` }, ruleId: { S: '#rules' }, week: { S: ruleId } });
    for (let index = 0; index < items.length; index += 25) {
      const RequestItems = {
        [tableName('events', 'staging')]: items.slice(index, index + 25).map((Item) => ({ PutRequest: { Item } })),
      };
      await service.dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
    }
  };
  const ask = (path: string, query: Record<string, string> = {}) =>
    handle.calibration(request('GET', `/v1/calibration${path}`, { arn: user('anybody'), query }));

  it('refuses nothing and too little alike, and answers ten organizations', async () => {
    await put('R-NINE', 9);
    await put('R-TEN', 10);
    await handle.freeze();
    const [nothing, few, enough] = [await ask('/R-NONE'), await ask('/R-NINE'), await ask('/R-TEN')];
    expect(nothing).toEqual(few);
    expect(few).toMatchObject({ status: 403, body: { error: 'INSUFFICIENT_K_ANONYMITY', requiredK: 10 } });
    expect(Object.keys(few.body)).toEqual(['error', 'requiredK']);
    expect(enough).toMatchObject({ status: 200, body: { requiredK: 10, epochs: [{ count: 10, k: 10, rate: 1 }] } });
    expect((await ask('/R-TEN', { version: '1.0.0', weeks: '4' })).status).toBe(200);
    expect(await ask('/R-TEN', { version: '9.9.9' })).toEqual(few);
    const { body } = await ask('');
    expect(body.rules.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(['R-TEN']);
    expect(await handle.freeze()).toEqual({ published: 0 });
  });

  it('✗ reads all pages, not the first megabyte', async () => {
    await put('R-MANY', 100, 20, { padding: { S: 'x'.repeat(900) } });
    await handle.freeze();
    expect((await ask('/R-MANY')).body.epochs[0]).toMatchObject({ count: 2_000, k: 100 });
  });

  it.each([
    ['/r-1', {}, 'ruleId'],
    ['/R-1', { weeks: '0' }, 'weeks'],
    ['/R-1', { weeks: '53' }, 'weeks'],
    ['/R-1', { version: 'a b' }, 'version'],
    ['/R-1', { from: '2026-01-01' }, 'from'],
  ])('names what is wrong with %s %j', async (path, query, field) => {
    expect(await ask(path, query as Record<string, string>)).toMatchObject({ status: 400, body: { field } });
  });
});

describe('the salt', () => {
  it('is made by a rotation, and the one before goes a day later', async () => {
    await service.secrets.send(new CreateSecretCommand({ Name: 'rotated' }));
    vi.stubEnv(VARIABLES.saltSecret, 'rotated');
    const rotate = async (ClientRequestToken: string) => {
      const { handler } = await import('./app/handlers/rotate-salt.ts');
      for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
        await handler({ Step, SecretId: 'rotated', ClientRequestToken }, context());
      }
      const { SecretString, VersionId } = await service.secrets.send(
        new GetSecretValueCommand({ SecretId: 'rotated' }),
      );
      expect(VersionId).toBe(ClientRequestToken);
      return readSalt(SecretString);
    };
    const tokens = [randomUUID(), randomUUID()] as const;
    const [first, second] = [await rotate(tokens[0]), await rotate(tokens[1])];
    expect(second.epoch).not.toBe(first.epoch);
    expect(await rotate(tokens[1])).toEqual(second);
    expect(service.lines.join('')).not.toContain(second.key.toString('hex'));
    const { handler } = await import('./app/handlers/retire-salt.ts');
    expect(await handler({}, context())).toMatchObject({ retired: false });
    const { Versions } = await service.secrets.send(new ListSecretVersionIdsCommand({ SecretId: 'rotated' }));
    expect(Versions?.flatMap(({ VersionStages }) => VersionStages).toSorted()).toContain('AWSPREVIOUS');
    vi.stubEnv(VARIABLES.saltSecret, 'salt');
  });

  it('of another secret is not this function’s', async () => {
    const { handler } = await import('./app/handlers/rotate-salt.ts');
    const call = { Step: 'createSecret', SecretId: 'broken', ClientRequestToken: randomUUID() };
    await expect(handler(call, context())).rejects.toThrow('A fault of the function');
  });
});
