// Writes packages/cloud/src/terraform/schema.json for the supported types, from the bindings in @cdktn/provider-aws.
//
//   node packages/cloud/scripts/extract-schema.ts [--reference <file>]
//
// What the bindings leave out (schema versions, sensitive attributes, limits above one) comes from the excerpt of a real
// provider's own schema beside it. `--reference` renews that excerpt, from the output of `terraform providers schema -json`
// reduced to `{ version, resource_schemas, data_source_schemas }` of hashicorp/aws, gzipped or not.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import type { ProviderSchema, Schema } from '../src/terraform/schema.ts';
import { bindingsRelease, readBindings, readProviderBindings } from './bindings.ts';
import { complete } from './complete.ts';
import { excerpt, readReference } from './reference.ts';
import { DATA_SOURCE_TYPES, RESOURCE_TYPES } from './supported-types.ts';

const TARGET = new URL('../src/terraform/schema.json', import.meta.url);
const REFERENCE = new URL('../src/terraform/reference/schema.json', import.meta.url);

const { values } = parseArgs({ options: { reference: { type: 'string' } } });
if (values.reference) {
  write(REFERENCE, excerpt(readReference(values.reference), RESOURCE_TYPES, DATA_SOURCE_TYPES));
}
const reference: Partial<ProviderSchema> = existsSync(REFERENCE)
  ? (JSON.parse(readFileSync(REFERENCE, 'utf8')) as ProviderSchema)
  : {};
write(TARGET, {
  release: bindingsRelease(),
  provider: readProviderBindings(),
  resources: readAll('resource', RESOURCE_TYPES, reference.resources),
  dataSources: readAll('data source', DATA_SOURCE_TYPES, reference.dataSources),
});

function readAll(
  kind: 'resource' | 'data source',
  types: readonly string[],
  known: Readonly<Record<string, Schema>> = {},
): Record<string, Schema> {
  return Object.fromEntries(types.map((type) => [type, complete(readBindings(kind, type), known[type])]));
}

function write(file: URL, schema: ProviderSchema): void {
  writeFileSync(file, `${print(schema, '')}\n`);
}

/** JSON with sorted names, one attribute to a line. */
function print(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(sorted(value));
  const inner = `${indent} `;
  const members = entries(value).map(([name, member]) => `${inner}${JSON.stringify(name)}: ${print(member, inner)}`);
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(entries(value).map(([name, member]) => [name, sorted(member)]));
}

function entries(value: object): [string, unknown][] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
