// The lives of lifecycle configurations: what a rule is about, and what it forgets when an argument goes.
import { expect } from 'vitest';

import type { Body, LifecycleCase } from '../../terraform/lifecycle-case.ts';

const DAILY = { expiration: { days: 10 } };

export const lifecycleConfigurationCases: readonly LifecycleCase[] = [
  {
    ...ofBucket('unfiltered'),
    config: rules('unfiltered', { ...DAILY }),
    changed: rules('unfiltered', { prefix: 'old/', ...DAILY }),
    change: 'update',
    expected: { rule: [expect.objectContaining({ filter: [], prefix: '' })] },
    expectedAfterChange: { rule: [expect.objectContaining({ filter: [], prefix: 'old/' })] },
  },
  {
    ...ofBucket('refiltered'),
    config: rules('refiltered', { filter: { object_size_greater_than: 500 }, ...DAILY }),
    changed: rules('refiltered', { filter: { prefix: 'big/' }, ...DAILY }),
    change: 'update',
    expected: { rule: [expect.objectContaining({ filter: [filter({ object_size_greater_than: 500 })] })] },
    expectedAfterChange: { rule: [expect.objectContaining({ filter: [filter({ prefix: 'big/' })] })] },
  },
  {
    ...ofBucket('tagged'),
    config: rules('tagged', { filter: { tag: { key: 'kind', value: 'log' } }, ...DAILY }),
    changed: rules('tagged', { filter: {}, ...DAILY }),
    change: 'update',
    expected: { rule: [expect.objectContaining({ filter: [filter({ tag: [{ key: 'kind', value: 'log' }] })] })] },
    expectedAfterChange: { rule: [expect.objectContaining({ filter: [filter({ prefix: '' })] })] },
  },
  {
    ...ofBucket('narrowed'),
    config: {
      ...rules('narrowed', {
        filter: { and: { prefix: 'p/', object_size_greater_than: 100, object_size_less_than: 9000, tags: { a: 'b' } } },
        expiration: { date: '2090-01-01T00:00:00Z' },
        transition: { date: '2089-01-01T00:00:00Z', storage_class: 'STANDARD_IA' },
      }),
      transition_default_minimum_object_size: 'varies_by_storage_class',
    },
    changed: rules('narrowed', {
      filter: { and: { prefix: 'p/', tags: { a: 'b' } } },
      expiration: { expired_object_delete_marker: false, days: 400 },
      noncurrent_version_transition: [
        { noncurrent_days: 30, storage_class: 'STANDARD_IA' },
        { noncurrent_days: 60, storage_class: 'GLACIER', newer_noncurrent_versions: 3 },
      ],
    }),
    change: 'update',
    expected: {
      transition_default_minimum_object_size: 'varies_by_storage_class',
      rule: [
        expect.objectContaining({
          expiration: [{ date: '2090-01-01T00:00:00Z', days: 0, expired_object_delete_marker: false }],
          transition: [{ date: '2089-01-01T00:00:00Z', days: null, storage_class: 'STANDARD_IA' }],
        }),
      ],
    },
    expectedAfterChange: {
      transition_default_minimum_object_size: 'all_storage_classes_128K',
      rule: [
        expect.objectContaining({
          filter: [
            filter({
              and: [{ prefix: 'p/', object_size_greater_than: 0, object_size_less_than: 0, tags: { a: 'b' } }],
            }),
          ],
          transition: [],
        }),
      ],
    },
  },
  {
    ...ofBucket('owned_rules'),
    config: { ...rules('owned_rules', { filter: {}, ...DAILY }), expected_bucket_owner: '000000000000' },
    changed: {
      ...rules('owned_rules', { filter: {}, ...DAILY, status: 'Disabled' }),
      expected_bucket_owner: '000000000000',
    },
    change: 'update',
    expected: { id: 'owned-rules,000000000000', expected_bucket_owner: '000000000000' },
  },
];

function ofBucket(name: string) {
  return {
    type: 'aws_s3_bucket_lifecycle_configuration',
    name,
    support: { aws_s3_bucket: { [name]: { bucket: name.replaceAll('_', '-') } } },
  };
}

function rules(name: string, rule: Body): Body {
  return { bucket: `\${aws_s3_bucket.${name}.id}`, rule: [{ id: 'all', status: 'Enabled', ...rule }] };
}

/** A filter in the state: what it says, and null for the rest. */
function filter(said: Body): Body {
  return { prefix: null, object_size_greater_than: null, object_size_less_than: null, tag: [], and: [], ...said };
}
