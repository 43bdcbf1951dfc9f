// Lists by pages, with the place to go on from as the token.
import { validation } from './errors.ts';

const MOST_ITEMS = 100;

export function page<T>(
  items: readonly T[],
  { Limit: limit = MOST_ITEMS, NextToken: token }: { Limit?: number | undefined; NextToken?: string | undefined },
): { items: readonly T[]; rest: { NextToken?: string } } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw validation('NextToken is not valid.');
  const end = start + limit;
  const more = end < items.length;
  return {
    items: items.slice(start, end),
    rest: more ? { NextToken: Buffer.from(String(end)).toString('base64url') } : {},
  };
}
