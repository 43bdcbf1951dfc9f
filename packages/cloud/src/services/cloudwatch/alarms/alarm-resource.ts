// What the Terraform types of alarms share: name, description, actions, tags.
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';

import type { Attributes, ResourceContext } from '../../../terraform/resource.ts';
import { tagChanges } from '../../../terraform/tag-changes.ts';
import type { CloudwatchOperations } from '../operations.ts';

export const clientOf = (context: ResourceContext) => context.client<CloudwatchOperations>('cloudwatch');

export const toActions = (planned: Attributes) => ({
  AlarmName: planned['alarm_name'] as string,
  AlarmDescription: (planned['alarm_description'] || undefined) as string | undefined,
  ActionsEnabled: (planned['actions_enabled'] ?? true) as boolean,
  AlarmActions: (planned['alarm_actions'] ?? []) as string[],
  OKActions: (planned['ok_actions'] ?? []) as string[],
  InsufficientDataActions: (planned['insufficient_data_actions'] ?? []) as string[],
});

type Described = Pick<
  MetricAlarm,
  | 'AlarmArn'
  | 'AlarmName'
  | 'AlarmDescription'
  | 'ActionsEnabled'
  | 'AlarmActions'
  | 'OKActions'
  | 'InsufficientDataActions'
>;

export const fromActions = (alarm: Described): Attributes => ({
  arn: alarm.AlarmArn,
  alarm_name: alarm.AlarmName,
  alarm_description: alarm.AlarmDescription ?? '',
  actions_enabled: alarm.ActionsEnabled,
  alarm_actions: alarm.AlarmActions,
  ok_actions: alarm.OKActions,
  insufficient_data_actions: alarm.InsufficientDataActions,
});

export async function tagsAll(ResourceARN: string, context: ResourceContext): Promise<Record<string, string>> {
  const { Tags } = await clientOf(context)('ListTagsForResource', { ResourceARN });
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
}

export async function syncTags(prior: Attributes, planned: Attributes, context: ResourceContext): Promise<void> {
  const { set, removed } = tagChanges(prior, planned);
  const ResourceARN: string = prior['arn'];
  const cloudwatch = clientOf(context);
  if (removed.length > 0) await cloudwatch('UntagResource', { ResourceARN, TagKeys: removed });
  const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length > 0) await cloudwatch('TagResource', { ResourceARN, Tags });
}

export async function deleteAlarm({ id }: Attributes, context: ResourceContext): Promise<void> {
  await clientOf(context)('DeleteAlarms', { AlarmNames: [id] });
}
