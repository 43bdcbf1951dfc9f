// What differs between a resource's former tags and its planned ones.
import type { Attributes } from './resource.ts';

export interface TagChanges {
  readonly removed: string[];
  /** New tags, and those with a new value. */
  readonly set: Record<string, string>;
}

/** From `tags_all` of both; tags that other hands manage are in neither, and stay. */
export function tagChanges(prior: Attributes, planned: Attributes): TagChanges {
  const before = (prior['tags_all'] ?? {}) as Record<string, string>;
  const after = (planned['tags_all'] ?? {}) as Record<string, string>;
  return {
    removed: Object.keys(before).filter((key) => !(key in after)),
    set: Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value)),
  };
}
