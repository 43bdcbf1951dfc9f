// IAM's condition operators over a request's context.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
import { BlockList, isIP } from 'node:net';

import { matchesPattern, substitute } from './pattern.ts';

/** A request's context by condition key in lower case; a key with several values is an array, one without is absent. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

/** Operator → condition key (lower case) → values. */
export type Conditions = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** A condition that does not hold: what was wanted of which key, and what the request has. */
export interface Unmet {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  readonly actual: string | readonly string[] | undefined;
}

/** The first condition that does not hold; undefined where every operator and every key does. */
export function findUnmet(conditions: Conditions, context: Context, variables: boolean): Unmet | undefined {
  for (const [operator, keys] of conditions) {
    for (const [key, wanted] of keys) {
      const actual = context.get(key);
      if (!holds(operator, actual, wanted, variables ? context : undefined)) return { operator, key, wanted, actual };
    }
  }
  return undefined;
}

function holds(
  operator: string,
  actual: string | readonly string[] | undefined,
  wanted: readonly string[],
  variables: Context | undefined,
): boolean {
  const [, set, name = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  if (name === 'Null') return wanted.some((value) => (value.toLowerCase() === 'true') === (actual === undefined));
  const positive = name.replace(/^(String|Numeric|Date|Arn)Not/, '$1').replace(/^NotIp/, 'Ip');
  const negated = positive !== name;
  if (actual === undefined) return ifExists !== undefined || set === 'ForAllValues:' || (!set && negated);
  const values = typeof actual === 'string' ? [actual] : actual;
  // A negated operator holds where none of the wanted values matches.
  const one = (value: string) => wanted.some((want) => compare(positive, value, want, variables)) !== negated;
  if (set === 'ForAllValues:') return values.every(one);
  if (set === 'ForAnyValue:') return values.some(one);
  return negated ? values.every(one) : values.some(one);
}

// Variables stand in text and ARNs alone.
function compare(operator: string, value: string, want: string, variables: Context | undefined): boolean {
  switch (operator) {
    case 'StringEquals':
      return literal(want, variables) === value;
    case 'StringEqualsIgnoreCase':
      return literal(want, variables)?.toLowerCase() === value.toLowerCase();
    case 'BinaryEquals':
      return want === value;
    case 'Bool':
      return want.toLowerCase() === value.toLowerCase();
    case 'StringLike':
      return matchesPattern(want, value, variables);
    case 'ArnEquals':
    case 'ArnLike':
      return arnLike(want, value, variables);
    case 'IpAddress':
      return inRange(value, want);
    default:
      return operator.startsWith('Numeric')
        ? ordered(operator.slice('Numeric'.length), number(value), number(want))
        : ordered(operator.slice('Date'.length), moment(value), moment(want));
  }
}

const literal = (want: string, variables: Context | undefined): string | undefined =>
  variables && want.includes('${') ? substitute(want, variables) : want;

// Each of the six parts is matched by itself: a star does not reach over a colon.
function arnLike(want: string, value: string, variables: Context | undefined): boolean {
  const wanted = sixParts(want.includes('${') ? want.split(COLON) : want.split(':'));
  const actual = sixParts(value.split(':'));
  return (
    wanted.length === actual.length && wanted.every((part, index) => matchesPattern(part, actual[index]!, variables))
  );
}

// A colon in a variable's name separates nothing.
const COLON = /:(?![^{}]*\})/;

const sixParts = (parts: readonly string[]): string[] => [...parts.slice(0, 5), parts.slice(5).join(':')];

// An address or a range that is none matches nothing.
function inRange(value: string, range: string): boolean {
  const [network = '', bits] = range.split('/');
  const family = isIP(network);
  const length = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? length : Number(bits);
  if (family === 0 || isIP(value) !== family || !Number.isInteger(prefix) || prefix < 0 || prefix > length) {
    return false;
  }
  const block = new BlockList();
  block.addSubnet(network, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return block.check(value, family === 6 ? 'ipv6' : 'ipv4');
}

function ordered(relation: string, left: number, right: number): boolean {
  switch (relation) {
    case 'Equals':
      return left === right;
    case 'LessThan':
      return left < right;
    case 'LessThanEquals':
      return left <= right;
    case 'GreaterThan':
      return left > right;
    default:
      return left >= right;
  }
}

const number = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** Seconds since the epoch, or a date of ISO 8601. */
const moment = (text: string): number => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));
