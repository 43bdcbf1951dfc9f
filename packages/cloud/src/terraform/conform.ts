// Brings what a handler or an old state file says into the exact shape that the schema gives a type.
import { isNestedType, type Attribute, type Block, type NestedBlock, type NestedType, type Type } from './schema.ts';
import { isObject, UNKNOWN, type WireObject, type WireValue } from './value.ts';

/** A value that does not fit the schema: a defect of the handler, or a state file that no provider wrote. */
export class MisfitError extends Error {
  constructor(path: string, expected: string, value: unknown) {
    super(`${path} should be ${expected}, and is ${JSON.stringify(value)}`);
  }
}

export interface ConformOptions {
  /** Leave out attributes that the schema does not have, as a state file of another version may. @default refuse them */
  readonly dropUnknownNames?: boolean;
}

/** The value with every attribute of the block in its type, null where it is unset, and every block a list. */
export function conform(block: Block, value: object, path: string, options: ConformOptions = {}): WireObject {
  const given = value as Record<string, unknown>;
  const { attributes, blocks = {} } = block;
  if (!options.dropUnknownNames) {
    for (const name of Object.keys(given)) {
      if (!(name in attributes) && !(name in blocks)) throw new MisfitError(`${path}.${name}`, 'absent', given[name]);
    }
  }
  const conformed: WireObject = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    conformed[name] = conformAttribute(attribute, given[name], `${path}.${name}`, options);
  }
  for (const [name, nested] of Object.entries(blocks)) {
    conformed[name] = conformBlocks(nested, given[name], `${path}.${name}`, options);
  }
  return conformed;
}

function conformAttribute(attribute: Attribute, value: unknown, path: string, options: ConformOptions): WireValue {
  const [flags, type] = attribute;
  if (flags.includes('w')) return null;
  if (!isNestedType(type)) return conformType(type, value, path);
  return value === undefined || value === null ? null : conformNestedType(type, value, path, options);
}

function conformNestedType(type: NestedType, value: unknown, path: string, options: ConformOptions): WireValue {
  if (value === UNKNOWN) return UNKNOWN;
  if (type.nesting === 'single') return conform(type, requireObject(value, path), path, options);
  if (type.nesting === 'map')
    return mapObject(requireObject(value, path), (item, key) => conformNested(type, item, `${path}.${key}`, options));
  return requireArray(value, path).map((item, index) => conformNested(type, item, `${path}.${index}`, options));
}

function conformBlocks(block: NestedBlock, value: unknown, path: string, options: ConformOptions): WireValue {
  if (value === UNKNOWN) return UNKNOWN;
  if (block.nesting === 'single')
    return value === undefined || value === null ? null : conformNested(block, value, path, options);
  if (value === undefined || value === null) return [];
  return requireArray(value, path).map((item, index) => conformNested(block, item, `${path}.${index}`, options));
}

const conformNested = (block: Block, value: unknown, path: string, options: ConformOptions): WireValue =>
  value === UNKNOWN ? UNKNOWN : conform(block, requireObject(value, path), path, options);

function conformType(type: Type, value: unknown, path: string): WireValue {
  if (value === undefined || value === null) return null;
  if (value === UNKNOWN) return UNKNOWN;
  if (typeof type === 'string') return conformPrimitive(type, value, path);
  const [kind, inner] = type;
  switch (kind) {
    case 'list':
    case 'set':
      return requireArray(value, path).map((item, index) => conformType(inner, item, `${path}.${index}`));
    case 'map':
      return mapObject(requireObject(value, path), (item, key) => conformType(inner, item, `${path}.${key}`));
    case 'object': {
      const given = requireObject(value, path);
      for (const name of Object.keys(given)) {
        if (!(name in inner)) throw new MisfitError(`${path}.${name}`, 'absent', given[name]);
      }
      return mapObject(inner, (member, name) => conformType(member, given[name], `${path}.${name}`));
    }
  }
}

function conformPrimitive(type: string, value: unknown, path: string): WireValue {
  switch (type) {
    case 'string':
      if (typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      break;
    case 'number':
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      break;
  }
  throw new MisfitError(path, `a ${type}`, value);
}

function requireArray(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new MisfitError(path, 'a list', value);
}

function requireObject(value: unknown, path: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw new MisfitError(path, 'an object', value);
}

const mapObject = <T>(object: Readonly<Record<string, T>>, map: (value: T, key: string) => WireValue): WireObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
