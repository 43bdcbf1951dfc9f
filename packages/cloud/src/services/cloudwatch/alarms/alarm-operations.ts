// Alarms made, changed and deleted.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
import type {
  DeleteAlarmsCommandInput,
  DisableAlarmActionsCommandInput,
  EnableAlarmActionsCommandInput,
  PutCompositeAlarmCommandInput,
  PutMetricAlarmCommandInput,
  SetAlarmStateCommandInput,
} from '@aws-sdk/client-cloudwatch';

import { AwsError } from '../../../kernel/errors.ts';
import { requestTags, taggingAccess } from '../../../kernel/identity/context.ts';
import type { Access, Call, Kernel } from '../../../kernel/service.ts';
import { validation } from '../errors.ts';
import { onAlarm } from './access.ts';
import { compositeAlarmOf, metricAlarmOf, tagsOf } from './alarm-input.ts';
import { compositeAlarmShape, metricAlarmShape } from './alarm-shape.ts';
import { alarmArn, STATES, type Alarm, type CompositeAlarm } from './alarm.ts';
import type { Alarms } from './alarms.ts';
import type { AlarmHistory } from './history.ts';
import { configurationDetail } from './notification.ts';
import type { Transitions } from './transitions.ts';
import type { AlarmWatch } from './watch.ts';

export interface AlarmParts {
  readonly kernel: Kernel;
  readonly alarms: Alarms;
  readonly history: AlarmHistory;
  readonly transitions: Transitions;
  readonly watch: AlarmWatch;
}

const MOST_DELETED = 100;

export function alarmOperations({ kernel, alarms, history, transitions, watch }: AlarmParts) {
  const onPut =
    (action: string) =>
    (input: PutMetricAlarmCommandInput | PutCompositeAlarmCommandInput, call: Call): Access[] => {
      const { AlarmName = '', AlarmActions, InsufficientDataActions, OKActions } = input;
      const tags = tagsOf(input.Tags ?? []);
      const actions = [...(AlarmActions ?? []), ...(InsufficientDataActions ?? []), ...(OKActions ?? [])];
      const context = { ...requestTags(tags), 'cloudwatch:AlarmActions': actions };
      return [
        onAlarm(alarms, action, AlarmName, call, context),
        ...taggingAccess('cloudwatch:TagResource', alarmArn(call, AlarmName), tags),
      ];
    };
  const onAlarms =
    (action: string) =>
    ({ AlarmNames = [] }: { AlarmNames: string[] | undefined }, call: Call): Access[] =>
      (AlarmNames.length === 0 ? ['*'] : AlarmNames).map((name) => onAlarm(alarms, action, name, call));
  const tell = (alarm: Alarm, operation: 'create' | 'update' | 'delete'): void => {
    const past = { create: 'created', update: 'updated', delete: 'deleted' }[operation];
    const shape = alarm.kind === 'metric' ? metricAlarmShape(alarm) : compositeAlarmShape(alarm);
    history.add(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${past}`, {
      type: operation === 'create' ? 'Create' : operation === 'update' ? 'Update' : 'Delete',
      [`${operation}dAlarm`]: shape,
    });
    kernel.events.publish({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm Configuration Change',
      region: alarm.region,
      resources: [alarm.arn],
      detail: configurationDetail(alarm, operation),
    });
  };
  const save = (alarm: Alarm, before: Alarm | undefined): void => {
    if (before && before.kind !== alarm.kind) {
      throw validation(`There is a ${before.kind} alarm of the name ${alarm.name} already.`);
    }
    kernel.store.transaction(() => {
      alarms.save(alarm);
      tell(alarm, before ? 'update' : 'create');
    });
    watch.soon(alarm);
  };
  const setEnabled = (names: readonly string[], call: Call, actionsEnabled: boolean): void => {
    kernel.store.transaction(() => {
      for (const name of names) {
        const alarm = alarms.find(call.region, name);
        if (!alarm || alarm.actionsEnabled === actionsEnabled) continue;
        const changed = { ...alarm, actionsEnabled, updatedAt: call.now };
        alarms.save(changed);
        tell(changed, 'update');
      }
    });
  };

  return {
    PutMetricAlarm: {
      access: onPut('PutMetricAlarm'),
      run: (input: PutMetricAlarmCommandInput, call: Call) => {
        const before = alarms.find(call.region, input.AlarmName ?? '');
        save(metricAlarmOf(input, call, before), before);
        return {};
      },
    },
    PutCompositeAlarm: {
      access: onPut('PutCompositeAlarm'),
      run: async (input: PutCompositeAlarmCommandInput, call: Call) => {
        const before = alarms.find(call.region, input.AlarmName ?? '');
        const exists = (name: string) => alarms.find(call.region, name) !== undefined;
        const alarm = compositeAlarmOf(input, call, { before, exists });
        save(alarm, before);
        transitions.forget(alarm);
        await transitions.reconsider(alarm);
        return {};
      },
    },
    DeleteAlarms: {
      access: onAlarms('DeleteAlarms'),
      run: ({ AlarmNames: names = [] }: DeleteAlarmsCommandInput, call: Call) => {
        if (names.length > MOST_DELETED)
          throw validation(`AlarmNames must not have more than ${MOST_DELETED} members.`);
        const found = [...new Set(names)].flatMap((name) => alarms.find(call.region, name) ?? []);
        if (found.length > 1 && found.filter(({ kind }) => kind === 'composite').length > 1) {
          throw validation('Only one composite alarm can be deleted with one call.');
        }
        for (const alarm of found) {
          const parents = alarms.parentsOf(alarm).filter((parent: CompositeAlarm) => !found.includes(parent));
          if (parents.length > 0) {
            throw validation(`Cannot delete ${alarm.name} as there are composite alarm(s) depending on it.`);
          }
        }
        kernel.store.transaction(() => {
          for (const alarm of found) {
            alarms.delete(alarm);
            tell(alarm, 'delete');
          }
        });
        for (const alarm of found) transitions.forget(alarm);
        return {};
      },
    },
    SetAlarmState: {
      access: ({ AlarmName = '' }: SetAlarmStateCommandInput, call: Call): Access[] => [
        onAlarm(alarms, 'SetAlarmState', AlarmName, call),
      ],
      run: async (input: SetAlarmStateCommandInput, call: Call) => {
        const { AlarmName: name = '', StateReason: reason = '', StateReasonData: data } = input;
        const state = STATES.find((each) => each === input.StateValue);
        if (!state) throw validation(`The value ${input.StateValue} for parameter StateValue is invalid.`);
        if (data !== undefined && !isJson(data)) {
          throw new AwsError('InvalidFormatFault', 'StateReasonData was not syntactically valid JSON');
        }
        const alarm = alarms.find(call.region, name);
        if (!alarm) throw new AwsError('ResourceNotFound', `Alarm ${name} does not exist`, { status: 404 });
        const done = transitions.change(alarm, { state, reason, data });
        watch.soon(alarm);
        await done;
        return {};
      },
    },
    EnableAlarmActions: {
      access: onAlarms('EnableAlarmActions'),
      run: ({ AlarmNames = [] }: EnableAlarmActionsCommandInput, call: Call) => {
        setEnabled(AlarmNames, call, true);
        return {};
      },
    },
    DisableAlarmActions: {
      access: onAlarms('DisableAlarmActions'),
      run: ({ AlarmNames = [] }: DisableAlarmActionsCommandInput, call: Call) => {
        setEnabled(AlarmNames, call, false);
        return {};
      },
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
