// When two JSON texts say the same: as documents, and as policies, where order and single-element lists mean nothing.
import { isEqual, isObject, type WireValue } from './value.ts';

/** Attributes of these names hold policies, whatever the type they belong to. */
const POLICY_ATTRIBUTES = new Set([
  'policy',
  'assume_role_policy',
  'access_policy',
  'access_policies',
  'policy_document',
  'resource_policy',
]);

/** How a text attribute is compared: as a policy, as a JSON document, or letter by letter. */
export type TextKind = 'policy' | 'document' | 'text';

/** The kind of the attribute at a dotted path without indexes, e.g. `inline_policy.policy`. */
export function textKind(path: string, documents: readonly string[]): TextKind {
  if (documents.includes(path)) return 'document';
  return POLICY_ATTRIBUTES.has(path.slice(path.lastIndexOf('.') + 1)) ? 'policy' : 'text';
}

export function sameText(kind: TextKind, a: string, b: string): boolean {
  if (a === b) return true;
  if (kind === 'text') return false;
  const left = parse(a);
  const right = parse(b);
  if (left === undefined || right === undefined) return false;
  return kind === 'policy' ? isEqual(canonicalPolicy(left), canonicalPolicy(right)) : isEqual(left, right);
}

function parse(text: string): WireValue | undefined {
  try {
    return JSON.parse(text) as WireValue;
  } catch (error) {
    // A text that is no JSON is compared letter by letter.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Members whose values are sets of texts. */
const SETS = new Set(['Action', 'NotAction', 'Resource', 'NotResource']);

function canonicalPolicy(policy: WireValue): WireValue {
  if (!isObject(policy)) return policy;
  const { Statement: statements = [], ...rest } = policy;
  return {
    ...rest,
    Statement: sortedByText((Array.isArray(statements) ? statements : [statements]).map(canonicalStatement)),
  };
}

function canonicalStatement(statement: WireValue): WireValue {
  if (!isObject(statement)) return statement;
  return Object.fromEntries(
    Object.entries(statement)
      .toSorted(byName)
      .map(([name, value]) => {
        if (SETS.has(name)) return [name, canonicalSet(value)];
        if (name === 'Principal' || name === 'NotPrincipal') return [name, canonicalPrincipal(value)];
        if (name === 'Condition') return [name, mapMembers(value, (test) => mapMembers(test, canonicalSet))];
        return [name, value];
      }),
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: an account is its root user. */
const canonicalPrincipal = (value: WireValue): WireValue =>
  mapMembers(value, (names) => canonicalSet(Array.isArray(names) ? names.map(accountRoot) : accountRoot(names)));

const accountRoot = (name: WireValue): WireValue =>
  typeof name === 'string' && /^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name;

const mapMembers = (value: WireValue, map: (member: WireValue) => WireValue): WireValue =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(byName)
          .map(([name, member]) => [name, map(member)]),
      )
    : value;

function canonicalSet(value: WireValue): WireValue {
  const elements = (Array.isArray(value) ? value : [value]).map((element) =>
    isObject(element) ? element : String(element),
  );
  return sortedByText([...new Set(elements)]);
}

const sortedByText = (values: WireValue[]): WireValue[] =>
  values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value);

const byName = ([a]: [string, WireValue], [b]: [string, WireValue]): number => (a < b ? -1 : a > b ? 1 : 0);
