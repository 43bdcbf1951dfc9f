// aws_scheduler_schedule and aws_scheduler_schedule_group.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/scheduler_schedule
import type { CreateScheduleCommandInput, RetryPolicy } from '@aws-sdk/client-scheduler';

import { orNull } from '../../terraform/or-null.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import type { SchedulerOperations } from './operations.ts';
import { DEFAULT_GROUP } from './schedules.ts';
import { retriesOf } from './targets.ts';

/** Blocks of a target for services that the cloud does not tell. */
const OTHER_BLOCKS = ['ecs_parameters', 'kinesis_parameters', 'sagemaker_pipeline_parameters'];

const schedule: ResourceType = {
  type: 'aws_scheduler_schedule',
  replace: ['name', 'name_prefix', 'group_name'],
  defaults: {
    group_name: DEFAULT_GROUP,
    schedule_expression_timezone: 'UTC',
    state: 'ENABLED',
    action_after_completion: 'NONE',
  },
  validate: (config) => refusedAttributes(config, ['kms_key_arn', ...OTHER_BLOCKS.map((block) => `target.${block}`)]),
  async create(planned, context) {
    const name = nameFor(planned);
    await clientOf(context)('CreateSchedule', inputOf(name, planned));
    return { id: `${planned['group_name'] ?? DEFAULT_GROUP}/${name}` };
  },
  async read({ id, target: known }, context) {
    const [GroupName, Name] = scheduleId(id);
    const found = await orNull(clientOf(context)('GetSchedule', { GroupName, Name }), 'ResourceNotFoundException');
    if (!found) return null;
    const { Target: target, FlexibleTimeWindow: window } = found;
    const {
      SqsParameters: sqs,
      EventBridgeParameters: event,
      DeadLetterConfig: dead,
      RetryPolicy: retry,
    } = target ?? {};
    return {
      arn: found.Arn,
      name: found.Name,
      name_prefix: prefixOf(Name),
      group_name: found.GroupName,
      description: found.Description ?? '',
      kms_key_arn: '',
      schedule_expression: found.ScheduleExpression,
      schedule_expression_timezone: found.ScheduleExpressionTimezone,
      start_date: found.StartDate ? seconds(found.StartDate) : '',
      end_date: found.EndDate ? seconds(found.EndDate) : '',
      state: found.State,
      action_after_completion: found.ActionAfterCompletion,
      flexible_time_window: [{ mode: window?.Mode, maximum_window_in_minutes: window?.MaximumWindowInMinutes ?? 0 }],
      target: [
        {
          arn: target?.Arn,
          role_arn: target?.RoleArn,
          input: target?.Input ?? '',
          dead_letter_config: dead ? [{ arn: dead.Arn }] : [],
          // Every schedule has one; who says nothing of it sees nothing of it.
          retry_policy:
            retry && (known?.[0]?.['retry_policy']?.length > 0 || !isUsual(retry))
              ? [
                  {
                    maximum_event_age_in_seconds: retry.MaximumEventAgeInSeconds ?? 86_400,
                    maximum_retry_attempts: retry.MaximumRetryAttempts ?? 185,
                  },
                ]
              : [],
          sqs_parameters: sqs ? [{ message_group_id: sqs.MessageGroupId }] : [],
          eventbridge_parameters: event ? [{ source: event.Source, detail_type: event.DetailType }] : [],
          ...Object.fromEntries(OTHER_BLOCKS.map((block) => [block, []])),
        },
      ],
    };
  },
  async update(prior, planned, context) {
    await clientOf(context)('UpdateSchedule', inputOf(scheduleId(prior['id'])[1], planned));
  },
  async delete({ id }, context) {
    const [GroupName, Name] = scheduleId(id);
    await orNull(clientOf(context)('DeleteSchedule', { GroupName, Name }), 'ResourceNotFoundException');
  },
};

const group: ResourceType = {
  type: 'aws_scheduler_schedule_group',
  replace: ['name', 'name_prefix'],
  async create(planned, context) {
    const Name = nameFor(planned);
    const Tags = Object.entries((planned['tags_all'] ?? {}) as Record<string, string>).map(([Key, Value]) => ({
      Key,
      Value,
    }));
    await clientOf(context)('CreateScheduleGroup', { Name, Tags });
    return { id: Name };
  },
  async read({ id }, context) {
    const scheduler = clientOf(context);
    const found = await orNull(scheduler('GetScheduleGroup', { Name: id }), 'ResourceNotFoundException');
    if (!found) return null;
    const { Tags } = await scheduler('ListTagsForResource', { ResourceArn: found.Arn });
    return {
      arn: found.Arn,
      name: found.Name,
      name_prefix: prefixOf(found.Name),
      state: found.State,
      creation_date: seconds(found.CreationDate),
      last_modification_date: seconds(found.LastModificationDate),
      tags_all: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const scheduler = clientOf(context);
    const { set, removed } = tagChanges(prior, planned);
    const ResourceArn: string = prior['arn'];
    if (removed.length > 0) await scheduler('UntagResource', { ResourceArn, TagKeys: removed });
    const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length > 0) await scheduler('TagResource', { ResourceArn, Tags });
  },
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteScheduleGroup', { Name: id }), 'ResourceNotFoundException');
  },
};

export const schedulerResources: readonly ResourceType[] = [schedule, group];

const clientOf = (context: ResourceContext) => context.client<SchedulerOperations>('scheduler');

const isUsual = ({ MaximumEventAgeInSeconds: age, MaximumRetryAttempts: attempts }: RetryPolicy): boolean => {
  const usual = retriesOf({ Arn: undefined, RoleArn: undefined });
  return age === usual.MaximumEventAgeInSeconds && attempts === usual.MaximumRetryAttempts;
};

const scheduleId = (id: string): [group: string, name: string] => {
  const [first = '', second] = id.split('/');
  return second === undefined ? [DEFAULT_GROUP, first] : [first, second];
};

const seconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

function inputOf(name: string, planned: Attributes): CreateScheduleCommandInput {
  const [window = {}] = (planned['flexible_time_window'] ?? []) as Attributes[];
  const [target = {}] = (planned['target'] ?? []) as Attributes[];
  const first = (block: string) => (target[block] as Attributes[] | undefined)?.[0];
  const [dead, retry, sqs, event] = [
    'dead_letter_config',
    'retry_policy',
    'sqs_parameters',
    'eventbridge_parameters',
  ].map(first);
  const date = (text: unknown) => (typeof text === 'string' && text !== '' ? new Date(text) : undefined);
  return {
    Name: name,
    GroupName: planned['group_name'] ?? DEFAULT_GROUP,
    Description: planned['description'] || undefined,
    KmsKeyArn: planned['kms_key_arn'] || undefined,
    ScheduleExpression: planned['schedule_expression'],
    ScheduleExpressionTimezone: planned['schedule_expression_timezone'] ?? 'UTC',
    State: planned['state'] ?? 'ENABLED',
    ActionAfterCompletion: planned['action_after_completion'] || undefined,
    StartDate: date(planned['start_date']),
    EndDate: date(planned['end_date']),
    FlexibleTimeWindow: {
      Mode: window['mode'],
      MaximumWindowInMinutes: window['maximum_window_in_minutes'] || undefined,
    },
    Target: {
      Arn: target['arn'],
      RoleArn: target['role_arn'],
      Input: target['input'] || undefined,
      DeadLetterConfig: dead && { Arn: dead['arn'] },
      RetryPolicy: retry && {
        MaximumEventAgeInSeconds: retry['maximum_event_age_in_seconds'] ?? undefined,
        MaximumRetryAttempts: retry['maximum_retry_attempts'] ?? undefined,
      },
      SqsParameters: sqs && { MessageGroupId: sqs['message_group_id'] },
      EventBridgeParameters: event && { Source: event['source'], DetailType: event['detail_type'] },
    },
  };
}
