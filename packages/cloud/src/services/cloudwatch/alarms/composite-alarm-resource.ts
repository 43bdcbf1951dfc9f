// aws_cloudwatch_composite_alarm.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_composite_alarm
import type { PutCompositeAlarmCommandInput } from '@aws-sdk/client-cloudwatch';

import type { Attributes, ResourceType } from '../../../terraform/resource.ts';
import { clientOf, deleteAlarm, fromActions, syncTags, tagsAll, toActions } from './alarm-resource.ts';

export const compositeAlarm: ResourceType = {
  type: 'aws_cloudwatch_composite_alarm',
  replace: ['alarm_name', 'actions_enabled'],
  defaults: { actions_enabled: true },
  async create(planned, context) {
    const Tags = Object.entries((planned['tags_all'] ?? {}) as Record<string, string>);
    await clientOf(context)('PutCompositeAlarm', {
      ...inputOf(planned),
      Tags: Tags.map(([Key, Value]) => ({ Key, Value })),
    });
    return { id: planned['alarm_name'] };
  },
  async read({ id }, context) {
    const { CompositeAlarms } = await clientOf(context)('DescribeAlarms', {
      AlarmNames: [id],
      AlarmTypes: ['CompositeAlarm'],
    });
    const [alarm] = CompositeAlarms;
    if (!alarm) return null;
    return {
      ...fromActions(alarm),
      alarm_rule: alarm.AlarmRule,
      actions_suppressor:
        alarm.ActionsSuppressor === undefined
          ? []
          : [
              {
                alarm: alarm.ActionsSuppressor,
                wait_period: alarm.ActionsSuppressorWaitPeriod,
                extension_period: alarm.ActionsSuppressorExtensionPeriod,
              },
            ],
      tags_all: await tagsAll(alarm.AlarmArn!, context),
    };
  },
  async update(prior, planned, context) {
    await clientOf(context)('PutCompositeAlarm', inputOf(planned));
    await syncTags(prior, planned, context);
  },
  delete: deleteAlarm,
};

function inputOf(planned: Attributes): PutCompositeAlarmCommandInput {
  const [suppressor] = (planned['actions_suppressor'] ?? []) as Attributes[];
  return {
    ...toActions(planned),
    AlarmRule: planned['alarm_rule'],
    ...(suppressor && {
      ActionsSuppressor: suppressor['alarm'],
      ActionsSuppressorWaitPeriod: suppressor['wait_period'],
      ActionsSuppressorExtensionPeriod: suppressor['extension_period'],
    }),
  };
}
