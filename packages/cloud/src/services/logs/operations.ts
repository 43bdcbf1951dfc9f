// The CloudWatch Logs API, as far as groups, their streams and their tags go.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
import type { Guard } from './access.ts';
import { groupAccess } from './group-access.ts';
import { groupOperations, type LogGroupParts } from './group-operations.ts';
import { streamOperations, type LogStreamParts } from './stream-operations.ts';
import { tagOperations } from './tag-operations.ts';

export type LogsOperations = ReturnType<typeof logsOperations>;

export interface Logs extends LogGroupParts, LogStreamParts {
  readonly guard: Guard;
  readonly account: string;
}

export function logsOperations(parts: Logs) {
  const access = groupAccess(parts.guard, parts.groups, parts.account);
  return {
    ...groupOperations(parts, access),
    ...streamOperations(parts, access),
    ...tagOperations(parts.groups, access),
  };
}
