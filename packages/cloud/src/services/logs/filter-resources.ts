// aws_cloudwatch_log_metric_filter and aws_cloudwatch_log_subscription_filter.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_log_metric_filter
import { crc32 } from 'node:zlib';

import type { StandardUnit } from '@aws-sdk/client-cloudwatch-logs';

import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { MetricFilterOperations } from './metric-filter-operations.ts';
import type { SubscriptionOperations } from './subscription-operations.ts';

const GONE = 'ResourceNotFoundException';

export const metricFilter: ResourceType = {
  type: 'aws_cloudwatch_log_metric_filter',
  replace: ['name', 'log_group_name'],
  defaults: { 'metric_transformation.unit': 'None' },
  async create(planned, context) {
    await putMetricFilter(planned, context);
    return { id: planned['name'] };
  },
  async read({ name, log_group_name: logGroupName }, context) {
    const logs = context.client<MetricFilterOperations>('logs');
    const found = await orNull(logs('DescribeMetricFilters', { logGroupName, filterNamePrefix: name }), GONE);
    const filter = found?.metricFilters.find(({ filterName }) => filterName === name);
    if (!filter) return null;
    return {
      id: filter.filterName,
      name: filter.filterName,
      log_group_name: filter.logGroupName,
      pattern: filter.filterPattern ?? '',
      apply_on_transformed_logs: false,
      metric_transformation: (filter.metricTransformations ?? []).map((transformation) => ({
        name: transformation.metricName,
        namespace: transformation.metricNamespace,
        value: transformation.metricValue,
        unit: transformation.unit ?? 'None',
        default_value: transformation.defaultValue === undefined ? '' : String(transformation.defaultValue),
        dimensions: transformation.dimensions ?? {},
      })),
    };
  },
  update: (_prior, planned, context) => putMetricFilter(planned, context),
  async delete({ name, log_group_name: logGroupName }, context) {
    const logs = context.client<MetricFilterOperations>('logs');
    await orNull(logs('DeleteMetricFilter', { logGroupName, filterName: name }), GONE);
  },
  importState: (id) => {
    const at = id.lastIndexOf(':');
    return { id: id.slice(at + 1), log_group_name: id.slice(0, at), name: id.slice(at + 1) };
  },
};

async function putMetricFilter(planned: Attributes, context: ResourceContext): Promise<void> {
  const [transformation = {}] = (planned['metric_transformation'] ?? []) as Attributes[];
  const { default_value: value, dimensions = {} } = transformation;
  await context.client<MetricFilterOperations>('logs')('PutMetricFilter', {
    logGroupName: planned['log_group_name'],
    filterName: planned['name'],
    // hashicorp/aws cuts off blanks, as its plan does.
    filterPattern: String(planned['pattern']).trim(),
    applyOnTransformedLogs: planned['apply_on_transformed_logs'] || undefined,
    metricTransformations: [
      {
        metricName: transformation['name'],
        metricNamespace: transformation['namespace'],
        metricValue: transformation['value'],
        unit: (transformation['unit'] ?? 'None') as StandardUnit,
        ...(value !== undefined && value !== null && value !== '' && { defaultValue: Number(value) }),
        ...(Object.keys(dimensions ?? {}).length > 0 && { dimensions }),
      },
    ],
  });
}

export const subscriptionFilter: ResourceType = {
  type: 'aws_cloudwatch_log_subscription_filter',
  replace: ['name', 'log_group_name', 'destination_arn'],
  defaults: { distribution: 'ByLogStream' },
  async create(planned, context) {
    await putSubscriptionFilter(planned, context);
    return { id: subscriptionId(planned['log_group_name']) };
  },
  async read({ name, log_group_name: logGroupName }, context) {
    const logs = context.client<SubscriptionOperations>('logs');
    const found = await orNull(logs('DescribeSubscriptionFilters', { logGroupName, filterNamePrefix: name }), GONE);
    const filter = found?.subscriptionFilters.find(({ filterName }) => filterName === name);
    if (!filter) return null;
    return {
      id: subscriptionId(logGroupName),
      name: filter.filterName,
      log_group_name: filter.logGroupName,
      destination_arn: filter.destinationArn,
      distribution: filter.distribution,
      filter_pattern: filter.filterPattern,
      role_arn: '',
      apply_on_transformed_logs: false,
      emit_system_fields: [],
    };
  },
  update: (_prior, planned, context) => putSubscriptionFilter(planned, context),
  async delete({ name, log_group_name: logGroupName }, context) {
    const logs = context.client<SubscriptionOperations>('logs');
    await orNull(logs('DeleteSubscriptionFilter', { logGroupName, filterName: name }), GONE);
  },
  importState: (id) => {
    const at = id.indexOf('|');
    const group = id.slice(0, at);
    return { id: subscriptionId(group), log_group_name: group, name: id.slice(at + 1) };
  },
};

async function putSubscriptionFilter(planned: Attributes, context: ResourceContext): Promise<void> {
  await context.client<SubscriptionOperations>('logs')('PutSubscriptionFilter', {
    logGroupName: planned['log_group_name'],
    filterName: planned['name'],
    filterPattern: planned['filter_pattern'] ?? '',
    destinationArn: planned['destination_arn'],
    distribution: planned['distribution'] ?? 'ByLogStream',
    roleArn: planned['role_arn'] || undefined,
    applyOnTransformedLogs: planned['apply_on_transformed_logs'] || undefined,
    emitSystemFields: planned['emit_system_fields']?.length > 0 ? planned['emit_system_fields'] : undefined,
  });
}

/** The id that hashicorp/aws makes of a group's name. */
const subscriptionId = (logGroup: string): string => `cwlsf-${crc32(`${logGroup}-`)}`;
