// CloudWatch Logs filter patterns: text becomes a test of a message.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
import { parseFields } from './filter-fields.ts';
import { parseJsonSelector } from './filter-json.ts';
import { invalidPattern, patternRegex, type MessageTest } from './pattern-text.ts';

/** Characters of a pattern. */
const PATTERN_LIMIT = 1_024;

/** Compiles a pattern; throws InvalidParameterException where it is malformed. An empty one matches everything. */
export function compilePattern(pattern: string): MessageTest {
  if (pattern.length > PATTERN_LIMIT) throw invalidPattern(`longer than ${PATTERN_LIMIT} characters`);
  const text = pattern.trim();
  if (text === '') return () => true;
  if (text.startsWith('{')) return parseJsonSelector(text);
  if (text.startsWith('[')) return parseFields(text);
  return parseTerms(text);
}

// Plain terms must all be there, one of those with a question mark, none of those with a minus sign. Where plain terms
// stand beside optional ones, CloudWatch Logs ignores the optional ones.
function parseTerms(text: string): MessageTest {
  const required: MessageTest[] = [];
  const optional: MessageTest[] = [];
  const excluded: MessageTest[] = [];
  const term = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%]+))\s*/y;
  while (term.lastIndex < text.length) {
    const at = term.lastIndex;
    const match = term.exec(text);
    if (!match) throw invalidPattern(`cannot read it from character ${at + 1}`);
    const [, sign, quoted, regex, word] = match;
    const expression = regex === undefined ? undefined : patternRegex(regex);
    const literal = quoted?.replace(/\\(.)/g, '$1') ?? word ?? '';
    const test: MessageTest = expression
      ? (message) => expression.test(message)
      : (message) => message.includes(literal);
    (sign === '?' ? optional : sign === '-' ? excluded : required).push(test);
  }
  return (message) =>
    required.every((test) => test(message)) &&
    (required.length > 0 || optional.length === 0 || optional.some((test) => test(message))) &&
    !excluded.some((test) => test(message));
}
