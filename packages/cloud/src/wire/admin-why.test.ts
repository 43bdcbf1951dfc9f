// Explanations of decisions: on things that have a policy of their own, and for those whom something narrows.
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

test('an open session is asked about with what narrows it, a federated user’s too', async () => {
  const trust = policy({ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sts:AssumeRole' });
  await invoke('iam', 'CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument: trust });
  const all = policy({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' });
  await invoke('iam', 'PutRolePolicy', { RoleName: 'reader', PolicyName: 'all', PolicyDocument: all });
  const role = { RoleArn: 'arn:aws:iam::000000000000:role/reader', RoleSessionName: 'narrow' };
  const narrow = policy({ Effect: 'Allow', Action: 'sqs:ListQueues', Resource: '*' });
  await invoke('sts', 'AssumeRole', { ...role, Policy: narrow });
  const session = 'arn:aws:sts::000000000000:assumed-role/reader/narrow';

  expect(await why('sqs:ListQueues', '*', session)).toMatchObject({ decision: 'allowed' });
  expect(await why('sqs:SendMessage', '*', session)).toMatchObject({
    decision: 'implicitDeny',
    reason: expect.stringContaining('because no session policy allows the sqs:sendmessage action'),
  });
  expect(await why('sqs:SendMessage', '*', 'assumed-role/reader/other')).toMatchObject({ decision: 'allowed' });

  await invoke('sts', 'GetFederationToken', { Name: 'guest', Policy: narrow });
  const guest = 'arn:aws:sts::000000000000:federated-user/guest';
  expect(await why('sqs:ListQueues', '*', guest)).toMatchObject({ decision: 'allowed', principal: guest });
  expect(await why('sqs:SendMessage', '*', guest)).toMatchObject({ decision: 'implicitDeny' });

  await cloud.clock.advance(13 * 3_600_000);
  expect(await why('sqs:SendMessage', '*', session)).toMatchObject({ decision: 'allowed' });
  expect(await why('sqs:ListQueues', '*', guest)).toMatchObject({ unknownPrincipal: guest });
});

test('a trust policy is asked for who has a provider’s token', async () => {
  const provider = 'arn:aws:iam::000000000000:oidc-provider/token.example.com';
  await invoke('iam', 'CreateOpenIDConnectProvider', { Url: 'https://token.example.com' });
  const trust = policy({
    Effect: 'Allow',
    Principal: { Federated: provider },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringLike: { 'token.example.com:sub': 'repo:my-org/*' } },
  });
  await invoke('iam', 'CreateRole', { RoleName: 'deployer', AssumeRolePolicyDocument: trust });
  const ask = (subject: string) =>
    why('sts:AssumeRoleWithWebIdentity', 'arn:aws:iam::000000000000:role/deployer', provider, {
      'token.example.com:sub': subject,
    });

  expect(await ask('repo:my-org/app')).toMatchObject({ decision: 'allowed' });
  expect(await ask('repo:other/app')).toMatchObject({
    decision: 'implicitDeny',
    policies: [{ statements: [{ applies: false, miss: 'Condition' }] }],
  });
});

async function why(action: string, resource: string, principal = ANN, context = {}): Promise<Explanation> {
  const response = await fetch(`${cloud.endpoint}${ADMIN_PREFIX}why`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cloud.token}` },
    body: JSON.stringify({ principal, action, resource, context }),
  });
  return (await response.json()) as Explanation;
}

const invoke = (service: string, operation: string, input: object): Promise<any> =>
  cloud.kernel.invoke(service, operation, input, { principal: rootPrincipal('000000000000'), region: 'us-east-1' });

const policy = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
