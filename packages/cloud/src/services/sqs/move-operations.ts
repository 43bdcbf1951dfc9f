// Redrives: tasks that move dead letters back, started, listed and cancelled.
import type {
  CancelMessageMoveTaskCommandInput,
  ListMessageMoveTasksCommandInput,
  StartMessageMoveTaskCommandInput,
} from '@aws-sdk/client-sqs';

import type { Access, Call } from '../../kernel/service.ts';
import { onArn } from './access.ts';
import { invalidParameter, resourceNotFound, taskNotFound, unsupportedOperation } from './errors.ts';
import type { MoveTask } from './move-tasks.ts';
import type { Sqs } from './service.ts';

const MOST_PER_SECOND = 500;
const MOST_LISTED = 10;

interface Handle {
  readonly taskId: string;
  readonly sourceArn: string;
}

export function moveOperations({ queues, moves }: Sqs) {
  return {
    StartMessageMoveTask: {
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
      access: ({ SourceArn = '', DestinationArn }: StartMessageMoveTaskCommandInput): Access[] => {
        const source = queues.find(SourceArn);
        const targets =
          DestinationArn === undefined
            ? source === undefined
              ? []
              : queues.sourcesOf(source).map(({ record }) => record.arn)
            : [DestinationArn];
        return [
          ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) =>
            onArn(queues, action, SourceArn),
          ),
          ...targets.map((arn) => onArn(queues, 'SendMessage', arn)),
        ];
      },
      run: ({
        SourceArn = '',
        DestinationArn,
        MaxNumberOfMessagesPerSecond: rate,
      }: StartMessageMoveTaskCommandInput) => {
        const source = queues.find(SourceArn);
        if (!source || queues.sourcesOf(source).length === 0) throw resourceNotFound();
        if (rate !== undefined && (rate < 1 || rate > MOST_PER_SECOND)) {
          const reason = `Must be between 1 and ${MOST_PER_SECOND}, if provided.`;
          throw invalidParameter('MaxNumberOfMessagesPerSecond', rate, reason);
        }
        const destination = DestinationArn === undefined ? undefined : queues.find(DestinationArn);
        if (DestinationArn !== undefined && !destination) throw resourceNotFound();
        if (destination && destination.fifo !== source.fifo) {
          throw invalidParameter(
            'DestinationArn',
            DestinationArn,
            'It has to be a queue of the same type as the source.',
          );
        }
        if (moves.of(SourceArn).some(({ status }) => status === 'RUNNING')) {
          throw unsupportedOperation(
            'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
          );
        }
        return { TaskHandle: handleOf(moves.begin(source, DestinationArn, rate)) };
      },
    },
    ListMessageMoveTasks: {
      access: ({ SourceArn = '' }: ListMessageMoveTasksCommandInput): Access[] => [
        onArn(queues, 'ListMessageMoveTasks', SourceArn),
      ],
      run: ({ SourceArn = '', MaxResults: most = 1 }: ListMessageMoveTasksCommandInput) => {
        if (!queues.find(SourceArn)) throw resourceNotFound();
        if (most < 1 || most > MOST_LISTED) {
          throw invalidParameter('MaxResults', most, `Must be between 1 and ${MOST_LISTED}, if provided.`);
        }
        return { Results: moves.of(SourceArn).slice(0, most).map(shape) };
      },
    },
    CancelMessageMoveTask: {
      access: ({ TaskHandle = '' }: CancelMessageMoveTaskCommandInput, call: Call): Access[] => [
        onArn(
          queues,
          'CancelMessageMoveTask',
          readHandle(TaskHandle)?.sourceArn ?? `arn:aws:sqs:${call.region}:${call.account}:*`,
        ),
      ],
      run: ({ TaskHandle = '' }: CancelMessageMoveTaskCommandInput) => {
        const handle = readHandle(TaskHandle);
        if (!handle) throw invalidParameter('TaskHandle', TaskHandle, 'It is not valid.');
        const task = moves.find(handle.sourceArn, handle.taskId);
        if (task?.status !== 'RUNNING') throw taskNotFound();
        moves.cancel(task);
        return { ApproximateNumberOfMessagesMoved: task.moved };
      },
    },
  };
}

const handleOf = ({ id: taskId, sourceArn }: MoveTask): string =>
  Buffer.from(JSON.stringify({ taskId, sourceArn } satisfies Handle)).toString('base64');

function readHandle(text: string): Handle | undefined {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(text, 'base64').toString()) as Partial<Handle>;
    return typeof taskId === 'string' && typeof sourceArn === 'string' ? { taskId, sourceArn } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const shape = (task: MoveTask) => ({
  // Only a task that can be cancelled has a handle.
  ...(task.status === 'RUNNING' && { TaskHandle: handleOf(task) }),
  Status: task.status,
  SourceArn: task.sourceArn,
  DestinationArn: task.destinationArn,
  MaxNumberOfMessagesPerSecond: task.perSecond,
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  FailureReason: task.failure,
  StartedTimestamp: task.startedAt,
});
