// Plans: what a configuration and a state lead to, on the schemas of real types.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { plan } from './plan.ts';
import type { ResourceType } from './resource.ts';
import { providerSchema, type Attribute, type Block, type Schema } from './schema.ts';
import { NO_TAG_RULES } from './tags.ts';
import { UNKNOWN, type WireObject, type WireValue } from './value.ts';

const type = (more: Partial<ResourceType> = {}): ResourceType => ({
  type: 'aws_example',
  replace: [],
  create: async () => ({}),
  read: async () => null,
  delete: async () => {},
  ...more,
});

const schemaOf = (name: string): Schema => providerSchema().resources[name] ?? { attributes: {} };

/** All attributes null and all blocks empty, but for what is given. */
function value(block: Block, given: WireObject = {}): WireObject {
  return {
    ...Object.fromEntries(Object.keys(block.attributes).map((name) => [name, null])),
    ...Object.fromEntries(
      Object.entries(block.blocks ?? {}).map(([name, { nesting }]) => [name, nesting === 'single' ? null : []]),
    ),
    ...given,
  };
}

const planning = (prior: WireObject | null, proposed: WireObject) => ({
  prior,
  proposed,
  config: proposed,
  region: 'eu-west-1',
  tags: NO_TAG_RULES,
});

describe('a new resource', () => {
  const table = schemaOf('aws_dynamodb_table');

  test('has defaults where nothing is configured, and knows the rest of what is computed only later', () => {
    const index = value(table.blocks!['global_secondary_index']!, { name: 'i', projection_type: 'ALL' });
    const proposed = value(table, { name: 'orders', global_secondary_index: [index] });
    const { planned } = plan(
      type({ defaults: { table_class: 'STANDARD', name: 'unused' } }),
      table,
      planning(null, proposed),
    );
    expect(planned).toMatchObject({
      name: 'orders',
      table_class: 'STANDARD',
      region: 'eu-west-1',
      arn: UNKNOWN,
      tags: null,
      tags_all: {},
      global_secondary_index: [{ name: 'i', projection_type: 'ALL', hash_key: UNKNOWN, non_key_attributes: null }],
      replica: [],
    });
  });

  test('has defaults in its blocks too', () => {
    const ttl = value(table.blocks!['ttl']!, { attribute_name: 'expires' });
    const { planned } = plan(
      type({ defaults: { 'ttl.enabled': false } }),
      table,
      planning(null, value(table, { name: 't', ttl: [ttl] })),
    );
    expect(planned['ttl']).toEqual([{ attribute_name: 'expires', enabled: false }]);
  });

  test('does not know blocks yet that are computed where the configuration has none', () => {
    const { planned } = plan(type({ computedBlocks: ['ttl'] }), table, planning(null, value(table, { name: 't' })));
    expect(planned['ttl']).toBe(UNKNOWN);
  });
});

describe('tags', () => {
  const group = schemaOf('aws_cloudwatch_log_group');
  const tagsOf = (tags: WireValue, rules = NO_TAG_RULES) => {
    const { planned } = plan(type(), group, { ...planning(null, value(group, { name: 'g', tags })), tags: rules });
    return { tags: planned['tags'], all: planned['tags_all'] };
  };

  test('that are null are none', () => {
    expect(tagsOf({ a: '1', b: null })).toEqual({ tags: { a: '1' }, all: { a: '1' } });
  });

  test('are unknown all together as long as one is unknown, be it a default', () => {
    expect(tagsOf({ a: '1', b: UNKNOWN }).all).toBe(UNKNOWN);
    expect(tagsOf({ a: '1' }, { ...NO_TAG_RULES, incomplete: true }).all).toBe(UNKNOWN);
  });

  test('lie over the defaults, without those that are ignored', () => {
    const rules = { ...NO_TAG_RULES, defaults: { a: '0', b: '0', skip: '0' }, ignoredKeys: new Set(['skip']) };
    expect(tagsOf({ a: '1' }, rules)).toEqual({ tags: { a: '1' }, all: { a: '1', b: '0' } });
  });
});

describe('an existing resource', () => {
  const project = schemaOf('aws_codebuild_project');
  const environment = value(project.blocks!['environment']!, {
    compute_type: 'BUILD_GENERAL1_SMALL',
    image: 'aws/codebuild/standard:7.0',
    type: 'LINUX_CONTAINER',
    environment_variable: ['A', 'B'].map((name) => ({ name, type: 'PLAINTEXT', value: name.toLowerCase() })),
  });
  const prior = value(project, {
    id: 'p',
    arn: 'arn',
    name: 'p',
    region: 'eu-west-1',
    description: '',
    environment: [environment],
    tags_all: {},
  });

  test('keeps what is computed, and computed blocks that the configuration leaves out', () => {
    const { planned } = plan(
      type({ computedBlocks: ['environment'] }),
      project,
      planning(prior, { ...prior, environment: [], badge_enabled: true }),
    );
    expect(planned).toEqual({ ...prior, badge_enabled: true });
  });

  test('gives up a computed value that the configuration leaves out, where the type says so', () => {
    const lifecycle = schemaOf('aws_s3_bucket_lifecycle_configuration');
    const rules = lifecycle.blocks!['rule']!;
    const filters = rules.blocks!['filter']!;
    const withFilter = (about: WireObject, more: WireObject = {}) =>
      value(lifecycle, {
        bucket: 'b',
        region: 'eu-west-1',
        rule: [value(rules, { id: 'a', filter: [value(filters, about)] })],
        ...more,
      });
    const before = withFilter({ object_size_less_than: 9 }, { transition_default_minimum_object_size: 'varies' });
    const planned = (config: WireObject, proposed: WireObject) =>
      plan(
        type({ resets: { transition_default_minimum_object_size: 'all', 'rule.filter.object_size_less_than': null } }),
        lifecycle,
        { ...planning(before, proposed), config },
      ).planned;
    // Terraform proposes the former value of what is computed.
    expect(planned(withFilter({}), before)).toMatchObject({
      transition_default_minimum_object_size: 'all',
      rule: [{ filter: [{ object_size_less_than: UNKNOWN }] }],
    });
    expect(planned(before, before)).toEqual(before);
  });

  test('forgets what the change computes anew', () => {
    const recomputes: ResourceType['recomputes'] = (before, after) => (before['name'] === after['name'] ? [] : ['arn']);
    const change = (more: WireObject) =>
      plan(type({ recomputes }), project, planning(prior, { ...prior, ...more })).planned['arn'];
    expect(change({ name: 'q' })).toBe(UNKNOWN);
    expect(change({ build_timeout: 5 })).toBe('arn');
  });

  test('does not know what is computed of an element yet that was not there before', () => {
    const table = schemaOf('aws_dynamodb_table');
    const index = (given: WireObject) => value(table.blocks!['global_secondary_index']!, given);
    const before = value(table, {
      name: 't',
      region: 'eu-west-1',
      tags_all: {},
      global_secondary_index: [index({ name: 'a', read_capacity: 1 })],
    });
    const { planned } = plan(
      type(),
      table,
      planning(before, { ...before, global_secondary_index: [index({ name: 'a' }), index({ name: 'b' })] }),
    );
    const capacities = (planned['global_secondary_index'] as WireObject[]).map((one) => [
      one['name'],
      one['read_capacity'],
    ]);
    expect(capacities).toEqual([
      ['a', 1],
      ['b', UNKNOWN],
    ]);
  });

  test.each([
    ['name', { name: 'q' }, [['name']]],
    ['environment.image', { environment: [{ ...environment, image: 'other' }] }, [['environment', 0, 'image']]],
    ['environment.type', { environment: [{ ...environment, image: 'other' }] }, []],
    ['environment.image', { environment: [environment, environment] }, [['environment']]],
    ['description', { description: null, name: 'q' }, []],
    ['region', { region: 'us-east-1' }, [['region'], ['region']]],
  ])('is replaced where %s changes, and only there: %j', (path, change, expected) => {
    const { replaces } = plan(
      type({ replace: [path] }),
      project,
      planning(prior, { ...prior, ...change } as WireObject),
    );
    expect(replaces).toEqual(expected);
  });

  test('is replaced by a change within a set as a whole, whose elements have no address', () => {
    const role = schemaOf('aws_iam_role');
    const policies = (...names: string[]) => names.map((name) => ({ name, policy: '{}' }));
    const before = value(role, { id: 'r', inline_policy: policies('a', 'b'), tags_all: {} });
    const replaced = (inline_policy: WireObject[]) =>
      plan(type({ replace: ['inline_policy.name'] }), role, planning(before, { ...before, inline_policy })).replaces;
    expect(replaced(policies('b', 'c'))).toEqual([['inline_policy']]);
    expect(replaced([...policies('b'), { name: 'a', policy: '{"a":1}' }])).toEqual([]);
  });
});

describe('the same said in other words', () => {
  const types = [
    'aws_codebuild_project',
    'aws_dynamodb_table',
    'aws_s3_bucket_lifecycle_configuration',
    'aws_iam_role',
  ];

  test.each(types)('is no change: %s', (name) => {
    const schema = schemaOf(name);
    fc.assert(
      fc.property(arbitraryBlock(schema), fc.infiniteStream(fc.nat(2)), (prior, choices) => {
        const managed = { region: 'eu-west-1', tags: null, tags_all: {} };
        const before: WireObject = { ...prior };
        for (const [attribute, known] of Object.entries(managed)) if (attribute in before) before[attribute] = known;
        const { planned, replaces } = plan(type({ replace: Object.keys(schema.attributes) }), schema, {
          ...planning(before, reword(schema, before, choices) as WireObject),
          config: {},
        });
        expect(planned).toEqual(before);
        expect(replaces).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

const text = fc.constantFrom('', 'a', 'b', '{"Version":"2012-10-17","Statement":[]}');

function arbitraryAttribute([, type]: Attribute): fc.Arbitrary<WireValue> {
  const of = (inner: Attribute[1]): fc.Arbitrary<WireValue> => {
    if (inner === 'string') return text;
    if (inner === 'number') return fc.nat(3);
    if (inner === 'bool') return fc.boolean();
    if (!Array.isArray(inner)) throw new Error(`${JSON.stringify(inner)} is not in these types`);
    if (inner[0] === 'map') return fc.dictionary(fc.constantFrom('a', 'b'), text);
    return inner[0] === 'set'
      ? fc.uniqueArray(of(inner[1]), { maxLength: 3 })
      : fc.array(of(inner[1]), { maxLength: 2 });
  };
  return fc.option(of(type));
}

function arbitraryBlock(block: Block): fc.Arbitrary<WireObject> {
  const members: Record<string, fc.Arbitrary<WireValue>> = {};
  for (const [name, attribute] of Object.entries(block.attributes)) members[name] = arbitraryAttribute(attribute);
  for (const [name, nested] of Object.entries(block.blocks ?? {})) {
    const element = arbitraryBlock(nested);
    if (nested.nesting === 'single') members[name] = fc.option(element);
    else members[name] = fc.uniqueArray(element, { maxLength: 2, selector: (one) => identity(nested, one) });
  }
  return fc.record(members, { noNullPrototype: true });
}

/** What tells elements apart, however they are worded. */
const identity = (block: Block, value: WireObject): string =>
  JSON.stringify(
    Object.entries(block.attributes).map(([name, [flags]]) => (flags.includes('c') ? null : value[name] || null)),
  );

/** Turns sets around, writes nothing for what is empty, and leaves out what the provider computes. */
function reword(block: Block, value: WireValue, choices: Iterator<number>): WireValue {
  if (typeof value !== 'object' || value === null) return value;
  const said = value as WireObject;
  const choose = () => choices.next().value === 0;
  const reworded: WireObject = {};
  for (const [name, [flags, type]] of Object.entries(block.attributes)) {
    const one = said[name] ?? null;
    const empty =
      one === '' ||
      (Array.isArray(one)
        ? one.length === 0
        : typeof one === 'object' && one !== null && Object.keys(one).length === 0);
    if (flags.includes('c') && choose()) reworded[name] = null;
    else if (empty && choose()) reworded[name] = null;
    else if (one === null && type === 'string' && choose()) reworded[name] = '';
    else reworded[name] = Array.isArray(one) && Array.isArray(type) && type[0] === 'set' ? one.toReversed() : one;
  }
  for (const [name, nested] of Object.entries(block.blocks ?? {})) {
    const one = said[name] ?? null;
    const elements = Array.isArray(one)
      ? one.map((element) => reword(nested, element, choices))
      : reword(nested, one, choices);
    reworded[name] = nested.nesting === 'set' && Array.isArray(elements) ? elements.toReversed() : elements;
  }
  return reworded;
}

describe('a type’s own rules', () => {
  const alias = schemaOf('aws_kms_alias');
  const prior = value(alias, { name: 'alias/orders', target_key_id: 'one', region: 'eu-west-1' });
  const wanted = (target: string) => ({ ...prior, target_key_id: target });

  test('decide which texts are no change', () => {
    const ours = type({ same: { target_key_id: (before, next) => next.endsWith(`/${before}`) } });
    expect(plan(ours, alias, planning(prior, wanted('arn:key/one')))).toEqual({ planned: prior, replaces: [] });
    expect(plan(ours, alias, planning(prior, wanted('arn:key/two'))).planned['target_key_id']).toBe('arn:key/two');
  });

  test('decide by the values whether a change needs a new resource', () => {
    const ours = type({
      replaceIf: (before, next) => (next['target_key_id'] < before['target_key_id'] ? ['target_key_id'] : []),
    });
    expect(plan(ours, alias, planning(prior, wanted('zero'))).replaces).toEqual([]);
    expect(plan(ours, alias, planning(prior, wanted('eight'))).replaces).toEqual([['target_key_id']]);
  });
});
