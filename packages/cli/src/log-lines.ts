// Lines of several log groups as one: read back, or as they come in.
import type { CloudWatchLogsClient, LiveTailSessionLogEvent } from '@aws-sdk/client-cloudwatch-logs';

import type { Unit } from './units.ts';

export interface LogLine {
  /** ISO 8601. */
  readonly at: string;
  readonly unit: string;
  readonly group: string;
  readonly stream: string;
  readonly message: string;
}

/** What a live tail session takes: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html */
const GROUPS_IN_A_SESSION = 10;

/** How long after a look a group that does not exist yet is looked for again, in milliseconds: nobody tells of new ones. */
const LOOK_MILLISECONDS = 2_000;

/** The lines since `from` (milliseconds), by time; a group that does not exist yet has none. */
export async function readLines(
  client: CloudWatchLogsClient,
  units: readonly Unit[],
  from: number,
): Promise<LogLine[]> {
  const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
  const read = async ({ name: unit, logGroup: group }: Unit): Promise<LogLine[]> => {
    const lines: LogLine[] = [];
    try {
      for await (const page of paginateFilterLogEvents({ client }, { logGroupName: group, startTime: from })) {
        for (const { timestamp = 0, logStreamName: stream = '', message = '' } of page.events ?? []) {
          lines.push({ at: new Date(timestamp).toISOString(), unit, group, stream, message: message.trimEnd() });
        }
      }
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    }
    return lines;
  };
  const all = await Promise.all(byGroup(units).map(read));
  // Stable: lines of one moment stay in the order of their group.
  return all.flat().toSorted((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0));
}

export interface Following {
  readonly client: CloudWatchLogsClient;
  readonly units: readonly Unit[];
  /** Milliseconds. */
  readonly from: number;
  readonly signal: AbortSignal;
  readonly write: (line: LogLine) => void;
  /** The ARN of a log group. */
  readonly arnOf: (group: string) => string;
}

/** Writes the lines since `from`, then those to come, until the signal. Lines are told by Logs itself, by live tail. */
export async function followLines(following: Following): Promise<void> {
  const { client, units, from, signal, write } = following;
  // The sessions begin before the look back, so that nothing falls between them; what both have is written once.
  const early: LogLine[] = [];
  let live: Following['write'] = (line) => void early.push(line);
  const groups = byGroup(units);
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  const told = follow(following, groups, (line) => live(line), isReady);
  await Promise.race([ready, told]);
  const past = signal.aborted ? [] : await readLines(client, units, from);
  const seen = new Set(past.map(keyOf));
  for (const line of [...past, ...early.filter((one) => !seen.has(keyOf(one)))]) write(line);
  live = write;
  await told;
}

// Sessions for the groups that exist; those that do not are looked for until they do.
async function follow(
  { client, signal, arnOf }: Following,
  units: readonly Unit[],
  write: (line: LogLine) => void,
  ready: () => void,
): Promise<void> {
  const sessions: Promise<void>[] = [];
  let missing = units;
  while (!signal.aborted) {
    const found: Unit[] = [];
    for (const unit of missing) if (await exists(client, unit.logGroup)) found.push(unit);
    missing = missing.filter((unit) => !found.includes(unit));
    for (let at = 0; at < found.length; at += GROUPS_IN_A_SESSION) {
      const some = found.slice(at, at + GROUPS_IN_A_SESSION);
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const session = tail(client, some, { signal, arnOf, write, begun: resolve });
      sessions.push(session);
      await Promise.race([begun, session]);
    }
    ready();
    if (missing.length === 0) break;
    await Promise.race([pause(LOOK_MILLISECONDS, signal), ...sessions]);
  }
  await Promise.all(sessions);
}

interface Tail extends Pick<Following, 'signal' | 'arnOf' | 'write'> {
  readonly begun: () => void;
}

// AWS ends a session after three hours; then the next one goes on.
async function tail(client: CloudWatchLogsClient, units: readonly Unit[], { signal, arnOf, write, begun }: Tail) {
  const { StartLiveTailCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const names = new Map(units.map(({ logGroup, name }) => [logGroup, name]));
  const lineOf = (event: LiveTailSessionLogEvent): LogLine => {
    const group = event.logGroupIdentifier?.replace(/^\d+:/, '') ?? '';
    const { timestamp = 0, logStreamName: stream = '', message = '' } = event;
    const unit = names.get(group) ?? group;
    return { at: new Date(timestamp).toISOString(), unit, group, stream, message: message.trimEnd() };
  };
  const logGroupIdentifiers = units.map(({ logGroup }) => arnOf(logGroup));
  try {
    while (!signal.aborted) {
      const { responseStream } = await client.send(new StartLiveTailCommand({ logGroupIdentifiers }), {
        abortSignal: signal,
      });
      for await (const { sessionStart, sessionUpdate } of endingWith(signal, responseStream ?? [])) {
        if (sessionStart) begun();
        for (const event of sessionUpdate?.sessionResults ?? []) write(lineOf(event));
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The items until the signal, even where the next one never comes. */
async function* endingWith<T>(signal: AbortSignal, items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const next = signal.aborted ? undefined : await Promise.race([iterator.next(), aborted]);
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function exists(client: CloudWatchLogsClient, group: string): Promise<boolean> {
  const { DescribeLogGroupsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: group, limit: 1 }));
  return logGroups?.[0]?.logGroupName === group;
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

/** One unit for each group: two that write to the same one are told apart by nothing. */
const byGroup = (units: readonly Unit[]): Unit[] =>
  units.filter((unit, index) => units.findIndex(({ logGroup }) => logGroup === unit.logGroup) === index);

const keyOf = ({ at, group, stream, message }: LogLine): string => JSON.stringify([at, group, stream, message]);
