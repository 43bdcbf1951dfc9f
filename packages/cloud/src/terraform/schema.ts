// The provider's schema: what every supported type's attributes and blocks are, as hashicorp/aws declares them.
import { readFileSync } from 'node:fs';

/** A type as Terraform writes it in JSON, e.g. `"string"` or `["list", ["object", { "name": "string" }]]`. */
export type Type =
  | 'string'
  | 'number'
  | 'bool'
  | readonly ['list' | 'set' | 'map', Type]
  | readonly ['object', Readonly<Record<string, Type>>];

/** Attributes of attributes, as the newer of HashiCorp's two provider kits declares them. */
export interface NestedType {
  readonly nesting: 'single' | 'list' | 'set' | 'map';
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/**
 * Flags and type. The flags: `r` required, `o` optional, `c` computed, `s` sensitive, `w` write-only (given by the
 * configuration, never kept in the state).
 */
export type Attribute = readonly [flags: string, type: Type | NestedType];

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly blocks?: Readonly<Record<string, NestedBlock>>;
}

export interface NestedBlock extends Block {
  readonly nesting: 'single' | 'list' | 'set';
  readonly min?: number;
  readonly max?: number;
}

export interface Schema extends Block {
  /** The version that the state's shape has in a state file. @default 0 */
  readonly version?: number;
}

/** What `schema.json` holds. */
export interface ProviderSchema {
  /** The release of hashicorp/aws that is described. */
  readonly release: string;
  readonly provider: Schema;
  readonly resources: Readonly<Record<string, Schema>>;
  readonly dataSources: Readonly<Record<string, Schema>>;
}

let loaded: ProviderSchema | undefined;

/** The schema file, read once. */
export const providerSchema = (): ProviderSchema =>
  (loaded ??= JSON.parse(readFileSync(new URL('./schema.json', import.meta.url), 'utf8')) as ProviderSchema);

export const isNestedType = (type: Type | NestedType): type is NestedType =>
  typeof type === 'object' && !Array.isArray(type);

/** The plain type of an attribute, nested attributes written as objects. */
export function typeOf([, type]: Attribute): Type {
  if (!isNestedType(type)) return type;
  const object: Type = [
    'object',
    Object.fromEntries(Object.entries(type.attributes).map(([name, attribute]) => [name, typeOf(attribute)])),
  ];
  return type.nesting === 'single' ? object : [type.nesting, object];
}
