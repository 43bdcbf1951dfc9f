// Names for resources whose configuration gives only a prefix, or nothing: unique, and sorted by the time they were made.
import type { Attributes } from './resource.ts';

/** Characters that a generated name has beyond its prefix: a time to a tenth of a millisecond, and a counter. */
export const UNIQUE_SUFFIX_LENGTH = 26;

let counter = 0;

/** The configured `name`, or one made of `name_prefix`, or one of nothing, as hashicorp/aws makes them. */
export function nameFor(planned: Attributes, name = 'name', prefix = 'name_prefix'): string {
  return (planned[name] as string | undefined) || uniqueName((planned[prefix] as string | undefined) || 'terraform-');
}

export function uniqueName(prefix: string): string {
  const time = `${new Date().toISOString().replace(/\D/g, '')}0`;
  counter = (counter + 1) % 2 ** 32;
  return prefix + time + counter.toString(16).padStart(8, '0');
}

/** The prefix of a generated name; empty for a name that a person chose. */
export const prefixOf = (name: string): string => /^(.*)\d{18}[0-9a-f]{8}$/.exec(name)?.[1] ?? '';
