// Which table a PartiQL statement speaks of, and what it does to it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
import { partiqlKeys } from './partiql-keys.ts';
import type { Touch } from './touches.ts';

const TABLE = String.raw`\s+(?:"((?:[^"]|"")+)"|([\w.-]+))(?:\.(?:"((?:[^"]|"")+)"|([\w-]+)))?`;

const STATEMENTS: readonly (readonly [action: string, pattern: RegExp])[] = [
  ['PartiQLSelect', new RegExp(String.raw`^\s*SELECT\b[^]*?\bFROM${TABLE}`, 'i')],
  ['PartiQLInsert', new RegExp(String.raw`^\s*INSERT\s+INTO${TABLE}`, 'i')],
  ['PartiQLUpdate', new RegExp(String.raw`^\s*UPDATE${TABLE}`, 'i')],
  ['PartiQLDelete', new RegExp(String.raw`^\s*DELETE\s+FROM${TABLE}`, 'i')],
];

/** What is no statement needs everything, so that only who may do everything gets dynoxide's opinion of it. */
export function statementTouch(statement: unknown, parameters: unknown): Touch {
  const text = typeof statement === 'string' ? statement.replace(/^\s*EXISTS\s*\(/i, '') : '';
  for (const [action, pattern] of STATEMENTS) {
    const [found, quoted, bare, quotedIndex, bareIndex] = pattern.exec(text) ?? [];
    if (found === undefined) continue;
    const index = quotedIndex ?? bareIndex;
    return {
      action,
      table: quoted ?? bare ?? '',
      ...(index !== undefined && { index }),
      leadingKeys: (hashKey) => partiqlKeys(hashKey, text, Array.isArray(parameters) ? parameters : []),
      ...(action === 'PartiQLSelect' && { readsAll: (hashKey: string) => !findsBy(hashKey, text) }),
      attributes: [],
    };
  }
  return { action: '*', table: '*', leadingKeys: () => [], attributes: [] };
}

/** True where a statement's conditions say which partitions to look at: by the key's value, or a list of values. */
function findsBy(hashKey: string, statement: string): boolean {
  const [, conditions = ''] = statement.replace(/'(?:[^']|'')*'/g, "''").split(/\bWHERE\b/i);
  const name = hashKey.replace(/[^\w]/g, '\\$&');
  return new RegExp(String.raw`(?:^|[\s(.])(?:"${name}"|${name})\s*(?:=|IN\b)`, 'i').test(conditions);
}
