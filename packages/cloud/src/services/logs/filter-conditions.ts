// How `&&`, `||` and parentheses join a filter pattern's conditions.
import { invalidPattern } from './pattern-text.ts';

export type ConditionTree =
  | { readonly kind: 'condition'; readonly text: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly ConditionTree[] };

/** Reads conditions into a tree; `&&` binds closer than `||`. */
export function splitConditions(text: string): ConditionTree {
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|%[^%]*%|&&|\|\||[()]|(?:(?!&&|\|\||[()"%]).)+/gs)].map(
    ([token]) => token,
  );
  let at = 0;
  const any = (): ConditionTree => joined('or', '||', all);
  const all = (): ConditionTree => joined('and', '&&', one);
  const joined = (kind: 'and' | 'or', separator: string, next: () => ConditionTree): ConditionTree => {
    const parts = [next()];
    while (tokens[at] === separator) {
      at++;
      parts.push(next());
    }
    return parts.length === 1 ? parts[0]! : { kind, parts };
  };
  const one = (): ConditionTree => {
    if (tokens[at]?.trim() === '') at++;
    if (tokens[at] === '(') {
      at++;
      const inner = any();
      if (tokens[at] !== ')') throw invalidPattern('a parenthesis is not closed');
      at++;
      if (tokens[at]?.trim() === '') at++;
      return inner;
    }
    let condition = '';
    while (at < tokens.length && !['&&', '||', '(', ')'].includes(tokens[at]!)) condition += tokens[at++];
    if (condition.trim() === '') throw invalidPattern('a condition is missing');
    return { kind: 'condition', text: condition.trim() };
  };
  const tree = any();
  if (at < tokens.length) throw invalidPattern(`cannot read it from ${tokens[at]}`);
  return tree;
}
