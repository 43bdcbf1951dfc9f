// The operations of DynamoDB Streams.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
import type {
  DescribeStreamInput,
  DescribeStreamOutput,
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  ListStreamsInput,
  ListStreamsOutput,
} from '@aws-sdk/client-dynamodb-streams';

import { requireOneOf } from '../../kernel/constraint.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { requireLimit, resourceNotFound, validation } from '../dynamodb/errors.ts';
import { streamArn, tableName } from '../dynamodb/names.ts';
import { STREAM_MILLISECONDS, type Stream, type StreamList } from '../dynamodb/stream-list.ts';
import { readIterator, writeIterator } from './iterators.ts';
import { writeRecord } from './records.ts';
import { numberOf, sequenceNumber, shardId, type Shards } from './shards.ts';

const LIST_LIMIT = 100;

/** Of a page of records: how many, and how large their items together. */
const RECORDS_LIMIT = 1_000;
const RECORDS_BYTES = 1024 * 1024;

export function streamOperations(streams: StreamList, shards: Shards) {
  const onStream =
    (action: string) =>
    ({ StreamArn = '*' }: { StreamArn?: string | undefined }): Access[] => [
      { action: `dynamodb:${action}`, resource: StreamArn },
    ];
  const requireStream = (arn: string, { region, account, now }: Call): Stream => {
    const [, table, label] = /^arn:aws:dynamodb:[^:]*:\d*:table\/([^/]+)\/stream\/(.+)$/.exec(arn) ?? [];
    if (table === undefined || label === undefined) throw validation(`Invalid StreamArn: ${arn}`);
    const stream = streams.find({ region, table, label });
    if (!stream || arn !== streamArn({ region, account }, table, label) || isOver(stream, now)) {
      throw resourceNotFound(`Stream: ${arn} not found`);
    }
    return stream;
  };
  const requireShard = (stream: Stream, given: string): void => {
    if (given !== shardId(stream)) throw resourceNotFound(`Shard ID: ${given} not found`);
  };

  return {
    ListStreams: {
      access: ({ TableName }: ListStreamsInput, call: Call): Access[] => [
        {
          action: 'dynamodb:ListStreams',
          resource: TableName === undefined ? '*' : streamArn(call, tableName(call, TableName), '*'),
        },
      ],
      run: (input: ListStreamsInput, call: Call): ListStreamsOutput => {
        const { TableName, Limit = LIST_LIMIT, ExclusiveStartStreamArn } = input;
        requireLimit(Limit, LIST_LIMIT);
        const name = TableName === undefined ? undefined : tableName(call, TableName);
        const found = streams
          .list(call.region, name)
          .filter((stream) => !isOver(stream, call.now))
          .map(({ table, label }) => ({
            StreamArn: streamArn(call, table, label),
            TableName: table,
            StreamLabel: label,
          }));
        // The stream where the page before ended may be gone.
        const left = found.filter(({ StreamArn }) => StreamArn > (ExclusiveStartStreamArn ?? ''));
        const page = left.slice(0, Limit);
        const last = page.at(-1);
        return { Streams: page, ...(last && last !== found.at(-1) && { LastEvaluatedStreamArn: last.StreamArn }) };
      },
    },
    DescribeStream: {
      access: onStream('DescribeStream'),
      run: (input: DescribeStreamInput, call: Call): DescribeStreamOutput => {
        requireLimit(input.Limit ?? LIST_LIMIT, LIST_LIMIT);
        const stream = requireStream(input.StreamArn!, call);
        requireOneOf(input.ShardFilter?.Type, 'shardFilter.type', ['CHILD_SHARDS'], validation);
        if (input.ShardFilter?.ShardId !== undefined) requireShard(stream, input.ShardFilter.ShardId);
        const { table, label, view, keySchema, createdAt, after, upTo } = stream;
        // Its one shard comes after no other and has no children.
        const listed = input.ExclusiveStartShardId === undefined && input.ShardFilter === undefined;
        const SequenceNumberRange = {
          StartingSequenceNumber: sequenceNumber(after + 1),
          ...(upTo !== undefined && { EndingSequenceNumber: sequenceNumber(Math.max(upTo, after + 1)) }),
        };
        return {
          StreamDescription: {
            StreamArn: streamArn(call, table, label),
            StreamLabel: label,
            StreamStatus: upTo === undefined ? 'ENABLED' : 'DISABLED',
            StreamViewType: view,
            CreationRequestDateTime: new Date(createdAt),
            TableName: table,
            KeySchema: [...keySchema],
            Shards: listed ? [{ ShardId: shardId(stream), SequenceNumberRange }] : [],
          },
        };
      },
    },
    GetShardIterator: {
      access: onStream('GetShardIterator'),
      run: (input: GetShardIteratorInput, call: Call): GetShardIteratorOutput => {
        const stream = requireStream(input.StreamArn!, call);
        requireShard(stream, input.ShardId!);
        const given = input.SequenceNumber === undefined ? undefined : numberOf(input.SequenceNumber);
        const position = shards.positionOf(stream, input.ShardIteratorType!, given, call.now);
        return { ShardIterator: writeIterator({ stream: input.StreamArn!, issuedAt: call.now, ...position }) };
      },
    },
    GetRecords: {
      access: ({ ShardIterator = '' }: GetRecordsInput): Access[] => [
        { action: 'dynamodb:GetRecords', resource: ShardIterator.split('|')[0] || '*' },
      ],
      run: ({ ShardIterator, Limit = RECORDS_LIMIT }: GetRecordsInput, call: Call): GetRecordsOutput => {
        requireLimit(Limit, RECORDS_LIMIT);
        const iterator = readIterator(ShardIterator!, call.now);
        const stream = requireStream(iterator.stream, call);
        const changes = shards.read(stream, iterator, { limit: Limit, bytes: RECORDS_BYTES, now: call.now });
        const after = changes.at(-1)?.sequence ?? iterator.after;
        const ended = shards.isAtEnd(stream, after, call.now);
        const next = { stream: iterator.stream, issuedAt: call.now, ...shards.positionAfter(stream, after, call.now) };
        return {
          Records: changes.map((change) => writeRecord(stream, change)),
          ...(!ended && { NextShardIterator: writeIterator(next) }),
        };
      },
    },
  };
}

/** A stream that has ended is there as long as its records are. */
const isOver = ({ endedAt }: Stream, now: number): boolean =>
  endedAt !== undefined && endedAt < now - STREAM_MILLISECONDS;
