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
 * A page of a list whose order no key tells: the token says with which item to go on. Undefined where the token is none of
 * this list's.
 */
export function pageInOrder<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  limit: number,
  token: string | undefined,
): Page<T> | undefined {
  const first = token === undefined ? undefined : Buffer.from(token, 'base64url').toString();
  const start = first === undefined ? 0 : items.findIndex((item) => keyOf(item) === first);
  if (start < 0) return undefined;
  const next = items[start + limit];
  return {
    items: items.slice(start, start + limit),
    token: next === undefined ? undefined : Buffer.from(keyOf(next)).toString('base64url'),
  };
}
