// Lists by pages. Tokens name items, not places: whoever deletes what a page showed misses nothing of the next one.
import type { AwsError } from './errors.ts';

export interface PageOptions<T> {
  /** What the list is sorted by; no two items have the same. */
  readonly keyOf: (item: T) => string;
  /** @default false */
  readonly descending?: boolean;
  readonly limit: number;
  readonly token: string | undefined;
  /** The service's error for a token that it never gave. */
  readonly invalidToken: () => AwsError;
}

export interface Page<T> {
  readonly items: T[];
  /** Undefined on the last page. */
  readonly token: string | undefined;
}

/** A page of a list that is sorted by a key: the token says after which one to go on, whether it is still there or not. */
export function pageOf<T>(items: readonly T[], options: PageOptions<T>): Page<T> {
  const { keyOf, descending = false, limit, token } = options;
  const sorted = items.map((item) => ({ item, key: keyOf(item) })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  if (descending) sorted.reverse();
  const after = token === undefined ? undefined : keyIn(token, options);
  const rest = after === undefined ? sorted : sorted.filter(({ key }) => (descending ? key < after : key > after));
  const page = rest.slice(0, limit);
  return {
    items: page.map(({ item }) => item),
    token: rest.length > limit && page.length > 0 ? tokenOf(page.at(-1)!.key) : undefined,
  };
}

const MARK = 'after:';

const tokenOf = (key: string): string => Buffer.from(MARK + key).toString('base64url');

function keyIn<T>(token: string, { invalidToken }: PageOptions<T>): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith(MARK) || Buffer.from(text).toString('base64url') !== token) throw invalidToken();
  return text.slice(MARK.length);
}

/** A moment as a part of a key, in milliseconds: later ones sort after earlier ones. */
export const timeKey = (at: number): string => String(at).padStart(16, '0');

/**
 * A page of a list whose order no key tells: the token says with which item to go on, and after which one where that is gone.
 * Undefined where the token is none of this list's.
 */
export function pageInOrder<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  limit: number,
  token: string | undefined,
): Page<T> | undefined {
  const start = token === undefined ? 0 : startOf(items.map(keyOf), token);
  if (start === undefined) return undefined;
  const page = items.slice(start, start + limit);
  const [last, next] = [page.at(-1), items[start + limit]];
  return {
    items: page,
    token: next === undefined || last === undefined ? undefined : `${sealed(keyOf(next))}.${sealed(keyOf(last))}`,
  };
}

function startOf(keys: readonly string[], token: string): number | undefined {
  const [next = '', last = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  if (keys.includes(next)) return keys.indexOf(next);
  return keys.includes(last) ? keys.indexOf(last) + 1 : undefined;
}

const sealed = (key: string): string => Buffer.from(key).toString('base64url');
