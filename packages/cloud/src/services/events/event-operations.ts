// Events put, and patterns tried out.
import type {
  PutEventsCommandInput,
  PutEventsRequestEntry,
  PutEventsResultEntry,
  TestEventPatternCommandInput,
} from '@aws-sdk/client-eventbridge';

import { requireLength } from '../../kernel/constraint.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { eventContext } from './access.ts';
import { validation } from './errors.ts';
import { createEvent } from './event.ts';
import type { EventBridge } from './operations.ts';
import { compilePattern } from './rules.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;
const LARGEST_BYTES = 1_048_576;

export function eventOperations({ guard, buses, router }: EventBridge) {
  return {
    PutEvents: {
      access: ({ Entries = [] }: PutEventsCommandInput, call: Call): Access[] =>
        Entries.map(({ EventBusName, Source, DetailType }) =>
          guard.bus('PutEvents', EventBusName, call, eventContext(Source, DetailType, false)),
        ),
      run: ({ Entries = [] }: PutEventsCommandInput, call: Call) => {
        const shown = Entries.length === 0 ? '[]' : '[PutEventsRequestEntry]';
        requireLength(Entries, 'entries', [1, MOST_ENTRIES], { shown, invalid: validation });
        const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
        if (bytes > LARGEST_BYTES) throw validation('Total size of the entries in the request is over the limit.');
        const results = Entries.map((entry): PutEventsResultEntry => {
          const wrong = problemOf(entry);
          if (wrong) return wrong;
          const event = createEvent({
            source: entry.Source!,
            detailType: entry.DetailType!,
            account: call.account,
            region: call.region,
            time: entry.Time?.getTime() ?? call.now,
            resources: entry.Resources ?? [],
            detail: JSON.parse(entry.Detail!),
          });
          const bus = buses.find(call.region, entry.EventBusName);
          // As in AWS, an event for a bus that is not there is taken, and gone.
          const trace = entry.TraceHeader ?? call.headers['x-amzn-trace-id'];
          if (bus) router.accept(call.region, bus.name, event, { trace });
          return { EventId: event.id };
        });
        return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
      },
    },
    TestEventPattern: {
      access: (): Access[] => [{ action: 'events:TestEventPattern', resource: '*' }],
      run: ({ EventPattern = '', Event = '' }: TestEventPatternCommandInput) => {
        const test = compilePattern(EventPattern);
        const event = parseObject(Event);
        if (!event) throw validation('Parameter Event is not valid. Reason: Event is not a JSON object.');
        return { Result: test(event) };
      },
    },
  };
}

const sizeOf = ({ Source = '', Detail = '', DetailType = '', Resources = [], Time }: PutEventsRequestEntry): number =>
  [Source, Detail, DetailType, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), Time ? 14 : 0);

/** Why EventBridge does not take an entry; the others of the request go through. */
function problemOf({ Source, Detail, DetailType }: PutEventsRequestEntry): PutEventsResultEntry | undefined {
  const invalid = (ErrorMessage: string) => ({ ErrorCode: 'InvalidArgument', ErrorMessage });
  if (!Source) return invalid('Parameter Source is not valid. Reason: Source is a required argument.');
  if (!DetailType) return invalid('Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  if (!Detail) return invalid('Parameter Detail is not valid. Reason: Detail is a required argument.');
  if (/^aws\./i.test(Source)) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return parseObject(Detail) ? undefined : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
