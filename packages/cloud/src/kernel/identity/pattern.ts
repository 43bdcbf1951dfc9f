// Patterns of policies: `*` for any text, `?` for one character, and policy variables, whose values are literal.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
import type { Context } from './conditions.ts';

const ANY = Symbol('*');
const ONE = Symbol('?');

/** What a pattern is made of: one literal character, or a wildcard. */
type Token = string | typeof ANY | typeof ONE;

/** A pattern's text, cut into what is literal and what a variable stands for. */
type Part = { readonly tokens: readonly Token[] } | { readonly variable: string };

const cut = new Map<string, readonly Part[]>();

/** How many patterns are kept in parts; a policy's are asked again and again. */
const CUT_LIMIT = 5_000;

/** True where the whole of `value` matches; never where a variable has no value. */
export function matchesPattern(pattern: string, value: string, context: Context | undefined): boolean {
  if (pattern === '*') return true;
  const parts = partsOf(pattern, context !== undefined);
  const [first] = parts;
  if (parts.length === 1 && first && 'tokens' in first) return matchesTokens(first.tokens, value);
  const tokens: Token[] = [];
  for (const part of parts) {
    const text = 'tokens' in part ? part.tokens : valueOf(part.variable, context!);
    if (text === undefined) return false;
    tokens.push(...Array.from(text));
  }
  return matchesTokens(tokens, value);
}

/** The text with its variables replaced; undefined where one has no value. */
export function substitute(text: string, context: Context): string | undefined {
  let missing = false;
  const result = text.replace(VARIABLE, (_, body: string) => {
    const value = valueOf(body, context);
    missing ||= value === undefined;
    return value ?? '';
  });
  return missing ? undefined : result;
}

const VARIABLE = /\$\{([^}]*)\}/g;

function partsOf(pattern: string, withVariables: boolean): readonly Part[] {
  const id = (withVariables ? '$' : ' ') + pattern;
  const known = cut.get(id);
  if (known) return known;
  if (cut.size >= CUT_LIMIT) cut.clear();
  const parts: Part[] = [];
  let from = 0;
  for (const match of withVariables ? pattern.matchAll(VARIABLE) : []) {
    parts.push({ tokens: tokensOf(pattern.slice(from, match.index)) }, { variable: match[1]! });
    from = match.index + match[0].length;
  }
  parts.push({ tokens: tokensOf(pattern.slice(from)) });
  cut.set(id, parts);
  return parts;
}

const tokensOf = (text: string): Token[] =>
  Array.from(text, (character) => (character === '*' ? ANY : character === '?' ? ONE : character));

// `${*}`, `${?}` and `${$}` stand for the characters themselves; a key with several values has no place in a variable.
function valueOf(body: string, context: Context): string | undefined {
  if (body === '*' || body === '?' || body === '$') return body;
  const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)')?\s*$/.exec(body) ?? [];
  const value = context.get(key.toLowerCase());
  return typeof value === 'string' ? value : fallback;
}

// Goes back to the last star alone, so that no pattern takes longer than its length times the text's.
function matchesTokens(tokens: readonly Token[], value: string): boolean {
  const text = isPlain(value) ? value : Array.from(value);
  let at = 0;
  let token = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const wanted = tokens[token];
    if (wanted === ANY) {
      star = token++;
      resume = at;
    } else if (wanted === ONE || (wanted !== undefined && wanted === text[at])) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++resume;
    } else return false;
  }
  while (tokens[token] === ANY) token++;
  return token === tokens.length;
}

const isPlain = (text: string): boolean => !/[\uD800-\uDFFF]/.test(text);
