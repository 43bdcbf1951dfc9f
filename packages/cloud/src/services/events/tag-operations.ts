// Tags of buses and rules.
import type {
  ListTagsForResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-eventbridge';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { busName, DEFAULT_BUS } from './buses.ts';
import type { EventBridge } from './operations.ts';

interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
  readonly save: (tags: Readonly<Record<string, string>>) => void;
}

export function tagOperations({ buses, rules }: EventBridge) {
  const on =
    (action: string) =>
    ({ ResourceARN }: { ResourceARN: string | undefined }): Access[] => [
      { action: `events:${action}`, resource: ResourceARN ?? '*' },
    ];
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
      access: on('TagResource'),
      run: (input: TagResourceCommandInput, call: Call) => {
        const { tags, save } = require(input.ResourceARN!, call);
        save({ ...tags, ...Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])) });
        return {};
      },
    },
    UntagResource: {
      access: on('UntagResource'),
      run: (input: UntagResourceCommandInput, call: Call) => {
        const { tags, save } = require(input.ResourceARN!, call);
        save(Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))));
        return {};
      },
    },
    ListTagsForResource: {
      access: on('ListTagsForResource'),
      run: (input: ListTagsForResourceCommandInput, call: Call) => ({
        Tags: Object.entries(require(input.ResourceARN!, call).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}
