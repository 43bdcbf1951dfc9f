// Event patterns, as EventBridge and SNS filter with them: JSON becomes a test of JSON.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
import { BlockList, isIP } from 'node:net';

export type EventTest = (event: unknown) => boolean;

/** A pattern that means nothing; the message says why. */
export class EventPatternError extends Error {}

type ValueTest = (value: unknown) => boolean;

/** A matcher's test, and whether it wants the field to be there at all. */
type Matcher = { readonly kind: 'value'; readonly test: ValueTest } | { readonly kind: 'absent' };

type JsonObject = Readonly<Record<string, unknown>>;

/** Compiles a pattern, as text or parsed. Throws {@link EventPatternError}. */
export function compileEventPattern(pattern: unknown): EventTest {
  const parsed: unknown = typeof pattern === 'string' ? parse(pattern) : pattern;
  if (!isObject(parsed)) throw new EventPatternError('Filter is not an object');
  return compileObject(parsed);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EventPatternError((error as SyntaxError).message);
  }
}

function compileObject(pattern: JsonObject): EventTest {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new EventPatternError('Empty objects are not allowed');
  const tests = entries.map(([name, inner]) => (isOr(name, inner) ? compileOr(inner) : compileField(name, inner)));
  // An object within an array has to match by itself: two elements do not add up to one.
  return (event) => each(event, (value) => isObject(value) && tests.every((test) => test(value)));
}

/** `$or` is a field's name like any other where its value is no list of patterns. */
const isOr = (name: string, inner: unknown): inner is readonly JsonObject[] =>
  name === '$or' && Array.isArray(inner) && inner.length > 1 && inner.every((option) => isObject(option));

function compileOr(options: readonly JsonObject[]): EventTest {
  const tests = options.map(compileObject);
  return (event) => tests.some((test) => test(event));
}

function compileField(name: string, inner: unknown): EventTest {
  const valueOf = (event: unknown): unknown => (event as JsonObject)[name];
  if (Array.isArray(inner)) {
    if (inner.length === 0) throw new EventPatternError('Empty arrays are not allowed');
    const matchers = inner.map((matcher) => compileMatcher(name, matcher));
    const tests = matchers.flatMap((matcher) => (matcher.kind === 'value' ? [matcher.test] : []));
    const absent = matchers.some(({ kind }) => kind === 'absent');
    return (event) => {
      const value = valueOf(event);
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return absent;
      return each(value, (one) => !isObject(one) && tests.some((test) => test(one)));
    };
  }
  if (!isObject(inner)) throw new EventPatternError(`"${name}" must be an object or an array`);
  const test = compileObject(inner);
  const mayBeAbsent = Object.values(inner).every(
    (matchers) =>
      Array.isArray(matchers) && matchers.some((matcher) => isObject(matcher) && matcher['exists'] === false),
  );
  return (event) => {
    const value = valueOf(event);
    return value === undefined ? mayBeAbsent : test(value);
  };
}

/** True where it holds for a value, or for any in a list. */
function each(value: unknown, holds: ValueTest): boolean {
  return Array.isArray(value) ? value.some((one) => each(one, holds)) : holds(value);
}

function compileMatcher(name: string, matcher: unknown): Matcher {
  if (!isObject(matcher)) return { kind: 'value', test: equals(matcher) };
  const [[operator, argument] = ['', undefined], ...more] = Object.entries(matcher);
  if (more.length > 0 || operator === '') throw new EventPatternError('Only one key allowed in match expression');
  if (operator === 'exists') {
    if (typeof argument !== 'boolean')
      throw new EventPatternError('exists match pattern must be either true or false.');
    return argument ? { kind: 'value', test: () => true } : { kind: 'absent' };
  }
  return { kind: 'value', test: compileOperator(name, operator, argument) };
}

function compileOperator(name: string, operator: string, argument: unknown): ValueTest {
  switch (operator) {
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
    case 'wildcard':
      return compileText(operator, argument);
    case 'anything-but':
      return compileAnythingBut(name, argument);
    case 'numeric':
      return compileNumeric(argument);
    case 'cidr':
      return compileCidr(argument);
    default:
      throw new EventPatternError(`Unrecognized match type ${operator}`);
  }
}

function compileText(operator: string, argument: unknown): ValueTest {
  const folded = isObject(argument) && (operator === 'prefix' || operator === 'suffix');
  const wanted: unknown = folded ? (argument as JsonObject)['equals-ignore-case'] : argument;
  if (typeof wanted !== 'string' || (wanted === '' && operator !== 'equals-ignore-case')) {
    throw new EventPatternError(`${operator} match pattern must be a string`);
  }
  const lower = wanted.toLowerCase();
  const onText =
    (test: (text: string) => boolean): ValueTest =>
    (value) =>
      typeof value === 'string' && test(value);
  switch (operator) {
    case 'prefix':
      return onText(folded ? (text) => text.toLowerCase().startsWith(lower) : (text) => text.startsWith(wanted));
    case 'suffix':
      return onText(folded ? (text) => text.toLowerCase().endsWith(lower) : (text) => text.endsWith(wanted));
    case 'equals-ignore-case':
      return onText((text) => text.toLowerCase() === lower);
    default: {
      const expression = wildcard(wanted);
      return onText((text) => expression.test(text));
    }
  }
}

/** `*` stands for anything, `\*` for itself. */
function wildcard(pattern: string): RegExp {
  if (/(^|[^\\])(\\\\)*\*\*/.test(pattern)) throw new EventPatternError('Consecutive wildcard characters');
  if (/\\[^*\\]|(^|[^\\])(\\\\)*\\$/.test(pattern)) throw new EventPatternError('Invalid escape character');
  const source = [...pattern.matchAll(/\\([*\\])|\*|[^\\*]+/g)]
    .map(([text, escaped]) => (text === '*' ? '.*' : (escaped ?? text).replace(/[\\^$.|+*()[\]{}?]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 's');
}

function compileAnythingBut(name: string, argument: unknown): ValueTest {
  if (isObject(argument)) {
    const [[operator, texts] = ['', undefined], ...more] = Object.entries(argument);
    if (more.length > 0 || !['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator)) {
      throw new EventPatternError(`Unsupported anything-but pattern: ${operator}`);
    }
    const tests = [texts].flat().map((text) => compileText(operator, text));
    if (tests.length === 0) throw new EventPatternError('Empty arrays are not allowed');
    return (value) => !tests.some((test) => test(value));
  }
  const excluded = [argument].flat();
  if (excluded.length === 0 || excluded.some((one) => typeof one === 'object' && one !== null)) {
    throw new EventPatternError(
      `Inside anything-but list, only strings, numbers and booleans are supported: "${name}"`,
    );
  }
  const tests = excluded.map(equals);
  return (value) => !tests.some((test) => test(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function compileNumeric(argument: unknown): ValueTest {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw new EventPatternError('Value of numeric must be an array of an operator and a number, once or twice.');
  }
  const parts = argument as readonly unknown[];
  const tests = parts.flatMap((operator, index) => {
    if (index % 2 === 1) return [];
    const [compare, bound] = [COMPARISONS[String(operator)], parts[index + 1]];
    if (!compare) throw new EventPatternError(`Unrecognized numeric range operator: ${String(operator)}`);
    if (typeof bound !== 'number') throw new EventPatternError(`Value of ${String(operator)} must be numeric`);
    return [(value: number) => compare(value, bound)];
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function compileCidr(argument: unknown): ValueTest {
  const [network = '', prefix] = typeof argument === 'string' ? argument.split('/') : [];
  const version = isIP(network);
  const bits = Number(prefix ?? (version === 6 ? 128 : 32));
  if (version === 0 || !(bits >= 0 && bits <= (version === 6 ? 128 : 32))) {
    throw new EventPatternError(`Malformed CIDR: ${String(argument)}`);
  }
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(network, bits, family);
  return (value) => typeof value === 'string' && isIP(value) === version && block.check(value, family);
}

const equals =
  (wanted: unknown): ValueTest =>
  (value) =>
    value === wanted;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
