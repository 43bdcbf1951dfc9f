// A resource's life between plans: reading, creating, updating, deleting and importing it through its handler.
import { conform } from './conform.ts';
import type { Connection } from './connection.ts';
import { failure, type Diagnostic, type Phase } from './diagnostics.ts';
import { UserError } from './errors.ts';
import type { Attributes, ResourceContext, ResourceType } from './resource.ts';
import type { Schema } from './schema.ts';
import { settle } from './settle.ts';
import type { Resource } from './supported.ts';
import { allTags, ownTags, rulesFor, visibleTags } from './tags.ts';
import { isEqual, knownPart, UNKNOWN, type WireObject, type WireValue } from './value.ts';

/** What Terraform is told: the state to keep, and what went wrong on the way to it. */
export interface Outcome {
  readonly state: WireObject | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The state as it is now; null where the resource is gone. */
export async function readResource(resource: Resource, state: WireObject, connection: Connection): Promise<Outcome> {
  try {
    return done(await observe(resource, state, connection, contextOf(state, connection)));
  } catch (error) {
    return failed(resource, 'reading', state, state, connection, error);
  }
}

/** Creates, updates or deletes. `config` has what the plan may not hold: write-only values. */
export async function applyResource(
  resource: Resource,
  { prior, planned, config }: { prior: WireObject | null; planned: WireObject | null; config: WireObject | null },
  connection: Connection,
): Promise<Outcome> {
  if (connection.signal.aborted) {
    const phase = !planned ? 'deleting' : prior ? 'updating' : 'creating';
    return failed(resource, phase, planned ?? prior ?? {}, prior, connection, connection.signal.reason);
  }
  if (!planned) return prior ? deleteResource(resource, prior, connection) : done(null);
  const wanted = completePlan(resource, planned, config ?? {}, connection);
  return prior
    ? updateResource(resource, prior, planned, wanted, connection)
    : createResource(resource, planned, wanted, connection);
}

/** The first state of a resource that exists already: what its id says. Terraform reads the rest. */
export function importResource({ type, schema }: Resource, id: string, connection: Connection): Outcome {
  // https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support: `<id>@<region>`.
  const [, plainId = id, region] = ('region' in schema.attributes && /^(.+)@([a-z]{2}(?:-[a-z]+)+-\d)$/.exec(id)) || [];
  const context = connection.context(region);
  try {
    const start = { ...type.defaults, ...(type.importState?.(plainId, context) ?? { id: plainId }) };
    const known = Object.fromEntries(Object.entries(start).filter(([name]) => !name.includes('.')));
    const placed = 'region' in schema.attributes ? { region: context.region, ...known } : known;
    return done(conform(schema, placed, type.type));
  } catch (error) {
    return { state: null, diagnostics: [failure({ phase: 'importing', type: type.type, name: id }, error)] };
  }
}

async function createResource(
  resource: Resource,
  planned: WireObject,
  wanted: WireObject,
  connection: Connection,
): Promise<Outcome> {
  const { type } = resource;
  let created: Attributes | undefined;
  const context = contextOf(wanted, connection, (attributes) => (created = { ...created, ...attributes }));
  try {
    const answer = await type.create(wanted, context);
    created = { ...created, ...answer };
    const state = await observe(resource, { ...wanted, ...created }, connection, context, planned);
    if (state) return done(state);
    throw new Error('it was created, and is gone');
  } catch (error) {
    // Terraform marks as tainted what comes with an error, and replaces it next time.
    const rest = created ? conform(resource.schema, { ...wanted, ...created }, type.type) : null;
    return failed(resource, 'creating', wanted, rest, connection, error);
  }
}

async function updateResource(
  resource: Resource,
  prior: WireObject,
  planned: WireObject,
  wanted: WireObject,
  connection: Connection,
): Promise<Outcome> {
  const { type, schema } = resource;
  const context = contextOf(prior, connection);
  try {
    if (type.update) await type.update(prior, wanted, context);
    else refuseUpdate(type, prior, wanted);
    // What the plan leaves open is no longer what it was.
    const kept = Object.fromEntries(Object.entries(prior).filter(([name]) => planned[name] !== UNKNOWN));
    const state = await observe(resource, { ...kept, ...wanted }, connection, context, planned);
    if (state) return done(state);
    throw new UserError('it is gone since it was planned', 'Plan again: it will be created anew.');
  } catch (error) {
    const outcome = failed(resource, 'updating', prior, prior, connection, error);
    // Some of the change may have happened: what the resource is like now is the truth.
    const actual = await readResource({ type, schema }, prior, connection);
    return actual.diagnostics.length === 0 ? { ...outcome, state: actual.state } : outcome;
  }
}

async function deleteResource(resource: Resource, prior: WireObject, connection: Connection): Promise<Outcome> {
  try {
    await resource.type.delete(prior, contextOf(prior, connection));
    return done(null);
  } catch (error) {
    return failed(resource, 'deleting', prior, prior, connection, error);
  }
}

/** What the handler reads, in the schema's shape and, where it means the same, in the words of `before`. */
async function observe(
  { type, schema }: Resource,
  state: WireObject | Attributes,
  { region, tags }: Connection,
  context: ResourceContext,
  before: WireObject | Attributes = state,
): Promise<WireObject | null> {
  const answer = await type.read(state, context);
  if (!answer) return null;
  const actual = conform(schema, { ...state, ...answer }, type.type);
  if ('tags_all' in schema.attributes) {
    const rules = rulesFor(type, actual, tags);
    actual['tags_all'] = visibleTags(actual['tags_all'] ?? null, rules);
    actual['tags'] = ownTags(actual['tags_all'], (before as WireObject)['tags'], rules);
  }
  if ('region' in schema.attributes) actual['region'] ??= region;
  const how = { mode: 'read', documents: type.json ?? [], same: type.same ?? {} } as const;
  return settle(schema, before as WireObject, actual, how) as WireObject;
}

/** The plan with nothing unknown, as a handler may see it. */
function completePlan(
  { type, schema }: Resource,
  planned: WireObject,
  config: WireObject,
  { tags }: Connection,
): WireObject {
  const wanted = knownPart(planned) as WireObject;
  if ('tags_all' in schema.attributes) wanted['tags_all'] = allTags(planned['tags'], rulesFor(type, planned, tags));
  for (const [name, [flags]] of Object.entries(schema.attributes)) {
    if (flags.includes('w') && name in config) wanted[name] = config[name] ?? null;
  }
  return wanted;
}

/** Without an `update`, only what concerns nobody but Terraform may change. */
function refuseUpdate(type: ResourceType, prior: WireObject, wanted: WireObject): void {
  const changed = Object.keys(wanted).filter(
    (name) => name !== 'timeouts' && !isEqual(prior[name] ?? null, wanted[name] ?? null),
  );
  if (changed.length > 0) throw new Error(`${changed.join(', ')} cannot be changed in place`);
}

const contextOf = (state: WireObject, connection: Connection, created?: ResourceContext['created']): ResourceContext =>
  connection.context(state['region'], created);

const done = (state: WireObject | null): Outcome => ({ state, diagnostics: [] });

function failed(
  { type, schema }: Resource,
  phase: Phase,
  named: WireObject,
  state: WireObject | null,
  connection: Connection,
  error: unknown,
): Outcome {
  connection.reportDefect(type.type, error);
  return { state, diagnostics: [failure({ phase, type: type.type, name: nameOf(schema, named) }, error)] };
}

/** What a person would call the resource: its id, its name, or the first text that it has to have. */
export function nameOf(schema: Schema, state: WireObject): string | undefined {
  const required = Object.entries(schema.attributes).filter(
    ([, [flags, type]]) => flags.includes('r') && type === 'string',
  );
  const candidates: WireValue[] = ['id', 'name', 'bucket', ...required.map(([name]) => name)].map(
    (name) => state[name] ?? null,
  );
  return candidates.find((value): value is string => typeof value === 'string' && value !== '');
}
