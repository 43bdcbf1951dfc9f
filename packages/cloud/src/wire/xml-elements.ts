// Which elements a document may have: what the SDK's reader passes over would otherwise be taken in silence.
import type { NormalizedSchema } from '@smithy/core/schema';

import { InvalidInput } from './check.ts';

/** What holds no elements: comments, character data, declarations; or a tag: whether it closes, its name, whether it is empty. */
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[?!][^>]*>|<(\/?)([^\s/>]+)(?:"[^"]*"|'[^']*'|[^'">])*?(\/?)>/g;

interface Child {
  readonly schema: NormalizedSchema;
  readonly repeats: boolean;
}

/** An element that is open. */
interface Open {
  readonly name: string;
  readonly children: ReadonlyMap<string, Child> | undefined;
  readonly seen: Set<string>;
}

/** Throws {@link InvalidInput} for an element that the schema has not, or not so often. The document is well-formed. */
export function checkElements(schema: NormalizedSchema, text: string): void {
  const open: Open[] = [];
  for (const [, closing, name, empty] of text.matchAll(TOKEN)) {
    if (name === undefined) continue;
    if (closing === '/') {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    const found = parent ? childOf(parent, name) : schema;
    if (empty !== '/') open.push({ name, children: found && childrenOf(found), seen: new Set() });
  }
}

function childOf({ name: parent, children, seen }: Open, name: string): NormalizedSchema | undefined {
  if (!children) return undefined;
  const child = children.get(name);
  if (!child) throw new InvalidInput('type', `The element ${name} is not known in ${parent}`);
  if (seen.has(name) && !child.repeats) throw new InvalidInput('type', `There is more than one ${name} in ${parent}`);
  seen.add(name);
  return child.schema;
}

const known = new WeakMap<object, ReadonlyMap<string, Child>>();

/** The elements that one may have by their names; undefined for maps and documents, whose names are anybody's. */
function childrenOf(schema: NormalizedSchema): ReadonlyMap<string, Child> | undefined {
  if (schema.isMapSchema() || schema.isDocumentSchema()) return undefined;
  const key: unknown = schema.getSchema();
  if (typeof key !== 'object' || key === null) return new Map();
  const before = known.get(key);
  if (before) return before;
  const children = new Map(schema.isListSchema() ? [itemOf(schema)] : schema.isStructSchema() ? membersOf(schema) : []);
  known.set(key, children);
  return children;
}

function itemOf(schema: NormalizedSchema): [string, Child] {
  const item = schema.getValueSchema();
  return [String(item.getMergedTraits().xmlName ?? 'member'), { schema: item, repeats: true }];
}

function* membersOf(schema: NormalizedSchema): Generator<[string, Child]> {
  for (const [member, child] of schema.structIterator()) {
    const flat = child.isListSchema() && Boolean(child.getMergedTraits().xmlFlattened);
    yield [
      String(child.getMemberTraits().xmlName ?? member),
      { schema: flat ? child.getValueSchema() : child, repeats: flat },
    ];
  }
}
