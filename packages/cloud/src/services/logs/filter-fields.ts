// Filter patterns for space-delimited messages: `[ip, user, ..., status = 4*, bytes > 1000]`.
import { compareTo, type ComparisonOperator, type ValueTest } from './filter-comparison.ts';
import { splitConditions, type ConditionTree } from './filter-conditions.ts';
import { invalidPattern, type MessageTest } from './pattern-text.ts';

interface Field {
  readonly name: string;
  readonly test: ValueTest | undefined;
}

export function parseFields(text: string): MessageTest {
  if (!text.endsWith(']')) throw invalidPattern('a pattern of fields ends with ]');
  const fields = text
    .slice(1, -1)
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((field) => parseField(field.trim()));
  const ellipsis = fields.findIndex(({ name }) => name === '...');
  return (message) => {
    const values = splitMessage(message);
    if (ellipsis < 0)
      return values.length === fields.length && fields.every((field, index) => holds(field, values[index]!));
    const tail = fields.length - ellipsis - 1;
    if (values.length < fields.length - 1) return false;
    return (
      fields.slice(0, ellipsis).every((field, index) => holds(field, values[index]!)) &&
      fields.slice(ellipsis + 1).every((field, index) => holds(field, values[values.length - tail + index]!))
    );
  };
}

const holds = (field: Field, value: string): boolean => field.test?.(value) ?? true;

function parseField(text: string): Field {
  if (text === '...') return { name: '...', test: undefined };
  if (/^[\w-]+$/.test(text)) return { name: text, test: undefined };
  return { name: text, test: toTest(splitConditions(text)) };
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
