// Lists a page at a time.
import type { ListProjectsCommandInput, ListReportGroupsCommandInput } from '@aws-sdk/client-codebuild';

import { requireOneOf } from '../../kernel/constraint.ts';
import { pageOf, timeKey } from '../../kernel/page.ts';
import { invalidInput } from './errors.ts';

const PAGE_SIZE = 100;

const ORDERS = ['ASCENDING', 'DESCENDING'];

const invalidToken = () => invalidInput('Invalid nextToken');

const requireSize = (size: number): void => {
  if (!(size >= 1 && size <= PAGE_SIZE))
    throw invalidInput(`Invalid maxResults: it must be between 1 and ${PAGE_SIZE}`);
};

/** A page of what never changes, and the token for the next one. */
export function page<T>(things: readonly T[], token: string | undefined, size = PAGE_SIZE) {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw invalidToken();
  requireSize(size);
  const items = things.slice(start, start + size);
  const end = start + items.length;
  return { items, nextToken: end < things.length ? Buffer.from(String(end)).toString('base64url') : undefined };
}

/** Newest first unless the oldest are asked for. */
export function listByTime<T>(
  found: readonly T[],
  { timeOf, nameOf }: { readonly timeOf: (each: T) => number; readonly nameOf: (each: T) => string },
  input: { sortOrder?: string | undefined; nextToken?: string | undefined; maxResults?: number | undefined },
) {
  requireOneOf(input.sortOrder, 'sortOrder', ORDERS, invalidInput);
  const { maxResults: limit = PAGE_SIZE } = input;
  requireSize(limit);
  const { items, token } = pageOf(found, {
    keyOf: (each) => `${timeKey(timeOf(each))}|${nameOf(each)}`,
    descending: input.sortOrder !== 'ASCENDING',
    limit,
    token: input.nextToken,
    invalidToken,
  });
  return { items, nextToken: token };
}

/** The ids of builds or batches. */
export function listIds(
  found: readonly { readonly id: string; readonly startedAt: number; readonly number: number }[],
  input: { sortOrder?: string | undefined; nextToken?: string | undefined },
) {
  const timeOf = (each: (typeof found)[number]) => each.startedAt;
  const nameOf = ({ number, id }: (typeof found)[number]) => `${String(number).padStart(9, '0')}|${id}`;
  const { items, nextToken } = listByTime(found, { timeOf, nameOf }, input);
  return { ids: items.map(({ id }) => id), nextToken };
}

/** Projects or report groups, by name or by a time of theirs. */
export function listSorted<
  T extends { readonly name: string; readonly createdAt: number; readonly modifiedAt: number },
>(
  found: readonly T[],
  input: Omit<ListProjectsCommandInput & ListReportGroupsCommandInput, 'sortBy'> & { sortBy?: string | undefined },
) {
  requireOneOf(input.sortBy, 'sortBy', ['NAME', 'CREATED_TIME', 'LAST_MODIFIED_TIME'], invalidInput);
  const timeOf = ({ createdAt, modifiedAt }: T) =>
    input.sortBy === 'CREATED_TIME' ? createdAt : input.sortBy === 'LAST_MODIFIED_TIME' ? modifiedAt : 0;
  return listByTime(
    found,
    { timeOf, nameOf: ({ name }) => name },
    { ...input, sortOrder: input.sortOrder ?? 'ASCENDING' },
  );
}
