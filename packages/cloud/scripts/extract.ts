// The whole schema file: what the bindings know of the supported types, completed from a release of the provider.
import type { ProviderSchema, Schema } from '../src/terraform/schema.ts';
import { bindingsRelease, readBindings, readProviderBindings } from './bindings.ts';
import { complete } from './complete.ts';
import { DATA_SOURCE_TYPES, RESOURCE_TYPES } from './supported-types.ts';

export function extractSchema(reference: Pick<ProviderSchema, 'resources' | 'dataSources'>): ProviderSchema {
  return {
    release: bindingsRelease(),
    provider: readProviderBindings(),
    resources: readAll('resource', RESOURCE_TYPES, reference.resources),
    dataSources: readAll('data source', DATA_SOURCE_TYPES, reference.dataSources),
  };
}

/** The file's text: sorted names, one attribute to a line, so that a new release reads as a list of changes. */
export const printSchema = (schema: ProviderSchema): string => `${print(schema, '')}\n`;

function readAll(
  kind: 'resource' | 'data source',
  types: readonly string[],
  known: Readonly<Record<string, Schema>>,
): Record<string, Schema> {
  return Object.fromEntries(types.map((type) => [type, complete(readBindings(kind, type), known[type])]));
}

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

const entries = (value: object): [string, unknown][] =>
  Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
