// Metric math as text, parsed into a tree.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

export type Node =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  /** A metric's or an expression's id, or a word such as REPEAT. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'negative'; readonly of: Node }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] };

export type Operator = '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '&&' | '||';

/** The text is no expression. */
export class MathError extends Error {}

type Token = { readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end'; readonly text: string };

/** Operators by how closely they bind, the loosest first. */
const LEVELS: readonly (readonly Operator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];

const WORDS: Readonly<Record<string, Operator>> = { AND: '&&', OR: '||' };

const DEEPEST = 64;

/** Throws {@link MathError}. */
export function parseMath(text: string): Node {
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: 'the end' };
  const next = (): Token => tokens[at++] ?? { kind: 'end', text: 'the end' };
  const accept = (sign: string): boolean => peek().kind === 'sign' && peek().text === sign && (at++, true);
  const expect = (sign: string): void => {
    if (!accept(sign)) throw new MathError(`${sign} is missing before ${peek().text}`);
  };
  const sequence = (end: string): Node[] => {
    const items: Node[] = [];
    if (accept(end)) return items;
    do items.push(level(0));
    while (accept(','));
    expect(end);
    return items;
  };
  const operatorAt = (index: number): Operator | undefined => {
    const { kind, text: word } = peek();
    const operator = kind === 'sign' ? (word as Operator) : kind === 'name' ? WORDS[word] : undefined;
    return LEVELS[index]!.find((known) => known === operator);
  };
  const level = (index: number): Node => {
    if (index === LEVELS.length) return unary();
    let left = level(index + 1);
    for (let operator = operatorAt(index); operator; operator = operatorAt(index)) {
      at++;
      left = { kind: 'operation', operator, left, right: level(index + 1) };
    }
    return left;
  };
  const unary = (): Node => {
    if (++depth > DEEPEST) throw new MathError('it is nested too deeply');
    try {
      if (accept('-')) return { kind: 'negative', of: unary() };
      return primary();
    } finally {
      depth--;
    }
  };
  const primary = (): Node => {
    const token = next();
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'text') return { kind: 'text', value: token.text };
    if (token.kind === 'name') {
      return accept('(')
        ? { kind: 'call', name: token.text.toUpperCase(), args: sequence(')') }
        : { kind: 'name', name: token.text };
    }
    if (token.text === '(') {
      const inner = level(0);
      expect(')');
      return inner;
    }
    if (token.text === '[') return { kind: 'list', items: sequence(']') };
    throw new MathError(`${token.text} is not expected`);
  };
  const tree = level(0);
  if (peek().kind !== 'end') throw new MathError(`${peek().text} is not expected`);
  return tree;
}

/** The names that an expression refers to, and the functions that it calls. */
export function namesIn(node: Node): { readonly names: Set<string>; readonly functions: Set<string> } {
  const names = new Set<string>();
  const functions = new Set<string>();
  const visit = (each: Node): void => {
    if (each.kind === 'name') names.add(each.name);
    if (each.kind === 'list') each.items.forEach(visit);
    if (each.kind === 'negative') visit(each.of);
    if (each.kind === 'operation') [each.left, each.right].forEach(visit);
    if (each.kind === 'call') {
      functions.add(each.name);
      each.args.forEach(visit);
    }
  };
  visit(node);
  return { names, functions };
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([a-zA-Z_]\w*)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new MathError(`${text.slice(at).trim().slice(0, 20)} is not understood`);
    const [, number, name, double, single, sign] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else tokens.push({ kind: 'text', text: (double ?? single ?? '').replaceAll(/\\(.)/g, '$1') });
  }
  return tokens;
}
