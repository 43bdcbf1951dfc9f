// Tokens that lead to the next page.
import { pageInOrder } from '../../kernel/page.ts';
import { invalidParameter, requireLimit } from './errors.ts';

export const token = (name: string): string => Buffer.from(name).toString('base64url');

/** The name that a page begins after; empty for the first one. */
export function after(nextToken: string | undefined): string {
  if (nextToken === undefined) return '';
  const name = Buffer.from(nextToken, 'base64url').toString();
  if (token(name) !== nextToken) throw invalidToken();
  return name;
}

export interface PageInput {
  readonly limit?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of items, `most` of them where nobody says fewer. */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, input: PageInput, most: number) {
  requireLimit(input.limit, most);
  const found = pageInOrder(items, keyOf, input.limit ?? most, input.nextToken);
  if (!found) throw invalidToken();
  return { items: found.items, rest: found.token === undefined ? {} : { nextToken: found.token } };
}

const invalidToken = () => invalidParameter('The specified nextToken is invalid.');
