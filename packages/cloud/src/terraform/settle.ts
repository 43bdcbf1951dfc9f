// Keeps what was there where what comes says the same in other words: the order of a set, a JSON text's spacing, null for empty.
import { sameText, textKind } from './documents.ts';
import type { ResourceType } from './resource.ts';
import { isNestedType, type Attribute, type Block, type NestedBlock, type NestedType, type Type } from './schema.ts';
import { isEqual, isObject, UNKNOWN, type WireObject, type WireValue } from './value.ts';

export interface Settling {
  /**
   * `plan`: the coming value is what the configuration leads to, where null means that it does not say.
   * `read`: it is what the resource is like, where null means that it has none.
   */
  readonly mode: 'plan' | 'read';
  /** Paths of texts that are JSON documents. */
  readonly documents: readonly string[];
  /** Paths of texts that a type compares itself, in a plan. */
  readonly same: NonNullable<ResourceType['same']>;
}

/** `next`, with everything taken from `before` that means the same. */
export function settle(
  block: Block,
  before: WireValue | undefined,
  next: WireValue,
  how: Settling,
  path = '',
): WireValue {
  if (!isObject(before) || !isObject(next)) return next;
  const settled: WireObject = {};
  for (const [name, attribute] of Object.entries(block.attributes)) {
    settled[name] = settleAttribute(attribute, before[name], next[name] ?? null, how, path + name);
  }
  for (const [name, nested] of Object.entries(block.blocks ?? {})) {
    settled[name] = settleNested(nested, before[name], next[name] ?? null, how, path + name);
  }
  return settled;
}

function settleAttribute(
  attribute: Attribute,
  before: WireValue | undefined,
  next: WireValue,
  how: Settling,
  path: string,
): WireValue {
  const [flags, type] = attribute;
  if (before === undefined || before === UNKNOWN || next === UNKNOWN) return next;
  if (next === null) {
    const unsaid = how.mode === 'plan' && flags.includes('c');
    return unsaid || isBlank(before) ? before : next;
  }
  if (before === null) {
    const same =
      how.mode === 'plan' ? next === '' || isEmptyCollection(next) : isEmptyCollection(next) && !flags.includes('c');
    return same ? before : next;
  }
  if (isNestedType(type)) return settleNested(type, before, next, how, path);
  if (typeof before === 'string' && typeof next === 'string') {
    const suppressed = how.mode === 'plan' && how.same[path]?.(before, next);
    const same = suppressed || sameText(textKind(path, how.documents), before, next);
    return same ? before : next;
  }
  return sameValue(type, before, next) ? before : next;
}

function settleNested(
  block: NestedBlock | NestedType,
  before: WireValue | undefined,
  next: WireValue,
  how: Settling,
  path: string,
): WireValue {
  if (!Array.isArray(before) || !Array.isArray(next)) return settle(block, before, next, how, `${path}.`);
  return block.nesting === 'set'
    ? settleSet(block, before, next, how, `${path}.`)
    : next.map((element, index) => settle(block, before[index], element, how, `${path}.`));
}

/** Each element becomes the one before it that it means; the order is the former one where nothing differs. */
function settleSet(block: Block, before: WireValue[], next: WireValue[], how: Settling, path: string): WireValue[] {
  const left = [...before];
  const take = (same: (candidate: WireValue) => boolean): WireValue | undefined => {
    const found = left.findIndex(same);
    return found < 0 ? undefined : left.splice(found, 1)[0];
  };
  // Elements that are there word for word are not given away to others that might mean them.
  const kept = next.map((element) => take((candidate) => isEqual(candidate, element)));
  const settled = next.map(
    (element, index) =>
      kept[index] ?? take((candidate) => isEqual(settle(block, candidate, element, how, path), candidate)) ?? element,
  );
  return left.length === 0 && settled.every((element) => before.includes(element)) ? before : settled;
}

/** What stands for no value in a state: Terraform's zero values, and null. */
export const isBlank = (value: WireValue | undefined): boolean =>
  value === undefined || value === null || value === '' || value === 0 || value === false || isEmptyCollection(value);

const isEmptyCollection = (value: WireValue): boolean =>
  Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;

function sameValue(type: Type, a: WireValue, b: WireValue): boolean {
  return isEqual(withoutOrder(type, a), withoutOrder(type, b));
}

/** The value with the elements of its sets in one order. */
function withoutOrder(type: Type, value: WireValue | undefined): WireValue {
  if (value === undefined || value === null || value === UNKNOWN || typeof type === 'string') return value ?? null;
  const [kind, inner] = type;
  if (Array.isArray(value) && kind !== 'object') {
    const elements = value.map((element) => withoutOrder(inner, element));
    if (kind !== 'set') return elements;
    return elements
      .map((element) => ({ element, text: JSON.stringify(element) }))
      .toSorted((x, y) => (x.text < y.text ? -1 : x.text > y.text ? 1 : 0))
      .map(({ element }) => element);
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      withoutOrder(kind === 'object' ? (inner[name] ?? 'string') : inner, member),
    ]),
  );
}
