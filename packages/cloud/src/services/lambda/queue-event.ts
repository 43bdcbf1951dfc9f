// The event that a function gets of a queue's messages.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
import type { Message } from '@aws-sdk/client-sqs';

import { compileEventPattern, type EventTest } from '../../kernel/event-pattern.ts';
import { parsed } from './batch-failures.ts';
import type { Mapping } from './mappings.ts';

export type QueueRecord = ReturnType<typeof recordOf>;

export function recordOf(message: Message, { sourceArn, region }: Pick<Mapping, 'sourceArn' | 'region'>) {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
      ...(value.BinaryValue && { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes) as Record<string, unknown>,
    ...(message.MD5OfMessageAttributes !== undefined && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: sourceArn,
    awsRegion: region,
  };
}

/** Whether a record is for the function: a body that is JSON is matched as what it says, any other as a text. */
export function filterOf(patterns: readonly string[]): (record: QueueRecord) => boolean {
  if (patterns.length === 0) return () => true;
  const tests: EventTest[] = patterns.map((pattern) => compileEventPattern(pattern));
  return (record) => {
    const event = { ...record, body: parsed(record.body) };
    return tests.some((test) => test(event));
  };
}
