// Lists by pages of a hundred, with the place to go on from as the token.
import { invalidParameter } from './errors.ts';

const ITEMS_ON_A_PAGE = 100;

export function page<T>(items: readonly T[], token: string | undefined): { items: readonly T[]; NextToken?: string } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('NextToken');
  const end = start + ITEMS_ON_A_PAGE;
  return {
    items: items.slice(start, end),
    ...(end < items.length && { NextToken: Buffer.from(String(end)).toString('base64url') }),
  };
}
