// Plans a change of one resource as the real provider does: defaults, what is computed, tags, region, and what forces a new one.
import type { ResourceType } from './resource.ts';
import { isNestedType, type Block, type Schema } from './schema.ts';
import { isBlank, settle } from './settle.ts';
import { allTags, rulesFor, type TagRules } from './tags.ts';
import { isEqual, isObject, knownPart, UNKNOWN, type WireObject, type WireValue } from './value.ts';

export interface PlanRequest {
  /** Null where the resource does not exist yet. */
  readonly prior: WireObject | null;
  /** Terraform's own first draft: the configuration, over what is computed and known. */
  readonly proposed: WireObject;
  readonly config: WireObject;
  /** The region of the provider's configuration. */
  readonly region: string;
  readonly tags: TagRules;
}

/** Names and indexes. */
export type Path = readonly (string | number)[];

export interface Plan {
  readonly planned: WireObject;
  /** Where the change needs a new resource. */
  readonly replaces: readonly Path[];
}

export function plan(type: ResourceType, schema: Schema, { prior, proposed, config, region, tags }: PlanRequest): Plan {
  const draft = copy(proposed) as WireObject;
  for (const [path, value] of Object.entries(type.defaults ?? {}))
    setDefault(draft, path.split('.'), value as WireValue);
  resetAll(type, schema, draft, config, false);
  for (const path of type.computedBlocks ?? []) keepBlocks(draft, prior, path);
  dropUnkept(schema, draft);
  // The draft of a change carries the former region along; it follows the provider's unless the configuration says otherwise.
  if ('region' in schema.attributes) draft['region'] = config['region'] ?? region;
  if ('tags_all' in schema.attributes) draft['tags_all'] = allTags(draft['tags'], rulesFor(type, draft, tags));
  if (!prior) {
    markUnknown(schema, draft, undefined);
    return { planned: draft, replaces: [] };
  }
  const how = { mode: 'plan', documents: type.json ?? [], same: type.same ?? {} } as const;
  const settled = settle(schema, prior, draft, how) as WireObject;
  if (isEqual(settled, prior)) return { planned: prior, replaces: [] };
  type.checkChange?.(known(prior), known(settled));
  resetAll(type, schema, settled, config, true);
  markUnknown(schema, settled, prior);
  for (const name of type.recomputes?.(known(prior), known(settled)) ?? []) {
    if (name in schema.attributes) settled[name] = UNKNOWN;
  }
  const replaced = [
    ...type.replace,
    ...(type.replaceIf?.(known(prior), known(settled)) ?? []),
    // A state from before the provider had regions has none.
    ...(typeof prior['region'] === 'string' ? ['region'] : []),
  ];
  return {
    planned: settled,
    replaces: replaced.flatMap((path) => changedPaths(schema, prior, settled, path.split('.'))),
  };
}

const known = (value: WireObject): WireObject => knownPart(value) as WireObject;

function setDefault(value: WireValue | undefined, [name = '', ...rest]: string[], wanted: WireValue): void {
  if (Array.isArray(value)) for (const element of value) setDefault(element, [name, ...rest], wanted);
  if (!isObject(value)) return;
  if (rest.length > 0) setDefault(value[name], rest, wanted);
  else if (value[name] === null || value[name] === undefined) value[name] = wanted;
}

/** With `changing`, what AWS says becomes unknown even where it has been nothing so far: another argument may make it something. */
function resetAll(type: ResourceType, schema: Schema, value: WireObject, config: WireObject, changing: boolean): void {
  for (const [path, wanted] of Object.entries(type.resets ?? {}))
    reset(schema, value, config, path.split('.'), wanted as WireValue, changing);
}

/** Undoes that Terraform's draft carries the former value along. Elements of a set cannot be told apart, and keep theirs. */
function reset(
  block: Block,
  value: WireValue | undefined,
  config: WireValue | undefined,
  [name = '', ...rest]: string[],
  wanted: WireValue,
  changing: boolean,
): void {
  if (!isObject(value) || !isObject(config)) return;
  const nested = block.blocks?.[name];
  if (!nested) {
    if (config[name] !== null) return;
    if (wanted !== null) value[name] = wanted;
    else if (changing || !isBlank(value[name])) value[name] = UNKNOWN;
    return;
  }
  const elements = value[name];
  const said = config[name];
  if (nested.nesting !== 'list' || !Array.isArray(elements) || !Array.isArray(said)) return;
  for (const [index, element] of elements.entries()) reset(nested, element, said[index], rest, wanted, changing);
}

/** Computed blocks that the configuration leaves out: what the resource has, or unknown for a new one. */
function keepBlocks(draft: WireObject, prior: WireObject | null, path: string): void {
  const value = draft[path];
  if (Array.isArray(value) && value.length === 0) draft[path] = prior ? (prior[path] ?? []) : UNKNOWN;
}

/** What a state does not hold: write-only values, and elements of maps that are null. */
function dropUnkept(schema: Schema, draft: WireObject): void {
  for (const [name, [flags, type]] of Object.entries(schema.attributes)) {
    const value = draft[name];
    if (flags.includes('w')) draft[name] = null;
    else if (Array.isArray(type) && type[0] === 'map' && isObject(value)) {
      draft[name] = Object.fromEntries(Object.entries(value).filter(([, element]) => element !== null));
    }
  }
}

/** What is computed and not yet known becomes unknown: all of a new resource, and of elements that were not there before. */
function markUnknown(block: Block, value: WireObject, prior: WireValue | undefined): void {
  const existing = isObject(prior);
  for (const [name, [flags, type]] of Object.entries(block.attributes)) {
    if (!existing && flags.includes('c') && value[name] === null) value[name] = UNKNOWN;
    if (isNestedType(type)) markNested(type, value[name], existing ? prior[name] : undefined);
  }
  for (const [name, nested] of Object.entries(block.blocks ?? {})) {
    if (name !== 'timeouts') markNested(nested, value[name], existing ? prior[name] : undefined);
  }
}

function markNested(
  block: Block & { nesting: string },
  value: WireValue | undefined,
  prior: WireValue | undefined,
): void {
  if (isObject(value)) markUnknown(block, value, prior);
  if (!Array.isArray(value)) return;
  const before = Array.isArray(prior) ? prior : [];
  for (const [index, element] of value.entries()) {
    const former = block.nesting === 'set' ? before.find((candidate) => isEqual(candidate, element)) : before[index];
    if (isObject(element)) markUnknown(block, element, former);
  }
}

/** Where along a dotted path prior and planned differ, as steps into lists; a set is one step, its elements have no address. */
function changedPaths(block: Block, prior: WireValue, planned: WireValue, [name = '', ...rest]: string[]): Path[] {
  const before = isObject(prior) ? (prior[name] ?? null) : null;
  const after = isObject(planned) ? (planned[name] ?? null) : null;
  if (isEqual(before, after)) return [];
  const type = block.attributes[name]?.[1];
  const nested = block.blocks?.[name] ?? (type && isNestedType(type) ? type : undefined);
  if (!nested || rest.length === 0) return [[name]];
  if (nested.nesting === 'set') return isEqual(valuesAt(before, rest), valuesAt(after, rest)) ? [] : [[name]];
  if (!Array.isArray(before) || !Array.isArray(after)) {
    return isObject(before) && isObject(after)
      ? changedPaths(nested, before, after, rest).map((path) => [name, ...path])
      : [[name]];
  }
  if (before.length !== after.length) return [[name]];
  return after.flatMap((element, index) =>
    changedPaths(nested, before[index] ?? null, element, rest).map((path) => [name, index, ...path]),
  );
}

/** All values at a path below a set's elements, in an order that does not depend on the elements'. */
function valuesAt(value: WireValue, [name, ...rest]: string[]): string[] {
  if (name === undefined) return [JSON.stringify(value)];
  if (Array.isArray(value)) return value.flatMap((element) => valuesAt(element, [name, ...rest])).toSorted();
  return isObject(value) ? valuesAt(value[name] ?? null, rest) : [JSON.stringify(value)];
}

function copy(value: WireValue): WireValue {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member)]));
}
