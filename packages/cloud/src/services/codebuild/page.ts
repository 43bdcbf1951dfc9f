// Lists a page at a time.
import { invalidInput } from './errors.ts';

const PAGE_SIZE = 100;

/** A page of names or of things, and the token for the next one. */
export function page<T>(names: readonly T[], token: string | undefined, size = PAGE_SIZE) {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw invalidInput('Invalid nextToken');
  if (!(size >= 1 && size <= PAGE_SIZE))
    throw invalidInput(`Invalid maxResults: it must be between 1 and ${PAGE_SIZE}`);
  const items = names.slice(start, start + size);
  const end = start + items.length;
  return { items, nextToken: end < names.length ? Buffer.from(String(end)).toString('base64url') : undefined };
}

/** The ids of builds or batches that come newest first, as they were asked for. */
export function listIds(
  found: readonly { readonly id: string }[],
  input: { sortOrder?: string | undefined; nextToken?: string | undefined },
) {
  const ordered = input.sortOrder === 'ASCENDING' ? found.toReversed() : found;
  const { items, nextToken } = page(
    ordered.map(({ id }) => id),
    input.nextToken,
  );
  return { ids: items, nextToken };
}
