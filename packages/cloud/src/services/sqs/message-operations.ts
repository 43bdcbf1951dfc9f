// Messages sent, received, deleted and hidden for longer, one by one and in batches.
import type {
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityCommandInput,
  DeleteMessageBatchCommandInput,
  DeleteMessageCommandInput,
  Message as Shape,
  ReceiveMessageCommandInput,
  SendMessageBatchCommandInput,
  SendMessageCommandInput,
} from '@aws-sdk/client-sqs';

import { AwsError } from '../../kernel/errors.ts';
import type { Call } from '../../kernel/service.ts';
import { onQueue } from './access.ts';
import { numberOf } from './attributes.ts';
import { eachEntry, requireEntries } from './batch.ts';
import { invalidParameter } from './errors.ts';
import { checkMessage } from './message-input.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import type { ReceiveAttempts } from './receive-attempts.ts';
import { shapeReceived, wantedOf } from './received-message.ts';
import { sendAll } from './sender.ts';
import type { Sqs } from './service.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const LARGEST_BATCH = 1_048_576;
const MOST_RECEIVED = 10;
const LONGEST_WAIT_SECONDS = 20;
const LONGEST_VISIBILITY_SECONDS = 43_200;

export function messageOperations(sqs: Sqs, attempts: ReceiveAttempts) {
  const { queues, deduplication, dataKeys, measure } = sqs;
  const access = (action: string) => onQueue(queues, action);

  const change = (queue: Queue, handle: string | undefined, seconds: number | undefined) => {
    if (seconds === undefined) throw invalidParameter('VisibilityTimeout', '', 'It has to be given.');
    queue.changeVisibility(handle ?? '', seconds);
  };

  return {
    SendMessage: {
      access: access('SendMessage'),
      run: async (input: SendMessageCommandInput, call: Call) => {
        const queue = queues.named(call, input.QueueUrl);
        const dataKey = await dataKeys.forSending(queue, call);
        const checked = checkMessage(queue, input, call, dataKey);
        const [result] = sendAll(deduplication, queue, [checked], call);
        measure.sent(queue, [checked.size]);
        return result!;
      },
    },
    SendMessageBatch: {
      access: access('SendMessage'),
      run: async (input: SendMessageBatchCommandInput, call: Call) => {
        const queue = queues.named(call, input.QueueUrl);
        const entries = requireEntries(input.Entries);
        const dataKey = await dataKeys.forSending(queue, call);
        const { done, Failed } = eachEntry(entries, (entry) => checkMessage(queue, entry, call, dataKey));
        const size = done.reduce((sum, { result }) => sum + result.size, 0);
        if (size > LARGEST_BATCH) {
          throw new AwsError(
            'BatchRequestTooLong',
            `Batch requests cannot be longer than ${LARGEST_BATCH} bytes. You have sent ${size} bytes.`,
          );
        }
        const results = sendAll(
          deduplication,
          queue,
          done.map(({ result }) => result),
          call,
        );
        measure.sent(
          queue,
          done.map(({ result }) => result.size),
        );
        return { Successful: done.map(({ Id }, index) => ({ Id, ...results[index]! })), Failed: orAbsent(Failed) };
      },
    },
    ReceiveMessage: {
      access: access('ReceiveMessage'),
      run: async (input: ReceiveMessageCommandInput, call: Call): Promise<{ Messages?: Shape[] }> => {
        const queue = queues.named(call, input.QueueUrl);
        const wanted = wantedOf(input);
        const received = await receive(queue, input, call, attempts);
        const answers = received.flatMap((message) => {
          // A purge may have been quicker.
          const content = sqs.messages.find(message.row);
          return content ? [{ content, answer: shapeReceived(queue, message, content, wanted) }] : [];
        });
        // Who may not decrypt gets nothing, and the messages stay hidden like any that were received.
        for (const { content } of answers) {
          const { dataKey } = content.system;
          if (dataKey !== undefined) await dataKeys.requireReadable(queue, dataKey, call);
        }
        measure.received(queue, answers.length);
        return answers.length > 0 ? { Messages: answers.map(({ answer }) => answer) } : {};
      },
    },
    DeleteMessage: {
      access: access('DeleteMessage'),
      run: (input: DeleteMessageCommandInput, call: Call) => {
        const queue = queues.named(call, input.QueueUrl);
        measure.deleted(queue, queue.delete(input.ReceiptHandle ?? '') ? 1 : 0);
        return {};
      },
    },
    DeleteMessageBatch: {
      access: access('DeleteMessage'),
      run: (input: DeleteMessageBatchCommandInput, call: Call) => {
        const queue = queues.named(call, input.QueueUrl);
        const { done, Failed } = eachEntry(requireEntries(input.Entries), (entry) =>
          queue.delete(entry.ReceiptHandle ?? ''),
        );
        measure.deleted(queue, done.filter(({ result }) => result).length);
        return { Successful: done.map(({ Id }) => ({ Id })), Failed: orAbsent(Failed) };
      },
    },
    ChangeMessageVisibility: {
      access: access('ChangeMessageVisibility'),
      run: (input: ChangeMessageVisibilityCommandInput, call: Call) => {
        change(queues.named(call, input.QueueUrl), input.ReceiptHandle, input.VisibilityTimeout);
        return {};
      },
    },
    ChangeMessageVisibilityBatch: {
      access: access('ChangeMessageVisibility'),
      run: (input: ChangeMessageVisibilityBatchCommandInput, call: Call) => {
        const queue = queues.named(call, input.QueueUrl);
        const { done, Failed } = eachEntry(requireEntries(input.Entries), (entry) =>
          change(queue, entry.ReceiptHandle, entry.VisibilityTimeout),
        );
        return { Successful: done.map(({ Id }) => ({ Id })), Failed: orAbsent(Failed) };
      },
    },
    PurgeQueue: {
      access: access('PurgeQueue'),
      run: ({ QueueUrl }: { QueueUrl: string | undefined }, call: Call) => {
        const queue = queues.named(call, QueueUrl);
        queue.purge((record) => queues.save(queue, record));
        return {};
      },
    },
  };
}

async function receive(
  queue: Queue,
  input: ReceiveMessageCommandInput,
  call: Call,
  attempts: ReceiveAttempts,
): Promise<Message[]> {
  const { MaxNumberOfMessages: most = 1, VisibilityTimeout: visibilitySeconds, ReceiveRequestAttemptId: id } = input;
  const wait = input.WaitTimeSeconds ?? numberOf(queue.record.attributes, 'ReceiveMessageWaitTimeSeconds');
  requireWithin('MaxNumberOfMessages', most, 1, MOST_RECEIVED);
  requireWithin('WaitTimeSeconds', wait, 0, LONGEST_WAIT_SECONDS);
  if (visibilitySeconds !== undefined) {
    requireWithin('VisibilityTimeout', visibilitySeconds, 0, LONGEST_VISIBILITY_SECONDS);
  }
  const request = { most, visibilitySeconds };
  const again = id === undefined ? undefined : attempts.again(queue, id, request, call.now);
  if (again) return again;
  const received = wait > 0 ? await queue.receiveWithin(request, wait, call.onHangUp) : queue.receive(request);
  if (id !== undefined) attempts.keep(queue, id, received, call.now);
  return received;
}

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalidParameter(name, value, `Must be between ${least} and ${most}, if provided.`);
}

/** An empty list of failures is left out, as AWS leaves it out. */
const orAbsent = <T>(failed: T[]): T[] | undefined => (failed.length > 0 ? failed : undefined);
