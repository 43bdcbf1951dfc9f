// CloudWatch Logs filter patterns: text becomes a test of a message.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
import { tooManyFilters } from './errors.ts';
import { parseFields } from './filter-fields.ts';
import { parseJsonSelector } from './filter-json.ts';
import { countRegexes, invalidCharacters, invalidPattern, patternRegex, type MessageTest } from './pattern-text.ts';

/** Characters of a pattern. */
const PATTERN_LIMIT = 1_024;

/** Regular expressions in one pattern. */
const REGEX_LIMIT = 2;

/** Filters of one log group whose patterns hold regular expressions. */
const REGEX_FILTERS_LIMIT = 5;

/** Refuses one more filter with a regular expression where a group's other filters have as many as there may be. */
export function requireFewRegexes(pattern: string, others: readonly string[]): void {
  const before = others.filter((other) => countRegexes(other) > 0).length;
  if (countRegexes(pattern) > 0 && before >= REGEX_FILTERS_LIMIT) throw tooManyFilters();
}

/** The patterns of filters, but for the one that is about to be replaced. */
export const patternsOf = (
  filters: readonly { readonly name: string; readonly pattern: string }[],
  replaced?: string,
): string[] => filters.flatMap(({ name, pattern }) => (name === replaced ? [] : [pattern]));

/** Compiles a pattern; throws InvalidParameterException where it is malformed. An empty one matches everything. */
export function compilePattern(pattern: string): MessageTest {
  if (pattern.length > PATTERN_LIMIT) throw invalidPattern(`longer than ${PATTERN_LIMIT} characters`);
  if (countRegexes(pattern) > REGEX_LIMIT) throw invalidPattern(`more than ${REGEX_LIMIT} regular expressions`);
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
  // What is more than letters, digits and underscores has to stand between quotes.
  const term = /([?-]?)\s*(?:"((?:[^"\\]|\\.)+)"|%([^%]+)%|([\p{L}\p{N}_]+))(?:\s+|$)/uy;
  while (term.lastIndex < text.length) {
    const at = term.lastIndex;
    const match = term.exec(text);
    if (!match) throw invalidCharacters(/^[?-]?[\p{L}\p{N}_]*(""|.)/su.exec(text.slice(at))![1]!);
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
