// Policies mean the same whatever the order and form they are written in, and documents whatever their spacing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { sameText, textKind } from './documents.ts';

const names = fc.uniqueArray(fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:List*', 'iam:PassRole', '*'), {
  minLength: 1,
});

const statement = fc.record({
  Sid: fc.constantFrom('', 'One', 'Two'),
  Effect: fc.constantFrom('Allow', 'Deny'),
  Action: names,
  Resource: fc.uniqueArray(fc.constantFrom('arn:aws:s3:::a', 'arn:aws:s3:::b', '*'), { minLength: 1 }),
  Principal: fc.record({ AWS: fc.uniqueArray(fc.constantFrom('111111111111', '222222222222', '*'), { minLength: 1 }) }),
  Condition: fc.record({
    StringEquals: fc.record({ 'aws:x': fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }) }),
  }),
});

type Statement = typeof statement extends fc.Arbitrary<infer T> ? T : never;

const policy = (statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** The same statement as another hand would write it. */
const reworded = (one: Statement) => ({
  Condition: { StringEquals: { 'aws:x': single(one.Condition.StringEquals['aws:x'].toReversed()) } },
  Principal: {
    AWS: one.Principal.AWS.toReversed().map((name) => (/^\d+$/.test(name) ? `arn:aws:iam::${name}:root` : name)),
  },
  Resource: single(one.Resource.toReversed()),
  Action: single(one.Action.toReversed()),
  Effect: one.Effect,
  Sid: one.Sid,
});

const single = (values: string[]) => (values.length === 1 ? values[0] : values);

describe('a policy', () => {
  test('is the same with its statements, lists and members in another order, and single values in lists or not', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), (statements) => {
        expect(sameText('policy', policy(statements), policy(statements.toReversed().map(reworded)))).toBe(true);
      }),
    );
  });

  test('is another one with any action, resource, effect, principal or condition changed', () => {
    const changes: ((one: Statement) => object)[] = [
      (one) => ({ ...one, Action: [...one.Action, 'sqs:SendMessage'] }),
      (one) => ({ ...one, Resource: [...one.Resource, 'arn:aws:s3:::c'] }),
      (one) => ({ ...one, Effect: one.Effect === 'Allow' ? 'Deny' : 'Allow' }),
      (one) => ({ ...one, Principal: { AWS: [...one.Principal.AWS, '333333333333'] } }),
      (one) => ({ ...one, Condition: { StringEquals: { 'aws:x': [...one.Condition.StringEquals['aws:x'], 'd'] } } }),
      (one) => ({ ...one, Condition: { StringNotEquals: one.Condition.StringEquals } }),
    ];
    fc.assert(
      fc.property(statement, fc.constantFrom(...changes), (one, change) => {
        expect(sameText('policy', policy([one]), policy([change(one)]))).toBe(false);
      }),
    );
  });

  test('may have its only statement outside a list', () => {
    const one = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
    expect(sameText('policy', policy([one]), JSON.stringify({ Statement: one, Version: '2012-10-17' }))).toBe(true);
  });
});

test('a document is compared member by member, its lists in order', () => {
  expect(sameText('document', '{"a": [1, 2], "b": {}}', '{"b":{},"a":[1,2]}')).toBe(true);
  expect(sameText('document', '{"a": [1, 2]}', '{"a":[2,1]}')).toBe(false);
});

test('a text that is no JSON is compared letter by letter', () => {
  expect(sameText('policy', 'not json', 'not json')).toBe(true);
  expect(sameText('policy', 'not json', 'not  json')).toBe(false);
  expect(sameText('text', '{"a":1}', '{ "a": 1 }')).toBe(false);
});

test('attributes hold policies by their name, and documents where a type says so', () => {
  expect(textKind('inline_policy.policy', [])).toBe('policy');
  expect(textKind('item', ['item'])).toBe('document');
  expect(textKind('description', ['item'])).toBe('text');
});
