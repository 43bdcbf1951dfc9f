// Batches: up to ten entries, each with an id and an answer of its own.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';

import { AwsError } from '../../kernel/errors.ts';

interface Entry {
  readonly Id?: string | undefined;
}

const MOST_ENTRIES = 10;

/** Refuses a batch whose entries cannot be told apart, or are none or too many. */
export function requireEntries<T extends Entry>(entries: readonly T[] | undefined = []): readonly T[] {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MOST_ENTRIES) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  for (const { Id = '' } of entries) {
    if (!/^[\w-]{1,80}$/.test(Id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(Id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
  return entries;
}

/** Does something for each entry; what AWS's errors stop becomes an entry among the failed. */
export function eachEntry<T extends Entry, R>(
  entries: readonly T[],
  work: (entry: T) => R,
): { done: { Id: string; result: R }[]; Failed: BatchResultErrorEntry[] } {
  const done: { Id: string; result: R }[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    const Id = entry.Id ?? '';
    try {
      done.push({ Id, result: work(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, SenderFault: error.status < 500, Code: error.queryCode, Message: error.message });
    }
  }
  return { done, Failed };
}
