// Which messages a subscription wants: its filter policy, on the message's attributes or on its body.
// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
import { compileEventPattern, EventPatternError, type EventTest } from '../../kernel/event-pattern.ts';
import { invalidParameter } from './errors.ts';
import type { MessageAttributes } from './message.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** Why a message does not reach a subscription, in the words of SNS's metrics. */
export type Miss =
  | 'MessageAttributes'
  | 'NoMessageAttributes'
  | 'InvalidAttributes'
  | 'MessageBody'
  | 'InvalidMessageBody';

type JsonObject = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const LARGEST_POLICY_BYTES = 256 * 1024;
const LARGEST_NUMBER = 1e9;
const MOST_WILDCARDS_IN_A_PATTERN = 3;
const MOST_WILDCARD_POINTS = 100;

const compiled = new Map<string, EventTest>();

/** How many compiled policies are kept; one is used far more often than written. */
const COMPILED_LIMIT = 1_000;

/** Throws SNS's error for a filter policy that means nothing; `where` is how the error begins. */
export function checkFilterPolicy(text: string, scope: FilterScope, where: string): void {
  const refuse = (why: string) => invalidParameter(`${where}FilterPolicy: ${why}`);
  try {
    if (Buffer.byteLength(text) > LARGEST_POLICY_BYTES) throw new EventPatternError('Filter policy is too long');
    const policy = parseObject(text);
    if (!policy) throw new EventPatternError('failed to parse JSON. It has to be an object');
    if (Object.keys(policy).length === 0) return;
    const keys = leavesOf(policy, scope);
    if (new Set(keys.map(({ path }) => path)).size > MOST_KEYS) {
      throw new EventPatternError(`Filter policy can not have more than ${MOST_KEYS} keys`);
    }
    if (combinationsOf(policy) > MOST_COMBINATIONS) throw new EventPatternError('Filter policy is too complex');
    const matchers = keys.flatMap(({ matchers }) => matchers);
    for (const matcher of matchers) checkMatcher(matcher);
    checkWildcards(matchers);
    compileEventPattern(policy);
  } catch (error) {
    if (error instanceof EventPatternError) throw refuse(error.message);
    throw error;
  }
}

/** Why a message is not for a subscription with this policy; undefined where it is. */
export function missOf(
  policy: string,
  scope: FilterScope,
  message: { readonly attributes: MessageAttributes; readonly text: string },
): Miss | undefined {
  const test = testOf(policy);
  if (!test) return undefined;
  if (scope === 'MessageBody') {
    const body = parseJson(message.text);
    if (body === undefined) return 'InvalidMessageBody';
    return test(body) ? undefined : 'MessageBody';
  }
  const values = valuesOf(message.attributes);
  if (!values) return 'InvalidAttributes';
  if (test(values)) return undefined;
  return Object.keys(message.attributes).length === 0 ? 'NoMessageAttributes' : 'MessageAttributes';
}

/** Undefined for `{}`, which wants everything. */
function testOf(policy: string): EventTest | undefined {
  let test = compiled.get(policy);
  if (!test) {
    const parsed = JSON.parse(policy) as JsonObject;
    if (Object.keys(parsed).length === 0) return undefined;
    if (compiled.size >= COMPILED_LIMIT) compiled.clear();
    compiled.set(policy, (test = compileEventPattern(parsed)));
  }
  return test;
}

/** What attributes mean to a filter: texts, numbers, and lists of either; binary ones are not there. */
function valuesOf(attributes: MessageAttributes): JsonObject | undefined {
  const values: Record<string, unknown> = {};
  for (const [name, { Type, Value }] of Object.entries(attributes)) {
    if (Type.startsWith('Binary')) continue;
    if (Type === 'String.Array') {
      const list = parseJson(Value);
      if (!Array.isArray(list)) return undefined;
      values[name] = list;
    } else values[name] = Type.split('.')[0] === 'Number' ? Number(Value) : Value;
  }
  return values;
}

interface Leaf {
  readonly path: string;
  readonly matchers: readonly unknown[];
}

function leavesOf(policy: JsonObject, scope: FilterScope, path = ''): Leaf[] {
  return Object.entries(policy).flatMap(([name, inner]): Leaf[] => {
    if (name === '$or' && Array.isArray(inner)) {
      return (inner as JsonObject[]).flatMap((option) => (isObject(option) ? leavesOf(option, scope, path) : []));
    }
    const own = path === '' ? name : `${path}.${name}`;
    if (Array.isArray(inner)) return [{ path: own, matchers: inner as unknown[] }];
    if (!isObject(inner)) throw new EventPatternError(`"${name}" must be an object or an array`);
    if (scope === 'MessageAttributes') {
      throw new EventPatternError('Filter policy scope MessageAttributes does not support nested filter policy');
    }
    return leavesOf(inner, scope, own);
  });
}

// Each list of values counts as often as it is deep; alternatives add up, everything else multiplies.
function combinationsOf(policy: JsonObject, depth = 1): number {
  return Object.entries(policy).reduce((product, [name, inner]) => {
    if (name === '$or' && Array.isArray(inner)) {
      return product * (inner as JsonObject[]).reduce((sum, option) => sum + combinationsOf(option, depth), 0);
    }
    if (Array.isArray(inner)) return product * inner.length * depth;
    return product * combinationsOf(inner as JsonObject, depth + 1);
  }, 1);
}

function checkMatcher(matcher: unknown): void {
  if (Array.isArray(matcher)) {
    throw new EventPatternError('Match value must be String, number, true, false, or null');
  }
  if (typeof matcher === 'number') checkNumber(matcher);
  if (!isObject(matcher)) return;
  const [operator, argument] = Object.entries(matcher)[0] ?? [];
  if (operator === 'numeric' || operator === 'anything-but') {
    for (const value of [argument].flat()) if (typeof value === 'number') checkNumber(value);
  }
}

function checkNumber(value: number): void {
  if (Math.abs(value) > LARGEST_NUMBER) {
    throw new EventPatternError(`Match value ${value} must be between -1000000000 and 1000000000`);
  }
}

// A pattern's wildcards have points: one for a single one or within anything-but, three for each of several.
function checkWildcards(matchers: readonly unknown[]): void {
  const points: number[] = [];
  for (const matcher of matchers) {
    if (!isObject(matcher)) continue;
    const negated = isObject(matcher['anything-but']) ? matcher['anything-but']['wildcard'] : undefined;
    const patterns = [matcher['wildcard'] ?? negated ?? []].flat() as unknown[];
    for (const pattern of patterns) {
      if (typeof pattern !== 'string') continue;
      const count = pattern.replaceAll('\\*', '').split('*').length - 1;
      if (count > MOST_WILDCARDS_IN_A_PATTERN) {
        throw new EventPatternError(`A pattern can not have more than ${MOST_WILDCARDS_IN_A_PATTERN} wildcards`);
      }
      points.push(negated === undefined && count > 1 ? count * 3 : count);
    }
  }
  const sum = points.reduce((total, one) => total + one, 0);
  if (sum * points.length > MOST_WILDCARD_POINTS) throw new EventPatternError('Filter policy is too complex');
}

function parseObject(text: string): JsonObject | undefined {
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
