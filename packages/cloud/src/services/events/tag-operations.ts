// Tags of buses and rules.
import type {
  ListTagsForResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-eventbridge';

import { AwsError } from '../../kernel/errors.ts';
import { requestTags } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { busName, DEFAULT_BUS } from './buses.ts';
import type { EventBridge } from './operations.ts';
import { fromTags } from './tags.ts';

interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
  readonly save: (tags: Readonly<Record<string, string>>) => void;
}

export function tagOperations({ guard, buses, rules }: EventBridge) {
  const require = (arn: string, { region }: Call): Tagged => {
    if (arn.includes(':event-bus/')) {
      const bus = buses.require(region, busName(arn));
      return { tags: bus.tags, save: (tags) => buses.save({ ...bus, tags }) };
    }
    const path = arn.slice(arn.indexOf(':rule/') + ':rule/'.length).split('/');
    const rule = rules.find(region, path.length > 1 ? path[0]! : DEFAULT_BUS, path.at(-1)!);
    if (!rule) throw new AwsError('ResourceNotFoundException', `Rule ${path.join('/')} does not exist.`);
    return { tags: rule.tags, save: (tags) => rules.save({ ...rule, tags }) };
  };

  return {
    TagResource: {
      access: ({ ResourceARN = '*', Tags }: TagResourceCommandInput, call: Call): Access[] => [
        guard.arn('TagResource', ResourceARN, call, requestTags(fromTags(Tags))),
      ],
      run: (input: TagResourceCommandInput, call: Call) => {
        const { tags, save } = require(input.ResourceARN!, call);
        save({ ...tags, ...fromTags(input.Tags) });
        return {};
      },
    },
    UntagResource: {
      access: ({ ResourceARN = '*', TagKeys }: UntagResourceCommandInput, call: Call): Access[] => [
        guard.arn('UntagResource', ResourceARN, call, { 'aws:TagKeys': TagKeys }),
      ],
      run: (input: UntagResourceCommandInput, call: Call) => {
        const { tags, save } = require(input.ResourceARN!, call);
        save(Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))));
        return {};
      },
    },
    ListTagsForResource: {
      access: ({ ResourceARN = '*' }: ListTagsForResourceCommandInput, call: Call): Access[] => [
        guard.arn('ListTagsForResource', ResourceARN, call),
      ],
      run: (input: ListTagsForResourceCommandInput, call: Call) => ({
        Tags: Object.entries(require(input.ResourceARN!, call).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}
