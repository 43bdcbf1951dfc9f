import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { guard, type Envelope } from './guard.ts';
import type { Plan, ResourceChange } from './plan.ts';

const envelope: Envelope = { resourceType: 'dynamodb', maxChanges: 5, plane: ['states', 'locks', 'artifacts'] };

const change = (actions: readonly string[], overrides: Partial<ResourceChange> = {}): ResourceChange => ({
  address: 'aws_dynamodb_table.incidents',
  mode: 'managed',
  type: 'aws_dynamodb_table',
  change: {
    actions,
    before: actions.includes('create') ? null : { name: 'aiops-incidents' },
    after: actions.includes('delete') ? null : { name: 'aiops-incidents' },
  },
  ...overrides,
});

const planOf = (...changes: ResourceChange[]): Plan => ({
  format_version: '1.2',
  resource_changes: changes,
  prior_state: { values: { root_module: { resources: [{ mode: 'managed' }] } } },
});

const rulesBroken = (plan: Plan, within = envelope): string[] => guard(plan, within).refusals.map(({ rule }) => rule);

describe('guard', () => {
  test('a deleted table may be created again, and is named as one that comes back empty', () => {
    const decision = guard(planOf(change(['create'])), envelope);

    expect(decision).toMatchObject({
      verdict: 'restore',
      refusals: [],
      changes: [{ address: 'aws_dynamodb_table.incidents', action: 'create', attributes: [] }],
      emptied: [{ address: 'aws_dynamodb_table.incidents', type: 'aws_dynamodb_table', name: 'aiops-incidents' }],
    });
  });

  test('a drifted setting may be mended; the attributes are named, their values are not', () => {
    const drifted = change(['update'], {
      change: { actions: ['update'], before: { name: 'a', ttl: 'secret-1' }, after: { name: 'a', ttl: 'secret-2' } },
    });
    const decision = guard(planOf(drifted), envelope);

    expect(decision).toMatchObject({ verdict: 'restore', changes: [{ attributes: ['ttl'] }], emptied: [] });
    expect(JSON.stringify(decision)).not.toContain('secret');
  });

  test('a plan without changes is nothing to do', () => {
    expect(guard(planOf(change(['no-op'])), envelope)).toMatchObject({ verdict: 'nothing-to-do', changes: [] });
  });

  test.each([
    ['a deletion', change(['delete']), 'deletes'],
    ['a replacement', change(['delete', 'create']), 'deletes'],
    ['a replacement, created first', change(['create', 'delete']), 'deletes'],
    ['forgetting', change(['forget']), 'deletes'],
    ['an import', change(['update'], { change: { ...change(['update']).change, importing: { id: 'x' } } }), 'imports'],
    [
      'another kind of resource',
      change(['create'], { type: 'aws_s3_bucket', address: 'aws_s3_bucket.b' }),
      'outside-envelope',
    ],
    ['a role', change(['update'], { type: 'aws_iam_role_policy', address: 'aws_iam_role_policy.r' }), 'own-plane'],
    [
      'a build project',
      change(['update'], { type: 'aws_codebuild_project', address: 'aws_codebuild_project.p' }),
      'own-plane',
    ],
    ['a database', change(['create'], { type: 'aws_rds_cluster', address: 'aws_rds_cluster.db' }), 'data-loss'],
  ])('%s is refused', (_what, refused, rule) => {
    expect(rulesBroken(planOf(refused))).toContain(rule);
  });

  test('what recovery stands on is refused by its name, whatever the type', () => {
    const named = (values: Record<string, string>, type: string) =>
      change(['update'], { type, change: { actions: ['update'], before: values, after: values } });

    expect(rulesBroken(planOf(named({ name: 'locks' }, 'aws_dynamodb_table')))).toEqual(['own-plane']);
    expect(
      rulesBroken(planOf(named({ bucket: 'artifacts' }, 'aws_s3_bucket_policy')), { ...envelope, resourceType: 's3' }),
    ).toEqual(['own-plane']);
    expect(
      rulesBroken(planOf(named({ bucket: 'other' }, 'aws_s3_bucket_policy')), { ...envelope, resourceType: 's3' }),
    ).toEqual([]);
  });

  test('an unknown resource type means nothing, not everything', () => {
    expect(rulesBroken(planOf(change(['create'])), { ...envelope, resourceType: 'anything' })).toEqual([
      'unknown-resource-type',
    ]);
  });

  test('more changes than allowed are refused', () => {
    const changes = Array.from({ length: 6 }, (_, index) =>
      change(['create'], { address: `aws_dynamodb_table.t${index}` }),
    );

    expect(rulesBroken(planOf(...changes))).toEqual(['blast-radius']);
    expect(rulesBroken(planOf(...changes), { ...envelope, maxChanges: 6 })).toEqual([]);
  });

  test('an empty state is a lost state, unless the refresh just found its last resource gone', () => {
    const lost: Plan = { ...planOf(change(['create'])), prior_state: {} };

    expect(rulesBroken(lost)).toEqual(['empty-state']);
    expect(rulesBroken({ ...lost, resource_drift: [change(['delete'])] })).toEqual([]);
  });

  test('a plan that ended with errors, or that nobody here can read, is refused', () => {
    expect(rulesBroken({ ...planOf(change(['create'])), errored: true })).toEqual(['unfinished-plan']);
    expect(rulesBroken({ ...planOf(change(['create'])), format_version: '2.0' })).toEqual(['unfinished-plan']);
    expect(rulesBroken({})).toEqual(['unfinished-plan']);
  });

  test('reading a data source is no change', () => {
    const read = change(['read'], {
      mode: 'data',
      type: 'aws_caller_identity',
      address: 'data.aws_caller_identity.current',
    });

    expect(guard(planOf(read), envelope).verdict).toBe('nothing-to-do');
  });

  test('the digest names the changes, not their order', () => {
    const [one, two] = [change(['create']), change(['update'], { address: 'aws_dynamodb_table.other' })];

    expect(guard(planOf(one, two), envelope).digest).toBe(guard(planOf(two, one), envelope).digest);
    expect(guard(planOf(one), envelope).digest).not.toBe(guard(planOf(two), envelope).digest);
  });

  test('nothing that takes away, and nothing outside of the envelope, ever passes', () => {
    const actions = fc.constantFrom<string[]>(
      ['create'],
      ['update'],
      ['delete'],
      ['delete', 'create'],
      ['no-op'],
      ['forget'],
    );
    const types = fc.constantFrom(
      'aws_dynamodb_table',
      'aws_s3_bucket',
      'aws_iam_role',
      'aws_kms_key',
      'aws_lambda_function',
    );
    const changes = fc.array(fc.tuple(actions, types), { maxLength: 8 });
    fc.assert(
      fc.property(changes, fc.constantFrom('dynamodb', 's3', 'lambda', 'nonsense'), (drawn, resourceType) => {
        const plan = planOf(
          ...drawn.map(([each, type], index) => change(each, { type, address: `${type}.r${index}` })),
        );
        if (guard(plan, { ...envelope, resourceType }).verdict !== 'restore') return;
        const real = drawn.filter(([each]) => !each.includes('no-op'));
        expect(real.length).toBeLessThanOrEqual(envelope.maxChanges);
        for (const [each, type] of real) {
          expect(each).not.toContain('delete');
          expect(each).not.toContain('forget');
          expect(type.startsWith(`aws_${resourceType}_`)).toBe(true);
        }
      }),
    );
  });
});
