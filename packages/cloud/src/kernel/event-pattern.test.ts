// Event patterns: the examples of AWS's documentation, and random patterns against a matcher that takes its time.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compileEventPattern, EventPatternError } from './event-pattern.ts';

const EVENT = {
  version: '0',
  source: 'aws.ec2',
  'detail-type': 'EC2 Instance State-change Notification',
  region: 'us-east-1',
  account: '111122223333',
  resources: ['arn:aws:ec2:us-east-1:111122223333:instance/i-1', 'arn:aws:autoscaling:us-east-1:111122223333:group'],
  detail: {
    state: 'terminated',
    fileName: 'photo.png',
    sourceIPAddress: '10.0.0.123',
    'c-count': 5,
    'd-count': 9,
    'x-limit': 3.018e2,
    tag: null,
    empty: '',
    location: [
      { city: 'Oslo', floor: 1 },
      { city: 'Rome', floor: 2 },
    ],
  },
};

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
test.for([
  [{ source: ['aws.ec2'] }, true],
  [{ source: ['aws.ec2', 'aws.fargate'] }, true],
  [{ source: ['aws.rds'] }, false],
  [{ resources: ['arn:aws:autoscaling:us-east-1:111122223333:group'] }, true],
  [{ detail: { state: [{ prefix: 'term' }] } }, true],
  [{ detail: { state: [{ prefix: { 'equals-ignore-case': 'TERM' } }] } }, true],
  [{ detail: { fileName: [{ suffix: '.png' }] } }, true],
  [{ detail: { fileName: [{ suffix: { 'equals-ignore-case': '.PNG' } }] } }, true],
  [{ 'detail-type': [{ 'equals-ignore-case': 'ec2 instance state-change notification' }] }, true],
  [{ detail: { fileName: [{ wildcard: 'ph*o.*' }] } }, true],
  [{ detail: { fileName: [{ wildcard: '*.jpg' }] } }, false],
  [{ detail: { state: [{ 'anything-but': 'initializing' }] } }, true],
  [{ detail: { state: [{ 'anything-but': ['stopped', 'terminated'] }] } }, false],
  [{ detail: { 'x-limit': [{ 'anything-but': [100, 200, 300] }] } }, true],
  [{ detail: { state: [{ 'anything-but': { prefix: 'init' } }] } }, true],
  [{ detail: { fileName: [{ 'anything-but': { suffix: ['.txt', '.png'] } }] } }, false],
  [{ detail: { state: [{ 'anything-but': { 'equals-ignore-case': ['TERMINATED'] } }] } }, false],
  [{ detail: { fileName: [{ 'anything-but': { wildcard: '*.jpg' } }] } }, true],
  [{ detail: { 'c-count': [{ numeric: ['>', 0, '<=', 5] }] } }, true],
  [{ detail: { 'd-count': [{ numeric: ['<', 10] }] } }, true],
  [{ detail: { 'x-limit': [{ numeric: ['=', 301.8] }] } }, true],
  [{ detail: { 'x-limit': [{ numeric: ['>', 302] }] } }, false],
  [{ detail: { sourceIPAddress: [{ cidr: '10.0.0.0/24' }] } }, true],
  [{ detail: { sourceIPAddress: [{ cidr: '10.0.1.0/24' }] } }, false],
  [{ detail: { state: [{ exists: true }] } }, true],
  [{ detail: { state: [{ exists: false }] } }, false],
  [{ detail: { nothing: [{ exists: false }] } }, true],
  [{ detail: { nothing: { deeper: [{ exists: false }] } } }, true],
  [{ detail: { tag: [null] } }, true],
  [{ detail: { empty: [''] } }, true],
  [{ detail: { empty: [null] } }, false],
  [{ $or: [{ source: ['aws.rds'] }, { region: ['us-east-1'] }] }, true],
  [{ detail: { $or: [{ state: ['running'] }, { 'c-count': [{ numeric: ['>', 5] }] }] } }, false],
  [{ detail: { location: { city: ['Oslo'], floor: [1] } } }, true],
  [{ detail: { location: { city: ['Oslo'], floor: [2] } } }, false],
  [{ source: ['aws.ec2'], detail: { state: ['running'] } }, false],
] as [object, boolean][])('%j: %s', ([pattern, matches]) => {
  expect(compileEventPattern(pattern)(EVENT)).toBe(matches);
});

test.for([
  ['[]', 'Filter is not an object'],
  ['{', 'JSON'],
  ['{}', 'Empty objects are not allowed'],
  ['{"source": "aws.ec2"}', '"source" must be an object or an array'],
  ['{"source": []}', 'Empty arrays are not allowed'],
  ['{"a": [{"like": "x"}]}', 'Unrecognized match type like'],
  ['{"a": [{"prefix": 1}]}', 'prefix match pattern must be a string'],
  ['{"a": [{"prefix": "x", "suffix": "y"}]}', 'Only one key allowed'],
  ['{"a": [{"exists": 1}]}', 'exists match pattern must be either true or false'],
  ['{"a": [{"numeric": ["~", 1]}]}', 'Unrecognized numeric range operator'],
  ['{"a": [{"numeric": [">", "1"]}]}', 'Value of > must be numeric'],
  ['{"a": [{"wildcard": "a**b"}]}', 'Consecutive wildcard characters'],
  ['{"a": [{"cidr": "10.0.0.0/33"}]}', 'Malformed CIDR'],
] as [string, string][])('%s means nothing', ([pattern, why]) => {
  expect(() => compileEventPattern(pattern)).toThrow(EventPatternError);
  expect(() => compileEventPattern(pattern)).toThrow(why);
});

const NAMES = ['a', 'b', 'c'] as const;
const scalar = fc.constantFrom<unknown>('x', 'xy', 'y', '', 1, 2, true, null);
const event = fc.letrec<{ node: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })),
  node: fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(tie('leaf'), tie('node')), { maxKeys: 3 }),
})).node;
const matcher = fc.oneof(
  scalar,
  fc.constantFrom('x', 'y').map((prefix) => ({ prefix })),
  fc.boolean().map((exists) => ({ exists })),
  fc.uniqueArray(fc.constantFrom('x', 'y', 1), { minLength: 1 }).map((list) => ({ 'anything-but': list })),
  fc.constantFrom(0, 1).map((bound) => ({ numeric: ['>', bound] })),
);
const pattern = fc.letrec<{ node: object; leaf: unknown[] }>((tie) => ({
  leaf: fc.array(matcher, { minLength: 1, maxLength: 3 }),
  node: fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(tie('leaf'), tie('node')), { minKeys: 1, maxKeys: 2 }),
})).node;

/** Asks each matcher of each path of a flat event, one by one. */
function slowly(wanted: Record<string, unknown>, given: unknown): boolean {
  return Object.entries(wanted).every(([name, inner]) => {
    const value = typeof given === 'object' && given !== null ? (given as Record<string, unknown>)[name] : undefined;
    if (!Array.isArray(inner)) {
      if (value === undefined) {
        return Object.values(inner as object).every(
          (list) => Array.isArray(list) && list.some((one) => (one as { exists?: boolean } | null)?.exists === false),
        );
      }
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? slowly(inner as Record<string, unknown>, value)
        : false;
    }
    const values = value === undefined ? [] : [value].flat().filter((one) => typeof one !== 'object' || one === null);
    const missing = value === undefined || (Array.isArray(value) && value.length === 0);
    return inner.some((one: Record<string, unknown> | string | null) => {
      if (typeof one !== 'object' || one === null) return values.includes(one);
      if ('exists' in one) return one['exists'] === true ? values.length > 0 : missing;
      if ('prefix' in one) return values.some((v) => typeof v === 'string' && v.startsWith(one['prefix'] as string));
      if ('numeric' in one) return values.some((v) => typeof v === 'number' && v > (one['numeric'] as number[])[1]!);
      return values.some((v) => !(one['anything-but'] as unknown[]).includes(v));
    });
  });
}

test('random patterns match what the slow matcher says', () => {
  fc.assert(
    fc.property(pattern, event, (wanted, given) => {
      expect(compileEventPattern(wanted)(given)).toBe(slowly(wanted as Record<string, unknown>, given));
    }),
    { numRuns: 2_000 },
  );
});
