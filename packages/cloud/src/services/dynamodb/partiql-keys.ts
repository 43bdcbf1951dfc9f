// The items that a PartiQL statement is about, as far as its text says: the values of the partition key.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html

/** Stands for a key that the text does not tell for certain: no policy about keys may allow that. */
export const UNREADABLE = { S: '\0' };

interface Token {
  readonly kind: 'text' | 'name' | 'parameter' | 'number' | 'word';
  readonly value: unknown;
}

const TOKEN = /'((?:[^']|'')*)'|"((?:[^"]|"")*)"|(\?)|(-?\d+(?:\.\d+)?(?![\w.]))|[\w-]+|\S/g;
const COMMENT = /--|\/\*/;

/** What may come before the key's name, and behind its value, where the condition holds for every item that is found. */
const BEFORE = new Set(['WHERE', 'AND', '(']);
const BEHIND = new Set([undefined, ')', 'AND', 'ORDER', 'RETURNING', ';']);

/** Values as in `Key`, e.g. `{ S: 'a' }`; {@link UNREADABLE} alone where they are not certain. */
export function partiqlKeys(hashKey: string, statement: string, parameters: readonly unknown[]): unknown[] {
  if (COMMENT.test(statement.replace(/'(?:[^']|'')*'/g, ''))) return [UNREADABLE];
  const tokens = tokensOf(statement, parameters);
  const found = wordOf(tokens[0]) === 'INSERT' ? insertedKey(hashKey, tokens) : conditionKeys(hashKey, tokens);
  return found ?? [UNREADABLE];
}

function tokensOf(statement: string, parameters: readonly unknown[]): Token[] {
  let next = 0;
  return [...statement.matchAll(TOKEN)].map(([all, text, name, parameter, number]): Token => {
    if (text !== undefined) return { kind: 'text', value: { S: text.replaceAll("''", "'") } };
    if (name !== undefined) return { kind: 'name', value: name.replaceAll('""', '"') };
    if (parameter !== undefined) return { kind: 'parameter', value: parameters[next++] };
    if (number !== undefined) return { kind: 'number', value: { N: number } };
    return { kind: 'word', value: all };
  });
}

/** `INSERT INTO "t" VALUE {'pk': 'a', …}` */
function insertedKey(hashKey: string, tokens: readonly Token[]): unknown[] | undefined {
  const isKey = ({ kind, value }: Token, index: number) =>
    kind === 'text' && (value as { S: string }).S === hashKey && wordOf(tokens[index + 1]) === ':';
  const at = tokens.findIndex(isKey);
  const nested = tokens.slice(0, Math.max(at, 0)).filter((token) => wordOf(token) === '{').length > 1;
  const twice = tokens.findLastIndex(isKey) !== at;
  const key = at < 0 || nested || twice ? undefined : valueOf(tokens[at + 2]);
  return key === undefined ? undefined : [key];
}

/** `… WHERE "pk" = 'a' AND …`, or `"pk" IN ['a', 'b']` */
function conditionKeys(hashKey: string, tokens: readonly Token[]): unknown[] | undefined {
  const conditions = tokens.slice(tokens.findLastIndex((token) => wordOf(token) === 'WHERE'));
  if (conditions.some((token) => ['OR', 'NOT'].includes(wordOf(token) ?? ''))) return undefined;
  const at = conditions.findIndex(
    ({ kind, value }, index) =>
      (kind === 'name' || kind === 'word') && value === hashKey && BEFORE.has(wordOf(conditions[index - 1]) ?? ''),
  );
  if (at < 0) return undefined;
  const operator = wordOf(conditions[at + 1]);
  if (operator === '=') return BEHIND.has(wordOf(conditions[at + 3])) ? keysOf([conditions[at + 2]]) : undefined;
  const end = conditions.findIndex((token, index) => index > at && [']', ')'].includes(wordOf(token) ?? ''));
  if (operator !== 'IN' || end < 0 || !BEHIND.has(wordOf(conditions[end + 1]))) return undefined;
  return keysOf(conditions.slice(at + 3, end).filter((token) => wordOf(token) !== ','));
}

function keysOf(tokens: readonly (Token | undefined)[]): unknown[] | undefined {
  const values = tokens.map(valueOf);
  return values.length === 0 || values.includes(undefined) ? undefined : values;
}

const valueOf = (token: Token | undefined): unknown =>
  token && token.kind !== 'name' && token.kind !== 'word' ? token.value : undefined;

/** A keyword or a sign in capitals, undefined at the end; names and values are never taken for one. */
const wordOf = (token: Token | undefined): string | undefined =>
  token && (token.kind === 'word' ? String(token.value).toUpperCase() : `${token.kind}!`);
