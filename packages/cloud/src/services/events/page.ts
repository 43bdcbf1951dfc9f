// Lists by pages, as every listing of EventBridge has them.
import { requireWithin } from '../../kernel/constraint.ts';
import { pageOf } from '../../kernel/page.ts';
import { validation } from './errors.ts';

const MOST_ITEMS = 100;

/** A page of a list, in the order of its keys; `rest` is to be spread into the answer. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { Limit: limit = MOST_ITEMS, NextToken: token }: { Limit?: number | undefined; NextToken?: string | undefined },
): { items: readonly T[]; rest: { NextToken?: string } } {
  requireWithin(limit, 'limit', [1, MOST_ITEMS], validation);
  const invalidToken = () => validation('NextToken is not valid.');
  const { items: found, token: NextToken } = pageOf(items, { keyOf, limit, token, invalidToken });
  return { items: found, rest: NextToken === undefined ? {} : { NextToken } };
}

export const byName = ({ name }: { readonly name: string }): string => name;
