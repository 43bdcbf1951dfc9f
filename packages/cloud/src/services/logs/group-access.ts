// How requests name their log group, and what IAM is asked about it.
import type { Access, Call } from '../../kernel/service.ts';
import type { Guard } from './access.ts';
import { invalidParameter } from './errors.ts';
import { groupArn, groupName } from './group-name.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';

export interface GroupInput {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
}

export type GroupAccess = ReturnType<typeof groupAccess>;

export function groupAccess(guard: Guard, groups: LogGroups, account: string) {
  const arnOf = (region: string, name: string) => groupArn({ region, account }, name);
  const nameOf = ({ logGroupName, logGroupIdentifier }: GroupInput): string =>
    groupName(logGroupName ?? logGroupIdentifier ?? '');
  return {
    guard,
    arnOf,
    nameOf,
    require: (input: GroupInput, call: Call): LogGroup => {
      if (input.logGroupName !== undefined && input.logGroupIdentifier !== undefined) {
        throw invalidParameter('LogGroupName and LogGroupIdentifier are mutually exclusive parameters.');
      }
      return groups.require(call.region, nameOf(input));
    },
    onGroup:
      (action: string) =>
      (input: GroupInput, call: Call): Access[] => [guard.group(action, nameOf(input), call)],
  };
}
