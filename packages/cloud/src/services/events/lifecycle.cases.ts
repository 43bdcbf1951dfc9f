// The lives of EventBridge's Terraform types.
import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:events:eu-west-1:000000000000';
const queue = 'arn:aws:sqs:eu-west-1:000000000000:letters';
const fn = 'arn:aws:lambda:eu-west-1:000000000000:function:reader';

const pattern = (source: string) => JSON.stringify({ source: [source] });

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_cloudwatch_event_bus',
    name: 'shop',
    config: { name: 'lifecycle-shop' },
    changed: {
      name: 'lifecycle-shop',
      description: 'Orders',
      dead_letter_config: [{ arn: 'arn:aws:sqs:eu-west-1:000000000000:letters' }],
      tags: { Team: 'shop' },
    },
    change: 'update',
    expected: { id: 'lifecycle-shop', arn: `${ARN}:event-bus/lifecycle-shop`, tags_all: {} },
    expectedAfterChange: { description: 'Orders', tags_all: { Team: 'shop' } },
  },
  {
    type: 'aws_cloudwatch_event_bus_policy',
    name: 'open',
    support: { aws_cloudwatch_event_bus: { of_policy: { name: 'lifecycle-open' } } },
    config: { event_bus_name: '${aws_cloudwatch_event_bus.of_policy.name}', policy: busPolicy('events:PutEvents') },
    changed: { event_bus_name: '${aws_cloudwatch_event_bus.of_policy.name}', policy: busPolicy('events:PutRule') },
    change: 'update',
    expected: { id: 'lifecycle-open' },
  },
  {
    type: 'aws_cloudwatch_event_permission',
    name: 'friends',
    support: { aws_cloudwatch_event_bus: { of_permission: { name: 'lifecycle-friends' } } },
    config: {
      event_bus_name: '${aws_cloudwatch_event_bus.of_permission.name}',
      statement_id: 'Friends',
      principal: '111122223333',
    },
    changed: {
      event_bus_name: '${aws_cloudwatch_event_bus.of_permission.name}',
      statement_id: 'Friends',
      principal: '*',
      condition: [{ type: 'StringEquals', key: 'aws:PrincipalOrgID', value: 'o-1234567890' }],
    },
    change: 'update',
    expected: { id: 'lifecycle-friends/Friends', action: 'events:PutEvents', principal: '111122223333' },
    expectedAfterChange: {
      principal: '*',
      condition: [{ type: 'StringEquals', key: 'aws:PrincipalOrgID', value: 'o-1234567890' }],
    },
  },
  {
    type: 'aws_cloudwatch_event_rule',
    name: 'orders',
    config: { name: 'lifecycle-orders', event_pattern: pattern('shop') },
    changed: {
      name: 'lifecycle-orders',
      schedule_expression: 'rate(5 minutes)',
      description: 'Every now and then',
      state: 'DISABLED',
      tags: { Team: 'shop' },
    },
    change: 'update',
    expected: {
      id: 'lifecycle-orders',
      arn: `${ARN}:rule/lifecycle-orders`,
      event_bus_name: 'default',
      state: 'ENABLED',
      is_enabled: true,
    },
    expectedAfterChange: { state: 'DISABLED', schedule_expression: 'rate(5 minutes)' },
  },
  {
    type: 'aws_cloudwatch_event_rule',
    name: 'switched',
    config: { name: 'lifecycle-switched', event_pattern: pattern('shop') },
    changed: { name: 'lifecycle-switched', event_pattern: pattern('shop'), is_enabled: false },
    change: 'update',
    expected: { is_enabled: true },
    expectedAfterChange: { is_enabled: false },
    // The state of the rule alone does not say by which of the two it was switched off.
    lostByImport: ['is_enabled', 'state'],
  },
  {
    type: 'aws_cloudwatch_event_rule',
    name: 'of_bus',
    support: { aws_cloudwatch_event_bus: { of_rule: { name: 'lifecycle-of-rule' } } },
    config: {
      name_prefix: 'lifecycle-first-',
      event_bus_name: '${aws_cloudwatch_event_bus.of_rule.name}',
      event_pattern: pattern('shop'),
    },
    changed: {
      name_prefix: 'lifecycle-second-',
      event_bus_name: '${aws_cloudwatch_event_bus.of_rule.name}',
      event_pattern: pattern('shop'),
    },
    change: 'replace',
    expected: { event_bus_name: 'lifecycle-of-rule', name_prefix: 'lifecycle-first-' },
  },
  {
    type: 'aws_cloudwatch_event_target',
    name: 'reader',
    support: {
      aws_cloudwatch_event_rule: { of_target: { name: 'lifecycle-target', event_pattern: pattern('shop') } },
    },
    config: { rule: '${aws_cloudwatch_event_rule.of_target.name}', target_id: 'reader', arn: fn },
    changed: {
      rule: '${aws_cloudwatch_event_rule.of_target.name}',
      target_id: 'reader',
      arn: queue,
      input_transformer: [{ input_paths: { total: '$.detail.total' }, input_template: '{"total": <total>}' }],
      sqs_target: [{ message_group_id: 'orders' }],
      retry_policy: [{ maximum_event_age_in_seconds: 60, maximum_retry_attempts: 3 }],
      dead_letter_config: [{ arn: queue }],
    },
    change: 'update',
    expected: { id: 'lifecycle-target-reader', arn: fn, event_bus_name: 'default' },
    expectedAfterChange: { arn: queue, sqs_target: [{ message_group_id: 'orders' }] },
    importId: ({ rule, target_id }) => `${rule}/${target_id}`,
  },
  {
    type: 'aws_cloudwatch_event_archive',
    name: 'orders',
    config: { name: 'lifecycle-archive', event_source_arn: `${ARN}:event-bus/default` },
    changed: {
      name: 'lifecycle-archive',
      event_source_arn: `${ARN}:event-bus/default`,
      description: 'Orders',
      event_pattern: pattern('shop'),
      retention_days: 7,
    },
    change: 'update',
    expected: { id: 'lifecycle-archive', arn: `${ARN}:archive/lifecycle-archive`, retention_days: 0 },
    expectedAfterChange: { description: 'Orders', event_pattern: pattern('shop'), retention_days: 7 },
  },
];

function busPolicy(action: string): string {
  const Principal = { AWS: 'arn:aws:iam::000000000000:root' };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'One', Effect: 'Allow', Principal, Action: action, Resource: `${ARN}:event-bus/lifecycle-open` },
    ],
  });
}
