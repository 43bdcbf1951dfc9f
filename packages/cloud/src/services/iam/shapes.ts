// Forms that many IAM answers share: tags, encoded documents, pages.
import type { Tag } from '@aws-sdk/client-iam';

import { requireWithin } from '../../kernel/constraint.ts';
import { prefixed } from '../../kernel/identity/context.ts';
import { pageInOrder } from '../../kernel/page.ts';
import { invalid } from './errors.ts';

export const toTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const fromTags = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));

/** Tags that anything of IAM may have. */
const TAGS_LIMIT = 50;

/** The tags with some set and some removed; keys that differ in case alone are one key. */
export function mergeTags(
  tags: Readonly<Record<string, string>>,
  set: readonly Tag[] | undefined,
  removed: readonly string[] = [],
): Record<string, string> {
  const added = fromTags(set);
  const hidden = new Set([...Object.keys(added), ...removed].map((key) => key.toLowerCase()));
  const kept = Object.entries(tags).filter(([key]) => !hidden.has(key.toLowerCase()));
  const merged = { ...Object.fromEntries(kept), ...added };
  if (Object.keys(merged).length > TAGS_LIMIT) {
    throw invalid(`The number of tags has reached the maximum limit of ${TAGS_LIMIT}.`);
  }
  return merged;
}

/** IAM answers policy documents percent-encoded as RFC 3986 says. */
export const encodeDocument = (document: string): string =>
  encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** What IAM is told of a thing's tags, under its own name for them and under everybody's. */
export const tagFacts = (tags: Readonly<Record<string, string>>): Record<string, string> => ({
  ...prefixed('aws:ResourceTag/', tags),
  ...prefixed('iam:ResourceTag/', tags),
});

export interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** How many items a page has where the caller does not say. */
const PAGE_SIZE = 100;

const LARGEST_PAGE = 1_000;

/** One page of items, in the order that they have. */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, input: PageInput) {
  const size = input.MaxItems ?? PAGE_SIZE;
  requireWithin(size, 'maxItems', [1, LARGEST_PAGE], invalid);
  const found = pageInOrder(items, keyOf, size, input.Marker);
  if (!found) throw invalid(`Invalid Marker: ${input.Marker}`);
  const { token } = found;
  return { items: found.items, IsTruncated: token !== undefined, ...(token !== undefined && { Marker: token }) };
}

const NAME = /^[\w+=,.@-]+$/;

/** Refuses names that IAM refuses. */
export function requireName(
  kind: 'roleName' | 'userName' | 'groupName' | 'policyName' | 'instanceProfileName',
  name: string | undefined,
  longest: number,
): string {
  if (!name || !NAME.test(name)) {
    throw invalid(
      `The specified value for ${kind} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
  if (name.length > longest) {
    throw invalid(
      `1 validation error detected: Value at '${kind}' failed to satisfy constraint: Member must have length less than or equal to ${longest}`,
    );
  }
  return name;
}

/** Refuses paths that do not begin and end with a slash. */
export function requirePath(path: string | undefined): string {
  if (path === undefined) return '/';
  if (!/^\/([!-~]+\/)?$/.test(path) || path.length > 512)
    throw invalid(
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
  return path;
}
