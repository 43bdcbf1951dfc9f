// Amazon DynamoDB Streams: the reading side. One service with DynamoDB in AWS's eyes, behind an API of its own.
//
// Answers: all four operations and all four kinds of iterator, over records of every way to write an item.
// By design: a stream has one shard, open until the stream ends, so that all of a table's records are in one order.
// Shares the journal and the list of streams with dynamodb, which writes both.
// Client quirks: signatures are for `dynamodb`; the target's prefix alone tells the two APIs apart.
import type { Kernel, Service } from '../../kernel/service.ts';
import { Journal } from '../dynamodb/journal.ts';
import { StreamList } from '../dynamodb/stream-list.ts';
import { streamOperations } from './operations.ts';
import { Shards } from './shards.ts';

export type DynamodbStreamsOperations = ReturnType<typeof streamOperations>;

export function dynamodbStreams({ store }: Kernel): Service {
  const streams = new StreamList(store);
  return {
    name: 'dynamodb-streams',
    signingName: 'dynamodb',
    client: 'dynamodb-streams',
    operations: streamOperations(streams, new Shards(new Journal(store))),
    resources: [],
  };
}
