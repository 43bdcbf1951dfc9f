// Tags of alarms.
import type {
  ListTagsForResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch';

import type { Access, Call } from '../../../kernel/service.ts';
import { resourceNotFound } from '../errors.ts';
import { tagsOf } from './alarm-input.ts';
import type { Alarm } from './alarm.ts';
import type { Alarms } from './alarms.ts';

export function tagOperations(alarms: Alarms) {
  const on =
    (action: string) =>
    ({ ResourceARN = '*' }: { ResourceARN: string | undefined }): Access[] => [
      { action: `cloudwatch:${action}`, resource: ResourceARN },
    ];
  const require = ({ ResourceARN: arn = '' }: { ResourceARN: string | undefined }, { region }: Call): Alarm => {
    const alarm = alarms.find(region, arn);
    if (alarm?.arn !== arn) throw resourceNotFound(`The resource ${arn} does not exist.`);
    return alarm;
  };

  return {
    TagResource: {
      access: on('TagResource'),
      run: (input: TagResourceCommandInput, call: Call) => {
        const alarm = require(input, call);
        alarms.save({ ...alarm, tags: { ...alarm.tags, ...tagsOf(input.Tags ?? []) } });
        return {};
      },
    },
    UntagResource: {
      access: on('UntagResource'),
      run: (input: UntagResourceCommandInput, call: Call) => {
        const alarm = require(input, call);
        const kept = Object.entries(alarm.tags).filter(([key]) => !input.TagKeys?.includes(key));
        alarms.save({ ...alarm, tags: Object.fromEntries(kept) });
        return {};
      },
    },
    ListTagsForResource: {
      access: on('ListTagsForResource'),
      run: (input: ListTagsForResourceCommandInput, call: Call) => ({
        Tags: Object.entries(require(input, call).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}
