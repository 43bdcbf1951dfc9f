// The evaluator against an independent model, over random policies and requests.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { modelDecision, type Json, type ModelRequest } from './decision-model.ts';
import { decide, type NamedPolicy } from './decision.ts';
import { contextFrom, explain } from './explanation.ts';
import { account, session, user } from './test-principals.ts';

const oneOrMore = (values: fc.Arbitrary<string>) => fc.oneof(values, fc.array(values, { minLength: 1, maxLength: 3 }));

const actions = oneOrMore(
  fc.constantFrom(
    's3:GetObject',
    'S3:getobject',
    's3:Get*',
    's3:*Object',
    's3:?etObject',
    '*',
    's3:PutObject',
    'sqs:*',
  ),
);

const resources = oneOrMore(
  fc.constantFrom(
    '*',
    'arn:aws:s3:::logs/*',
    'arn:aws:s3:::logs/a',
    'arn:aws:s3:::*/a',
    'arn:aws:s3:::home/${aws:username}/*',
    "arn:aws:s3:::home/${aws:username, 'nobody'}/*",
    'arn:aws:s3:::home/${aws:PrincipalTag/Team}/*',
    'arn:aws:s3:::home/${*}/*',
  ),
);

const texts = oneOrMore(
  fc.constantFrom('a', 'b', 'a*', '?', '${aws:username}', "${aws:PrincipalTag/Team, 'b'}", 'ann'),
);

const operators = fc
  .tuple(
    fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'),
    fc.constantFrom('StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike'),
    fc.constantFrom('', 'IfExists'),
  )
  .map((parts) => parts.join(''));

const condition = fc.oneof(
  fc.tuple(operators, fc.constantFrom('k:one', 'K:Many', 'k:absent', 'aws:username'), texts),
  fc.tuple(fc.constant('Null'), fc.constantFrom('k:one', 'k:absent', 'k:many'), fc.constantFrom('true', 'false')),
  conditionOf(['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'], ['k:one', 'k:many'], ['A', 'b', 'ANN']),
  conditionOf(ordered('Numeric'), ['k:number', 'k:numbers'], ['5', '5.0', '20', '-1', 'five']),
  conditionOf(
    ordered('Date'),
    ['k:date', 'k:dates'],
    ['2026-01-01T00:00:00Z', '2026-01-01', '1767225600', '2025-12-31T19:00:00-05:00', '2027-06-01T12:30:00.5Z', 'soon'],
  ),
  conditionOf(['Bool'], ['k:flag', 'k:flags'], ['true', 'false', 'TRUE']),
  conditionOf(['BinaryEquals'], ['k:bytes'], ['AQI=', 'AQM=']),
  conditionOf(
    ['IpAddress', 'NotIpAddress'],
    ['k:ip', 'k:ips'],
    [
      '10.0.0.0/8',
      '10.1.2.3',
      '10.1.2.2/31',
      '0.0.0.0/0',
      '2001:db8::/33',
      '2001:db8::1',
      '::/0',
      '10.0.0.0/99',
      'here',
    ],
  ),
  conditionOf(
    ['ArnEquals', 'ArnNotEquals', 'ArnLike', 'ArnNotLike'],
    ['k:arn', 'k:arns'],
    [
      'arn:aws:sns:*:111122223333:*',
      'arn:aws:*:t',
      'arn:aws:sns:us-east-1:111122223333:t',
      'arn:aws:s3:::home/${aws:username}/*',
      'arn:aws:s3:::?ome/*',
      'arn:aws:sns:us-east-?:*:t:*',
      '*',
    ],
  ),
);

/** Each operator also over sets, and where the key is absent. */
function conditionOf(names: readonly string[], keys: readonly string[], wanted: readonly string[]) {
  const operator = fc
    .tuple(
      fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'),
      fc.constantFrom(...names),
      fc.constantFrom('', 'IfExists'),
    )
    .map((parts) => parts.join(''));
  return fc.tuple(operator, fc.constantFrom(...keys, 'k:absent'), oneOrMore(fc.constantFrom(...wanted)));
}

function ordered(kind: string): string[] {
  return ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
    (relation) => kind + relation,
  );
}

const conditions = fc
  .array(condition, { maxLength: 2 })
  .map((list) => Object.fromEntries(list.map(([operator, key, wanted]) => [operator, { [key]: wanted }])));

const body = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  action: fc.tuple(fc.constantFrom('Action', 'Action', 'Action', 'NotAction'), actions),
  resource: fc.tuple(fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'), resources),
  Condition: conditions,
});

const statement = body.map(({ Effect, action, resource, Condition }) => ({
  Effect,
  [action[0]]: action[1],
  [resource[0]]: resource[1],
  ...(Object.keys(Condition).length > 0 && { Condition }),
}));

const version = fc.constantFrom('2012-10-17', '2012-10-17', '2012-10-17', '2008-10-17');

const policyOf = (statements: fc.Arbitrary<object>) =>
  fc.record({ Version: version, Statement: fc.array(statements, { minLength: 1, maxLength: 3 }) });

const principalNames = oneOrMore(
  fc.constantFrom('*', user.arn, session.arn, session.roleArn, account, `arn:aws:iam::${account}:root`, '999999999999'),
);

const resourceStatement = fc
  .tuple(statement, fc.constantFrom('Principal', 'Principal', 'NotPrincipal'), principalNames)
  .map(([rest, element, AWS]) => ({ ...rest, [element]: { AWS } }));

/** A key with one value, and its sister with some. */
const several = (name: string, ...values: readonly string[]) => ({
  [`k:${name}`]: fc.constantFrom(...values),
  [`k:${name}s`]: fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
});

const context = fc.record(
  {
    'aws:username': fc.constantFrom('ann', '*', 'a'),
    'aws:PrincipalTag/Team': fc.constantFrom('red', '*'),
    'k:one': fc.constantFrom('a', 'b', 'ann'),
    'k:many': fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 }),
    'k:number': fc.constantFrom('2', '5', '20'),
    'k:flag': fc.constantFrom('true', 'false'),
    ...several('number', '2', '5', '20', '-1'),
    ...several('date', '2026-01-01T00:00:00Z', '2027-06-01T12:30:00Z', '1767225600'),
    ...several('flag', 'true', 'false'),
    ...several('ip', '10.1.2.3', '192.0.2.1', '2001:db8::1', '2001:db8:8000::1'),
    ...several(
      'arn',
      'arn:aws:sns:us-east-1:111122223333:t',
      'arn:aws:sns:us-east-1:999999999999:t:sub',
      'arn:aws:s3:::home/ann/x:y',
      'no arn',
    ),
    'k:bytes': fc.constantFrom('AQI=', 'AQM='),
  },
  { requiredKeys: [] },
);

const world = fc.record({
  principal: fc.constantFrom(user, session),
  action: fc.constantFrom('s3:GetObject', 's3:PutObject', 'sqs:SendMessage'),
  resource: fc.constantFrom(
    'arn:aws:s3:::logs/a',
    'arn:aws:s3:::home/ann/a',
    'arn:aws:s3:::home/red/a',
    'arn:aws:s3:::home/nobody/a',
    'arn:aws:s3:::home/*/a',
    'arn:aws:s3:::other',
  ),
  context,
  identity: fc.array(policyOf(statement), { maxLength: 2 }),
  boundary: fc.option(policyOf(statement), { nil: undefined, freq: 2 }),
  session: fc.array(policyOf(statement), { maxLength: 1 }),
  resourcePolicy: fc.option(policyOf(resourceStatement), { nil: undefined, freq: 2 }),
});

const named = (policy: Json): NamedPolicy => ({ name: 'p', document: JSON.stringify(policy) });

describe('the evaluator', () => {
  it('decides as an obvious model of AWS’s documentation does, and explains what it decided', () => {
    fc.assert(
      fc.property(world, ({ principal, action, resource, ...rest }) => {
        const request = {
          principal,
          action,
          resource,
          context: contextFrom(Object.entries(rest.context)),
          resourcePolicy: rest.resourcePolicy && named(rest.resourcePolicy),
        };
        const policies = {
          identity: rest.identity.map(named),
          boundary: rest.boundary && named(rest.boundary),
          session: rest.session.map(named),
        };
        const model: ModelRequest = {
          action,
          resource,
          context: rest.context as ModelRequest['context'],
          self: principal.arn,
          account,
          ...(principal.kind === 'session' && { role: principal.roleArn }),
        };
        const expected = modelDecision(model, {
          identity: rest.identity,
          boundary: rest.boundary,
          session: rest.session,
          resource: rest.resourcePolicy,
        });
        const decision = decide(request, policies);
        expect(decision.allowed ? 'allow' : decision.explicit ? 'deny' : 'implicit').toBe(expected);
        const { policies: verdicts } = explain(request, policies);
        expect(verdicts.some(({ verdict }) => verdict === 'denies')).toBe(expected === 'deny');
      }),
      { numRuns: 3_000 },
    );
  });

  it('holds each condition as the model does, alone', () => {
    fc.assert(
      fc.property(condition, context, version, ([operator, key, wanted], given, Version) => {
        const Statement = [
          { Effect: 'Allow', Action: '*', Resource: '*', Condition: { [operator]: { [key]: wanted } } },
        ];
        const policy = { Version, Statement };
        const about = { action: 's3:GetObject', resource: 'arn:aws:s3:::logs/a' };
        const asked = {
          ...about,
          principal: user,
          context: contextFrom(Object.entries(given)),
          resourcePolicy: undefined,
        };
        const expected = modelDecision(
          { ...about, context: given as ModelRequest['context'], self: user.arn, account },
          { identity: [policy], session: [] },
        );
        const { allowed } = decide(asked, { identity: [named(policy)], boundary: undefined, session: [] });
        expect([operator, key, wanted, given[key as keyof typeof given], allowed]).toEqual([
          operator,
          key,
          wanted,
          given[key as keyof typeof given],
          expected === 'allow',
        ]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('takes no longer for a hostile pattern than its length times the text’s', () => {
    const hostile = `arn:aws:s3:::${'a*'.repeat(500)}b`;
    const identity = [
      named({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: hostile }] }),
    ];
    const resource = `arn:aws:s3:::${'a'.repeat(1_000)}`;
    const request = {
      principal: user,
      action: 's3:GetObject',
      resource,
      context: new Map(),
      resourcePolicy: undefined,
    };
    expect(decide(request, { identity, boundary: undefined, session: [] }).allowed).toBe(false);
  });
});
