// Filter patterns for space-delimited messages: `[ip, user, ..., status = 4*, bytes > 1000]`.
import { compareTo, type ComparisonOperator, type ValueTest } from './filter-comparison.ts';
import { splitConditions, type ConditionTree } from './filter-conditions.ts';
import { invalidPattern, type MessageTest } from './pattern-text.ts';

interface Field {
  readonly name: string;
  readonly test: ValueTest | undefined;
}

export function parseFields(text: string): MessageTest {
  const align = aligner(readFields(text));
  return (message) => align(message)?.every(([field, value]) => field.test?.(value) ?? true) ?? false;
}

/** What the pattern's fields are in a message, by name; empty where the message has other fields. */
export function fieldValues(text: string): (message: string) => Readonly<Record<string, string>> {
  const align = aligner(readFields(text));
  return (message) => Object.fromEntries((align(message) ?? []).map(([{ name }, value]) => [name, value]));
}

function readFields(text: string): Field[] {
  if (!text.endsWith(']')) throw invalidPattern('a pattern of fields ends with ]');
  return text
    .slice(1, -1)
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((field) => parseField(field.trim()));
}

/** Puts a message's values to their fields; an ellipsis takes as many as are left. */
function aligner(fields: readonly Field[]): (message: string) => [Field, string][] | undefined {
  const ellipsis = fields.findIndex(({ name }) => name === '...');
  const [head, tail] = ellipsis < 0 ? [fields, []] : [fields.slice(0, ellipsis), fields.slice(ellipsis + 1)];
  return (message) => {
    const values = splitMessage(message);
    const named = head.length + tail.length;
    if (ellipsis < 0 ? values.length !== named : values.length < named) return undefined;
    const last = values.slice(values.length - tail.length);
    return [
      ...head.map((field, index): [Field, string] => [field, values[index]!]),
      ...tail.map((field, index): [Field, string] => [field, last[index]!]),
    ];
  };
}

function parseField(text: string): Field {
  if (text === '...') return { name: '...', test: undefined };
  if (/^[\w-]+$/.test(text)) return { name: text, test: undefined };
  return { name: /^\(*([\w-]*)/.exec(text)![1]!, test: toTest(splitConditions(text)) };
}

function toTest(tree: ConditionTree): ValueTest {
  if (tree.kind === 'condition') return parseCondition(tree.text);
  const parts = tree.parts.map(toTest);
  return tree.kind === 'and'
    ? (value) => parts.every((part) => part(value))
    : (value) => parts.some((part) => part(value));
}

function parseCondition(text: string): ValueTest {
  const match = /^[\w-]+\s*(!=|<=|>=|=|<|>)\s*(.*)$/s.exec(text);
  if (!match) throw invalidPattern(`cannot read the field ${text}`);
  return compareTo(match[1] as ComparisonOperator, match[2]!.trim());
}

// Fields stand between spaces; brackets and double quotes keep one together.
const splitMessage = (message: string): string[] =>
  [...message.matchAll(/\[([^\]]*)\]|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
