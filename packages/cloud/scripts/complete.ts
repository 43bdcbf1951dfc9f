// Adds to a schema read from the bindings what they leave out, from a release of the provider that says it.
import {
  isNestedType,
  typeOf,
  type Attribute,
  type Block,
  type NestedBlock,
  type Schema,
} from '../src/terraform/schema.ts';

/** Versions, sensitive attributes, limits above one, and whether attributes nest as blocks once did; all else is the bindings'. */
export function complete(schema: Schema, reference: Schema | undefined): Schema {
  if (!reference) return schema;
  return { ...(reference.version ? { version: reference.version } : {}), ...completeBlock(schema, reference) };
}

function completeBlock(block: Block, reference: Block): Block {
  const attributes = Object.fromEntries(
    Object.entries(block.attributes).map(([name, attribute]) => [
      name,
      completeAttribute(attribute, reference.attributes[name]),
    ]),
  );
  if (!block.blocks) return { attributes };
  const blocks = Object.fromEntries(
    Object.entries(block.blocks).map(([name, nested]) => {
      const known = reference.blocks?.[name];
      return [name, known ? completeNested(nested, known) : nested];
    }),
  );
  return { attributes, blocks };
}

function completeNested({ nesting, min, max, ...block }: NestedBlock, reference: NestedBlock): NestedBlock {
  // The bindings know a minimum only as "required", and a maximum only where it is one.
  const fewest = min && (reference.min ?? min);
  const most = max ?? (reference.max === 1 ? undefined : reference.max);
  return {
    nesting,
    ...(fewest ? { min: fewest } : {}),
    ...(most ? { max: most } : {}),
    ...completeBlock(block, reference),
  };
}

function completeAttribute([flags, type]: Attribute, reference: Attribute | undefined): Attribute {
  if (!reference) return [flags, type];
  const secret = reference[0].includes('s') && !flags.includes('s') ? 's' : '';
  const completed: Attribute = [flags.replace(/w?$/, (w) => secret + w), type];
  const sameShape = JSON.stringify(typeOf(completed)) === JSON.stringify(typeOf(reference));
  return isNestedType(type) && !isNestedType(reference[1]) && sameShape ? [completed[0], reference[1]] : completed;
}
