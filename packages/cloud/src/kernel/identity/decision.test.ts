// IAM's evaluation: what allows, what denies, and which kind of policy said so.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Context } from './conditions.ts';
import { decide, type PrincipalPolicies, type Request } from './decision.ts';
import type { Principal } from './principal.ts';
import { account, session, user } from './test-principals.ts';

const service: Principal = {
  kind: 'service',
  account,
  arn: 'sns.amazonaws.com',
  id: 'sns.amazonaws.com',
  name: 'sns.amazonaws.com',
};

describe('identity policies', () => {
  it('deny what nothing allows', () => {
    expect(decideFor({}, {})).toEqual({ allowed: false, explicit: false, by: 'identity-based policy' });
  });

  it('allow by action and resource, with wildcards, without regard to the case of actions', () => {
    const identity = allow({ Action: 's3:get*', Resource: 'arn:aws:s3:::logs/*' });
    expect(decideFor({}, { identity }).allowed).toBe(true);
    expect(decideFor({}, { identity: allow({ Action: 'S3:Get*', Resource: '*' }) }).allowed).toBe(true);
    expect(decideFor({ resource: 'arn:aws:s3:::other/a' }, { identity }).allowed).toBe(false);
    expect(decideFor({ action: 's3:PutObject' }, { identity }).allowed).toBe(false);
  });

  it('deny explicitly whatever else allows', () => {
    const identity = policy([
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Sid: 'No', Effect: 'Deny', Action: 's3:*', Resource: '*' },
    ]);
    expect(decideFor({}, { identity })).toMatchObject({
      allowed: false,
      explicit: true,
      by: 'identity-based policy',
      sid: 'No',
    });
  });

  it('know NotAction and NotResource', () => {
    const identity = allow({ NotAction: 's3:Delete*', NotResource: 'arn:aws:s3:::secret/*' });
    expect(decideFor({}, { identity }).allowed).toBe(true);
    expect(decideFor({ action: 's3:DeleteObject' }, { identity }).allowed).toBe(false);
    expect(decideFor({ resource: 'arn:aws:s3:::secret/a' }, { identity }).allowed).toBe(false);
  });

  it('put the caller’s name where a policy variable stands, literally', () => {
    const identity = allow({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::home/${aws:username}/*' });
    const name = (value: string) => new Map([['aws:username', value]]);
    expect(decideFor({ resource: 'arn:aws:s3:::home/ann/a', context: name('ann') }, { identity }).allowed).toBe(true);
    expect(decideFor({ resource: 'arn:aws:s3:::home/bob/a', context: name('ann') }, { identity }).allowed).toBe(false);
    expect(decideFor({ resource: 'arn:aws:s3:::home/bob/a', context: name('*') }, { identity }).allowed).toBe(false);
  });
});

describe('boundaries and session policies', () => {
  const identity = allow({ Action: 's3:*', Resource: '*' });

  it('narrow what identity policies allow', () => {
    const boundary = allow({ Action: 'dynamodb:*', Resource: '*' })[0];
    expect(decideFor({}, { identity, boundary })).toMatchObject({ by: 'permissions boundary', explicit: false });
    expect(
      decideFor({ principal: session }, { identity, session: allow({ Action: 'sqs:*', Resource: '*' }) }),
    ).toMatchObject({ by: 'session policy' });
  });

  it('do not narrow what a resource policy gives to the user itself', () => {
    const boundary = allow({ Action: 'dynamodb:*', Resource: '*' })[0];
    const resourcePolicy = resource({ Principal: { AWS: user.arn }, Action: 's3:GetObject', Resource: '*' });
    expect(decideFor({ resourcePolicy }, { boundary })).toMatchObject({ allowed: true, by: 'resource-based policy' });
  });

  it('do narrow what a resource policy gives to the role of a session', () => {
    const resourcePolicy = resource({ Principal: { AWS: session.roleArn }, Action: 's3:GetObject', Resource: '*' });
    expect(decideFor({ principal: session, resourcePolicy }, {}).allowed).toBe(true);
    const narrow = { session: allow({ Action: 'sqs:*', Resource: '*' }) };
    expect(decideFor({ principal: session, resourcePolicy }, narrow).allowed).toBe(false);
  });
});

describe('resource policies', () => {
  it('leave it to identity policies where they name the account', () => {
    const resourcePolicy = resource({
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 's3:*',
      Resource: '*',
    });
    expect(decideFor({ resourcePolicy }, {}).allowed).toBe(false);
    expect(decideFor({ resourcePolicy }, { identity: allow({ Action: 's3:GetObject', Resource: '*' }) }).allowed).toBe(
      true,
    );
  });

  it('are all that lets a service in, and their conditions keep out the confused deputy', () => {
    const statement = {
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:sns:us-east-1:${account}:orders` } },
    };
    const from = (arn: string) => new Map([['aws:sourcearn', arn]]);
    const resourcePolicy = resource(statement);
    expect(
      decideFor({ principal: service, resourcePolicy, context: from(`arn:aws:sns:us-east-1:${account}:orders`) }, {})
        .allowed,
    ).toBe(true);
    expect(
      decideFor({ principal: service, resourcePolicy, context: from('arn:aws:sns:us-east-1:999999999999:orders') }, {})
        .allowed,
    ).toBe(false);
    expect(decideFor({ principal: service }, {}).allowed).toBe(false);
  });

  it('deny the account’s root too, which nothing else can', () => {
    const root: Principal = { kind: 'root', account, arn: `arn:aws:iam::${account}:root`, id: account };
    const tlsOnly = policy([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ])[0];
    const over = (secure: string) =>
      decideFor({ principal: root, resourcePolicy: tlsOnly, context: new Map([['aws:securetransport', secure]]) }, {});
    expect(over('false')).toMatchObject({ allowed: false, explicit: true, by: 'resource-based policy' });
    expect(over('true')).toMatchObject({ allowed: true });
  });
});

describe('conditions', () => {
  const holds = (condition: object, context: Record<string, string | string[]>) => {
    const identity = allow({ Action: '*', Resource: '*', Condition: condition });
    return decideFor({ context: new Map(Object.entries(context)) }, { identity }).allowed;
  };

  it.each([
    [{ StringEquals: { 'k:a': ['x', 'y'] } }, { 'k:a': 'y' }, true],
    [{ StringNotEquals: { 'k:a': ['x', 'y'] } }, { 'k:a': 'y' }, false],
    [{ StringNotEquals: { 'k:a': 'x' } }, {}, true],
    [{ StringEquals: { 'k:a': 'x' } }, {}, false],
    [{ StringEqualsIfExists: { 'k:a': 'x' } }, {}, true],
    [{ StringLike: { 'k:a': 'a*c?' } }, { 'k:a': 'abbcd' }, true],
    [{ StringEqualsIgnoreCase: { 'k:a': 'ABC' } }, { 'k:a': 'abc' }, true],
    [{ NumericLessThanEquals: { 'k:n': '10' } }, { 'k:n': '10' }, true],
    [{ NumericGreaterThan: { 'k:n': '10' } }, { 'k:n': '10' }, false],
    [{ DateGreaterThan: { 'k:t': '2026-01-01T00:00:00Z' } }, { 'k:t': '2026-06-01T00:00:00Z' }, true],
    [{ Bool: { 'k:b': true } }, { 'k:b': 'true' }, true],
    [{ IpAddress: { 'k:ip': '203.0.113.0/24' } }, { 'k:ip': '203.0.113.9' }, true],
    [{ NotIpAddress: { 'k:ip': '203.0.113.0/24' } }, { 'k:ip': '203.0.113.9' }, false],
    [{ IpAddress: { 'k:ip': '2001:db8::/32' } }, { 'k:ip': '2001:db8::1' }, true],
    [{ ArnLike: { 'k:arn': 'arn:aws:sns:*:1:orders' } }, { 'k:arn': 'arn:aws:sns:eu-west-1:1:orders' }, true],
    [{ ArnEquals: { 'k:arn': 'arn:aws:sns:*:orders' } }, { 'k:arn': 'arn:aws:sns:eu-west-1:1:orders' }, false],
    [{ Null: { 'k:a': 'true' } }, {}, true],
    [{ Null: { 'k:a': 'false' } }, { 'k:a': 'x' }, true],
    [{ 'ForAllValues:StringEquals': { 'k:l': ['a', 'b'] } }, { 'k:l': ['a', 'b'] }, true],
    [{ 'ForAllValues:StringEquals': { 'k:l': ['a'] } }, { 'k:l': ['a', 'b'] }, false],
    [{ 'ForAllValues:StringEquals': { 'k:l': ['a'] } }, {}, true],
    [{ 'ForAnyValue:StringEquals': { 'k:l': ['a'] } }, { 'k:l': ['a', 'b'] }, true],
    [{ 'ForAnyValue:StringEquals': { 'k:l': ['a'] } }, {}, false],
    [{ StringEquals: { 'k:a': 'x', 'k:b': 'y' } }, { 'k:a': 'x' }, false],
  ])('%j over %j: %s', (condition, context, expected) => {
    expect(holds(condition, context as unknown as Record<string, string | string[]>)).toBe(expected);
  });
});

describe('for any policies', () => {
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.constantFrom('s3:GetObject', 's3:*', '*', 'sqs:*'),
    Resource: fc.constantFrom('arn:aws:s3:::logs/a', 'arn:aws:s3:::logs/*', '*', 'arn:aws:s3:::other/*'),
  });
  const covers = ({ Action, Resource }: { Action: string; Resource: string }) =>
    Action !== 'sqs:*' && Resource !== 'arn:aws:s3:::other/*';

  it('a denial that applies wins, otherwise an allowance in every layer is needed: an independent model agrees', () => {
    fc.assert(
      fc.property(fc.array(statement), fc.option(fc.array(statement, { minLength: 1 })), (identity, boundary) => {
        const layers = [identity, ...(boundary ? [boundary] : [])];
        const denied = layers.flat().some((each) => each.Effect === 'Deny' && covers(each));
        const allowed = layers.every((layer) => layer.some((each) => each.Effect === 'Allow' && covers(each)));
        const decision = decideFor(
          {},
          {
            identity: identity.length > 0 ? policy(identity) : [],
            boundary: boundary ? policy(boundary)[0] : undefined,
          },
        );
        expect(decision.allowed).toBe(!denied && allowed);
      }),
    );
  });
});

const policy = (statements: readonly object[]) => [
  { name: 'p', document: JSON.stringify({ Version: '2012-10-17', Statement: statements }) },
];

const allow = (statement: object) => policy([{ Effect: 'Allow', ...statement }]);

const resource = (statement: object) => allow(statement)[0];

function decideFor(request: Partial<Request>, policies: Partial<PrincipalPolicies>) {
  const context: Context = new Map();
  return decide(
    {
      principal: user,
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::logs/a',
      context,
      resourcePolicy: undefined,
      ...request,
    },
    { identity: [], boundary: undefined, session: [], ...policies },
  );
}
