// Brings the output of `terraform providers schema -json` for hashicorp/aws into the form of schema.json.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import type {
  Attribute,
  Block,
  NestedBlock,
  NestedType,
  ProviderSchema,
  Schema,
  Type,
} from '../src/terraform/schema.ts';

interface RealAttribute {
  readonly type?: Type;
  readonly nested_type?: {
    readonly nesting_mode: NestedType['nesting'];
    readonly attributes: Record<string, RealAttribute>;
  };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
}

interface RealBlock {
  readonly attributes?: Record<string, RealAttribute>;
  readonly block_types?: Record<
    string,
    {
      readonly nesting_mode: NestedBlock['nesting'];
      readonly min_items?: number;
      readonly max_items?: number;
      readonly block: RealBlock;
    }
  >;
}

interface RealSchema {
  readonly version: number;
  readonly block: RealBlock;
}

interface RealFile {
  readonly version: string;
  readonly resource_schemas: Record<string, RealSchema>;
  readonly data_source_schemas: Record<string, RealSchema>;
}

/** Reads a file that names its `version` beside `resource_schemas` and `data_source_schemas`, compressed or not. */
export function readReference(file: string): RealFile {
  const bytes = readFileSync(file);
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as RealFile;
}

/** The reference's word on the given types; those that its release does not have are left out. */
export function excerpt(real: RealFile, resources: readonly string[], dataSources: readonly string[]): ProviderSchema {
  const pick = (schemas: Record<string, RealSchema>, types: readonly string[]) =>
    Object.fromEntries(
      types.flatMap((type) => {
        const schema = schemas[type];
        return schema ? [[type, convertSchema(schema)]] : [];
      }),
    );
  return {
    release: real.version,
    provider: { attributes: {} },
    resources: pick(real.resource_schemas, resources),
    dataSources: pick(real.data_source_schemas, dataSources),
  };
}

const convertSchema = ({ version, block }: RealSchema): Schema => ({
  ...(version > 0 ? { version } : {}),
  ...convertBlock(block),
});

function convertBlock({ attributes = {}, block_types = {} }: RealBlock): Block {
  const blocks = Object.fromEntries(
    Object.entries(block_types).map(([name, { nesting_mode, min_items, max_items, block }]): [string, NestedBlock] => [
      name,
      {
        nesting: nesting_mode,
        ...(min_items ? { min: min_items } : {}),
        ...(max_items ? { max: max_items } : {}),
        ...convertBlock(block),
      },
    ]),
  );
  return { attributes: convertAttributes(attributes), ...(Object.keys(blocks).length > 0 ? { blocks } : {}) };
}

const convertAttributes = (attributes: Record<string, RealAttribute>): Record<string, Attribute> =>
  Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, convertAttribute(name, attribute)]));

function convertAttribute(name: string, attribute: RealAttribute): Attribute {
  const flags =
    (attribute.required ? 'r' : '') +
    (attribute.optional ? 'o' : '') +
    (attribute.computed ? 'c' : '') +
    (attribute.sensitive ? 's' : '') +
    (attribute.write_only ? 'w' : '');
  if (attribute.type) return [flags, attribute.type];
  if (!attribute.nested_type) throw new Error(`${name} has no type`);
  const { nesting_mode, attributes } = attribute.nested_type;
  return [flags, { nesting: nesting_mode, attributes: convertAttributes(attributes) }];
}
