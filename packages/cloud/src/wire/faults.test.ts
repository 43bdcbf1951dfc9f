// The status that an error has on the wire, by the protocol of the service.
import { expect, test } from 'vitest';

import { AwsError } from '../kernel/errors.ts';
import { denial } from '../kernel/identity/denial.ts';
import { rootPrincipal } from '../kernel/identity/principal.ts';
import type { Call } from '../kernel/service.ts';
import { faultOf } from './faults.ts';
import { isRpc } from './protocols/index.ts';
import { loadWireModel, type NativeProtocol } from './schemas.ts';

const access = { action: 'a:B', resource: '*' };
const call = { principal: rootPrincipal('000000000000') } as Call;
const decision = { allowed: false, explicit: false, by: 'identity-based policy' } as const;

/** Services that are not called as their clients are. */
const SERVICES: Readonly<Record<string, string>> = { 'secrets-manager': 'secretsmanager' };

const statusOf = async (client: string, error: AwsError): Promise<number> => {
  const model = await loadWireModel(client);
  return faultOf(error, model, isRpc(model.protocol)).status;
};

test.each<[client: string, protocol: NativeProtocol, code: string, status: number]>([
  ['kms', 'json-1.1', 'AccessDeniedException', 400],
  ['secrets-manager', 'json-1.1', 'AccessDeniedException', 400],
  ['dynamodb', 'json-1.0', 'AccessDeniedException', 400],
  ['lambda', 'rest-json', 'AccessDeniedException', 403],
  ['iam', 'query', 'AccessDenied', 403],
  ['s3', 'rest-xml', 'AccessDenied', 403],
])('%s, which speaks %s, denies with %s and %i', async (client, protocol, code, status) => {
  const denied = denial(access, { ...call, service: SERVICES[client] ?? client }, decision);
  expect(denied.code).toBe(code);
  expect((await loadWireModel(client)).protocol).toBe(protocol);
  expect(await statusOf(client, denied)).toBe(status);
});

test('what a model says of an error counts where the protocol has more than one status', async () => {
  expect(await statusOf('lambda', new AwsError('ResourceNotFoundException', 'not there'))).toBe(404);
  expect(await statusOf('secrets-manager', new AwsError('ResourceNotFoundException', 'not there'))).toBe(400);
  expect(await statusOf('lambda', new AwsError('ServiceException', 'broken', { status: 500 }))).toBe(500);
});
