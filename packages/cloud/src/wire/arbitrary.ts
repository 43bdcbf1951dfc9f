// Random values that fit a schema, for tests of the protocols.
import type { NormalizedSchema } from '@smithy/core/schema';
import { NumericValue } from '@smithy/core/serde';
import fc, { type Arbitrary } from 'fast-check';

import { requiredMembers } from './schemas.ts';

/** What texts are made of: everything that some protocol has to escape, and what takes two and four bytes. */
const CHARACTERS = [
  'a',
  'Z',
  '0',
  '<',
  '>',
  '&',
  '"',
  "'",
  '\\',
  '/',
  ':',
  '#',
  '%',
  '+',
  '=',
  '?',
  'é',
  '😀',
  '\u2028',
];

const HEADER_TEXT = fc.stringMatching(/^[A-Za-z0-9/=;*-]{1,12}$/);

/** How deep structures nest before optional members are left out. */
const DEEPEST = 3;

/** A value of the schema's type in the SDK, with everything required and some of the rest. */
export function valueOf(schema: NormalizedSchema, depth = 0): Arbitrary<unknown> {
  if (schema.isUnitSchema()) return fc.constant({});
  if (schema.isUnionSchema()) return unionOf(schema, depth);
  if (schema.isStructSchema()) return structureOf(schema, depth);
  if (schema.isListSchema()) {
    // An empty list in a header or a query is no list at all, so lists have at least one item.
    const inHeader = schema.getMergedTraits().httpHeader !== undefined;
    const member = inHeader ? HEADER_TEXT : valueOf(schema.getValueSchema(), depth + 1);
    return fc.array(member, { minLength: 1, maxLength: depth > 2 ? 1 : 3 });
  }
  if (schema.isMapSchema()) {
    const value = valueOf(schema.getValueSchema(), depth + 1);
    return fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,7}$/), value, { minKeys: 1, maxKeys: 2 });
  }
  return simpleOf(schema);
}

function structureOf(schema: NormalizedSchema, depth: number): Arbitrary<unknown> {
  const required = new Set(requiredMembers(schema));
  const members = [...schema.structIterator()];
  // The SDK makes up a token where none is given.
  for (const [name, member] of members) if (member.isIdempotencyToken()) required.add(name);
  const chosen = members.filter(([name], index) => required.has(name) || depth < DEEPEST || index === 0);
  // A form cannot carry a structure without members.
  if (depth > 0 && required.size === 0 && chosen[0]) required.add(chosen[0][0]);
  const model = Object.fromEntries(chosen.map(([name, member]) => [name, valueOf(member, depth + 1)]));
  return fc.record(model, { requiredKeys: [...required] });
}

function unionOf(schema: NormalizedSchema, depth: number): Arbitrary<unknown> {
  const members = [...schema.structIterator()];
  const shallow = members.filter(
    ([, member]) => !member.isStructSchema() && !member.isListSchema() && !member.isMapSchema(),
  );
  const usable = depth < DEEPEST || shallow.length === 0 ? members : shallow;
  return fc.oneof(...usable.map(([name, member]) => valueOf(member, depth + 1).map((value) => ({ [name]: value }))));
}

function simpleOf(schema: NormalizedSchema): Arbitrary<unknown> {
  if (schema.isStringSchema()) return textOf(schema);
  if (schema.isBooleanSchema()) return fc.boolean();
  // More than that is an error's.
  if (schema.getMergedTraits().httpResponseCode !== undefined) return fc.integer({ min: 200, max: 299 });
  if (schema.isNumericSchema()) return fc.integer({ min: -2_147_483_648, max: 2_147_483_647 });
  if (schema.isTimestampSchema())
    return fc.integer({ min: 0, max: 4_000_000_000 }).map((second) => new Date(second * 1000));
  if (schema.isBlobSchema()) return fc.uint8Array({ minLength: 1, maxLength: 20 });
  if (schema.isBigIntegerSchema()) return fc.bigInt({ min: 0n, max: 2n ** 70n });
  if (schema.isBigDecimalSchema()) return fc.integer().map((value) => new NumericValue(`${value}.5`, 'bigDecimal'));
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string({ minLength: 1 }), { minKeys: 1, maxKeys: 2 });
}

function textOf(schema: NormalizedSchema): Arbitrary<string> {
  const { httpHeader, httpPrefixHeaders, httpLabel } = schema.getMergedTraits();
  if (httpHeader !== undefined || httpPrefixHeaders !== undefined) return HEADER_TEXT;
  if (httpLabel !== undefined) return fc.stringMatching(/^[a-z0-9][A-Za-z0-9 +%ü&?#=._-]{0,12}$/);
  return fc.array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 12 }).map((all) => all.join(''));
}
