// Whether a value read from the wire has the shape that its schema says: the SDK's readers pass on what they are given.
import type { NormalizedSchema } from '@smithy/core/schema';
import { NumericValue } from '@smithy/core/serde';

import { requiredMembers } from './schemas.ts';

/** What is wrong with an input: the wrong type somewhere, or a required member left out. */
export class InvalidInput extends Error {
  readonly kind: 'type' | 'missing';

  constructor(kind: 'type' | 'missing', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Throws {@link InvalidInput} where `value` does not fit `schema`. */
export function checkShape(schema: NormalizedSchema, value: unknown): void {
  const missing: string[] = [];
  check(schema, value, '', missing);
  if (missing.length === 0) return;
  const reasons = missing.map(
    (path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );
  const count = `${missing.length} validation error${missing.length === 1 ? '' : 's'} detected`;
  throw new InvalidInput('missing', `${count}: ${reasons.join('; ')}`);
}

function check(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (schema.isUnitSchema() || schema.isDocumentSchema() || schema.isStreaming()) return;
  if (schema.isStructSchema()) checkStructure(schema, value, path, missing);
  else if (schema.isListSchema()) checkList(schema, value, path, missing);
  else if (schema.isMapSchema()) checkMap(schema, value, path, missing);
  else if (!isSimple(schema, value)) throw wrongType(path, typeName(schema));
}

function checkStructure(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (!isRecord(value)) throw wrongType(path, 'a structure');
  for (const [name, member] of schema.structIterator()) {
    const item = value[name];
    if (item !== undefined && item !== null) check(member, item, memberPath(path, name), missing);
  }
  if (schema.isUnionSchema()) return;
  for (const name of requiredMembers(schema)) {
    if (value[name] === undefined || value[name] === null) missing.push(memberPath(path, name));
  }
}

function checkList(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (!Array.isArray(value)) throw wrongType(path, 'a list');
  const member = schema.getValueSchema();
  const sparse = Boolean(schema.getMergedTraits().sparse);
  for (const [index, item] of value.entries()) {
    if (item !== null && item !== undefined) check(member, item, `${path}.${index + 1}.member`, missing);
    else if (!sparse) throw wrongType(path, 'a list without nulls');
  }
}

function checkMap(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (!isRecord(value)) throw wrongType(path, 'a map');
  const member = schema.getValueSchema();
  for (const [key, item] of Object.entries(value)) {
    if (item !== null && item !== undefined) check(member, item, `${path}.${key}.member`, missing);
  }
}

function isSimple(schema: NormalizedSchema, value: unknown): boolean {
  // A LazyJsonString, which the SDK's readers give for JSON in a string, is a String object.
  if (schema.isStringSchema()) return typeof value === 'string' || value instanceof String;
  if (schema.isBooleanSchema()) return typeof value === 'boolean';
  if (schema.isNumericSchema()) return typeof value === 'number' && !Number.isNaN(value);
  if (schema.isTimestampSchema()) return value instanceof Date && !Number.isNaN(value.getTime());
  if (schema.isBlobSchema()) return value instanceof Uint8Array;
  if (schema.isBigIntegerSchema()) return typeof value === 'bigint' || typeof value === 'number';
  return value instanceof NumericValue || typeof value === 'number';
}

function typeName(schema: NormalizedSchema): string {
  if (schema.isStringSchema()) return 'a string';
  if (schema.isBooleanSchema()) return 'a boolean';
  if (schema.isTimestampSchema()) return 'a timestamp';
  if (schema.isBlobSchema()) return 'binary data';
  return 'a number';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

const wrongType = (path: string, expected: string): InvalidInput =>
  new InvalidInput('type', path ? `Member '${path}' is not ${expected}` : `The input is not ${expected}`);

/** AWS names members in messages by their path, each with a small first letter. */
function memberPath(path: string, name: string): string {
  const own = name.slice(0, 1).toLowerCase() + name.slice(1);
  return path ? `${path}.${own}` : own;
}
