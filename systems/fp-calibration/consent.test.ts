// Consent, given and taken back by those it is of.
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { tableName } from './contract.ts';
import { consent, consenting, event, handle, request, send, user, TestService } from './testing/handlers.ts';

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

describe('consent', () => {
  it('is given, shown, taken back and remembered; taking it back bites at once', async () => {
    const organization = await consenting('acme');
    const arn = user(organization);
    const path = `/v1/consent/${organization}`;
    expect((await send(organization, event())).status).toBe(202);
    expect((await handle.consent(request('GET', path, { arn }))).body).toMatchObject({
      consent: { type: 'explicit', revoked: false },
      resources: { rule_calibration: { state: 'granted' }, fp_metrics: { state: 'not_requested' } },
    });
    const Key = { orgId: { S: organization } };
    const { Item } = await service.dynamodb.send(
      new GetItemCommand({ TableName: tableName('consent', 'staging'), Key }),
    );
    expect(Item?.['expiresAt']?.N).toMatch(/^\d{10}$/);
    expect((await handle.consent(request('DELETE', path, { arn }))).body.resources.rule_calibration.state).toBe(
      'revoked',
    );
    expect(await send(organization, event())).toMatchObject({
      status: 403,
      body: { error: 'CONSENT_REQUIRED', resource: 'rule_calibration', state: 'revoked' },
    });
    const { body } = await handle.consent(request('GET', `${path}/history`, { arn }));
    expect(body.history).toMatchObject([{ action: 'granted' }, { action: 'revoked' }]);
    expect(JSON.stringify(body.history)).not.toContain(arn);
    expect(service.lines.join('')).not.toContain(organization);
  });

  it('is one’s own affair', async () => {
    const organization = await consenting('acme');
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await handle.consent(
        request(method, `/v1/consent/${organization}`, { body: consent, arn: user('other') }),
      );
      expect(answer).toMatchObject({ status: 403, body: { error: 'FOREIGN_ORGANIZATION' } });
    }
    expect((await handle.consent(request('GET', `/v1/consent/${organization}`))).status).toBe(401);
  });

  it('does not help who is suspended', async () => {
    const organization = await consenting('acme');
    const Item = { orgId: { S: `suspension#${organization}` } };
    await service.dynamodb.send(new PutItemCommand({ TableName: tableName('consent', 'staging'), Item }));
    expect(await send(organization, event())).toMatchObject({ status: 403, body: { error: 'ORGANIZATION_SUSPENDED' } });
    const again = request('PUT', `/v1/consent/${organization}`, { body: consent, arn: user(organization) });
    expect(await handle.consent(again)).toMatchObject({ status: 403 });
  });

  it.each([
    [{ ...consent, scope: ['everything'] }, 'scope.0'],
    [{ ...consent, type: 'maybe' }, 'type'],
    [{ ...consent, expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ ...consent, expiresAt: 1_800_000_000 }, 'expiresAt'],
  ])('that is none is refused: %j', async (body, field) => {
    expect(await handle.consent(request('PUT', '/v1/consent/acme', { body, arn: user('acme') }))).toMatchObject({
      status: 400,
      body: { error: 'INVALID_SCHEMA', field },
    });
  });
});
