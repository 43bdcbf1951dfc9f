// hashicorp/aws as Terraform sees it: the answers to its protocol's calls, for one connection.
import { conform } from './conform.ts';
import { validateProvider, type Connection } from './connection.ts';
import { failure, problem, steps, unsupported, type Diagnostic } from './diagnostics.ts';
import { applyResource, importResource, nameOf, readResource, type Outcome } from './life.ts';
import { plan } from './plan.ts';
import { isRegion } from './regions.ts';
import type { Attributes } from './resource.ts';
import type { Schema } from './schema.ts';
import type { DataSource, Resource, Supported } from './supported.ts';
import { visibleTags } from './tags.ts';
import {
  decodeObject,
  encodeValue,
  hasUnknown,
  knownPart,
  type DynamicValue,
  type WireObject,
  type WireValue,
} from './value.ts';

interface Request {
  readonly type_name: string;
  readonly config?: DynamicValue;
  readonly id?: string;
  readonly version?: number;
  readonly raw_state?: { readonly json?: Uint8Array };
  readonly current_state?: DynamicValue;
  readonly prior_state?: DynamicValue;
  readonly proposed_new_state?: DynamicValue;
  readonly planned_state?: DynamicValue;
  readonly private?: Uint8Array;
  readonly prior_private?: Uint8Array;
  readonly planned_private?: Uint8Array;
  readonly client_capabilities?: { readonly write_only_attributes_allowed?: boolean };
}

export type Rpc = (request: Request) => object | Promise<object>;

/** The real provider is written with the kit that needs this leave: it fills in what the configuration leaves out. */
const LEGACY = { legacy_type_system: true };

/** All calls but the schema's own, which is the same for every connection. */
export function createProvider(
  { resources, dataSources }: Supported,
  account: string,
  connection: Connection,
): Record<string, Rpc> {
  const withResource =
    (answer: (resource: Resource, request: Request) => object | Promise<object>): Rpc =>
    (request) => {
      const resource = resources.get(request.type_name);
      if (resource) return answer(resource, request);
      return { diagnostics: [unsupported('resource', request.type_name, [...resources.keys()])] };
    };
  const withDataSource =
    (answer: (source: DataSource, request: Request) => object | Promise<object>): Rpc =>
    (request) => {
      const source = dataSources.get(request.type_name);
      if (source) return answer(source, request);
      return { diagnostics: [unsupported('data source', request.type_name, [...dataSources.keys()])] };
    };
  return {
    GetResourceIdentitySchemas: () => ({}),
    GetFunctions: () => ({}),
    ValidateProviderConfig: ({ config }) => ({ diagnostics: validateProvider(knownConfig(config), account) }),
    ConfigureProvider: async ({ config }) => ({ diagnostics: await connection.configure(decodeObject(config) ?? {}) }),
    ValidateResourceConfig: withResource((resource, { config, client_capabilities: client }) => ({
      diagnostics: [
        ...(client?.write_only_attributes_allowed ? [] : writeOnlyProblems(resource, config)),
        ...validate(resource, config),
      ],
    })),
    ValidateDataResourceConfig: withDataSource((source, { config }) => ({ diagnostics: validate(source, config) })),
    UpgradeResourceState: withResource(upgrade),
    ReadResource: withResource(async (resource, request) => {
      const state = decodeObject(request.current_state);
      const outcome: Outcome = state
        ? await readResource(resource, state, connection)
        : { state: null, diagnostics: [] };
      return { new_state: encodeValue(outcome.state), diagnostics: outcome.diagnostics, private: request.private };
    }),
    PlanResourceChange: withResource((resource, request) => planChange(resource, request, connection)),
    ApplyResourceChange: withResource(async (resource, request) => {
      const outcome = await applyResource(
        resource,
        {
          prior: decodeObject(request.prior_state),
          planned: decodeObject(request.planned_state),
          config: decodeObject(request.config),
        },
        connection,
      );
      return {
        new_state: encodeValue(outcome.state),
        diagnostics: outcome.diagnostics,
        private: request.planned_private,
        ...LEGACY,
      };
    }),
    ImportResourceState: withResource((resource, { type_name, id = '' }) => {
      const { state, diagnostics } = importResource(resource, id, connection);
      return { imported_resources: state ? [{ type_name, state: encodeValue(state) }] : [], diagnostics };
    }),
    ReadDataSource: withDataSource((source, request) => readDataSource(source, request, connection)),
    StopProvider: () => {
      connection.stop();
      return {};
    },
  };
}

const knownConfig = (config: DynamicValue | undefined): WireObject => known(decodeObject(config));

const known = (value: WireObject | null): WireObject => (knownPart(value ?? {}) ?? {}) as WireObject;

/** While parts of the configuration are unknown, nobody can say that something is missing from it. */
function validate({ type, schema }: Resource | DataSource, value: DynamicValue | undefined): Diagnostic[] {
  const config = decodeObject(value);
  if (!config) return [];
  const incomplete = hasUnknown(config);
  const visible = known(config);
  return [...regionProblems(schema, visible), ...(type.validate?.(visible) ?? [])]
    .filter(({ attribute }) => !incomplete || isPresent(visible, attribute.split('.')))
    .map(({ attribute, message }) => problem(message, `Argument ${attribute} of ${type.type}.`, attribute));
}

/** An engine that does not know of write-only arguments would write their values into the state. */
function writeOnlyProblems({ type, schema }: Resource, value: DynamicValue | undefined): Diagnostic[] {
  const config = decodeObject(value) ?? {};
  return Object.entries(schema.attributes)
    .filter(([name, [flags]]) => flags.includes('w') && (config[name] ?? null) !== null)
    .map(([name]) =>
      problem(
        'Write-only Attribute Not Allowed',
        `${type.type} has a value for the write-only argument ${name}. Use Terraform 1.11 or OpenTofu 1.11, or later: an older engine would keep the value in its state.`,
        name,
      ),
    );
}

function regionProblems({ attributes }: Schema, { region }: WireObject): { attribute: string; message: string }[] {
  if (!('region' in attributes) || typeof region !== 'string' || isRegion(region)) return [];
  return [{ attribute: 'region', message: `invalid AWS Region: ${region}` }];
}

function isPresent(value: WireValue | undefined, [name, ...rest]: string[]): boolean {
  if (value === undefined || value === null) return false;
  return name === undefined || isPresent((value as WireObject)[name], rest);
}

/** A state file keeps its shape in JSON: attributes come and go between versions, values stay. */
function upgrade({ type, schema }: Resource, { raw_state, version = 0 }: Request): object {
  const current = schema.version ?? 0;
  if (version > current) {
    return {
      diagnostics: [
        problem(`The state of ${type.type} has version ${version}`, `This provider knows it up to version ${current}.`),
      ],
    };
  }
  const state = decodeObject(raw_state ?? {});
  try {
    const upgraded = state && conform(schema, state, type.type, { dropUnknownNames: true });
    return { upgraded_state: encodeValue(upgraded) };
  } catch (error) {
    return {
      diagnostics: [
        failure({ phase: 'reading', type: type.type, name: state ? nameOf(schema, state) : undefined }, error),
      ],
    };
  }
}

function planChange({ type, schema }: Resource, request: Request, connection: Connection): object {
  const proposed = decodeObject(request.proposed_new_state);
  const planned_private = request.prior_private;
  if (!proposed) return { planned_state: encodeValue(null), planned_private, ...LEGACY };
  try {
    const { planned, replaces } = plan(type, schema, {
      prior: decodeObject(request.prior_state),
      proposed,
      config: decodeObject(request.config) ?? {},
      region: connection.region,
      tags: connection.tags,
    });
    return {
      planned_state: encodeValue(planned),
      requires_replace: replaces.map((path) => ({ steps: steps(path) })),
      planned_private,
      ...LEGACY,
    };
  } catch (error) {
    connection.reportDefect(type.type, error);
    return {
      diagnostics: [failure({ phase: 'planning', type: type.type, name: nameOf(schema, proposed) }, error)],
      ...LEGACY,
    };
  }
}

async function readDataSource({ type, schema }: DataSource, request: Request, connection: Connection): Promise<object> {
  const config = knownConfig(request.config);
  const context = connection.context(config['region']);
  try {
    const answer: Attributes = await type.read(config, context);
    const state = conform(schema, { ...config, ...answer }, type.type);
    if ('region' in schema.attributes) state['region'] ??= context.region;
    if (schema.attributes['tags']?.[0].includes('c'))
      state['tags'] = visibleTags(state['tags'] ?? null, connection.tags);
    return { state: encodeValue(state) };
  } catch (error) {
    connection.reportDefect(type.type, error);
    return { diagnostics: [failure({ phase: 'reading', type: type.type, name: nameOf(schema, config) }, error)] };
  }
}
