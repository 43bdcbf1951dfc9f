// IAM's condition operators over a request's context.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
import { BlockList } from 'node:net';

/** A request's context by condition key in lower case; a key with several values is an array, one without is absent. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

/** True where every operator and every key of the statement's conditions holds. */
export function conditionsHold(
  conditions: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>,
  context: Context,
): boolean {
  for (const [operator, keys] of conditions) {
    for (const [key, wanted] of keys) if (!holds(operator, context.get(key), wanted, context)) return false;
  }
  return true;
}

/** Replaces `${aws:username}`, `${key, 'default'}`, `${*}`, `${?}` and `${$}`; undefined where a variable has no value. */
export function substitute(text: string, context: Context): Pattern | undefined {
  if (!text.includes('${')) return { source: patternSource(text) };
  let source = '';
  let rest = text;
  for (let match = VARIABLE.exec(rest); match; match = VARIABLE.exec(rest)) {
    source += patternSource(rest.slice(0, match.index));
    const value = variable(match[1]!, context);
    if (value === undefined) return undefined;
    source += escape(value);
    rest = rest.slice(match.index + match[0].length);
  }
  return { source: source + patternSource(rest) };
}

/** A pattern with `*` and `?`, as the source of a regular expression; what a variable brought in is literal. */
export interface Pattern {
  readonly source: string;
}

const compiled = new Map<string, RegExp>();

/** How many compiled patterns are kept. */
const COMPILED_LIMIT = 5_000;

/** True where the whole of `value` matches. */
export function matches(pattern: Pattern, value: string, ignoreCase = false): boolean {
  const id = (ignoreCase ? 'i' : '-') + pattern.source;
  let expression = compiled.get(id);
  if (!expression) {
    if (compiled.size >= COMPILED_LIMIT) compiled.clear();
    compiled.set(id, (expression = new RegExp(`^${pattern.source}$`, ignoreCase ? 'is' : 's')));
  }
  return expression.test(value);
}

const VARIABLE = /\$\{([^}]*)\}/;

function variable(body: string, context: Context): string | undefined {
  if (body === '*' || body === '?' || body === '$') return body;
  const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)')?\s*$/.exec(body) ?? [];
  const value = context.get(key.toLowerCase());
  return typeof value === 'string' ? value : fallback;
}

// A run of stars is one star, so that hostile patterns cannot backtrack more than the text is long.
const patternSource = (text: string): string =>
  text
    .replace(/\*+/g, '*')
    .replace(/[\\^$.|+()[\]{}*?]/g, (character) =>
      character === '*' ? '.*?' : character === '?' ? '.' : `\\${character}`,
    );

const escape = (text: string): string => text.replace(/[\\^$.|+()[\]{}*?]/g, '\\$&');

function holds(
  operator: string,
  actual: string | readonly string[] | undefined,
  wanted: readonly string[],
  context: Context,
): boolean {
  const [, set, name = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  if (name === 'Null') return wanted.some((value) => (value.toLowerCase() === 'true') === (actual === undefined));
  if (actual === undefined) return ifExists !== undefined || set === 'ForAllValues:' || (!set && NEGATED.test(name));
  const values = typeof actual === 'string' ? [actual] : actual;
  const positive = name.replace(/^(String|Numeric|Date|Arn)Not/, '$1').replace(/^NotIp/, 'Ip');
  const negated = positive !== name;
  // A negated operator holds where none of the wanted values matches.
  const one = (value: string) => wanted.some((want) => compare(positive, value, want, context)) !== negated;
  if (set === 'ForAllValues:') return values.every(one);
  if (set === 'ForAnyValue:') return values.some(one);
  return negated ? values.every(one) : values.some(one);
}

const NEGATED = /^(String|Numeric|Date|Arn)Not|^NotIp/;

function compare(operator: string, value: string, want: string, context: Context): boolean {
  switch (operator) {
    case 'StringEquals':
      return literal(want, context) === value;
    case 'StringEqualsIgnoreCase':
      return literal(want, context)?.toLowerCase() === value.toLowerCase();
    case 'BinaryEquals':
      return want === value;
    case 'Bool':
      return want.toLowerCase() === value.toLowerCase();
    case 'StringLike':
      return like(want, value, context);
    case 'ArnEquals':
    case 'ArnLike':
      return arnLike(want, value, context);
    case 'IpAddress':
      return inRange(value, want);
    default:
      return operator.startsWith('Numeric')
        ? ordered(operator.slice('Numeric'.length), Number(value), Number(want))
        : ordered(operator.slice('Date'.length), moment(value), moment(want));
  }
}

function literal(want: string, context: Context): string | undefined {
  if (!want.includes('${')) return want;
  let missing = false;
  const text = want.replace(/\$\{([^}]*)\}/g, (_, body: string) => {
    const value = variable(body, context);
    missing ||= value === undefined;
    return value ?? '';
  });
  return missing ? undefined : text;
}

function like(want: string, value: string, context: Context): boolean {
  const pattern = substitute(want, context);
  return pattern !== undefined && matches(pattern, value);
}

// Each of the six parts is matched by itself: a star does not reach over a colon.
function arnLike(want: string, value: string, context: Context): boolean {
  const parts = (arn: string) => {
    const split = arn.split(':');
    return [...split.slice(0, 5), split.slice(5).join(':')];
  };
  const wanted = parts(want);
  const actual = parts(value);
  return wanted.length === actual.length && wanted.every((part, index) => like(part, actual[index]!, context));
}

function inRange(value: string, range: string): boolean {
  const [network = '', bits] = range.split('/');
  const family = network.includes(':') ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  return block.check(value, value.includes(':') ? 'ipv6' : 'ipv4');
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

const moment = (text: string): number => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));
