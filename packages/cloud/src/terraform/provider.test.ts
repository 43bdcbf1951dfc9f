// What the provider answers to single calls of the protocol, with handlers that only these tests have.
import { expect, test } from 'vitest';

import { rootPrincipal } from '../kernel/identity/principal.ts';
import { silentLog } from '../kernel/log.ts';
import type { Kernel } from '../kernel/service.ts';
import { Connection } from './connection.ts';
import type { Diagnostic } from './diagnostics.ts';
import { createProvider } from './provider.ts';
import type { Attributes, ResourceType } from './resource.ts';
import { providerSchema, type Schema } from './schema.ts';
import { decodeObject, encodeValue, UNKNOWN, type DynamicValue, type WireObject } from './value.ts';

const SECRET: Schema = {
  version: 2,
  attributes: {
    id: ['oc', 'string'],
    name: ['r', 'string'],
    size: ['o', 'number'],
    value_wo: ['osw', 'string'],
    labels: ['o', ['set', 'string']],
  },
  blocks: { rule: { nesting: 'list', attributes: { days: ['o', 'number'], arn: ['c', 'string'] } } },
};

test('a write-only argument reaches the handler, and neither plan nor state', async () => {
  const seen: Attributes[] = [];
  const call = provider({
    create: async (planned) => {
      seen.push(planned);
      return { id: 's' };
    },
    read: async () => ({ name: 'n' }),
  });
  const config = object({ name: 'n', value_wo: 'hush' });
  const planned = await call('PlanResourceChange', { proposed_new_state: config, config, prior_state: null });
  expect(planned.planned_state).toMatchObject({ name: 'n', value_wo: null, id: UNKNOWN });
  const applied = await call('ApplyResourceChange', {
    planned_state: planned.planned_state!,
    config,
    prior_state: null,
  });
  expect(seen).toMatchObject([{ name: 'n', value_wo: 'hush' }]);
  expect(applied.new_state).toMatchObject({ id: 's', name: 'n', value_wo: null });
});

test('what a handler leaves out keeps its value, and what it gives is brought into the schema’s types', async () => {
  const call = provider({ read: async () => ({ size: '7', rule: [{ days: 1 }] }) });
  const { new_state } = await call('ReadResource', {
    current_state: object({ id: 's', name: 'kept', labels: ['b', 'a'] }),
  });
  expect(new_state).toEqual(
    object({ id: 's', name: 'kept', size: 7, labels: ['b', 'a'], rule: [{ days: 1, arn: null }] }),
  );
});

test.each([
  [{ size: 'many' }, 'aws_secret.size should be a number, and is "many"'],
  [{ sise: 7 }, 'aws_secret.sise should be absent, and is 7'],
  [{ rule: { days: 1 } }, 'aws_secret.rule should be a list, and is {"days":1}'],
  [{ rule: [{ days: 1, hours: 2 }] }, 'aws_secret.rule.0.hours should be absent, and is 2'],
])('a handler that does not keep to the schema is found out: %j', async (answer, message) => {
  const call = provider({ read: async () => answer });
  const state = object({ id: 's', name: 'n' });
  const { new_state, diagnostics } = await call('ReadResource', { current_state: state });
  expect(new_state).toEqual(state);
  expect(diagnostics).toMatchObject([{ severity: 1, summary: `reading Secret (s): ${message}` }]);
});

test('a resource that is gone reads as null', async () => {
  const call = provider({ read: async () => null });
  expect((await call('ReadResource', { current_state: object({ id: 's', name: 'n' }) })).new_state).toBeNull();
});

test('a change that fails leaves the state that the resource really has', async () => {
  const call = provider({
    update: async () => {
      throw new Error('half way');
    },
    read: async () => ({ size: 5 }),
  });
  const prior = object({ id: 's', name: 'n', size: 1 });
  const { new_state, diagnostics } = await call('ApplyResourceChange', {
    prior_state: prior,
    planned_state: { ...prior, size: 9, name: 'm' },
  });
  expect(new_state).toEqual({ ...prior, size: 5 });
  expect(diagnostics).toMatchObject([{ summary: 'updating Secret (s): half way' }]);
});

test('a type that cannot change in place says so', async () => {
  const prior = object({ id: 's', name: 'n', size: 1 });
  const { diagnostics } = await provider({})('ApplyResourceChange', {
    prior_state: prior,
    planned_state: { ...prior, size: 2 },
  });
  expect(diagnostics).toMatchObject([{ summary: 'updating Secret (s): size cannot be changed in place' }]);
});

test('a state file of an older version keeps what this one still has', async () => {
  const call = provider({});
  const json = Buffer.from(JSON.stringify({ id: 's', name: 'n', gone: true, size: '3' }));
  const { upgraded_state } = await call('UpgradeResourceState', { version: 1, raw_state: { json } });
  expect(upgraded_state).toEqual(object({ id: 's', name: 'n', size: 3 }));
});

test('a state file of a newer version is not touched', async () => {
  const { diagnostics } = await provider({})('UpgradeResourceState', {
    version: 3,
    raw_state: { json: Buffer.from('{}') },
  });
  expect(diagnostics).toMatchObject([
    { summary: 'The state of aws_secret has version 3', detail: 'This provider knows it up to version 2.' },
  ]);
});

test('what may be missing is not missed as long as parts of the configuration are unknown', async () => {
  const call = provider({
    validate: ({ name, size }) => [
      ...(size === undefined || size === null ? [{ attribute: 'size', message: 'size is missing' }] : []),
      ...(name === 'bad' ? [{ attribute: 'name', message: 'name is bad' }] : []),
    ],
  });
  const summaries = async (config: WireObject) =>
    ((await call('ValidateResourceConfig', { config: object(config) })).diagnostics ?? []).map(
      ({ summary }) => summary,
    );
  expect(await summaries({ name: 'bad' })).toEqual(['size is missing', 'name is bad']);
  expect(await summaries({ name: 'bad', size: UNKNOWN })).toEqual(['name is bad']);
});

test('a region that AWS does not have is refused', async () => {
  const { diagnostics } = await provider(
    {},
    { ...SECRET, attributes: { ...SECRET.attributes, region: ['oc', 'string'] } },
  )('ValidateResourceConfig', { config: object({ name: 'n', region: 'mars-north-1' }) });
  expect(diagnostics).toMatchObject([
    { summary: 'invalid AWS Region: mars-north-1', attribute: { steps: [{ attribute_name: 'region' }] } },
  ]);
});

test('a write-only value is refused from an engine that would keep it', async () => {
  const call = provider({});
  const config = object({ name: 'n', value_wo: 'hush' });
  const { diagnostics } = await call('ValidateResourceConfig', { config });
  expect(diagnostics).toMatchObject([
    { summary: 'Write-only Attribute Not Allowed', attribute: { steps: [{ attribute_name: 'value_wo' }] } },
  ]);
  const able = { write_only_attributes_allowed: true };
  expect(await call('ValidateResourceConfig', { config, client_capabilities: able })).toEqual({ diagnostics: [] });
  expect(await call('ValidateResourceConfig', { config: object({ name: 'n' }) })).toEqual({ diagnostics: [] });
});

test('what a change leaves open is not read as it was', async () => {
  const seen: Attributes[] = [];
  const call = provider({
    update: async () => {},
    read: async (state) => {
      seen.push(state);
      return {};
    },
  });
  const prior = object({ id: 's', name: 'n', size: 1 });
  const planned = object({ id: 's', name: 'o', size: UNKNOWN });
  await call('ApplyResourceChange', { prior_state: prior, planned_state: planned, config: planned });
  expect(seen[0]).toMatchObject({ name: 'o' });
  expect(seen[0]?.['size'] ?? null).toBeNull();
});

test('a finding points into the configuration', async () => {
  const call = provider({ validate: () => [{ attribute: 'rule.1.days', message: 'too many' }] });
  const { diagnostics } = await call('ValidateResourceConfig', { config: object({ name: 'n' }) });
  expect(diagnostics?.[0]?.attribute).toEqual({
    steps: [{ attribute_name: 'rule' }, { element_key_int: 1 }, { attribute_name: 'days' }],
  });
});

test('a type that is not served is answered with those that are', async () => {
  const { diagnostics } = await provider({})('ReadResource', { type_name: 'aws_vpc' });
  expect(diagnostics).toMatchObject([
    {
      summary: 'The local cloud has no resource type aws_vpc',
      detail: expect.stringMatching(/^It has: aws_secret\.\n/),
    },
  ]);
});

const object = (given: WireObject): WireObject => ({
  id: null,
  size: null,
  value_wo: null,
  labels: null,
  rule: [],
  ...given,
});

type Decoded = {
  readonly diagnostics?: readonly Diagnostic[];
} & { readonly [Name in 'planned_state' | 'new_state' | 'upgraded_state']?: WireObject | null };

/** Calls the provider of one type as Terraform would, values encoded and decoded on the way. */
function provider(handler: Partial<ResourceType>, schema = SECRET) {
  const type: ResourceType = {
    type: 'aws_secret',
    replace: [],
    create: async () => ({}),
    read: async () => ({}),
    delete: async () => {},
    ...handler,
  };
  const kernel = { account: '000000000000', log: silentLog } as Kernel;
  const connection = new Connection(kernel, { principal: rootPrincipal(kernel.account), folder: '.' });
  const rpcs = createProvider(
    {
      provider: providerSchema().provider,
      resources: new Map([[type.type, { type, schema }]]),
      dataSources: new Map(),
    },
    kernel.account,
    connection,
  );
  return async (name: string, request: Record<string, unknown>): Promise<Decoded> => {
    const encoded = Object.entries(request).map(([key, value]) => [
      key,
      /(state|config)$/.test(key) && key !== 'raw_state' ? encodeValue(value as WireObject | null) : value,
    ]);
    const answer = (await rpcs[name]?.({ type_name: type.type, ...Object.fromEntries(encoded) })) ?? {};
    return Object.fromEntries(
      Object.entries(answer).map(([key, value]) => [
        key,
        key.endsWith('_state') ? decodeObject(value as DynamicValue) : value,
      ]),
    );
  };
}
