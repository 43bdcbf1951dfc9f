// Joins what the services serve with what the schema says of it.
import type { Service } from '../kernel/service.ts';
import { DATA_SOURCES } from './data-sources/index.ts';
import type { DataSourceType, ResourceType } from './resource.ts';
import { providerSchema, type Schema } from './schema.ts';

export interface Resource {
  readonly type: ResourceType;
  readonly schema: Schema;
}

export interface DataSource {
  readonly type: DataSourceType;
  readonly schema: Schema;
}

/** The types that the cloud serves, with their schemas. */
export interface Supported {
  readonly provider: Schema;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly dataSources: ReadonlyMap<string, DataSource>;
}

export function findSupported(services: ReadonlyMap<string, Service>): Supported {
  const { provider, resources, dataSources } = providerSchema();
  const all = [...services.values()];
  return {
    provider,
    resources: join(
      all.flatMap((service) => service.resources),
      resources,
    ),
    dataSources: join([...DATA_SOURCES, ...all.flatMap((service) => service.dataSources ?? [])], dataSources),
  };
}

function join<T extends { readonly type: string }>(types: readonly T[], schemas: Readonly<Record<string, Schema>>) {
  const joined = new Map<string, { type: T; schema: Schema }>();
  for (const type of types) {
    const schema = schemas[type.type];
    if (!schema)
      throw new Error(
        `${type.type} has no schema: add it to scripts/supported-types.ts and run scripts/extract-schema.ts`,
      );
    if (joined.has(type.type)) throw new Error(`${type.type} is served twice`);
    joined.set(type.type, { type, schema });
  }
  return joined;
}
