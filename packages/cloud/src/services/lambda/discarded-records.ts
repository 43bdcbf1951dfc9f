// What a stream's mapping tells of records that it gives up, so that they can be found and handled by other means.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { RunResult } from './invoker.ts';
import type { StreamMapping } from './mappings.ts';
import type { StreamRecord } from './stream-event.ts';
import { objectKey, readTarget, sendTo } from './targets.ts';

export interface Discarded {
  readonly mapping: StreamMapping;
  readonly shardId: string | undefined;
  /** At least one, in their order. */
  readonly records: readonly StreamRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** How often the batch was tried again. */
  readonly attempts: number;
  /** Of the last attempt, where there was one. */
  readonly requestId?: string;
  readonly result?: RunResult;
}

/** Sends what is known of the records to the mapping's destination; to a bucket, the records themselves too. */
export async function tellDiscarded(
  kernel: Pick<Kernel, 'clock' | 'endpoint' | 'invoke'>,
  as: { readonly principal: Principal; readonly region: string },
  discarded: Discarded,
): Promise<void> {
  const { mapping, shardId, records } = discarded;
  const destination = mapping.stream.onFailure;
  if (destination === undefined) return;
  const now = kernel.clock.now();
  const payload = readTarget(destination)?.kind === 's3' && { payload: JSON.stringify({ Records: records }) };
  await sendTo(kernel, as, destination, {
    text: JSON.stringify({ ...recordOf(now, discarded), ...payload }),
    objectKey: objectKey(`${mapping.id}/${shardId}`, now),
  });
}

function recordOf(now: number, { mapping, shardId, records, condition, attempts, requestId, result }: Discarded) {
  const { functionArn, qualifier, sourceArn } = mapping;
  const [first, last] = [records[0]!.dynamodb, records.at(-1)!.dynamodb];
  const secondOf = (seconds: number) => `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;
  return {
    requestContext: {
      requestId,
      functionArn: qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`,
      condition,
      approximateInvokeCount: result ? attempts + 1 : attempts,
    },
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: result.version,
        functionError: result.failed ? 'Unhandled' : null,
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.SequenceNumber,
      endSequenceNumber: last.SequenceNumber,
      approximateArrivalOfFirstRecord: secondOf(first.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: secondOf(last.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn: sourceArn,
    },
  };
}
