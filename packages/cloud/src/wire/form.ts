// Reads form parameters such as `Tags.member.1.Key=a` by the schema of what they mean: the input of the query protocols.
import { FromStringShapeDeserializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** The deepest name that is read; AWS's own inputs stay under ten. */
const DEEPEST_NAME = 32;

const MOST_PARAMETERS = 20_000;

/** How names are formed: `query` and `ec2` differ in capitals and in lists. */
export type FormDialect = 'query' | 'ec2';

/** Reads a structure; throws a RangeError where there is more, or deeper, than any client sends. */
export function readForm(schema: NormalizedSchema, parameters: URLSearchParams, dialect: FormDialect): unknown {
  const root: Node = { children: new Map() };
  if (parameters.size > MOST_PARAMETERS) throw new RangeError(`more than ${MOST_PARAMETERS} parameters`);
  for (const [name, value] of parameters) {
    const path = name.split('.');
    if (path.length > DEEPEST_NAME) throw new RangeError(`parameter ${name.slice(0, 80)}… is nested too deeply`);
    path.reduce(childOf, root).value = value;
  }
  return schema.isUnitSchema() ? {} : read(schema, root, dialect);
}

function childOf(node: Node, name: string): Node {
  let child = node.children.get(name);
  if (!child) node.children.set(name, (child = { children: new Map() }));
  return child;
}

const strings = new FromStringShapeDeserializer({
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: false,
});

function read(schema: NormalizedSchema, node: Node, dialect: FormDialect): unknown {
  if (schema.isStructSchema()) return readStructure(schema, node, dialect);
  if (schema.isListSchema()) return readList(schema, node, dialect);
  if (schema.isMapSchema()) return readMap(schema, node, dialect);
  return node.value === undefined ? undefined : strings.read(schema, node.value);
}

function readStructure(schema: NormalizedSchema, node: Node, dialect: FormDialect): Record<string, unknown> {
  const structure: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const child = node.children.get(parameterName(name, member, dialect));
    const value = child && read(member, child, dialect);
    if (value !== undefined) structure[name] = value;
  }
  return structure;
}

function readList(schema: NormalizedSchema, node: Node, dialect: FormDialect): unknown[] {
  const member = schema.getValueSchema();
  const flat = dialect === 'ec2' || Boolean(schema.getMergedTraits().xmlFlattened);
  const items = flat ? node : node.children.get(member.getMergedTraits().xmlName ?? 'member');
  return items ? numbered(items).map((item) => read(member, item, dialect)) : [];
}

function readMap(schema: NormalizedSchema, node: Node, dialect: FormDialect): Record<string, unknown> {
  const member = schema.getValueSchema();
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = member.getMergedTraits().xmlName ?? 'value';
  const entries = schema.getMergedTraits().xmlFlattened ? node : node.children.get('entry');
  return Object.fromEntries(
    (entries ? numbered(entries) : []).map((entry) => {
      const value = entry.children.get(valueName);
      return [entry.children.get(keyName)?.value ?? '', value && read(member, value, dialect)];
    }),
  );
}

function numbered(node: Node): Node[] {
  return [...node.children]
    .filter(([name]) => /^\d+$/.test(name))
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([, child]) => child);
}

function parameterName(name: string, member: NormalizedSchema, dialect: FormDialect): string {
  const { xmlName, ec2QueryName } = member.getMergedTraits() as { xmlName?: string; ec2QueryName?: string };
  if (dialect === 'query') return xmlName ?? name;
  const own = ec2QueryName ?? xmlName ?? name;
  return ec2QueryName ? own : own.slice(0, 1).toUpperCase() + own.slice(1);
}
