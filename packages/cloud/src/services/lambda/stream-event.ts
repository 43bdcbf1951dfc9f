// The event that a function gets of a stream's records.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
import type { _Record as Record_ } from '@aws-sdk/client-dynamodb-streams';

import { compileEventPattern } from '../../kernel/event-pattern.ts';

export type StreamRecord = ReturnType<typeof streamRecordOf>;

export function streamRecordOf({ dynamodb = {}, userIdentity, ...record }: Record_, eventSourceARN: string) {
  const { ApproximateCreationDateTime: at, Keys, NewImage, OldImage, ...rest } = dynamodb;
  return {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: record.eventSource,
    awsRegion: record.awsRegion,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((at?.getTime() ?? 0) / 1_000),
      Keys: plain(Keys),
      ...(NewImage && { NewImage: plain(NewImage) }),
      ...(OldImage && { OldImage: plain(OldImage) }),
      ...rest,
      SequenceNumber: rest.SequenceNumber ?? '',
    },
    eventSourceARN,
    ...(userIdentity && { userIdentity: { principalId: userIdentity.PrincipalId, type: userIdentity.Type } }),
  };
}

/** Whether a record is for the function. */
export function streamFilterOf(patterns: readonly string[]): (record: StreamRecord) => boolean {
  const tests = patterns.map((pattern) => compileEventPattern(pattern));
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

// Binary values are base64 in JSON.
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
