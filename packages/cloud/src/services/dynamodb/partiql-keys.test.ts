// What a statement says of its partition keys: told for certain, or not at all.
import { expect, test } from 'vitest';

import { partiqlKeys, UNREADABLE } from './partiql-keys.ts';

test.each<[statement: string, parameters: unknown[], keys: unknown[]]>([
  [`SELECT * FROM "t" WHERE pk = 'ann'`, [], [{ S: 'ann' }]],
  [`SELECT * FROM "t"."i" WHERE "pk"='it''s' AND sk > 3`, [], [{ S: "it's" }]],
  [`select a from t where (sk = ? and "pk" = ?) order by sk`, [{ N: '1' }, { S: 'ann' }], [{ S: 'ann' }]],
  [`SELECT * FROM t WHERE pk IN ['ann', ?]`, [{ S: 'bob' }], [{ S: 'ann' }, { S: 'bob' }]],
  [`UPDATE t SET a = ? WHERE pk = ? AND sk = 1 RETURNING ALL NEW *`, [{ S: 'x' }, { S: 'ann' }], [{ S: 'ann' }]],
  [`DELETE FROM t WHERE pk = -7.5`, [], [{ N: '-7.5' }]],
  [`INSERT INTO "t" VALUE {'pk': 'ann', 'sk': 1}`, [], [{ S: 'ann' }]],
  [`INSERT INTO t VALUE {'sk': ?, 'pk': ?}`, [{ N: '1' }, { S: 'ann' }], [{ S: 'ann' }]],
])('%s', (statement, parameters, keys) => {
  expect(partiqlKeys('pk', statement, parameters)).toEqual(keys);
});

test.each([
  'SELECT * FROM t',
  `SELECT * FROM t WHERE pk = 'ann' OR sk = 1`,
  `SELECT * FROM t WHERE NOT (pk = 'ann')`,
  `SELECT * FROM t WHERE "a"."pk" = 'ann'`,
  `SELECT * FROM t WHERE a.pk = 'ann'`,
  `SELECT * FROM t WHERE PK = 'ann'`,
  `SELECT * FROM t WHERE pk > 'ann'`,
  `SELECT * FROM t WHERE begins_with(pk, 'ann')`,
  `SELECT * FROM t WHERE pk = sk`,
  `SELECT * FROM t WHERE pk = 'a' || 'nn'`,
  `SELECT * FROM t WHERE sk = 1 -- AND pk = 'ann'`,
  `SELECT * FROM t WHERE sk = 'WHERE pk = ann'`,
  `SELECT * FROM t WHERE pk = ?`,
  `INSERT INTO t VALUE {'pk': 'ann', 'pk': 'bob'}`,
  `INSERT INTO t VALUE {'a': {'pk': 'ann'}, 'pk': 'bob'}`,
])('%s tells no key that a policy could go by', (statement) => {
  expect(partiqlKeys('pk', statement, [])).toEqual([UNREADABLE]);
});
