// Tags of log groups, by the API of today and by the one before it, which boto3's users still call.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
import type {
  TagLogGroupCommandInput,
  TagResourceCommandInput,
  UntagLogGroupCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import { requestTags } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import type { GroupAccess, GroupInput } from './group-access.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';

interface ArnInput {
  readonly resourceArn: string | undefined;
}

export function tagOperations(groups: LogGroups, { guard, nameOf, require, onGroup }: GroupAccess) {
  const requireArn = ({ resourceArn }: ArnInput, call: Call) => require({ logGroupIdentifier: resourceArn }, call);
  const tag = (group: LogGroup, tags: Readonly<Record<string, string>> = {}) => {
    groups.save({ ...group, tags: { ...group.tags, ...tags } });
    return {};
  };
  const untag = (group: LogGroup, keys: readonly string[] = []) => {
    const left = Object.entries(group.tags).filter(([key]) => !keys.includes(key));
    groups.save({ ...group, tags: Object.fromEntries(left) });
    return {};
  };

  return {
    TagResource: {
      access: ({ resourceArn = '*', tags = {} }: TagResourceCommandInput, call: Call): Access[] => [
        guard.arn('TagResource', resourceArn, call, requestTags(tags)),
      ],
      run: (input: TagResourceCommandInput, call: Call) => tag(requireArn(input, call), input.tags),
    },
    UntagResource: {
      access: ({ resourceArn = '*', tagKeys }: UntagResourceCommandInput, call: Call): Access[] => [
        guard.arn('UntagResource', resourceArn, call, { 'aws:TagKeys': tagKeys }),
      ],
      run: (input: UntagResourceCommandInput, call: Call) => untag(requireArn(input, call), input.tagKeys),
    },
    ListTagsForResource: {
      access: ({ resourceArn = '*' }: ArnInput, call: Call): Access[] => [
        guard.arn('ListTagsForResource', resourceArn, call),
      ],
      run: (input: ArnInput, call: Call) => ({ tags: requireArn(input, call).tags }),
    },
    TagLogGroup: {
      access: (input: TagLogGroupCommandInput, call: Call): Access[] => [
        guard.group('TagLogGroup', nameOf(input), call, requestTags(input.tags ?? {})),
      ],
      run: (input: TagLogGroupCommandInput, call: Call) => tag(require(input, call), input.tags),
    },
    UntagLogGroup: {
      access: (input: UntagLogGroupCommandInput, call: Call): Access[] => [
        guard.group('UntagLogGroup', nameOf(input), call, { 'aws:TagKeys': input.tags }),
      ],
      run: (input: UntagLogGroupCommandInput, call: Call) => untag(require(input, call), input.tags),
    },
    ListTagsLogGroup: {
      access: onGroup('ListTagsLogGroup'),
      run: (input: GroupInput, call: Call) => ({ tags: require(input, call).tags }),
    },
  };
}
