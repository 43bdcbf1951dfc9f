// The lives of DynamoDB's Terraform types.
import { expect } from 'vitest';

import type { Body, LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:dynamodb:eu-west-1:000000000000:table/';

const table = (name: string, more: Body = {}): Body => ({
  name,
  billing_mode: 'PAY_PER_REQUEST',
  hash_key: 'pk',
  attribute: [{ name: 'pk', type: 'S' }],
  ...more,
});

const attributes = (...names: readonly string[]) => ({ attribute: names.map((name) => ({ name, type: 'S' })) });

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_dynamodb_table',
    name: 'bare',
    config: table('bare'),
    changed: table('bare', {
      deletion_protection_enabled: false,
      point_in_time_recovery: { enabled: true, recovery_period_in_days: 7 },
      server_side_encryption: { enabled: true },
      ttl: { attribute_name: 'expires_at', enabled: true },
      stream_enabled: true,
      stream_view_type: 'NEW_AND_OLD_IMAGES',
      table_class: 'STANDARD_INFREQUENT_ACCESS',
      tags: { Team: 'tables' },
    }),
    change: 'update',
    expected: {
      id: 'bare',
      arn: `${ARN}bare`,
      billing_mode: 'PAY_PER_REQUEST',
      deletion_protection_enabled: false,
      point_in_time_recovery: [{ enabled: false, recovery_period_in_days: 0 }],
      range_key: null,
      read_capacity: 0,
      server_side_encryption: [],
      stream_arn: '',
      stream_enabled: false,
      stream_label: '',
      stream_view_type: '',
      table_class: 'STANDARD',
      tags_all: {},
      ttl: [{ attribute_name: '', enabled: false }],
      write_capacity: 0,
    },
    expectedAfterChange: {
      point_in_time_recovery: [{ enabled: true, recovery_period_in_days: 7 }],
      server_side_encryption: [
        { enabled: true, kms_key_arn: expect.stringMatching(/^arn:aws:kms:eu-west-1:000000000000:key\//) },
      ],
      stream_arn: expect.stringMatching(`^${ARN}bare/stream/`),
      stream_view_type: 'NEW_AND_OLD_IMAGES',
      ttl: [{ attribute_name: 'expires_at', enabled: true }],
      tags_all: { Team: 'tables' },
    },
  },
  {
    type: 'aws_dynamodb_table',
    name: 'recovered',
    config: table('recovered', { point_in_time_recovery: { enabled: false } }),
    changed: table('recovered', { point_in_time_recovery: { enabled: true } }),
    change: 'update',
    expected: { point_in_time_recovery: [{ enabled: false, recovery_period_in_days: 0 }] },
    expectedAfterChange: { point_in_time_recovery: [{ enabled: true, recovery_period_in_days: 35 }] },
  },
  {
    type: 'aws_dynamodb_table',
    name: 'limited',
    config: table('limited', {
      ...attributes('pk', 'kind'),
      on_demand_throughput: { max_read_request_units: -1, max_write_request_units: 7 },
      global_secondary_index: [
        {
          name: 'ByKind',
          hash_key: 'kind',
          projection_type: 'ALL',
          on_demand_throughput: { max_read_request_units: 5, max_write_request_units: 6 },
        },
      ],
    }),
    changed: table('limited', {
      ...attributes('pk', 'kind'),
      on_demand_throughput: { max_read_request_units: 9, max_write_request_units: -1 },
      global_secondary_index: [
        {
          name: 'ByKind',
          hash_key: 'kind',
          projection_type: 'ALL',
          on_demand_throughput: { max_read_request_units: 8, max_write_request_units: 6 },
        },
      ],
    }),
    change: 'update',
    expected: {
      on_demand_throughput: [{ max_read_request_units: -1, max_write_request_units: 7 }],
      warm_throughput: [{ read_units_per_second: 12_000, write_units_per_second: 4_000 }],
    },
    expectedAfterChange: { on_demand_throughput: [{ max_read_request_units: 9, max_write_request_units: -1 }] },
  },
  {
    type: 'aws_dynamodb_table',
    name: 'schemed',
    config: table('schemed', {
      ...attributes('pk', 'kind', 'at'),
      global_secondary_index: [
        {
          name: 'ByKind',
          projection_type: 'ALL',
          key_schema: [
            { attribute_name: 'kind', key_type: 'HASH' },
            { attribute_name: 'at', key_type: 'RANGE' },
          ],
        },
      ],
    }),
    changed: table('schemed', {
      ...attributes('pk', 'kind'),
      global_secondary_index: [
        { name: 'ByKind', projection_type: 'ALL', key_schema: [{ attribute_name: 'kind', key_type: 'HASH' }] },
      ],
    }),
    change: 'update',
    expected: { hash_key: 'pk' },
    expectedAfterChange: {},
    // What is imported has keys in arguments of their own.
    lostByImport: ['global_secondary_index'],
  },
  {
    type: 'aws_dynamodb_table',
    name: 'indexed',
    config: table('indexed', {
      billing_mode: 'PROVISIONED',
      read_capacity: 5,
      write_capacity: 2,
      range_key: 'sk',
      ...attributes('pk', 'sk', 'kind', 'local'),
      global_secondary_index: [
        { name: 'ByKind', hash_key: 'kind', projection_type: 'ALL', read_capacity: 3, write_capacity: 1 },
      ],
      local_secondary_index: [{ name: 'ByLocal', range_key: 'local', projection_type: 'KEYS_ONLY' }],
    }),
    changed: table('indexed', {
      billing_mode: 'PROVISIONED',
      read_capacity: 6,
      write_capacity: 2,
      range_key: 'sk',
      ...attributes('pk', 'sk', 'kind', 'local', 'owner'),
      global_secondary_index: [
        { name: 'ByKind', hash_key: 'kind', projection_type: 'ALL', read_capacity: 4, write_capacity: 1 },
        {
          name: 'ByOwner',
          hash_key: 'owner',
          range_key: 'sk',
          projection_type: 'INCLUDE',
          non_key_attributes: ['text'],
          read_capacity: 1,
          write_capacity: 1,
        },
      ],
      local_secondary_index: [{ name: 'ByLocal', range_key: 'local', projection_type: 'KEYS_ONLY' }],
    }),
    change: 'update',
    expected: { read_capacity: 5, write_capacity: 2, range_key: 'sk' },
    expectedAfterChange: { read_capacity: 6 },
  },
  {
    type: 'aws_dynamodb_table',
    name: 'rekeyed',
    config: table('rekeyed'),
    changed: table('rekeyed', { range_key: 'sk', ...attributes('pk', 'sk') }),
    change: 'replace',
    expected: { hash_key: 'pk' },
    expectedAfterChange: { range_key: 'sk' },
  },
  {
    type: 'aws_dynamodb_resource_policy',
    name: 'shared',
    support: { aws_dynamodb_table: { of_policy: table('of-policy') } },
    config: { resource_arn: '${aws_dynamodb_table.of_policy.arn}', policy: sharing('dynamodb:GetItem') },
    changed: { resource_arn: '${aws_dynamodb_table.of_policy.arn}', policy: sharing('dynamodb:Query') },
    change: 'update',
    expected: { id: 'arn:aws:dynamodb:eu-west-1:000000000000:table/of-policy' },
    expectedAfterChange: { policy: sharing('dynamodb:Query') },
  },
  {
    type: 'aws_dynamodb_table_item',
    name: 'note',
    support: { aws_dynamodb_table: { of_items: table('of-items', { range_key: 'sk', ...attributes('pk', 'sk') }) } },
    config: item({ dropped: { BOOL: true }, pk: { S: 'one' }, sk: { S: 'two' }, text: { S: 'first' } }),
    changed: item({ list: { L: [{ N: '1' }] }, pk: { S: 'one' }, sk: { S: 'two' }, text: { S: 'second' } }),
    change: 'update',
    expected: { id: 'of-items|pk||one||sk||two|', range_key: 'sk' },
    expectedAfterChange: { id: 'of-items|pk||one||sk||two|' },
  },
];

function sharing(action: string): string {
  const arn = 'arn:aws:dynamodb:eu-west-1:000000000000:table/of-policy';
  const statement = { Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: action, Resource: arn };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

function item(attributeValues: object): Body {
  return {
    table_name: '${aws_dynamodb_table.of_items.name}',
    hash_key: '${aws_dynamodb_table.of_items.hash_key}',
    range_key: '${aws_dynamodb_table.of_items.range_key}',
    item: JSON.stringify(attributeValues),
  };
}
