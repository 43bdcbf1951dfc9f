// Live tail: events of groups as they come in, for as long as somebody looks.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
import { Readable } from 'node:stream';

import type { StartLiveTailCommandInput, StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';

import { uuid } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import type { Guard } from './access.ts';
import { invalidParameter } from './errors.ts';
import { compilePattern } from './filter-pattern.ts';
import { groupName } from './group-name.ts';
import type { LogEvent, LogEvents } from './log-events.ts';
import type { LogGroups } from './log-groups.ts';

const MOST_GROUPS = 10;

/** Events in one update. */
const MOST_EVENTS = 500;

export function liveTailOperations(guard: Guard, groups: LogGroups, events: LogEvents) {
  return {
    StartLiveTail: {
      access: (input: StartLiveTailCommandInput, call: Call): Access[] =>
        (input.logGroupIdentifiers ?? []).map((identifier) =>
          guard.group('StartLiveTail', groupName(identifier), call),
        ),
      run: (input: StartLiveTailCommandInput, call: Call) => {
        const identifiers = input.logGroupIdentifiers ?? [];
        if (identifiers.length < 1 || identifiers.length > MOST_GROUPS) {
          throw invalidParameter(`A live tail session takes 1 to ${MOST_GROUPS} log groups.`);
        }
        const names = new Set(
          identifiers.map((identifier) => groups.requireStandard(call.region, groupName(identifier)).name),
        );
        const wanted = selection(input, names.size);
        const stream = new Readable({ objectMode: true, read: () => {} });
        const push = (event: StartLiveTailResponseStream) => stream.push(event);
        const stop = events.listen(({ region, name }, stored) => {
          if (region !== call.region || !names.has(name)) return;
          const found = stored.filter(wanted);
          for (let at = 0; at < found.length; at += MOST_EVENTS) {
            push(update(`${call.account}:${name}`, found.slice(at, at + MOST_EVENTS)));
          }
        });
        stream.once('close', stop);
        push({ sessionStart: { ...input, requestId: call.requestId, sessionId: uuid() } });
        return { responseStream: stream as AsyncIterable<StartLiveTailResponseStream> };
      },
    },
  };
}

/** What a session wants of its groups' events. */
function selection(input: StartLiveTailCommandInput, groupCount: number): (event: LogEvent) => boolean {
  const { logStreamNames: names, logStreamNamePrefixes: prefixes, logEventFilterPattern: pattern = '' } = input;
  if ((names || prefixes) && groupCount > 1) throw invalidParameter('Log streams can be chosen in one log group only.');
  if (names && prefixes) throw invalidParameter('logStreamNames and logStreamNamePrefixes are mutually exclusive.');
  const test = compilePattern(pattern);
  return ({ stream, message }) =>
    (!names || names.includes(stream)) &&
    (!prefixes || prefixes.some((prefix) => stream.startsWith(prefix))) &&
    test(message);
}

const update = (logGroupIdentifier: string, events: readonly LogEvent[]): StartLiveTailResponseStream => ({
  sessionUpdate: {
    sessionMetadata: { sampled: false },
    sessionResults: events.map(({ stream, message, timestamp, ingestedAt }) => ({
      logGroupIdentifier,
      logStreamName: stream,
      message,
      timestamp,
      ingestionTime: ingestedAt,
    })),
  },
});
