import { expect, test } from 'vitest';

import { CONSENT_RESOURCES, LIMITS, POLICY_VERSION, type ConsentResource } from '../../contract.ts';
import { grant, revoke, stateOf, type Consent } from './consent.ts';
import { MemoryConsents } from './testing.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T12:00:00Z');
const consent = (more: Partial<Consent> = {}): Consent => ({
  orgId: 'acme',
  type: 'explicit',
  scope: ['rule_calibration', 'audit_logs'],
  grantedBy: 'x',
  grantedAt: NOW / 1_000,
  revoked: false,
  policyVersion: POLICY_VERSION,
  ...more,
});

test.each([
  ['granted', consent(), 'rule_calibration'],
  ['granted', consent({ type: 'implicit' }), 'rule_calibration'],
  ['pending', consent({ type: 'implicit' }), 'audit_logs'],
  ['granted', consent(), 'audit_logs'],
  ['pending', consent({ policyVersion: '0.9' }), 'rule_calibration'],
  ['revoked', consent({ revoked: true }), 'rule_calibration'],
  ['expired', consent({ expiresAt: NOW / 1_000 }), 'rule_calibration'],
  ['granted', consent({ expiresAt: NOW / 1_000 + 1 }), 'rule_calibration'],
  ['not_requested', consent(), 'fp_metrics'],
  ['not_requested', consent({ type: 'none' }), 'rule_calibration'],
  ['not_requested', undefined, 'rule_calibration'],
] as const)('%s', (state, its, resource) => {
  expect(stateOf(its, resource, NOW)).toBe(state);
});

test('a consent to a resource lasts as long as that resource’s retention', () => {
  for (const [resource, { retentionDays }] of Object.entries(CONSENT_RESOURCES)) {
    const its = consent({ scope: [resource as ConsentResource] });
    expect(stateOf(its, resource as ConsentResource, NOW + retentionDays * DAY - 1)).toBe('granted');
    expect(stateOf(its, resource as ConsentResource, NOW + retentionDays * DAY)).toBe('expired');
  }
});

const action = (now = NOW) => ({ organization: 'acme', by: 'hash', now });
const request = { type: 'explicit', scope: ['rule_calibration'], policyVersion: POLICY_VERSION } as const;

test('✗ an expiry is a number of seconds, which is all that DynamoDB expires by', async () => {
  const store = new MemoryConsents();
  await grant(store, action(), { ...request, expiresAt: NOW + DAY + 999 });
  expect(store.consents.get('acme')?.expiresAt).toBe((NOW + DAY) / 1_000);
  await grant(store, action(), request);
  expect(store.consents.get('acme')?.expiresAt).toBe((NOW + 60 * DAY) / 1_000);
});

test('each change is written down, the latest last, up to a hundred', async () => {
  const store = new MemoryConsents();
  await grant(store, action(), request);
  await revoke(store, action(NOW + 1_000));
  expect(store.histories.get('acme')).toMatchObject({
    version: 2,
    entries: [
      { action: 'granted', at: '2026-11-20T12:00:00.000Z' },
      { action: 'revoked', at: '2026-11-20T12:00:01.000Z' },
    ],
  });
  expect(stateOf(store.consents.get('acme'), 'rule_calibration', NOW)).toBe('revoked');
  for (let count = 0; count < 120; count++) await grant(store, action(), request);
  expect(store.histories.get('acme')?.entries).toHaveLength(LIMITS.consentHistory);
});

test('a revoked consent does not expire: it stays revoked', async () => {
  const store = new MemoryConsents();
  await grant(store, action(), request);
  await revoke(store, action());
  expect(store.consents.get('acme')).not.toHaveProperty('expiresAt');
});

test('of two changes at once none is lost', async () => {
  const store = new MemoryConsents();
  await Promise.all([grant(store, action(), request), revoke(store, action()), grant(store, action(), request)]);
  expect(store.histories.get('acme')?.entries).toHaveLength(3);
});
