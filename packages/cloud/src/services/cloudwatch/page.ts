// Lists by pages, as CloudWatch has them.
import { pageOf, type PageOptions } from '../../kernel/page.ts';
import { invalidToken } from './errors.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** To be spread into the answer: the last page has none. */
  readonly rest: { readonly NextToken?: string };
}

/** A page of a sorted list; throws InvalidNextToken for a token that is none of CloudWatch's. */
export function page<T>(items: readonly T[], options: Omit<PageOptions<T>, 'invalidToken'>): Page<T> {
  const { items: found, token } = pageOf(items, { ...options, invalidToken });
  return { items: found, rest: token === undefined ? {} : { NextToken: token } };
}

/** How many datapoints of an answer were told already. */
export function placeOf(token: string | undefined): number {
  const text = token === undefined ? '0' : Buffer.from(token, 'base64url').toString();
  if (!/^\d{1,15}$/.test(text)) throw invalidToken();
  return Number(text);
}

/** The token for what follows so many datapoints. */
export const tokenOf = (place: number): string => Buffer.from(String(place)).toString('base64url');
