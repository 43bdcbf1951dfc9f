// Tags as the provider treats them: its defaults under every resource's own, and tags that Terraform shall not see.
import type { ResourceType } from './resource.ts';
import { isObject, UNKNOWN, type WireObject, type WireValue } from './value.ts';

export interface TagRules {
  /** `default_tags`: what every resource has, unless it says otherwise. */
  readonly defaults: Readonly<Record<string, string>>;
  /** `ignore_tags`: tags that other hands manage. */
  readonly ignoredKeys: ReadonlySet<string>;
  readonly ignoredPrefixes: readonly string[];
  /** Whether some of the defaults are not known yet. */
  readonly incomplete: boolean;
}

export const NO_TAG_RULES: TagRules = { defaults: {}, ignoredKeys: new Set(), ignoredPrefixes: [], incomplete: false };

/** The rules for one resource, which may not want the defaults. */
export const rulesFor = (
  { refusesDefaultTags }: Pick<ResourceType, 'refusesDefaultTags'>,
  attributes: WireObject,
  rules: TagRules,
): TagRules => (refusesDefaultTags?.(attributes) ? { ...rules, defaults: {}, incomplete: false } : rules);

/** What `tags_all` will be for the configured `tags`; unknown as long as any of them is. */
export function allTags(tags: WireValue | undefined, rules: TagRules): WireValue {
  if (tags === UNKNOWN || rules.incomplete) return UNKNOWN;
  const own = isObject(tags) ? Object.entries(tags).filter(([, value]) => value !== null) : [];
  if (own.some(([, value]) => value === UNKNOWN)) return UNKNOWN;
  return visible(Object.entries({ ...rules.defaults, ...Object.fromEntries(own) }), rules);
}

/** What of a resource's tags Terraform sees. */
export function visibleTags(tags: WireValue, rules: TagRules): WireValue {
  return isObject(tags) ? visible(Object.entries(tags), rules) : tags;
}

/** The resource's own tags among all: those that the defaults do not explain, or that were its own before. */
export function ownTags(all: WireValue, before: WireValue | undefined, rules: TagRules): WireValue {
  if (!isObject(all)) return null;
  const known = isObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => rules.defaults[key] !== value || key in known),
  );
}

/** Tags of AWS itself (`aws:…`) cannot be managed by anyone. */
const visible = (entries: [string, WireValue][], { ignoredKeys, ignoredPrefixes }: TagRules): WireObject =>
  Object.fromEntries(
    entries.filter(
      ([key]) =>
        !key.startsWith('aws:') && !ignoredKeys.has(key) && !ignoredPrefixes.some((prefix) => key.startsWith(prefix)),
    ),
  );
