// A message as it is sent: checked against its queue, and made what the store keeps.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
import { createHash } from 'node:crypto';

import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Call } from '../../kernel/service.ts';
import { numberOf } from './attributes.ts';
import { invalidParameter, invalidValue, missingParameter } from './errors.ts';
import { md5Of, readAttributes, readTraceHeader, sizeOf } from './message-attributes.ts';
import type { NewMessage } from './message.ts';
import type { Queue } from './queue.ts';

export interface MessageInput {
  MessageBody: string | undefined;
  DelaySeconds?: number | undefined;
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined;
  MessageSystemAttributes?: Record<string, MessageAttributeValue> | undefined;
  MessageDeduplicationId?: string | undefined;
  MessageGroupId?: string | undefined;
}

export interface CheckedMessage {
  readonly message: NewMessage;
  /** In bytes, as limits count them. */
  readonly size: number;
  readonly attributesMd5: string | undefined;
  readonly systemMd5: string | undefined;
}

const LONGEST_DELAY_SECONDS = 900;

/** What XML cannot hold, SQS does not take. */
const UNSPEAKABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Throws SQS's error for a message that this queue does not take. */
export function checkMessage(
  queue: Queue,
  input: MessageInput,
  call: Call,
  dataKey: string | undefined,
): CheckedMessage {
  const { attributes: settings } = queue.record;
  const { MessageBody: body = '' } = input;
  if (body === '') throw missingParameter('MessageBody');
  const attributes = readAttributes(input.MessageAttributes);
  const size = Buffer.byteLength(body) + sizeOf(attributes);
  const limit = numberOf(settings, 'MaximumMessageSize');
  if (size > limit) {
    throw invalidValue(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  }
  if (UNSPEAKABLE.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  const traceHeader = readTraceHeader(input.MessageSystemAttributes);
  const groupId = groupOf(queue, input);
  const deduplicationId = deduplicationOf(queue, input, body);
  const sentAt = call.now;
  return {
    size,
    attributesMd5: md5Of(attributes),
    systemMd5: traceHeader === undefined ? undefined : md5Of({ AWSTraceHeader: { type: 'String', text: traceHeader } }),
    message: {
      id: uuid(),
      body,
      bodyMd5: createHash('md5').update(body).digest('hex'),
      attributes: attributes && JSON.stringify(attributes),
      system: { senderId: call.principal.id, traceHeader, groupId, deduplicationId, dataKey },
      sentAt,
      visibleAt: sentAt + delayOf(queue, input) * 1_000,
    },
  };
}

function delayOf({ fifo, record }: Queue, { DelaySeconds: given }: MessageInput): number {
  const usual = numberOf(record.attributes, 'DelaySeconds');
  if (given === undefined) return usual;
  if (given < 0 || given > LONGEST_DELAY_SECONDS || !Number.isInteger(given)) {
    throw invalidParameter('DelaySeconds', given, `DelaySeconds must be >= 0 and <= ${LONGEST_DELAY_SECONDS}.`);
  }
  // A FIFO queue's messages have no delays of their own; zero is what the queue says.
  if (fifo && given > 0) throw notForThisQueue('DelaySeconds', given);
  return fifo ? usual : given;
}

// In a standard queue a group is a tenant of a fair queue, and has no order.
function groupOf({ fifo }: Queue, { MessageGroupId: group }: MessageInput): string | undefined {
  if (group !== undefined) requireId('MessageGroupId', group);
  else if (fifo) throw missingParameter('MessageGroupId');
  return group;
}

function deduplicationOf({ fifo, record }: Queue, input: MessageInput, body: string): string | undefined {
  const { MessageDeduplicationId: id } = input;
  if (id !== undefined) {
    if (!fifo) throw notForThisQueue('MessageDeduplicationId', id);
    requireId('MessageDeduplicationId', id);
    return id;
  }
  if (!fifo) return undefined;
  if (record.attributes['ContentBasedDeduplication'] !== 'true') {
    throw invalidValue(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return createHash('sha256').update(body).digest('hex');
}

function requireId(name: string, value: string): void {
  if (/^[!-~]{1,128}$/.test(value)) return;
  throw invalidParameter(
    name,
    value,
    `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

const notForThisQueue = (name: string, value: unknown): AwsError =>
  invalidParameter(name, value, 'The request include parameter that is not valid for this queue type.');
