// Ingestion by the function URL and by the queue: what is kept, what is refused and by which name.
import { randomUUID } from 'node:crypto';

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { hashOrganization, readSalt } from './app/domain/anonymize.ts';
import { saltText } from './app/domain/testing.ts';
import { METRICS, tableName, VARIABLES } from './contract.ts';
import {
  ACCOUNT,
  answered,
  consenting,
  context,
  event,
  handle,
  request,
  send,
  user,
  TestService,
} from './testing/handlers.ts';

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

describe('ingestion', () => {
  it('keeps an event under a hash, until a number of seconds, and nobody’s name is stored or logged', async () => {
    const organization = await consenting('acme');
    const { status, body } = await send(organization, event({ finding: 'very-secret.ts:12' }));
    expect([status, Object.keys(body)]).toEqual([202, ['eventId', 'storedAt']]);
    const stored = (await service.rows('events')).find(({ id }) => id?.S === body.eventId);
    expect(stored).toMatchObject({
      organizationHash: { S: hashOrganization(readSalt(saltText('one')), organization) },
      saltEpoch: { S: readSalt(saltText('one')).epoch },
      expiresAt: { N: expect.stringMatching(/^\d{10}$/) as string },
    });
    expect(Number(stored?.['expiresAt']?.N)).toBeGreaterThan(Date.now() / 1_000 + 90 * 86_400);
    expect(JSON.stringify(await service.rows('events')) + JSON.stringify(await service.rows('counter'))).not.toMatch(
      new RegExp(`${organization}|very-secret`),
    );
    expect(service.lines.join('')).not.toContain(organization);
    expect(service.measured('EventsStored')).toEqual([1]);
    expect(service.measured('IngestionLatency')).toHaveLength(1);
    const [line = ''] = service.lines.filter((each) => each.includes('EventsStored'));
    const emf = JSON.parse(line) as { _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][] }[] } };
    expect(emf).toMatchObject(METRICS.dimensions('staging'));
    expect(emf._aws.CloudWatchMetrics[0]).toMatchObject({
      Namespace: METRICS.namespace,
      Dimensions: [['service', 'environment']],
    });
  });

  it('knows one organization with ten credentials as one', async () => {
    const organization = await consenting('acme');
    const finding = 'the same';
    const first = await send(organization, event({ finding }), 'credential-0');
    for (let each = 1; each < 10; each++) {
      expect(await send(organization, event({ finding }), `credential-${each}`)).toMatchObject({
        status: 409,
        body: { error: 'DUPLICATE', priorEventId: first.body.eventId },
      });
    }
  });

  it('keeps one of many that come at once', async () => {
    const organization = await consenting('acme');
    const finding = event();
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(organization, finding)));
    const [stored, ...others] = answers.filter(({ status }) => status === 202);
    expect(others).toEqual([]);
    expect(answers.filter(({ body }) => body.priorEventId === stored?.body.eventId)).toHaveLength(7);
  });

  it.each([
    ['no JSON', '{', { error: 'MALFORMED' }],
    ['too large', `"${'x'.repeat(140_000)}"`, { error: 'MALFORMED' }],
    ['nothing in it', {}, { error: 'INVALID_SCHEMA', field: 'ruleId', received: 'nothing' }],
    ['another rule’s name', event({ ruleId: 'r-1' }), { field: 'ruleId', received: '"r-1"' }],
    ['MD with two digits', event({ ruleId: 'MD-01' }), { field: 'ruleId' }],
    [
      'confidence above 1',
      event({ confidence: 1.1 }),
      { field: 'confidence', expected: 'a number from 0 to 1', received: '1.1' },
    ],
    ['an outcome that there is not', event({ outcome: 'maybe' }), { field: 'outcome' }],
    ['the future', event({ timestamp: '2099-01-01T00:00:00Z' }), { field: 'timestamp' }],
    ['a closed week', event({ timestamp: '2026-01-01T00:00:00Z' }), { field: 'timestamp' }],
    ['no offset', event({ timestamp: '2026-01-01T00:00:00' }), { field: 'timestamp' }],
    ['✗ an organization in the body', event({ orgId: 'other' }), { field: 'orgId', expected: 'no such field' }],
    ['26 events', Array.from({ length: 26 }, () => event()), { expected: 'a list of 1 to 25 events' }],
    ['no events', [], { expected: 'a list of 1 to 25 events' }],
  ])('names what is wrong before it asks who sent it: %s', async (_, body, refusal) => {
    expect(await handle.ingest(request('POST', '/v1/events', { body }))).toMatchObject({ status: 400, body: refusal });
  });

  it('answers each of several events', async () => {
    const organization = await consenting('acme');
    const twice = event();
    const { status, body } = await send(organization, [twice, event({ outcome: 'maybe' }), twice, event()]);
    expect(status).toBe(207);
    expect(body.results).toMatchObject([{ status: 202 }, { status: 400 }, { status: 409 }, { status: 202 }]);
  });

  it('wants a credential of an organization', async () => {
    expect(await handle.ingest(request('POST', '/v1/events', { body: event() }))).toMatchObject({
      status: 401,
      body: { error: 'INVALID_AUTH', reason: 'missing' },
    });
    const arn = `arn:aws:iam::${ACCOUNT}:user/somebody`;
    expect(await handle.ingest(request('POST', '/v1/events', { body: event(), arn }))).toMatchObject({
      status: 401,
      body: { reason: 'invalid' },
    });
  });

  it('takes a direct invocation for the organization of the alias, whatever the event says', async () => {
    const organization = await consenting('direct');
    const alias = context(`fp-ingest:org-${organization}`);
    const { handler } = await import('./app/handlers/ingest.ts');
    const direct = { method: 'POST', path: '/v1/events', body: event() };
    expect(await answered(handler(direct, alias))).toMatchObject({ status: 202 });
    const other = await consenting('other');
    const posing = request('POST', '/v1/events', { body: direct.body, arn: user(other) });
    expect(await answered(handler(posing, alias))).toMatchObject({ status: 409 });
  });

  it('takes a thousand an hour, also of many at once', async () => {
    const organization = await consenting('busy');
    const bucketKey = `requests#${hashOrganization(readSalt(saltText('one')), organization)}#${Math.floor(Date.now() / 3_600_000)}`;
    const Item = { bucketKey: { S: bucketKey }, count: { N: '990' } };
    await service.dynamodb.send(new PutItemCommand({ TableName: tableName('counter', 'staging'), Item }));
    const lists = Array.from({ length: 4 }, () =>
      send(
        organization,
        Array.from({ length: 4 }, () => event()),
      ),
    );
    const statuses = (await Promise.all(lists)).flatMap(({ status, body }) =>
      (body.results as { status: number }[]).map((each) => each.status || status),
    );
    expect(statuses.filter((status) => status === 202)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(6);
    expect(await send(organization, event())).toMatchObject({
      status: 429,
      body: { error: 'THROTTLED', limit: 1_000, resetAt: expect.stringMatching(/:00:00\.000Z$/) as string },
    });
  });

  it('✗ answers 503 where consents cannot be read, writes nothing and says why', async () => {
    const organization = await consenting('acme');
    const before = (await service.rows('events')).length;
    const table = process.env[VARIABLES.consentTable];
    vi.stubEnv(VARIABLES.consentTable, 'not-there');
    const answer = await send(organization, event());
    vi.stubEnv(VARIABLES.consentTable, table);
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '30' },
      body: { error: 'UNAVAILABLE', retryAfter: 30, requestId: 'request-1' },
    });
    expect(service.measured('ConsentCheckFailures')).toEqual([1]);
    expect((await service.rows('events')).length).toBe(before);
  });

  it('answers 503 where the salt is no salt, writes nothing, and does not show what there is instead', async () => {
    const organization = await consenting('acme');
    const before = (await service.rows('events')).length;
    const value = 'p@ssW0rd!{}[]<>:?p@ssW0rd!{}[]<>';
    await service.secrets.send(new CreateSecretCommand({ Name: 'broken', SecretString: value }));
    vi.stubEnv(VARIABLES.saltSecret, 'broken');
    vi.resetModules();
    expect(await send(organization, event())).toMatchObject({ status: 503, body: { retryAfter: 30 } });
    expect(service.measured('AnonymizationErrors')).toEqual([1]);
    expect(service.lines.join('')).not.toContain(value);
    expect((await service.rows('events')).length).toBe(before);
    // Mended, it goes on.
    await service.secrets.send(new PutSecretValueCommand({ SecretId: 'broken', SecretString: saltText('one') }));
    expect(await send(organization, event())).toMatchObject({ status: 202 });
    vi.stubEnv(VARIABLES.saltSecret, 'salt');
  });

  it('fails, so that an alarm sees it, where it is set up wrongly; the error has nobody’s name', async () => {
    const organization = await consenting('acme');
    vi.stubEnv(VARIABLES.environment, '');
    await expect(send(organization, event())).rejects.toThrow(
      'A fault of the function; its log has more for request request-1',
    );
    vi.stubEnv(VARIABLES.environment, 'staging');
    expect(service.lines.join('')).not.toContain(organization);
  });
});

describe('the queue', () => {
  const record = (body: unknown, sender: string) => ({
    messageId: randomUUID(),
    receiptHandle: 'x',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { SenderId: sender },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn',
    awsRegion: 'us-east-1',
  });
  const consume = async (...Records: ReturnType<typeof record>[]) => {
    const { batchItemFailures } = await (
      await import('./app/handlers/ingest-batch.ts')
    ).handler({ Records }, context());
    // Records are handled side by side, so failures come in any order.
    return batchItemFailures
      .map(({ itemIdentifier }) => Records.findIndex(({ messageId }) => messageId === itemIdentifier))
      .toSorted((a, b) => a - b);
  };
  const enrolled = async (organization: string): Promise<string> => {
    const arn = user(organization);
    const answer = await handle.consent(request('PUT', `/v1/consent/${organization}/credential`, { arn }));
    expect(answer.status).toBe(200);
    return `AIDA${arn.replaceAll(/\W/g, '')}`;
  };

  it('gets back what may go better later or has to be looked at, and nothing else', async () => {
    const organization = await consenting('queued');
    const sender = await enrolled(organization);
    const twice = event();
    await send(organization, twice);
    expect(
      await consume(
        record(event(), sender),
        record('{', sender),
        record(event({ outcome: 'maybe' }), sender),
        record(event(), 'AIDASTRANGER'),
        record(twice, sender),
        record(event(), `${sender}:session`),
      ),
    ).toEqual([1, 2]);
    expect(service.measured('EventsStored')).toEqual([1, 1, 1]);
    expect(service.lines.join('')).not.toContain(organization);
    expect(service.lines.join('')).not.toContain(sender);
  });

  it('knows the sender by what SQS vouches for, and only while enrolled', async () => {
    const organization = await consenting('queued');
    const sender = await enrolled(organization);
    const Item = {
      orgId: { S: `credential#${sender}` },
      organization: { S: organization },
      expiresAt: { N: String(Math.floor(Date.now() / 1_000) - 1) },
    };
    await service.dynamodb.send(new PutItemCommand({ TableName: tableName('consent', 'staging'), Item }));
    const before = (await service.rows('events')).length;
    expect(await consume(record(event(), sender))).toEqual([]);
    expect((await service.rows('events')).length).toBe(before);
  });

  it('keeps everything while consents cannot be read', async () => {
    const sender = await enrolled(await consenting('queued'));
    const table = process.env[VARIABLES.consentTable];
    vi.stubEnv(VARIABLES.consentTable, 'not-there');
    expect(await consume(record(event(), sender), record(event(), sender))).toEqual([0, 1]);
    vi.stubEnv(VARIABLES.consentTable, table);
    expect(service.measured('ConsentCheckFailures')).toEqual([1, 1]);
  });
});
