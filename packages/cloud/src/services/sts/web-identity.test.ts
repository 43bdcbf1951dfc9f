// AssumeRoleWithWebIdentity against an issuer that this test serves on the loopback address.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { CreateOpenIDConnectProviderCommand } from '@aws-sdk/client-iam';
import {
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { account, keysOf, TestIdentity, trust } from '../iam/test-identity.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let test: TestIdentity;
let issuer: Server;
let url: string;
let name: string;
let provider: string;
let role: string;
let published: object[];

beforeAll(async () => {
  test = await TestIdentity.start();
  published = [jwk(rsa.publicKey, 'rsa'), jwk(ec.publicKey, 'ec')];
  issuer = createServer((request, response) => {
    const answer = request.url === '/keys' ? { keys: published } : { issuer: url, jwks_uri: `${url}/keys` };
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  name = `127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  url = `http://${name}`;
  const created = await test.iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: ['sts.amazonaws.com'] }),
  );
  provider = created.OpenIDConnectProviderArn!;
  role = await test.role('deployer', [
    trust(
      { Federated: provider },
      {
        StringEquals: { [`${name}:aud`]: 'sts.amazonaws.com' },
        StringLike: { [`${name}:sub`]: 'repo:octo-org/octo-repo:*' },
      },
      ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
    ),
  ]);
});

afterAll(async () => {
  issuer.close();
  await test.cloud.stop();
});

describe('a token', () => {
  it.each(['RS256', 'ES256'] as const)(
    'signed with %s by the issuer opens the role that trusts its subject',
    async (alg) => {
      const answer = await assume(token({}, alg));
      expect(answer).toMatchObject({
        SubjectFromWebIdentityToken: 'repo:octo-org/octo-repo:ref:refs/heads/main',
        Audience: 'sts.amazonaws.com',
        Provider: provider,
      });
      const sts = test.sts(keysOf(answer.Credentials));
      expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(
        `arn:aws:sts::${account}:assumed-role/deployer/ci`,
      );
    },
  );

  it('of another subject opens nothing', async () => {
    await expect(assume(token({ sub: 'repo:evil/repo:ref:refs/heads/main' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    });
  });

  it('for a role that is not there is refused in the same words', async () => {
    await expect(assume(token({}), `arn:aws:iam::${account}:role/nowhere`)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    });
  });

  it.each([
    ['for another audience', { aud: 'somebody-else' }, 'Incorrect token audience'],
    ['of an issuer that the account does not know', { iss: 'http://127.0.0.1:1' }, 'No OpenIDConnect provider found'],
    ['without a subject', { sub: undefined }, 'sub'],
    ['without an end', { exp: undefined }, 'exp'],
    ['from the future', { iat: 4_000_000_000 }, 'not valid yet'],
  ])('%s is no identity token', async (_what, claims, message) => {
    await expect(assume(token(claims))).rejects.toMatchObject({
      name: 'InvalidIdentityTokenException',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    [
      'that somebody else signed',
      () => token({}, 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ],
    ['whose claims were changed', () => token({}).replace(/\.[^.]+\./, `.${encoded({ ...claimsNow(), sub: 'x' })}.`)],
    ['that nobody signed', () => `${encoded({ alg: 'none' })}.${encoded(claimsNow())}.AA`],
    ['that is signed with the public key as a secret', () => `${encoded({ alg: 'HS256' })}.${encoded(claimsNow())}.AA`],
    ['that is none at all', () => 'nonsense-nonsense-nonsense'],
  ])('%s is refused', async (_what, make) => {
    await expect(assume(make())).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' });
  });

  it('ends on the cloud’s clock', async () => {
    const late = token({});
    await test.cloud.clock.advance(3_601_000);
    await expect(assume(late)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });

  it('signed with a key that the issuer has just begun to use is taken', async () => {
    const fresh = generateKeyPairSync('rsa', { modulusLength: 2048 });
    published = [jwk(fresh.publicKey, 'fresh')];
    await expect(assume(token({}, 'RS256', fresh.privateKey, 'fresh'))).resolves.toBeDefined();
    published = [jwk(rsa.publicKey, 'rsa'), jwk(ec.publicKey, 'ec')];
  });

  it('passes session tags in a claim', async () => {
    const onlyRed = { StringEquals: { 'aws:RequestTag/Team': 'red' } };
    const tagged = await test.role('by-tag', [
      trust({ Federated: provider }, onlyRed, ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']),
    ]);
    const tags = (Team: string) => ({ 'https://aws.amazon.com/tags': { principal_tags: { Team: [Team] } } });
    await expect(assume(token(tags('red')), tagged)).resolves.toBeDefined();
    await expect(assume(token(tags('blue')), tagged)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('a provider', () => {
  it.each(['http://example.com', 'ftp://example.com', 'example.com', 'https://example.com?x=1'])(
    'at %s is refused',
    async (Url) => {
      await expect(test.iam.send(new CreateOpenIDConnectProviderCommand({ Url }))).rejects.toMatchObject({
        message: expect.stringContaining('Invalid Open ID Connect Provider URL') as string,
      });
    },
  );
});

function assume(WebIdentityToken: string, RoleArn = role) {
  const anonymous = new STSClient({
    endpoint: test.cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '', secretAccessKey: '' },
    maxAttempts: 1,
  });
  return anonymous.send(new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'ci', WebIdentityToken }));
}

function claimsNow(): Record<string, unknown> {
  const now = Math.floor(test.cloud.clock.now() / 1000);
  return {
    iss: url,
    aud: 'sts.amazonaws.com',
    sub: 'repo:octo-org/octo-repo:ref:refs/heads/main',
    iat: now,
    exp: now + 3600,
  };
}

function token(claims: object, alg: 'RS256' | 'ES256' = 'RS256', key?: KeyObject, kid?: string): string {
  const pair = alg === 'RS256' ? rsa : ec;
  const header = { alg, typ: 'JWT', kid: kid ?? (alg === 'RS256' ? 'rsa' : 'ec') };
  const text = `${encoded(header)}.${encoded({ ...claimsNow(), ...claims })}`;
  const signature = sign('sha256', Buffer.from(text), { key: key ?? pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });

it('has no SAML beside it, and says so to who comes with an assertion instead of a signature', async () => {
  const client = new STSClient({ endpoint: test.cloud.endpoint, region: 'us-east-1' });
  const command = new AssumeRoleWithSAMLCommand({
    RoleArn: 'arn:aws:iam::000000000000:role/federated',
    PrincipalArn: 'arn:aws:iam::000000000000:saml-provider/directory',
    SAMLAssertion: Buffer.from('<Response/>').toString('base64'),
  });
  await expect(client.send(command)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('AssumeRoleWithSAML'),
    $metadata: { httpStatusCode: 501 },
  });
});
