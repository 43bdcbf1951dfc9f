// The CloudWatch Logs API. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
import type {
  CreateLogGroupCommandInput,
  CreateLogStreamCommandInput,
  DescribeLogGroupsCommandInput,
  DescribeLogStreamsCommandInput,
  FilterLogEventsCommandInput,
  GetLogEventsCommandInput,
  LogGroup as LogGroupShape,
  LogStream as LogStreamShape,
  PutLogEventsCommandInput,
  PutRetentionPolicyCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { invalidParameter } from './errors.ts';
import { compilePattern } from './filter-pattern.ts';
import { groupArn, groupName } from './group-name.ts';
import { EVENT_OVERHEAD_BYTES, type LogEvent, type LogEvents, type Position } from './log-events.ts';
import { RETENTION_DAYS, type LogGroup, type LogGroups } from './log-groups.ts';
import type { MetricFilters } from './metric-filters.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { DAY_MILLISECONDS } from './retention.ts';
import type { Subscriptions } from './subscriptions.ts';

export type LogsOperations = ReturnType<typeof logsOperations>;

/** Limits of PutLogEvents. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const BATCH_BYTES = 1_048_576;
const BATCH_EVENTS = 10_000;
const OLDEST_DAYS = 14;
const NEWEST_MILLISECONDS = 2 * 3_600_000;

/** Events that one page of GetLogEvents or FilterLogEvents holds. */
const PAGE_EVENTS = 10_000;

/** Events that FilterLogEvents looks at before it answers with a token to go on, so that no call holds the cloud up. */
const SCANNED_EVENTS = 100_000;

interface GroupInput {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
}

export interface Logs {
  readonly groups: LogGroups;
  readonly events: LogEvents;
  readonly filters: MetricFilters;
  readonly subscriptions: Subscriptions;
  readonly policies: ResourcePolicies;
  readonly account: string;
}

export function logsOperations({ groups, events, filters, subscriptions, policies, account }: Logs) {
  const arn = (region: string, name: string) => groupArn({ region, account }, name);
  const nameOf = (input: GroupInput): string => groupName(input.logGroupName ?? input.logGroupIdentifier ?? '');
  const require = (input: GroupInput, call: Call): LogGroup => groups.require(call.region, nameOf(input));
  const onGroup =
    (action: string) =>
    (input: GroupInput, call: Call): Access[] => [
      {
        action: `logs:${action}`,
        resource: `${arn(call.region, nameOf(input))}:*`,
        context: tagsOf(call, nameOf(input)),
      },
    ];
  const onStream =
    (action: string) =>
    (input: GroupInput & { logStreamName?: string | undefined }, call: Call): Access[] => [
      {
        action: `logs:${action}`,
        resource: `${arn(call.region, nameOf(input))}:log-stream:${input.logStreamName}`,
        // They are for AWS services alone; nobody else's call has to look for them.
        resourcePolicy: call.principal.kind === 'service' ? policies.of(call.region) : undefined,
      },
    ];
  const tagsOf = (call: Call, name: string): Access['context'] =>
    Object.fromEntries(
      Object.entries(groups.find(call.region, name)?.tags ?? {}).map(([key, value]) => [
        `aws:ResourceTag/${key}`,
        value,
      ]),
    );
  const onArn =
    (action: string) =>
    (input: { resourceArn: string | undefined }): Access[] => [
      { action: `logs:${action}`, resource: input.resourceArn ?? '*' },
    ];
  const requireArn = (input: { resourceArn: string | undefined }, call: Call) =>
    require({ logGroupIdentifier: input.resourceArn?.replace(/:\*$/, '') }, call);
  const groupShape = (group: LogGroup): LogGroupShape => ({
    logGroupName: group.name,
    creationTime: group.createdAt,
    retentionInDays: group.retentionDays,
    metricFilterCount: filters.list(group).length,
    arn: `${arn(group.region, group.name)}:*`,
    logGroupArn: arn(group.region, group.name),
    logGroupClass: group.class,
    deletionProtectionEnabled: group.deletionProtection,
    storedBytes: events.streams(group).reduce((sum, stream) => sum + stream.storedBytes, 0),
  });

  return {
    CreateLogGroup: {
      access: onGroup('CreateLogGroup'),
      run: (input: CreateLogGroupCommandInput, call: Call) => {
        if (input.kmsKeyId !== undefined) {
          throw invalidParameter('kmsKeyId is not supported: this cloud keeps log groups with its own encryption only');
        }
        groups.create({
          name: input.logGroupName ?? '',
          region: call.region,
          createdAt: call.now,
          class: input.logGroupClass ?? 'STANDARD',
          deletionProtection: input.deletionProtectionEnabled ?? false,
          tags: input.tags ?? {},
        });
        return {};
      },
    },
    DescribeLogGroups: {
      access: (_input: DescribeLogGroupsCommandInput, call: Call): Access[] => [
        { action: 'logs:DescribeLogGroups', resource: arn(call.region, '*') },
      ],
      run: (input: DescribeLogGroupsCommandInput, call: Call) => {
        if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined) {
          throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
        }
        const pattern = input.logGroupNamePattern?.toLowerCase();
        const identifiers = input.logGroupIdentifiers?.map((id) => nameOf({ logGroupIdentifier: id }));
        const found = groups
          .list(call.region, input.logGroupNamePrefix, after(input.nextToken))
          .filter((group) => !pattern || group.name.toLowerCase().includes(pattern))
          .filter((group) => !input.logGroupClass || group.class === input.logGroupClass)
          .filter((group) => !identifiers || identifiers.includes(group.name));
        const page = found.slice(0, input.limit ?? 50);
        return {
          logGroups: page.map(groupShape),
          ...(found.length > page.length && { nextToken: token(page.at(-1)!.name) }),
        };
      },
    },
    DeleteLogGroup: {
      access: onGroup('DeleteLogGroup'),
      run: (input: GroupInput, call: Call) => {
        const group = require(input, call);
        if (group.deletionProtection) {
          throw new AwsError('ValidationException', 'The log group has deletion protection enabled. Disable it first.');
        }
        filters.deleteAll(group);
        subscriptions.deleteAll(group);
        events.deleteGroup(group);
        groups.delete(group.region, group.name);
        return {};
      },
    },
    PutLogGroupDeletionProtection: {
      access: onGroup('PutLogGroupDeletionProtection'),
      run: (input: GroupInput & { deletionProtectionEnabled: boolean | undefined }, call: Call) => {
        groups.save({ ...require(input, call), deletionProtection: input.deletionProtectionEnabled ?? false });
        return {};
      },
    },
    PutRetentionPolicy: {
      access: onGroup('PutRetentionPolicy'),
      run: (input: PutRetentionPolicyCommandInput, call: Call) => {
        if (!RETENTION_DAYS.includes(input.retentionInDays!)) {
          throw invalidParameter(
            `1 validation error detected: Value '${input.retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`,
          );
        }
        groups.save({ ...require(input, call), retentionDays: input.retentionInDays! });
        return {};
      },
    },
    DeleteRetentionPolicy: {
      access: onGroup('DeleteRetentionPolicy'),
      run: (input: GroupInput, call: Call) => {
        groups.save({ ...require(input, call), retentionDays: undefined });
        return {};
      },
    },
    TagResource: {
      access: onArn('TagResource'),
      run: (input: TagResourceCommandInput, call: Call) => {
        const group = requireArn(input, call);
        groups.save({ ...group, tags: { ...group.tags, ...input.tags } });
        return {};
      },
    },
    UntagResource: {
      access: onArn('UntagResource'),
      run: (input: UntagResourceCommandInput, call: Call) => {
        const group = requireArn(input, call);
        const tags = Object.entries(group.tags).filter(([key]) => !input.tagKeys!.includes(key));
        groups.save({ ...group, tags: Object.fromEntries(tags) });
        return {};
      },
    },
    ListTagsForResource: {
      access: onArn('ListTagsForResource'),
      run: (input: { resourceArn: string | undefined }, call: Call) => ({ tags: requireArn(input, call).tags }),
    },
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
        const start = input.nextToken ? ordered.findIndex((stream) => stream.name === after(input.nextToken)) + 1 : 0;
        const page = ordered.slice(start, start + (input.limit ?? 50));
        return {
          logStreams: page.map((stream): LogStreamShape => ({
            logStreamName: stream.name,
            creationTime: stream.createdAt,
            firstEventTimestamp: stream.firstEventAt,
            lastEventTimestamp: stream.lastEventAt,
            lastIngestionTime: stream.lastIngestedAt,
            uploadSequenceToken: SEQUENCE_TOKEN,
            arn: `${arn(group.region, group.name)}:log-stream:${stream.name}`,
            // AWS stopped counting bytes by stream in 2019.
            storedBytes: 0,
          })),
          ...(start + page.length < ordered.length && { nextToken: token(page.at(-1)!.name) }),
        };
      },
    },
    PutLogEvents: {
      access: onStream('PutLogEvents'),
      run: (input: PutLogEventsCommandInput, call: Call) => {
        const group = require(input, call);
        const batch = (input.logEvents ?? []).map((event) => ({
          timestamp: event.timestamp!,
          message: event.message!,
        }));
        const { accepted, rejected } = sift(batch, group, call.now);
        events.put(group, input.logStreamName!, accepted, call.now);
        return { nextSequenceToken: SEQUENCE_TOKEN, ...(rejected && { rejectedLogEventsInfo: rejected }) };
      },
    },
    GetLogEvents: {
      access: onStream('GetLogEvents'),
      run: (input: GetLogEventsCommandInput, call: Call) => {
        const group = require(input, call);
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
      access: onGroup('FilterLogEvents'),
      run: (input: FilterLogEventsCommandInput, call: Call) => {
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
        const limit = input.limit ?? PAGE_EVENTS;
        const found: LogEvent[] = [];
        let scanned = 0;
        let last: Position | undefined;
        const start = input.nextToken ? readPosition(`f/${input.nextToken}`)[1] : undefined;
        for (const event of events.scan(group, names, { from: input.startTime, to: endOf(input.endTime) }, start)) {
          if (found.length === limit || scanned++ === SCANNED_EVENTS) {
            return { events: found.map(filteredShape), nextToken: writePosition(last!), searchedLogStreams: [] };
          }
          last = event;
          if (test(event.message)) found.push(event);
        }
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

const token = (name: string): string => Buffer.from(name).toString('base64url');

const after = (nextToken: string | undefined): string =>
  nextToken === undefined ? '' : Buffer.from(nextToken, 'base64url').toString();

const writePosition = ({ timestamp, id }: Position): string => `${timestamp}-${id}`;

function readPosition(text: string | undefined): ['f' | 'b' | undefined, Position] {
  if (text === undefined) return [undefined, { timestamp: 0, id: 0 }];
  const match = /^([fb])\/(\d+)-(\d+)$/.exec(text);
  if (!match) throw invalidParameter('The specified nextToken is invalid.');
  return [match[1] as 'f' | 'b', { timestamp: Number(match[2]), id: Number(match[3]) }];
}
