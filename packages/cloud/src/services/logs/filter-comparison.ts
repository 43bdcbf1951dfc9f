// One comparison of a filter pattern: a field's value against a text, a number, or an address range.
import { BlockList } from 'node:net';

import { invalidPattern, patternRegex, wildcard } from './pattern-text.ts';

export type ComparisonOperator = '=' | '!=' | '<' | '>' | '<=' | '>=';

/** An integer or a decimal with or without a sign and an exponent. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

export type ValueTest = (value: string | number) => boolean;

/** `wanted` as it stands in the pattern: quoted, bare, or a regular expression between percent signs. */
export function compareTo(operator: ComparisonOperator, wanted: string): ValueTest {
  const positive = operator === '!=' ? equals(wanted) : operator === '=' ? equals(wanted) : undefined;
  if (positive) return operator === '=' ? positive : (value) => !positive(value);
  const bound = Number(wanted);
  if (!NUMBER.test(wanted)) throw invalidPattern(`${operator} needs a number, not ${wanted}`);
  return (value) => {
    const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
    switch (operator) {
      case '<':
        return number < bound;
      case '>':
        return number > bound;
      case '<=':
        return number <= bound;
      default:
        return number >= bound;
    }
  };
}

function equals(wanted: string): ValueTest {
  const regex = /^%(.+)%$/.exec(wanted);
  if (regex) {
    const expression = patternRegex(regex[1]!);
    return (value) => expression.test(String(value));
  }
  const quoted = /^"(.*)"$/s.exec(wanted);
  const text = quoted ? quoted[1]!.replace(/\\(.)/g, '$1') : wanted;
  const range = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text);
  if (range) {
    const block = new BlockList();
    block.addSubnet(range[1]!, Number(range[2]));
    return (value) => block.check(String(value));
  }
  const number = Number(text);
  if (!quoted && NUMBER.test(text)) {
    return (value) => (typeof value === 'number' ? value === number : value === text || Number(value) === number);
  }
  const like = wildcard(text);
  return (value) => like(String(value));
}
