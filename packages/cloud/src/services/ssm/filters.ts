// Which parameters a listing is asked for.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
import type { ParametersFilter, ParameterStringFilter } from '@aws-sdk/client-ssm';

import { invalidFilterKey, invalidFilterOption, invalidFilterValue } from './errors.ts';
import { latest, type Parameter } from './parameters.ts';
import { DEFAULT_KEY } from './secure-values.ts';

type Matcher = (parameter: Parameter) => boolean;

/** Of GetParametersByPath. */
export const PATH_KEYS = ['Type', 'KeyId', 'Label'];

/** Of DescribeParameters, besides `tag:…`. */
export const DESCRIBE_KEYS = ['Name', 'Type', 'KeyId', 'Path', 'Tier', 'DataType'];

/** True where every filter has a value that fits. */
export function compileFilters(filters: readonly ParameterStringFilter[] = [], keys: readonly string[]): Matcher {
  const matchers = filters.map((filter) => compile(filter, keys));
  return (parameter) => matchers.every((matches) => matches(parameter));
}

/** The older kind of filter: the beginning of a name, or a type or key. */
export function compileOldFilters(filters: readonly ParametersFilter[] = []): Matcher {
  return compileFilters(
    filters.map(({ Key, Values }) => ({ Key, Values, Option: Key === 'Name' ? 'BeginsWith' : 'Equals' })),
    DESCRIBE_KEYS,
  );
}

function compile(
  { Key: key = '', Option: option, Values: values = [] }: ParameterStringFilter,
  keys: readonly string[],
): Matcher {
  const tag = key.startsWith('tag:') && keys === DESCRIBE_KEYS;
  if (!tag && !keys.includes(key)) throw invalidFilterKey(`The following filter key is not valid: ${key}.`);
  if (key === 'Path') return pathMatcher(option, values);
  const textsOf = readerOf(key);
  // Without values a tag's filter asks whether there is such a tag.
  if (tag && values.length === 0) return (parameter) => textsOf(parameter).length > 0;
  if (values.length === 0) throw invalidFilterValue('The following filter values are missing for filter key ' + key);
  const compare = comparisonOf(key, option);
  return (parameter) => textsOf(parameter).some((text) => values.some((value) => compare(text, value)));
}

function readerOf(key: string): (parameter: Parameter) => string[] {
  return (parameter) => {
    const version = latest(parameter);
    switch (key) {
      case 'Name':
        return [parameter.name];
      case 'Type':
        return [version.type];
      case 'Tier':
        return [version.tier];
      case 'DataType':
        return [version.dataType];
      case 'KeyId':
        return version.type === 'SecureString' ? [version.keyId ?? DEFAULT_KEY] : [];
      case 'Label':
        return parameter.versions.flatMap(({ labels }) => labels);
      default:
        return Object.entries(parameter.tags).flatMap(([name, value]) => (`tag:${name}` === key ? [value] : []));
    }
  };
}

function comparisonOf(key: string, option = 'Equals'): (text: string, value: string) => boolean {
  // A name is found with and without its first slash.
  const plain = (text: string) => (key === 'Name' ? text.replace(/^\//, '') : text);
  if (option === 'Equals') return (text, value) => plain(text) === plain(value);
  if (option === 'BeginsWith' && key !== 'Type') return (text, value) => plain(text).startsWith(plain(value));
  if (option === 'Contains' && key === 'Name') return (text, value) => text.includes(value);
  throw invalidFilterOption(`The following filter option is not valid: ${option}.`);
}

function pathMatcher(option = 'OneLevel', paths: readonly string[]): Matcher {
  if (option !== 'Recursive' && option !== 'OneLevel') {
    throw invalidFilterOption(
      `The following filter option is not valid: ${option}. Valid options include: [Recursive, OneLevel].`,
    );
  }
  return ({ name }) => paths.some((path) => isUnder(name, path, option === 'Recursive'));
}

/** True for a name below a path, directly or at any depth. */
export function isUnder(name: string, path: string, recursive: boolean): boolean {
  const full = name.startsWith('/') ? name : `/${name}`;
  const folder = path.endsWith('/') ? path : `${path}/`;
  return full.startsWith(folder) && (recursive || !full.slice(folder.length).includes('/'));
}
