// Lists by pages, with the place to go on from as the token.
import { invalidToken } from './errors.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly NextToken: string | undefined;
}

export function page<T>(items: readonly T[], token: string | undefined, limit: number): Page<T> {
  const start = placeOf(token);
  const end = start + limit;
  return { items: items.slice(start, end), NextToken: end < items.length ? tokenOf(end) : undefined };
}

export function placeOf(token: string | undefined): number {
  const text = token === undefined ? '0' : Buffer.from(token, 'base64url').toString();
  if (!/^\d{1,15}$/.test(text)) throw invalidToken();
  return Number(text);
}

export const tokenOf = (place: number): string => Buffer.from(String(place)).toString('base64url');
