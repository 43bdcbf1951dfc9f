// Lists by pages of a hundred.
import { pageInOrder } from '../../kernel/page.ts';
import { invalidParameter } from './errors.ts';

const ITEMS_ON_A_PAGE = 100;

/** A page of what has an ARN, in the order that it has. */
export function page<T extends { readonly arn: string }>(
  items: readonly T[],
  token: string | undefined,
): { items: T[]; NextToken?: string } {
  const found = pageInOrder(items, ({ arn }) => arn, ITEMS_ON_A_PAGE, token);
  if (!found) throw invalidParameter('NextToken');
  return { items: found.items, ...(found.token !== undefined && { NextToken: found.token }) };
}
