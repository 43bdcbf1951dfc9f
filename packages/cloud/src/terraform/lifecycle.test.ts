// Every Terraform type through its whole life, with the real engine: all cases in one root, reported one by one.
import { existsSync, readdirSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import { rootPrincipal } from '../kernel/identity/principal.ts';
import type { Door } from '../kernel/service.ts';
import type { Blocks, Body, LifecycleCase } from './lifecycle-case.ts';
import { providerSchema } from './schema.ts';
import { TestRoot, type Change, type Diagnostic } from './testing.ts';

const cases = await loadCases();
const addressOf = ({ type, name }: LifecycleCase) => `${type}.${name}`;

let cloud: Cloud;
let door: Door;
let root: TestRoot;
let life: Awaited<ReturnType<typeof live>>;

beforeAll(async () => {
  cloud = await startCloud();
  root = new TestRoot(() => door.reattach);
  door = await cloud.kernel.openDoor({ principal: rootPrincipal(cloud.kernel.account), folder: root.folder });
  life = await live(root);
}, 120_000);

afterAll(async () => {
  await door?.close();
  await cloud?.stop();
  root?.remove();
});

test('every served type has its schema and a case', () => {
  expect(life.served).toEqual(Object.keys(providerSchema().resources).toSorted());
  expect([...new Set(cases.map(({ type }) => type))].toSorted()).toEqual(life.served);
});

describe.each(cases.map((lifecycle) => ({ address: addressOf(lifecycle), lifecycle })))(
  '$address',
  ({ address, lifecycle }) => {
    test('is created as configured, and needs no change after that', () => {
      expect(life.created.problems(address)).toEqual([]);
      expect(life.created.attributes(address)).toMatchObject(lifecycle.expected);
      expect(life.created.pending(address)).toEqual([]);
    });

    test(`is changed by ${lifecycle.change}, and needs no change after that`, () => {
      const actions = life.change.actions(address);
      expect(lifecycle.change === 'update' ? actions : actions.toSorted()).toEqual(
        lifecycle.change === 'update' ? ['update'] : ['create', 'delete'],
      );
      expect(life.changed.problems(address)).toEqual([]);
      expect(life.changed.attributes(address)).toMatchObject(lifecycle.expectedAfterChange ?? {});
      expect(life.changed.pending(address)).toEqual([]);
    });

    test('is imported as it was known, and needs no change after that', () => {
      const lost = lifecycle.lostByImport ?? [];
      expect(life.import.problems(address)).toEqual([]);
      expect(life.import.imports(address)).toBe(true);
      expect(life.import.changes(address)).toEqual(lost.toSorted());
      expect(life.imported.problems(address)).toEqual([]);
      const forgotten = Object.fromEntries((lifecycle.toldOnce ?? []).map((name) => [name, null]));
      expect(life.imported.attributes(address)).toEqual({ ...life.changed.attributes(address), ...forgotten });
      expect(life.imported.pending(address)).toEqual([]);
    });

    test('is destroyed, and gone', () => {
      expect(life.destroyed.problems(address)).toEqual([]);
      expect(life.destroyed.gone(address)).toBe(true);
    });
  },
);

/** The whole life of all cases at once, remembered step by step. */
async function live(terraform: TestRoot) {
  for (const { files = {} } of cases)
    for (const [name, content] of Object.entries(files)) terraform.write(name, content);
  await terraform.init(configuration(({ config }) => config));
  const schemas = JSON.parse(await terraform.succeed('providers', 'schema', '-json'));
  const [provider] = Object.values<{ resource_schemas: object }>(schemas.provider_schemas);
  const served = Object.keys(provider?.resource_schemas ?? {}).toSorted();

  const created = await step(terraform, await terraform.apply());

  await terraform.init(configuration(({ changed }) => changed));
  const change = await terraform.plan();
  const changed = await step(terraform, await terraform.apply());

  forget(terraform);
  terraform.write('imports.tf.json', {
    import: cases.flatMap((lifecycle) => {
      const attributes = changed.attributes(addressOf(lifecycle));
      const id = attributes && (lifecycle.importId?.(attributes) ?? attributes['id']);
      return id ? [{ to: addressOf(lifecycle), id }] : [];
    }),
  });
  const importing = await terraform.plan();
  const imported = await step(terraform, await terraform.apply());

  terraform.write('imports.tf.json', {});
  const lastState = terraform.read('terraform.tfstate');
  const destruction = await terraform.destroy();
  terraform.write('terraform.tfstate', lastState);
  const { plan: afterwards } = await terraform.plan('-refresh-only');

  return {
    served,
    created,
    change: { actions: (address: string) => find(change.plan.resource_changes, address)?.change.actions ?? [] },
    changed,
    import: {
      problems: (address: string) => problemsOf(importing.diagnostics, address),
      imports: (address: string) => find(importing.plan.resource_changes, address)?.change.importing !== undefined,
      changes: (address: string) => differences(find(importing.plan.resource_changes, address)),
    },
    imported,
    destroyed: {
      problems: (address: string) => problemsOf(destruction, address),
      gone: (address: string) => find(afterwards.resource_drift, address)?.change.actions.join() === 'delete',
    },
  };
}

/** What became of an apply: its errors, the state it left, and what a plan after it still wants. */
async function step(terraform: TestRoot, diagnostics: readonly Diagnostic[]) {
  const state = await terraform.state();
  const { plan, diagnostics: planning } = await terraform.plan();
  return {
    problems: (address: string) => problemsOf(diagnostics, address),
    attributes: (address: string) => state.get(address),
    pending: (address: string) => [
      ...problemsOf(planning, address),
      ...differences(find(plan.resource_changes, address)).map((name) => `${name} would change`),
      ...(find(plan.resource_changes, address)?.change.actions ?? ['absent']).filter((action) => action !== 'no-op'),
    ],
  };
}

function configuration(body: (lifecycle: LifecycleCase) => Body) {
  const resource: Record<string, Record<string, Body>> = {};
  const data: Record<string, Record<string, Body>> = {};
  for (const lifecycle of cases) {
    put(resource, lifecycle.support ?? {});
    put(resource, { [lifecycle.type]: { [lifecycle.name]: body(lifecycle) } });
    put(data, lifecycle.data ?? {});
  }
  return { provider: { aws: { region: 'eu-west-1' } }, resource, ...(Object.keys(data).length > 0 ? { data } : {}) };
}

function put(blocks: Record<string, Record<string, Body>>, more: Blocks): void {
  for (const [type, named] of Object.entries(more)) {
    for (const [name, body] of Object.entries(named)) {
      if (blocks[type]?.[name]) throw new Error(`two cases have a ${type}.${name}`);
      (blocks[type] ??= {})[name] = body;
    }
  }
}

/** Takes the cases' resources out of the state; what they need stays. */
function forget(terraform: TestRoot): void {
  const state = JSON.parse(terraform.read('terraform.tfstate')) as { resources: { type: string; name: string }[] };
  const addresses = new Set(cases.map(addressOf));
  state.resources = state.resources.filter(({ type, name }) => !addresses.has(`${type}.${name}`));
  terraform.write('terraform.tfstate', state);
}

const find = (changes: readonly Change[], address: string): Change | undefined =>
  changes.find((change) => change.address === address);

/** The top-level attributes that a planned change would change. */
function differences(change: Change | undefined): string[] {
  const { before, after, after_unknown } = change?.change ?? {};
  if (!before || !after) return [];
  const names = new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(after_unknown ?? {})]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).toSorted();
}

/** Errors of this resource, and those that speak of none. */
const problemsOf = (diagnostics: readonly Diagnostic[], address: string): string[] =>
  diagnostics
    .filter((diagnostic) => diagnostic.severity === 'error' && (diagnostic.address ?? address) === address)
    .map(({ summary, detail }) => `${summary}\n${detail}`);

async function loadCases(): Promise<LifecycleCase[]> {
  const services = new URL('../services/', import.meta.url);
  const files = readdirSync(services)
    .map((name) => new URL(`${name}/lifecycle.cases.ts`, services))
    .filter((file) => existsSync(file));
  const modules = await Promise.all(
    files.map((file) => import(file.href) as Promise<{ lifecycleCases: readonly LifecycleCase[] }>),
  );
  return modules.flatMap(({ lifecycleCases }) => lifecycleCases);
}
