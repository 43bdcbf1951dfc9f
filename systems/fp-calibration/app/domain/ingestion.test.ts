import { beforeEach, expect, test } from 'vitest';

import { POLICY_VERSION } from '../../contract.ts';
import type { Salts } from './anonymize.ts';
import { grant, revoke } from './consent.ts';
import { ingest, type IngestionPorts, type ReportedEvent } from './ingestion.ts';
import { MemoryConsents, MemoryEvents, MemoryLimiter, saltsOf } from './testing.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-18T12:00:00Z');
const event = (more: Partial<ReportedEvent> = {}): ReportedEvent => ({
  ruleId: 'R-001',
  ruleVersion: '1.0.0',
  finding: 'src/payments/secret-project.ts:12',
  outcome: 'block',
  actualOutcome: 'false_positive',
  confidence: 0.87,
  timestamp: NOW,
  environment: 'production',
  ...more,
});

const consents = new MemoryConsents();
let events: MemoryEvents;
let noted: string[];
let salts: Salts;
let next: number;

const ports = (more: Partial<IngestionPorts> = {}): IngestionPorts => ({
  consents,
  salts: { load: () => Promise.resolve(salts) },
  limiter: new MemoryLimiter(),
  events,
  reviewed: (_, ruleId, falsePositive) => Promise.resolve(void noted.push(`${ruleId} reviewed ${falsePositive}`)),
  observer: {
    consentCheckFailed: () => noted.push('ConsentCheckFailures'),
    anonymizationFailed: () => noted.push('AnonymizationErrors'),
    storeFailed: () => noted.push('store'),
  },
  random: () => 0.5,
  newId: () => `event-${++next}`,
  ...more,
});
const call = (organization = 'acme', now = NOW) => ({ organization, requestId: 'request', now });
const send = (sent: ReportedEvent[], its = ports(), as = call()) => ingest(its, as, sent);

beforeEach(async () => {
  events = new MemoryEvents();
  noted = [];
  next = 0;
  salts = saltsOf('one');
  for (const organization of ['acme', 'other']) {
    const request = { type: 'explicit', scope: ['rule_calibration'], policyVersion: POLICY_VERSION } as const;
    await grant(consents, { organization, by: 'x', now: NOW - HOUR }, request);
  }
  consents.suspended.clear();
});

test('an event is kept without its sender, its finding and its time', async () => {
  expect(await send([event()])).toEqual([{ status: 202, eventId: 'event-1', storedAt: '2026-11-18T12:00:00.000Z' }]);
  expect(events.events).toEqual([
    {
      id: 'event-1',
      organizationHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      findingKey: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      saltEpoch: salts.current.epoch,
      ruleId: 'R-001',
      ruleVersion: '1.0.0',
      outcome: 'block',
      actualOutcome: 'false_positive',
      confidence: 0.9,
      environment: 'production',
      week: '2026-W47',
    },
  ]);
  expect(JSON.stringify(events.events)).not.toMatch(/acme|payments/);
});

test('the same finding within a day is a duplicate that names the first; a day later it is not', async () => {
  await send([event()]);
  expect(await send([event()], ports(), call('acme', NOW + 24 * HOUR - 1))).toEqual([
    { status: 409, error: 'DUPLICATE', priorEventId: 'event-1' },
  ]);
  expect(await send([event(), event({ finding: 'y' })], ports(), call('other'))).toMatchObject([
    { status: 202 },
    { status: 202 },
  ]);
  expect(await send([event()], ports(), call('acme', NOW + 24 * HOUR))).toMatchObject([{ status: 202 }]);
});

test('a duplicate is known across a rotation, also by those who still write by the old salt', async () => {
  await send([event()]);
  salts = saltsOf('two', 'one');
  expect(await send([event()])).toMatchObject([{ error: 'DUPLICATE', priorEventId: 'event-1' }]);
  await send([event({ finding: 'new' })]);
  salts = saltsOf('one');
  expect(await send([event({ finding: 'new' })])).toMatchObject([{ error: 'DUPLICATE' }]);
});

test('no consent, no row', async () => {
  await revoke(consents, { organization: 'acme', by: 'x', now: NOW });
  expect(await send([event()])).toEqual([
    { status: 403, error: 'CONSENT_REQUIRED', resource: 'rule_calibration', state: 'revoked' },
  ]);
  expect(await send([event()], ports(), call('unknown'))).toMatchObject([{ state: 'not_requested' }]);
  consents.suspended.add('other');
  expect(await send([event()], ports(), call('other'))).toEqual([{ status: 403, error: 'ORGANIZATION_SUSPENDED' }]);
  expect(events.events).toEqual([]);
});

test('✗ a consent that cannot be read is no consent: 503, nothing written, and operators hear why', async () => {
  const broken = ports({ consents: { find: () => Promise.reject(new Error('unreachable')) } });
  expect(await send([event(), event({ finding: 'y' })], broken)).toEqual(
    Array.from({ length: 2 }, () => ({ status: 503, error: 'UNAVAILABLE', retryAfter: 30, requestId: 'request' })),
  );
  expect(noted).toEqual(['ConsentCheckFailures']);
  expect(events.events).toEqual([]);
});

test('without a salt: 503, nothing written, no request used up', async () => {
  const limiter = new MemoryLimiter();
  const broken = ports({ limiter, salts: { load: () => Promise.reject(new Error('no salt')) } });
  expect(await send([event()], broken)).toMatchObject([{ status: 503, retryAfter: 30, requestId: 'request' }]);
  expect(noted).toEqual(['AnonymizationErrors']);
  expect([events.events, limiter.taken.size]).toEqual([[], 0]);
});

test('a thousand an hour; what is beyond is told when to come again', async () => {
  const limited = ports({ limiter: new MemoryLimiter(2) });
  const results = await send([event(), event({ finding: 'b' }), event({ finding: 'c' })], limited);
  expect(results.map(({ status }) => status)).toEqual([202, 202, 429]);
  expect(results[2]).toEqual({ status: 429, error: 'THROTTLED', limit: 1_000, resetAt: '2026-11-18T13:00:00.000Z' });
});

test('a store that fails in the middle: what was kept is said to be kept', async () => {
  let calls = 0;
  const failing = ports({
    events: {
      store: (...args) => (++calls === 2 ? Promise.reject(new Error('down')) : events.store(...args)),
    },
  });
  const results = await send([event(), event({ finding: 'b' }), event({ finding: 'c' })], failing);
  expect(results.map(({ status }) => status)).toEqual([202, 503, 503]);
  expect(noted).toEqual(['store', 'R-001 reviewed true']);
});

test('the breaker hears of what was reviewed, and of what is pending not', async () => {
  await send([
    event(),
    event({ finding: 'b', actualOutcome: 'pending' }),
    event({ finding: 'c', actualOutcome: 'true_positive' }),
  ]);
  expect(noted).toEqual(['R-001 reviewed true', 'R-001 reviewed false']);
});
