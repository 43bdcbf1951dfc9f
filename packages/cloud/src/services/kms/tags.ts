// Tags as KMS takes and tells them. https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
import type { Tag } from '@aws-sdk/client-kms';

import { limitExceeded, tagError } from './errors.ts';

const TAGS_LIMIT = 50;

export const toTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

export const fromTags = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ TagKey, TagValue }) => [TagKey!, TagValue ?? '']));

/** Tags with some set; refuses those that KMS refuses. */
export function withTags(tags: Readonly<Record<string, string>>, set: readonly Tag[] | undefined) {
  const added = fromTags(set);
  if (Object.keys(added).length < (set?.length ?? 0)) throw tagError('Duplicate tag keys');
  for (const [key, value] of Object.entries(added)) {
    if (key.startsWith('aws:')) throw tagError(`aws: prefixed tag key names are not allowed for external use: ${key}`);
    if (key === '' || key.length > 128 || value.length > 256) throw tagError(`Invalid tag ${key}`);
  }
  const merged = { ...tags, ...added };
  if (Object.keys(merged).length > TAGS_LIMIT) throw limitExceeded('Too many tags');
  return merged;
}
