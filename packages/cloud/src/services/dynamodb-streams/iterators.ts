// Shard iterators: a place in a stream that a reader carries about for fifteen minutes.
import { AwsError } from '../../kernel/errors.ts';
import { validation } from '../dynamodb/errors.ts';
import type { Position } from './shards.ts';

export interface ShardIterator extends Position {
  /** The stream's ARN. */
  readonly stream: string;
  /** Milliseconds. */
  readonly issuedAt: number;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
const LIFE_MILLISECONDS = 15 * 60_000;

export function writeIterator({ stream, ...rest }: ShardIterator): string {
  return `${stream}|1|${Buffer.from(JSON.stringify(rest)).toString('base64')}`;
}

/** Throws where it is none, or too old. It is no secret: whoever makes one up still needs IAM's leave for the stream. */
export function readIterator(text: string, now: number): ShardIterator {
  const [stream = '', , state = ''] = text.split('|');
  const { after, next, issuedAt } = parse(Buffer.from(state, 'base64').toString());
  if (!isCount(after) || !isCount(issuedAt) || !(next === undefined || isCount(next))) {
    throw validation('Invalid ShardIterator');
  }
  if (issuedAt < now - LIFE_MILLISECONDS) {
    throw new AwsError('ExpiredIteratorException', 'The shard iterator has expired: it is older than 15 minutes');
  }
  return { stream, after, issuedAt, ...(next !== undefined && { next }) };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
