// Reads a table's stream as the function's role: what comes after a record, and where the stream stands.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
import type { DescribeStreamOutput, GetRecordsOutput, GetShardIteratorOutput } from '@aws-sdk/client-dynamodb-streams';

import { AwsError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Kernel } from '../../kernel/service.ts';
import { streamRecordOf, type StreamRecord } from './stream-event.ts';

const LARGEST_PAGE = 1_000;

export class StreamReader {
  readonly #kernel: Pick<Kernel, 'invoke'>;
  readonly #arn: string;
  readonly #principal: Principal;

  constructor(kernel: Pick<Kernel, 'invoke'>, arn: string, principal: Principal) {
    this.#kernel = kernel;
    this.#arn = arn;
    this.#principal = principal;
  }

  /** The first records after the one with this sequence number, or the oldest that there are. */
  async after(position: string | undefined, most: number): Promise<StreamRecord[]> {
    const iterator = await this.#iterator(position);
    const { Records = [] } = await this.#ask<GetRecordsOutput>('GetRecords', {
      ShardIterator: iterator,
      Limit: Math.min(most, LARGEST_PAGE),
    });
    return Records.map((record) => streamRecordOf(record, this.#arn));
  }

  /** The sequence number of the latest record; undefined where there is none. */
  async latest(): Promise<string | undefined> {
    let last: string | undefined;
    for (;;) {
      const records = await this.after(last, LARGEST_PAGE);
      if (records.length === 0) return last;
      last = records.at(-1)!.dynamodb.SequenceNumber;
    }
  }

  /** The one shard that a stream has here. */
  async shardId(): Promise<string | undefined> {
    const { StreamDescription } = await this.#ask<DescribeStreamOutput>('DescribeStream', {});
    return StreamDescription?.Shards?.[0]?.ShardId;
  }

  async #iterator(position: string | undefined): Promise<string> {
    const ShardId = await this.shardId();
    const from = (input: object) => this.#ask<GetShardIteratorOutput>('GetShardIterator', { ShardId, ...input });
    const oldest = { ShardIteratorType: 'TRIM_HORIZON' };
    if (position === undefined) return (await from(oldest)).ShardIterator!;
    try {
      const next = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position };
      return (await from(next)).ShardIterator!;
    } catch (error) {
      // The record is a day old, and gone.
      if (!(error instanceof AwsError) || error.code !== 'TrimmedDataAccessException') throw error;
      return (await from(oldest)).ShardIterator!;
    }
  }

  #ask<Output>(operation: string, input: object): Promise<Output> {
    const region = this.#arn.split(':')[3]!;
    const named = operation === 'GetRecords' ? input : { StreamArn: this.#arn, ...input };
    return this.#kernel.invoke<object, Output>('dynamodb-streams', operation, named, {
      principal: this.#principal,
      region,
    });
  }
}
