// A change of an item as a stream's record, with as much of the item as the stream's view shows.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
import { createHash } from 'node:crypto';

import type { _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';

import { readItem } from '../dynamodb/attribute-json.ts';
import type { Change } from '../dynamodb/journal.ts';
import type { Stream } from '../dynamodb/stream-list.ts';
import { sequenceNumber, shardId } from './shards.ts';

export function writeRecord(stream: Stream, change: Change): StreamRecord {
  const { sequence, at, key, before, after, expired } = change;
  const { view } = stream;
  const NewImage = view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? after : undefined;
  const OldImage = view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? before : undefined;
  const SequenceNumber = sequenceNumber(sequence);
  return {
    eventID: createHash('md5')
      .update(`${shardId(stream)} ${SequenceNumber}`)
      .digest('hex'),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: stream.region,
    dynamodb: {
      ApproximateCreationDateTime: new Date(Math.floor(at / 1000) * 1000),
      Keys: readItem(key),
      ...(NewImage !== undefined && { NewImage: readItem(NewImage) }),
      ...(OldImage !== undefined && { OldImage: readItem(OldImage) }),
      SequenceNumber,
      SizeBytes: Buffer.byteLength(key) + Buffer.byteLength(NewImage ?? '') + Buffer.byteLength(OldImage ?? ''),
      StreamViewType: view,
    },
    ...(expired && { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  };
}
