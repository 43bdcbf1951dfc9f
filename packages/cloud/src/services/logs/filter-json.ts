// Filter patterns for JSON messages: `{ $.status = 5* && $.user.name != "root" }`.
import { compareTo, type ComparisonOperator } from './filter-comparison.ts';
import { splitConditions, type ConditionTree } from './filter-conditions.ts';
import { invalidPattern, type MessageTest } from './pattern-text.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type JsonTest = (document: Json) => boolean;

export function parseJsonSelector(text: string): MessageTest {
  if (!text.endsWith('}')) throw invalidPattern("If a filter pattern starts with '{' it must end with '}'");
  const test = toTest(splitConditions(text.slice(1, -1)));
  return (message) => {
    const document = parseDocument(message);
    return document !== undefined && test(document);
  };
}

/** What a selector such as `$.user.name` finds in a message. */
export function jsonValues(path: string): (message: string) => readonly Json[] {
  const select = selector(path);
  return (message) => {
    const document = parseDocument(message);
    return document === undefined ? [] : select(document);
  };
}

// A message that is no JSON object matches no JSON pattern; the first character spares most of the parsing.
function parseDocument(message: string): Json | undefined {
  if (!/^\s*[[{]/.test(message)) return undefined;
  try {
    return JSON.parse(message) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toTest(tree: ConditionTree): JsonTest {
  if (tree.kind === 'condition') return parseCondition(tree.text);
  const parts = tree.parts.map(toTest);
  return tree.kind === 'and'
    ? (document) => parts.every((part) => part(document))
    : (document) => parts.some((part) => part(document));
}

function parseCondition(text: string): JsonTest {
  const match = /^(\$\S*?)\s*(?:(!=|<=|>=|=|<|>)\s*(.+)|\s(IS NULL|IS TRUE|IS FALSE|NOT EXISTS))$/is.exec(text);
  if (!match) throw invalidPattern(`cannot read the condition ${text}`);
  const select = selector(match[1]!);
  const word = match[4]?.toUpperCase();
  if (word) return (document) => isA(word, select(document));
  const compare = compareTo(match[2] as ComparisonOperator, match[3]!.trim());
  return (document) =>
    select(document).some((value) => (typeof value === 'string' || typeof value === 'number') && compare(value));
}

function isA(word: string, values: readonly Json[]): boolean {
  switch (word) {
    case 'IS NULL':
      return values.some((value) => value === null);
    case 'IS TRUE':
      return values.some((value) => value === true);
    case 'IS FALSE':
      return values.some((value) => value === false);
    default:
      return values.length === 0;
  }
}

// `$.a.b`, `$.a[0]`, `$.a[*]`, `$.['odd.name']`.
function selector(path: string): (document: Json) => Json[] {
  const steps = [...path.slice(1).matchAll(/\.([\w-]+)|\[(\d+)\]|\[(\*)\]|\.?\[['"]([^'"]+)['"]\]|\.(\*)/g)];
  if (steps.map(([step]) => step).join('') !== path.slice(1)) throw invalidPattern(`cannot read the selector ${path}`);
  return (document) =>
    steps.reduce<Json[]>(
      (values, [, name, index, star, quoted, any]) =>
        values.flatMap((value) => {
          if (value === null || typeof value !== 'object') return [];
          if (star ?? any) return Object.values(value) as Json[];
          const found = (value as Record<string, Json>)[name ?? quoted ?? index!];
          return found === undefined ? [] : [found];
        }),
      [document],
    );
}
