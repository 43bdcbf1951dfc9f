// Tokens that lead to the next page.
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

/** One page of items in the order of their keys; what is gone meanwhile takes nothing else with it. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit, nextToken }: PageInput,
  { most, descending = false }: { readonly most: number; readonly descending?: boolean | undefined },
): { readonly page: T[]; readonly rest: { nextToken?: string } } {
  requireLimit(limit, most);
  const last = after(nextToken);
  const isAfter = (key: string, other: string) => (descending ? key < other : key > other);
  const left = items
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => nextToken === undefined || isAfter(key, last))
    .toSorted((one, other) => (isAfter(one.key, other.key) ? 1 : -1));
  const page = left.slice(0, limit ?? most);
  return {
    page: page.map(({ item }) => item),
    rest: page.length < left.length ? { nextToken: token(page.at(-1)!.key) } : {},
  };
}

/** A moment as a part of a key. */
export const momentKey = (moment: number): string => String(moment).padStart(16, '0');

const invalidToken = () => invalidParameter('The specified nextToken is invalid.');
