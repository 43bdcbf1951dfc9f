// Tags of log groups, by the API of today and by the one before it, which boto3's users still call.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
import type {
  TagLogGroupCommandInput,
  TagResourceCommandInput,
  UntagLogGroupCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import type { Access, Call } from '../../kernel/service.ts';
import type { GroupAccess, GroupInput } from './group-access.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';

interface ArnInput {
  readonly resourceArn: string | undefined;
}

export function tagOperations(groups: LogGroups, { require, onGroup }: GroupAccess) {
  const onArn =
    (action: string) =>
    ({ resourceArn }: ArnInput): Access[] => [{ action: `logs:${action}`, resource: resourceArn ?? '*' }];
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
      access: onArn('TagResource'),
      run: (input: TagResourceCommandInput, call: Call) => tag(requireArn(input, call), input.tags),
    },
    UntagResource: {
      access: onArn('UntagResource'),
      run: (input: UntagResourceCommandInput, call: Call) => untag(requireArn(input, call), input.tagKeys),
    },
    ListTagsForResource: {
      access: onArn('ListTagsForResource'),
      run: (input: ArnInput, call: Call) => ({ tags: requireArn(input, call).tags }),
    },
    TagLogGroup: {
      access: onGroup('TagLogGroup'),
      run: (input: TagLogGroupCommandInput, call: Call) => tag(require(input, call), input.tags),
    },
    UntagLogGroup: {
      access: onGroup('UntagLogGroup'),
      run: (input: UntagLogGroupCommandInput, call: Call) => untag(require(input, call), input.tags),
    },
    ListTagsLogGroup: {
      access: onGroup('ListTagsLogGroup'),
      run: (input: GroupInput, call: Call) => ({ tags: require(input, call).tags }),
    },
  };
}
