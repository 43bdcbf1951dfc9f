// A message as a receive answers it, with as much of its attributes as was asked for.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
import type { Message as Shape } from '@aws-sdk/client-sqs';

import { unknownAttribute } from './errors.ts';
import { md5Of, selectAttributes, shapeAttributes, type StoredAttributes } from './message-attributes.ts';
import type { Content, Message } from './message.ts';
import type { Queue } from './queue.ts';
import { handleOf } from './receipt.ts';
import { sequenceNumber } from './sender.ts';

const SYSTEM_ATTRIBUTES = [
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
];

/** What a receive wants to know of messages. */
export interface Wanted {
  readonly system: ReadonlySet<string>;
  readonly attributes: readonly string[];
}

export function wantedOf(input: {
  AttributeNames?: readonly string[] | undefined;
  MessageSystemAttributeNames?: readonly string[] | undefined;
  MessageAttributeNames?: readonly string[] | undefined;
}): Wanted {
  const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const other = system.find((name) => !SYSTEM_ATTRIBUTES.includes(name));
  if (other !== undefined) throw unknownAttribute(other);
  return { system: new Set(system), attributes: input.MessageAttributeNames ?? [] };
}

export function shapeReceived(queue: Queue, message: Message, content: Content, wanted: Wanted): Shape {
  const { row, id, receipt = '' } = message;
  const stored = content.attributes === undefined ? undefined : (JSON.parse(content.attributes) as StoredAttributes);
  const attributes = selectAttributes(stored, wanted.attributes);
  const md5 = md5Of(attributes);
  const system = wanted.system.size > 0 ? systemAttributes(queue, message, content, wanted.system) : {};
  return {
    MessageId: id,
    ReceiptHandle: handleOf(queue.record.id, { row, secret: receipt }),
    MD5OfBody: content.bodyMd5,
    Body: content.body,
    ...(Object.keys(system).length > 0 && { Attributes: system }),
    ...(md5 !== undefined && { MD5OfMessageAttributes: md5, MessageAttributes: shapeAttributes(attributes) }),
  };
}

function systemAttributes(
  { fifo }: Queue,
  message: Message,
  { system }: Content,
  names: ReadonlySet<string>,
): Record<string, string> {
  const all: Readonly<Record<string, string | undefined>> = {
    SenderId: system.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SequenceNumber: fifo ? sequenceNumber(message.row) : undefined,
    MessageDeduplicationId: system.deduplicationId,
    MessageGroupId: system.groupId,
    AWSTraceHeader: system.traceHeader,
    DeadLetterQueueSourceArn: system.deadLetterSource,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => {
      const [name, value] = entry;
      return value !== undefined && (names.has('All') || names.has(name));
    }),
  );
}
