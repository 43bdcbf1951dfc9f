// Export tasks as an API. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateExportTask.html
import type {
  CancelExportTaskCommandInput,
  CreateExportTaskCommandInput,
  DescribeExportTasksCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import type { Guard } from './access.ts';
import { invalidParameter } from './errors.ts';
import { taskShape, type ExportTasks } from './export-tasks.ts';
import type { LogGroups } from './log-groups.ts';
import { page } from './page-token.ts';

const UNSAID_PREFIX = 'exportedlogs';

/** Tasks in one page. */
const MOST_LISTED = 50;

export function exportOperations(guard: Guard, groups: LogGroups, tasks: ExportTasks) {
  const anywhere = (action: string) => (): Access[] => [{ action: `logs:${action}`, resource: '*' }];

  return {
    CreateExportTask: {
      access: ({ logGroupName = '' }: CreateExportTaskCommandInput, call: Call): Access[] => [
        guard.group('CreateExportTask', logGroupName, call),
      ],
      run: async (input: CreateExportTaskCommandInput, { region, now }: Call) => {
        const group = groups.requireStandard(region, input.logGroupName!);
        const [from, to] = [input.from!, input.to!];
        if (from >= to) throw invalidParameter('The time range is invalid: from has to be before to.');
        const taskId = await tasks.create({
          name: input.taskName,
          region,
          group: group.name,
          streamPrefix: input.logStreamNamePrefix,
          from,
          to,
          bucket: input.destination!,
          prefix: input.destinationPrefix ?? UNSAID_PREFIX,
          createdAt: now,
        });
        return { taskId };
      },
    },
    DescribeExportTasks: {
      access: anywhere('DescribeExportTasks'),
      run: (input: DescribeExportTasksCommandInput, { region }: Call) => {
        const found = tasks
          .list(region)
          .filter(({ id }) => input.taskId === undefined || id === input.taskId)
          .filter(({ status }) => input.statusCode === undefined || status === input.statusCode);
        const { items, rest } = page(found, ({ id }) => id, input, MOST_LISTED);
        return { exportTasks: items.map(taskShape), ...rest };
      },
    },
    CancelExportTask: {
      access: anywhere('CancelExportTask'),
      run: (input: CancelExportTaskCommandInput, { region }: Call) => {
        const task = tasks.find(input.taskId ?? '');
        if (task?.region !== region) {
          throw new AwsError('ResourceNotFoundException', 'The specified export task does not exist.');
        }
        tasks.cancel(task);
        return {};
      },
    },
  };
}
