// Which secrets a listing is asked for. https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html
import type { Filter } from '@aws-sdk/client-secrets-manager';

import { invalidParameter } from './errors.ts';
import type { Secret } from './secrets.ts';

/** True where every filter has a value that fits. */
export const matchesFilters = (secret: Secret, filters: readonly Filter[] = []): boolean =>
  filters.every(({ Key: key = 'all', Values: values = [] }) => {
    const texts = textsOf(secret, key);
    return values.some((value) => {
      const negated = value.startsWith('!');
      return matches(texts, negated ? value.slice(1) : value, key) !== negated;
    });
  });

function textsOf({ name, description = '', tags, region, primaryRegion }: Secret, key: string): string[] {
  switch (key) {
    case 'name':
      return [name];
    case 'description':
      return [description];
    case 'tag-key':
      return Object.keys(tags);
    case 'tag-value':
      return Object.values(tags);
    case 'primary-region':
      return [primaryRegion ?? region];
    // Secrets that a service of AWS made: there are none here.
    case 'owning-service':
      return [];
    case 'all':
      return [name, description, ...Object.keys(tags), ...Object.values(tags)];
    default:
      throw invalidParameter(`The filter key ${key} is not known.`);
  }
}

// Names and tags are compared from their beginning, with regard to case; words of descriptions and of `all` without.
function matches(texts: readonly string[], value: string, key: string): boolean {
  if (key !== 'all' && key !== 'description') return texts.some((text) => text.startsWith(value));
  const words = texts.flatMap((text) => [text, ...text.split(/[\s/_+=.@!-]+/)]).map((text) => text.toLowerCase());
  const wanted = value.toLowerCase();
  return words.some((word) => word.startsWith(wanted));
}
