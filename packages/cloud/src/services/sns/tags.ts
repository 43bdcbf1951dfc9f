// Tags as SNS checks them, and between Terraform and the API.
// https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html
import type { Tag } from '@aws-sdk/client-sns';

import { invalidParameter, tooManyTags } from './errors.ts';

const MOST_TAGS = 50;

/** The tags with others set. Throws where they cannot be. */
export function addTags(before: Readonly<Record<string, string>>, added: readonly Tag[]): Record<string, string> {
  if (new Set(added.map(({ Key }) => Key)).size < added.length) {
    throw invalidParameter('Duplicated keys are not allowed.');
  }
  const tags = { ...before, ...fromTags(added) };
  if (Object.keys(tags).length > MOST_TAGS) throw tooManyTags();
  return tags;
}

export const toTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const fromTags = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
