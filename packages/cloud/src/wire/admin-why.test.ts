// Explanations of decisions on things that have a policy of their own: keys and secrets.
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import type { Explanation } from '../kernel/identity/explanation.ts';
import { rootPrincipal } from '../kernel/identity/principal.ts';
import { ADMIN_PREFIX } from './admin.ts';

const ANN = 'arn:aws:iam::000000000000:user/ann';

let cloud: Cloud;
let key: string;
let secret: string;

beforeAll(async () => {
  cloud = await startCloud();
  await invoke('iam', 'CreateUser', { UserName: 'ann' });
  const account = { AWS: 'arn:aws:iam::000000000000:root' };
  const only = policy(
    {
      Sid: 'Manage',
      Effect: 'Allow',
      Principal: account,
      Action: ['kms:PutKeyPolicy', 'kms:Describe*'],
      Resource: '*',
    },
    { Sid: 'Ann', Effect: 'Allow', Principal: { AWS: ANN }, Action: 'kms:Decrypt', Resource: '*' },
  );
  key = (await invoke('kms', 'CreateKey', { Policy: only })).KeyMetadata.Arn;
  secret = (await invoke('secretsmanager', 'CreateSecret', { Name: 'opens' })).ARN;
  const read = { Sid: 'Read', Effect: 'Allow', Principal: { AWS: ANN }, Action: 'secretsmanager:GetSecretValue' };
  const ResourcePolicy = policy({ ...read, Resource: '*' });
  await invoke('secretsmanager', 'PutResourcePolicy', { SecretId: secret, ResourcePolicy });
});

afterAll(() => cloud.stop());

test('a key’s policy allows by itself, and what it leaves out no other policy can allow', async () => {
  expect(await why('kms:Decrypt', key)).toMatchObject({
    decision: 'allowed',
    context: { 'kms:keyspec': 'SYMMETRIC_DEFAULT' },
    policies: expect.arrayContaining([
      expect.objectContaining({
        verdict: 'allows',
        statements: expect.arrayContaining([expect.objectContaining({ statement: 'Ann', applies: true })]),
      }),
    ]),
  });
  expect(await why('kms:Encrypt', key)).toMatchObject({
    decision: 'implicitDeny',
    reason: expect.stringContaining('because no resource-based policy allows the kms:Encrypt action'),
  });
});

test('a secret’s policy allows by itself, and only what it says', async () => {
  expect(await why('secretsmanager:GetSecretValue', secret)).toMatchObject({
    decision: 'allowed',
    policies: [expect.objectContaining({ verdict: 'allows' })],
  });
  expect(await why('secretsmanager:PutSecretValue', secret)).toMatchObject({ decision: 'implicitDeny' });
});

async function why(action: string, resource: string): Promise<Explanation> {
  const response = await fetch(`${cloud.endpoint}${ADMIN_PREFIX}why`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cloud.token}` },
    body: JSON.stringify({ principal: ANN, action, resource }),
  });
  return (await response.json()) as Explanation;
}

const invoke = (service: string, operation: string, input: object): Promise<any> =>
  cloud.kernel.invoke(service, operation, input, { principal: rootPrincipal('000000000000'), region: 'us-east-1' });

const policy = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
