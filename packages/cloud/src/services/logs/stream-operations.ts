// Log streams and their events as an API. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
import type {
  CreateLogStreamCommandInput,
  DescribeLogStreamsCommandInput,
  FilterLogEventsCommandInput,
  GetLogEventsCommandInput,
  LogStream as LogStreamShape,
  PutLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import type { Access, Call } from '../../kernel/service.ts';
import { invalidParameter, requireLimit } from './errors.ts';
import { compilePattern } from './filter-pattern.ts';
import type { GroupAccess, GroupInput } from './group-access.ts';
import type { GroupKeys } from './group-keys.ts';
import { EVENT_OVERHEAD_BYTES, type LogEvent, type LogEvents, type Position } from './log-events.ts';
import type { LogGroup } from './log-groups.ts';
import { page } from './page-token.ts';
import { DAY_MILLISECONDS } from './retention.ts';

/** Limits of PutLogEvents. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const BATCH_BYTES = 1_048_576;
const BATCH_EVENTS = 10_000;
const OLDEST_DAYS = 14;
const NEWEST_MILLISECONDS = 2 * 3_600_000;

/** Events that one page of GetLogEvents or FilterLogEvents holds. */
const PAGE_EVENTS = 10_000;

/** Streams in one page of DescribeLogStreams. */
const PAGE_STREAMS = 50;

/** Events that FilterLogEvents looks at before it answers with a token to go on, so that no call holds the cloud up. */
const SCANNED_EVENTS = 100_000;

export interface LogStreamParts {
  readonly events: LogEvents;
  readonly keys: GroupKeys;
}

export function streamOperations(
  { events, keys }: LogStreamParts,
  { guard, arnOf, nameOf, require, onGroup }: GroupAccess,
) {
  const onStream =
    (action: string) =>
    (input: GroupInput & { logStreamName?: string | undefined }, call: Call): Access[] => [
      guard.stream(action, nameOf(input), input.logStreamName, call),
    ];

  // Nothing is masked here; who asks to see it nevertheless has to be allowed to.
  const unmasking = (input: GroupInput & { unmask?: boolean | undefined }, call: Call): Access[] =>
    input.unmask ? onGroup('Unmask')(input, call) : [];

  return {
    CreateLogStream: {
      access: onStream('CreateLogStream'),
      run: (input: CreateLogStreamCommandInput, call: Call) => {
        const name = input.logStreamName ?? '';
        if (!/^[^:*]{1,512}$/.test(name)) {
          throw invalidParameter(
            `1 validation error detected: Value '${name}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
          );
        }
        events.createStream(require(input, call), name, call.now);
        return {};
      },
    },
    DeleteLogStream: {
      access: onStream('DeleteLogStream'),
      run: (input: GroupInput & { logStreamName: string | undefined }, call: Call) => {
        events.deleteStream(require(input, call), input.logStreamName!);
        return {};
      },
    },
    DescribeLogStreams: {
      access: onGroup('DescribeLogStreams'),
      run: (input: DescribeLogStreamsCommandInput, call: Call) => {
        const group = require(input, call);
        const named = events.streams(group).filter((stream) => stream.name.startsWith(input.logStreamNamePrefix ?? ''));
        const byTime = input.orderBy === 'LastEventTime';
        if (byTime && input.logStreamNamePrefix) {
          throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
        }
        const sorted = byTime ? named.toSorted((a, b) => (a.lastEventAt ?? 0) - (b.lastEventAt ?? 0)) : named;
        const ordered = input.descending ? sorted.toReversed() : sorted;
        const { items, rest } = page(ordered, ({ name }) => name, input, PAGE_STREAMS);
        return {
          logStreams: items.map((stream): LogStreamShape => ({
            logStreamName: stream.name,
            creationTime: stream.createdAt,
            firstEventTimestamp: stream.firstEventAt,
            lastEventTimestamp: stream.lastEventAt,
            lastIngestionTime: stream.lastIngestedAt,
            uploadSequenceToken: SEQUENCE_TOKEN,
            arn: `${arnOf(group.region, group.name)}:log-stream:${stream.name}`,
            // AWS stopped counting bytes by stream in 2019.
            storedBytes: 0,
          })),
          ...rest,
        };
      },
    },
    PutLogEvents: {
      access: onStream('PutLogEvents'),
      run: async (input: PutLogEventsCommandInput, call: Call) => {
        const group = require(input, call);
        const batch = (input.logEvents ?? []).map((event) => ({
          timestamp: event.timestamp!,
          message: event.message!,
        }));
        const { accepted, rejected } = sift(batch, group, call.now);
        if (group.keys) await keys.requireWritable(group);
        events.put(group, input.logStreamName!, accepted, call.now);
        return { nextSequenceToken: SEQUENCE_TOKEN, ...(rejected && { rejectedLogEventsInfo: rejected }) };
      },
    },
    GetLogEvents: {
      access: (input: GetLogEventsCommandInput, call: Call): Access[] => [
        ...onStream('GetLogEvents')(input, call),
        ...unmasking(input, call),
      ],
      run: async (input: GetLogEventsCommandInput, call: Call) => {
        const group = require(input, call);
        requireLimit(input.limit, PAGE_EVENTS);
        const limit = input.limit ?? PAGE_EVENTS;
        const range = { from: input.startTime, to: input.endTime };
        const [direction, position] = readPosition(input.nextToken);
        const newestFirst = direction === 'b' || (direction === undefined && !input.startFromHead);
        const found = events.page(group, input.logStreamName!, range, {
          ...(direction === 'f' && { after: position }),
          ...(direction === 'b' && { before: position }),
          newestFirst,
          limit,
        });
        await keys.requireReadable(group, found);
        const edge = (event: LogEvent | undefined) => event ?? position;
        return {
          events: found.map(({ timestamp, message, ingestedAt }) => ({
            timestamp,
            message,
            ingestionTime: ingestedAt,
          })),
          nextForwardToken: `f/${writePosition(edge(found.at(-1)))}`,
          nextBackwardToken: `b/${writePosition(edge(found[0]))}`,
        };
      },
    },
    FilterLogEvents: {
      access: (input: FilterLogEventsCommandInput, call: Call): Access[] => [
        ...onGroup('FilterLogEvents')(input, call),
        ...unmasking(input, call),
      ],
      run: async (input: FilterLogEventsCommandInput, call: Call) => {
        const group = require(input, call);
        if (input.logStreamNames && input.logStreamNamePrefix) {
          throw invalidParameter('logStreamNames and logStreamNamePrefix are mutually exclusive parameters.');
        }
        const test = compilePattern(input.filterPattern ?? '');
        const prefix = input.logStreamNamePrefix;
        const names =
          input.logStreamNames ??
          (prefix === undefined
            ? undefined
            : events.streams(group).flatMap(({ name }) => (name.startsWith(prefix) ? [name] : [])));
        requireLimit(input.limit, PAGE_EVENTS);
        const limit = input.limit ?? PAGE_EVENTS;
        const found: LogEvent[] = [];
        let scanned = 0;
        let last: Position | undefined;
        const [newestFirst, start] = directionOf(input);
        const range = { from: input.startTime, to: endOf(input.endTime) };
        for (const event of events.scan(group, names, range, { after: start, newestFirst })) {
          if (found.length === limit || scanned++ === SCANNED_EVENTS) {
            await keys.requireReadable(group, found);
            const nextToken = `${newestFirst ? 'b' : 'f'}/${writePosition(last!)}`;
            return { events: found.map(filteredShape), nextToken, searchedLogStreams: [] };
          }
          last = event;
          if (test(event.message)) found.push(event);
        }
        await keys.requireReadable(group, found);
        return { events: found.map(filteredShape), searchedLogStreams: [] };
      },
    },
  };
}

// Since 2023 tokens are not checked any more, but still answered.
const SEQUENCE_TOKEN = '49000000000000000000000000000000000000000000000000000000';

const filteredShape = (event: LogEvent) => ({
  logStreamName: event.stream,
  timestamp: event.timestamp,
  message: event.message,
  ingestionTime: event.ingestedAt,
  eventId: String(event.id).padStart(56, '0'),
});

/** Earlier events cannot be had with the newest first. */
const NEWEST_FIRST_FROM = Date.UTC(2024, 0, 1);

/** Whether FilterLogEvents begins with the newest events, which a token says for all that follow, and after which one. */
function directionOf(input: FilterLogEventsCommandInput): [newestFirst: boolean, after: Position | undefined] {
  if (input.nextToken !== undefined) {
    const [direction, position] = readPosition(input.nextToken);
    return [direction === 'b', position];
  }
  const newestFirst = input.startFromHead === false;
  if (newestFirst && input.startTime !== undefined && input.startTime < NEWEST_FIRST_FROM) {
    throw invalidParameter('startFromHead can be false only where startTime is on or after Jan 1, 2024 00:00:00 UTC.');
  }
  return [newestFirst, undefined];
}

// FilterLogEvents' end is inclusive, the store's is not.
const endOf = (endTime: number | undefined): number | undefined => (endTime === undefined ? undefined : endTime + 1);

function sift(batch: readonly { timestamp: number; message: string }[], group: LogGroup, now: number) {
  if (batch.length === 0) throw invalidParameter('Log events in a single PutLogEvents request must not be empty.');
  if (batch.length > BATCH_EVENTS)
    throw invalidParameter(`Log events in a single PutLogEvents request must not exceed ${BATCH_EVENTS}.`);
  const bytes = batch.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0);
  if (bytes > BATCH_BYTES) throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${BATCH_BYTES}`);
  for (const [index, event] of batch.entries()) {
    if (index > 0 && event.timestamp < batch[index - 1]!.timestamp) {
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    }
  }
  if (batch.at(-1)!.timestamp - batch[0]!.timestamp > DAY_MILLISECONDS)
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  const expired = group.retentionDays === undefined ? 0 : now - group.retentionDays * DAY_MILLISECONDS;
  const tooOld = now - OLDEST_DAYS * DAY_MILLISECONDS;
  const start = batch.findIndex(({ timestamp }) => timestamp >= Math.max(expired, tooOld));
  const first = start < 0 ? batch.length : start;
  const future = batch.findIndex(({ timestamp }) => timestamp > now + NEWEST_MILLISECONDS);
  const accepted = batch.slice(first, future < 0 ? undefined : future);
  if (accepted.length === batch.length) return { accepted, rejected: undefined };
  const expiredEnd = batch.findLastIndex(({ timestamp }) => timestamp < expired) + 1;
  const oldEnd = batch.findLastIndex(({ timestamp }) => timestamp < tooOld) + 1;
  return {
    accepted,
    rejected: {
      ...(future >= 0 && { tooNewLogEventStartIndex: future }),
      ...(oldEnd > 0 && { tooOldLogEventEndIndex: oldEnd }),
      ...(expiredEnd > 0 && { expiredLogEventEndIndex: expiredEnd }),
    },
  };
}

const writePosition = ({ timestamp, id }: Position): string => `${timestamp}-${id}`;

function readPosition(text: string | undefined): ['f' | 'b' | undefined, Position] {
  if (text === undefined) return [undefined, { timestamp: 0, id: 0 }];
  const match = /^([fb])\/(\d+)-(\d+)$/.exec(text);
  if (!match) throw invalidParameter('The specified nextToken is invalid.');
  return [match[1] as 'f' | 'b', { timestamp: Number(match[2]), id: Number(match[3]) }];
}
