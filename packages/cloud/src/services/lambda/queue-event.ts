// The event that a function gets of a queue's messages, and what it says became of them.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
import type { Message } from '@aws-sdk/client-sqs';

import { compileEventPattern, type EventTest } from '../../kernel/event-pattern.ts';
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

/**
 * The messages that a function says it failed at; undefined where its answer means that all failed.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function failuresIn(payload: string, records: readonly QueueRecord[]): ReadonlySet<string> | undefined {
  const answer = parsed(payload);
  if (answer === null || answer === '') return new Set();
  if (typeof answer !== 'object') return undefined;
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return undefined;
  const known = new Set(records.map(({ messageId }) => messageId));
  const failed = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  if (!failed.every((id): id is string => typeof id === 'string' && known.has(id))) return undefined;
  return new Set(failed);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
