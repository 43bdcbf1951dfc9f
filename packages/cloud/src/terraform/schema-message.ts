// The schema as Terraform's protocol writes it.
import { isNestedType, type Attribute, type Block, type NestedBlock, type Schema } from './schema.ts';

const NESTING = { single: 1, list: 2, set: 3, map: 4 } as const;

export const schemaMessage = (schema: Schema): object => ({
  version: schema.version ?? 0,
  block: blockMessage(schema),
});

const blockMessage = ({ attributes, blocks = {} }: Block): object => ({
  attributes: Object.entries(attributes).map(([name, attribute]) => attributeMessage(name, attribute)),
  block_types: Object.entries(blocks).map(([name, block]) => nestedBlockMessage(name, block)),
});

const nestedBlockMessage = (name: string, block: NestedBlock): object => ({
  type_name: name,
  nesting: NESTING[block.nesting],
  min_items: block.min ?? 0,
  max_items: block.max ?? 0,
  block: blockMessage(block),
});

function attributeMessage(name: string, [flags, type]: Attribute): object {
  return {
    name,
    required: flags.includes('r'),
    optional: flags.includes('o'),
    computed: flags.includes('c'),
    sensitive: flags.includes('s'),
    write_only: flags.includes('w'),
    ...(isNestedType(type)
      ? {
          nested_type: {
            nesting: NESTING[type.nesting],
            attributes: Object.entries(type.attributes).map(([member, attribute]) =>
              attributeMessage(member, attribute),
            ),
          },
        }
      : { type: Buffer.from(JSON.stringify(type)) }),
  };
}
