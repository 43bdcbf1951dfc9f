// Messages sent to a queue: what a FIFO queue had within five minutes is answered as it was, and kept once.
import type { Call } from '../../kernel/service.ts';
import type { Deduplication, Sent } from './deduplication.ts';
import type { CheckedMessage } from './message-input.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';

/** What a send is answered with. */
export interface SendResult {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly MD5OfMessageSystemAttributes?: string;
  readonly SequenceNumber?: string;
}

/** Sequence numbers have twenty digits, and grow by no fixed step. */
const FIRST_SEQUENCE = 18_800_000_000_000_000_000n;
const SEQUENCE_STEP = 256n;

export const sequenceNumber = (row: number): string => String(FIRST_SEQUENCE + BigInt(row) * SEQUENCE_STEP);

/** Sends messages in order; all are durable when this returns. */
export function sendAll(
  deduplication: Deduplication,
  queue: Queue,
  checked: readonly CheckedMessage[],
  { now }: Pick<Call, 'now'>,
): SendResult[] {
  if (!queue.fifo) {
    queue.send(checked.map(({ message }) => message));
    return checked.map((one) => resultOf(one, undefined));
  }
  const { id, attributes } = queue.record;
  const scopeOf = ({ message: { system } }: CheckedMessage): [scope: string, id: string] => [
    attributes['DeduplicationScope'] === 'messageGroup' ? (system.groupId ?? '') : '',
    system.deduplicationId ?? '',
  ];
  const fresh: CheckedMessage[] = [];
  const known = new Map<string, Sent | CheckedMessage>();
  for (const one of checked) {
    const [scope, deduplicationId] = scopeOf(one);
    const key = JSON.stringify([scope, deduplicationId]);
    if (known.has(key)) continue;
    const sent = deduplication.find(id, scope, deduplicationId, now);
    known.set(key, sent ?? one);
    if (!sent) fresh.push(one);
  }
  const rows = new Map<string, Message>();
  const keep = (messages: readonly Message[]) => {
    for (const [index, one] of fresh.entries()) {
      const message = messages[index]!;
      rows.set(one.message.id, message);
      deduplication.keep(id, ...scopeOf(one), { messageId: message.id, row: message.row }, now);
    }
  };
  if (fresh.length > 0)
    queue.send(
      fresh.map(({ message }) => message),
      keep,
    );
  return checked.map((one) => {
    const first = known.get(JSON.stringify(scopeOf(one)))!;
    if ('row' in first) return resultOf(one, first);
    return resultOf(one, { messageId: first.message.id, row: rows.get(first.message.id)!.row });
  });
}

const resultOf = ({ message, attributesMd5, systemMd5 }: CheckedMessage, sent: Sent | undefined): SendResult => ({
  MessageId: sent?.messageId ?? message.id,
  MD5OfMessageBody: message.bodyMd5,
  ...(attributesMd5 !== undefined && { MD5OfMessageAttributes: attributesMd5 }),
  ...(systemMd5 !== undefined && { MD5OfMessageSystemAttributes: systemMd5 }),
  ...(sent && { SequenceNumber: sequenceNumber(sent.row) }),
});
