// Pages of a list that changes while somebody turns them.
import { expect, test } from 'vitest';

import { AwsError } from './errors.ts';
import { pageInOrder, pageOf } from './page.ts';

const turn = (items: readonly string[], limit: number, token?: string, descending = false) =>
  pageOf(items, {
    keyOf: (item) => item,
    descending,
    limit,
    token,
    invalidToken: () => new AwsError('InvalidNextToken', 'The token is none'),
  });

test('a last page that is full has no token', () => {
  const first = turn(['d', 'b', 'a', 'c'], 2);
  expect(first.items).toEqual(['a', 'b']);
  expect(turn(['d', 'b', 'a', 'c'], 2, first.token)).toEqual({ items: ['c', 'd'], token: undefined });
});

test('whoever deletes what a page showed misses nothing, and what is new shifts nothing', () => {
  const { token } = turn(['a', 'b', 'c', 'd'], 2);
  expect(turn(['c', 'd'], 2, token).items).toEqual(['c', 'd']);
  const newest = turn(['1', '2', '3', '4'], 2, undefined, true);
  expect(newest.items).toEqual(['4', '3']);
  expect(turn(['1', '2', '3', '4', '5'], 2, newest.token, true).items).toEqual(['2', '1']);
});

test.for(['', 'x', '5', Buffer.from('2').toString('base64url'), `${Buffer.from('after:a').toString('base64url')}=`])(
  'the token %j was never given',
  (token) => {
    expect(() => turn(['a', 'b'], 1, token)).toThrow('The token is none');
  },
);

test('a list in an order of its own goes on though the next item, or what a page showed, is gone', () => {
  const keyOf = (item: string) => item;
  const { items, token } = pageInOrder(['b', 'a', 'd', 'c'], keyOf, 2, undefined)!;
  expect(items).toEqual(['b', 'a']);
  expect(pageInOrder(['d', 'c'], keyOf, 2, token)).toEqual({ items: ['d', 'c'], token: undefined });
  expect(pageInOrder(['b', 'a', 'c'], keyOf, 2, token)).toEqual({ items: ['c'], token: undefined });
  expect(pageInOrder(['x'], keyOf, 2, token)).toBeUndefined();
  expect(pageInOrder(['b'], keyOf, 2, 'foreign')).toBeUndefined();
});
