// A stream's one shard: which changes of the journal it holds now, and where in it a reader stands.
import { createHash } from 'node:crypto';

import type { ShardIteratorType } from '@aws-sdk/client-dynamodb-streams';

import { AwsError } from '../../kernel/errors.ts';
import { validation } from '../dynamodb/errors.ts';
import type { Change, Journal } from '../dynamodb/journal.ts';
import { STREAM_MILLISECONDS, type Stream } from '../dynamodb/stream-list.ts';

/** Where a reader stands. */
export interface Position {
  /** It has read everything up to this change. */
  readonly after: number;
  /** The change that comes next, where there was one: it may be gone when it is asked for. */
  readonly next?: number;
}

/** Sequence numbers have 21 to 40 digits. */
const FIRST_SEQUENCE_NUMBER = 10n ** 20n;

export class Shards {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  positionOf(stream: Stream, type: ShardIteratorType, given: number | undefined, now: number): Position {
    const bySequence = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
    if (bySequence !== (given !== undefined)) {
      throw validation(`SequenceNumber is ${bySequence ? 'required' : 'not allowed'} for ShardIteratorType ${type}`);
    }
    switch (type) {
      case 'TRIM_HORIZON':
        return this.positionAfter(stream, stream.after, now);
      case 'LATEST':
        return { after: stream.upTo ?? this.#journal.last() };
      case 'AT_SEQUENCE_NUMBER':
        return this.positionAfter(stream, this.#require(stream, given!, now) - 1, now);
      case 'AFTER_SEQUENCE_NUMBER':
        return this.positionAfter(stream, this.#require(stream, given!, now), now);
      default:
        throw validation(
          `1 validation error detected: Value '${String(type)}' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON]`,
        );
    }
  }

  positionAfter(stream: Stream, after: number, now: number): Position {
    const [next] = this.#list(stream, after, 1, now);
    return { after, ...(next && { next: next.sequence }) };
  }

  read(stream: Stream, { after, next }: Position, page: { limit: number; bytes: number; now: number }): Change[] {
    const changes = this.#list(stream, after, page.limit, page.now);
    if (next !== undefined && changes[0]?.sequence !== next) throw trimmed(next);
    let bytes = 0;
    const tooMany = changes.findIndex(({ before = '', after: became = '' }, index) => {
      bytes += before.length + became.length;
      return index > 0 && bytes > page.bytes;
    });
    return tooMany < 0 ? changes : changes.slice(0, tooMany);
  }

  /** True where nothing will ever come after this change. */
  isAtEnd(stream: Stream, after: number, now: number): boolean {
    return stream.upTo !== undefined && this.#list(stream, after, 1, now).length === 0;
  }

  #require(stream: Stream, sequence: number, now: number): number {
    if (sequence <= stream.after || sequence > (stream.upTo ?? this.#journal.last())) {
      throw validation(`Invalid SequenceNumber: ${sequenceNumber(sequence)} is not in the shard`);
    }
    const [first] = this.#list(stream, stream.after, 1, now);
    if (!first || sequence < first.sequence) throw trimmed(sequence);
    return sequence;
  }

  #list(
    { region, table, upTo = Number.MAX_SAFE_INTEGER, ...stream }: Stream,
    after: number,
    limit: number,
    now: number,
  ) {
    const since = now - STREAM_MILLISECONDS;
    return this.#journal.list(region, table, { after: Math.max(after, stream.after), upTo, since, limit });
  }
}

export const sequenceNumber = (sequence: number): string => String(FIRST_SEQUENCE_NUMBER + BigInt(sequence));

export function numberOf(text: string): number {
  if (!/^\d{21,40}$/.test(text)) throw validation(`Invalid SequenceNumber: ${text}`);
  return Number(BigInt(text) - FIRST_SEQUENCE_NUMBER);
}

export const shardId = ({ region, table, label, createdAt }: Stream): string =>
  `shardId-${String(createdAt).padStart(20, '0')}-${createHash('sha256').update(`${region}/${table}/${label}`).digest('hex').slice(0, 8)}`;

const trimmed = (sequence: number): AwsError =>
  new AwsError(
    'TrimmedDataAccessException',
    `The record ${sequenceNumber(sequence)} is beyond the trim horizon of the shard: records are kept for 24 hours`,
  );
