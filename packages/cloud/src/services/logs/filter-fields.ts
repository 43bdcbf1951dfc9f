// Filter patterns for space-delimited messages: `[ip, user, ..., status = 4*, bytes > 1000]`.
import { compareTo, type ComparisonOperator, type ValueTest } from './filter-comparison.ts';
import { splitConditions, type ConditionTree } from './filter-conditions.ts';
import { invalidPattern, type MessageTest } from './pattern-text.ts';

interface Field {
  /** Empty for a field that the pattern leaves nameless: it goes by its place in the message. */
  readonly name: string;
  readonly test: ValueTest | undefined;
}

const ELLIPSIS = '...';

export function parseFields(text: string): MessageTest {
  const align = aligner(readFields(text));
  return (message) => align(message)?.every(([field, value]) => field.test?.(value) ?? true) ?? false;
}

/** What the pattern's fields are in a message, by name, or by their place; empty where the message has other fields. */
export function fieldValues(text: string): (message: string) => Readonly<Record<string, string>> {
  const align = aligner(readFields(text));
  return (message) =>
    Object.fromEntries((align(message) ?? []).map(([{ name }, value], index) => [name || String(index + 1), value]));
}

function readFields(text: string): Field[] {
  if (!text.endsWith(']')) throw invalidPattern("If a filter pattern starts with '[' it must end with ']'");
  const fields = splitFields(text.slice(1, -1)).map((field) => parseField(field.trim()));
  if (fields.filter(({ name }) => name === ELLIPSIS).length > 1) throw invalidPattern('it has more than one ellipsis');
  return fields;
}

/** Commas within quotes and regular expressions part no fields. */
function splitFields(text: string): string[] {
  const fields = [''];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|%[^%]*%|./gs)) {
    if (token === ',') fields.push('');
    else fields[fields.length - 1] += token;
  }
  return fields;
}

/** Puts a message's values to their fields; an ellipsis takes as many as are left. */
function aligner(fields: readonly Field[]): (message: string) => [Field, string][] | undefined {
  const ellipsis = fields.findIndex(({ name }) => name === ELLIPSIS);
  const [head, tail] = ellipsis < 0 ? [fields, []] : [fields.slice(0, ellipsis), fields.slice(ellipsis + 1)];
  return (message) => {
    const values = splitMessage(message);
    const left = values.length - head.length - tail.length;
    if (ellipsis < 0 ? left !== 0 : left < 0) return undefined;
    const all = [...head, ...Array.from({ length: left }, () => NAMELESS), ...tail];
    return all.map((field, index): [Field, string] => [field, values[index]!]);
  };
}

const NAMELESS: Field = { name: '', test: undefined };

function parseField(text: string): Field {
  if (text === ELLIPSIS || /^[\w-]*$/.test(text)) return { name: text, test: undefined };
  const name = /^\(*\s*([\w-]*)/.exec(text)![1]!;
  return { name, test: toTest(splitConditions(text), name) };
}

function toTest(tree: ConditionTree, name: string): ValueTest {
  if (tree.kind === 'condition') return parseCondition(tree.text, name);
  const parts = tree.parts.map((part) => toTest(part, name));
  return tree.kind === 'and'
    ? (value) => parts.every((part) => part(value))
    : (value) => parts.some((part) => part(value));
}

// A condition is about its own field alone.
function parseCondition(text: string, name: string): ValueTest {
  const match = /^([\w-]+)\s*(!=|<=|>=|=|<|>)\s*(.*)$/s.exec(text);
  if (match?.[1] !== name) throw invalidPattern(`cannot read the field ${text}`);
  return compareTo(match[2] as ComparisonOperator, match[3]!.trim());
}

// Fields stand between spaces; brackets and double quotes keep one together.
const splitMessage = (message: string): string[] =>
  [...message.matchAll(/\[([^\]]*)\]|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
