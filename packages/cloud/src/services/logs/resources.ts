// aws_cloudwatch_log_group and aws_cloudwatch_log_stream.
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { metricFilter, subscriptionFilter } from './filter-resources.ts';
import { queryDefinition } from './insights/definition-resource.ts';
import type { LogsOperations } from './operations.ts';
import { resourcePolicy } from './policy-resource.ts';

const logGroup: ResourceType = {
  type: 'aws_cloudwatch_log_group',
  replace: ['name', 'name_prefix', 'log_group_class'],
  defaults: {
    retention_in_days: 0,
    skip_destroy: false,
    log_group_class: 'STANDARD',
    deletion_protection_enabled: false,
  },
  create: async (planned, context) => {
    const logs = context.client<LogsOperations>('logs');
    const name = nameFor(planned);
    await logs('CreateLogGroup', {
      logGroupName: name,
      logGroupClass: planned['log_group_class'] ?? undefined,
      kmsKeyId: planned['kms_key_id'] || undefined,
      deletionProtectionEnabled: planned['deletion_protection_enabled'] ?? false,
      tags: planned['tags_all'] ?? {},
    });
    context.created({ id: name });
    await syncRetention(name, planned, context);
    return { id: name };
  },
  read: async (state, context) => {
    const group = await findGroup(state['id'], context);
    if (!group) return null;
    const logs = context.client<LogsOperations>('logs');
    const { tags } = await logs('ListTagsForResource', { resourceArn: group.logGroupArn! });
    return {
      ...state,
      name: group.logGroupName,
      name_prefix: prefixOf(state['id']),
      arn: group.logGroupArn,
      retention_in_days: group.retentionInDays ?? 0,
      log_group_class: group.logGroupClass,
      deletion_protection_enabled: group.deletionProtectionEnabled,
      kms_key_id: group.kmsKeyId ?? '',
      tags_all: tags,
    };
  },
  update: async (prior, planned, context) => {
    const logs = context.client<LogsOperations>('logs');
    const { id: logGroupName, kms_key_id: kmsKeyId } = planned;
    if (kmsKeyId && kmsKeyId !== prior['kms_key_id']) await logs('AssociateKmsKey', { logGroupName, kmsKeyId });
    else if (!kmsKeyId && prior['kms_key_id']) await logs('DisassociateKmsKey', { logGroupName });
    if (prior['retention_in_days'] !== planned['retention_in_days'])
      await syncRetention(planned['id'], planned, context);
    if (prior['deletion_protection_enabled'] !== planned['deletion_protection_enabled']) {
      await logs('PutLogGroupDeletionProtection', {
        logGroupIdentifier: planned['id'],
        deletionProtectionEnabled: planned['deletion_protection_enabled'],
      });
    }
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) await logs('UntagResource', { resourceArn: prior['arn'], tagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await logs('TagResource', { resourceArn: prior['arn'], tags: tags.set });
  },
  delete: async (state, context) => {
    if (state['skip_destroy']) return;
    await context.client<LogsOperations>('logs')('DeleteLogGroup', { logGroupName: state['id'] });
  },
};

const logStream: ResourceType = {
  type: 'aws_cloudwatch_log_stream',
  replace: ['name', 'log_group_name'],
  create: async (planned, context) => {
    const logs = context.client<LogsOperations>('logs');
    await logs('CreateLogStream', { logGroupName: planned['log_group_name'], logStreamName: planned['name'] });
    return { ...planned, id: planned['name'] };
  },
  read: async (state, context) => {
    if (!(await findGroup(state['log_group_name'], context))) return null;
    const logs = context.client<LogsOperations>('logs');
    const { logStreams } = await logs('DescribeLogStreams', {
      logGroupName: state['log_group_name'],
      logStreamNamePrefix: state['name'],
    });
    const stream = logStreams.find(({ logStreamName }) => logStreamName === state['name']);
    return stream ? { ...state, arn: stream.arn } : null;
  },
  delete: async (state, context) => {
    const logs = context.client<LogsOperations>('logs');
    await logs('DeleteLogStream', { logGroupName: state['log_group_name'], logStreamName: state['name'] });
  },
  importState: (id) => {
    const [group, stream] = id.split(':');
    return { id: stream, name: stream, log_group_name: group };
  },
};

export const logsResources: readonly ResourceType[] = [
  logGroup,
  logStream,
  metricFilter,
  subscriptionFilter,
  resourcePolicy,
  queryDefinition,
];

async function findGroup(name: string, context: ResourceContext) {
  const logs = context.client<LogsOperations>('logs');
  const { logGroups } = await logs('DescribeLogGroups', { logGroupNamePrefix: name });
  return logGroups.find(({ logGroupName }) => logGroupName === name);
}

async function syncRetention(logGroupName: string, planned: Attributes, context: ResourceContext): Promise<void> {
  const logs = context.client<LogsOperations>('logs');
  const days: number = planned['retention_in_days'] ?? 0;
  if (days > 0) await logs('PutRetentionPolicy', { logGroupName, retentionInDays: days });
  else await logs('DeleteRetentionPolicy', { logGroupName });
}
