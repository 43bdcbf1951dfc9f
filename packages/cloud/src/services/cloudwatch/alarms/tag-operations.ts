// Tags of alarms.
import type {
  ListTagsForResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch';

import { requestTags } from '../../../kernel/identity/context.ts';
import type { Access, Call } from '../../../kernel/service.ts';
import { resourceNotFound } from '../errors.ts';
import { onAlarm } from './access.ts';
import { tagsOf } from './alarm-input.ts';
import type { Alarm } from './alarm.ts';
import type { Alarms } from './alarms.ts';

export function tagOperations(alarms: Alarms) {
  const require = ({ ResourceARN: arn = '' }: { ResourceARN: string | undefined }, { region }: Call): Alarm => {
    const alarm = alarms.find(region, arn);
    if (alarm?.arn !== arn) throw resourceNotFound(`The resource ${arn} does not exist.`);
    return alarm;
  };

  return {
    TagResource: {
      access: ({ ResourceARN = '*', Tags = [] }: TagResourceCommandInput, call: Call): Access[] => [
        onAlarm(alarms, 'TagResource', ResourceARN, call, requestTags(tagsOf(Tags))),
      ],
      run: (input: TagResourceCommandInput, call: Call) => {
        const alarm = require(input, call);
        alarms.save({ ...alarm, tags: { ...alarm.tags, ...tagsOf(input.Tags ?? []) } });
        return {};
      },
    },
    UntagResource: {
      access: ({ ResourceARN = '*', TagKeys }: UntagResourceCommandInput, call: Call): Access[] => [
        onAlarm(alarms, 'UntagResource', ResourceARN, call, { 'aws:TagKeys': TagKeys }),
      ],
      run: (input: UntagResourceCommandInput, call: Call) => {
        const alarm = require(input, call);
        const kept = Object.entries(alarm.tags).filter(([key]) => !input.TagKeys?.includes(key));
        alarms.save({ ...alarm, tags: Object.fromEntries(kept) });
        return {};
      },
    },
    ListTagsForResource: {
      access: ({ ResourceARN = '*' }: ListTagsForResourceCommandInput, call: Call): Access[] => [
        onAlarm(alarms, 'ListTagsForResource', ResourceARN, call),
      ],
      run: (input: ListTagsForResourceCommandInput, call: Call) => ({
        Tags: Object.entries(require(input, call).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}
