// The CloudTrail API, as far as looking back goes. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
import type { Event, LookupAttribute, LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { invalidTimeRange } from './errors.ts';
import type { TrailRecord } from './record.ts';
import type { Trail, TrailEntry } from './trail.ts';

const MOST_RESULTS = 50;

/** What a record says under each attribute that AWS looks up by. */
const ATTRIBUTES: Readonly<Record<string, (entry: TrailEntry) => readonly string[]>> = {
  EventId: ({ record }) => [record.eventID],
  EventName: ({ record }) => [record.eventName],
  EventSource: ({ record }) => [record.eventSource],
  ReadOnly: ({ record }) => [String(record.readOnly)],
  Username: ({ user }) => [user],
  AccessKeyId: ({ record }) => [accessKeyIn(record)].filter((key) => key !== undefined),
  ResourceName: ({ record }) => (record.resources ?? []).flatMap(({ name, ARN = name }) => [name, ARN]),
  ResourceType: ({ record }) => (record.resources ?? []).map(({ type }) => type),
};

export function cloudtrailOperations(trail: Trail) {
  return {
    LookupEvents: {
      access: (): Access[] => [{ action: 'cloudtrail:LookupEvents', resource: '*' }],
      run: async (input: LookupEventsCommandInput, { region, now }: Call) => {
        const wanted = testOf(input.LookupAttributes ?? []);
        const [from, to] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? now];
        if (from > to) throw invalidTimeRange();
        const limit = input.MaxResults ?? MOST_RESULTS;
        if (limit < 1 || limit > MOST_RESULTS) {
          throw invalid('InvalidMaxResultsException', `MaxResults has to be between 1 and ${MOST_RESULTS}.`);
        }
        const before = input.NextToken === undefined ? undefined : readToken(input.NextToken);
        // What was called before this look-up is found by it.
        await trail.flush();
        const found: TrailEntry[] = [];
        for (const entry of trail.find({ region, data: false, from, to, before })) {
          if (!wanted(entry)) continue;
          if (found.length === limit) return { Events: found.map(shape), NextToken: tokenOf(found.at(-1)!) };
          found.push(entry);
        }
        return { Events: found.map(shape) };
      },
    },
  };
}

function testOf(attributes: readonly LookupAttribute[]): (entry: TrailEntry) => boolean {
  const [attribute, ...more] = attributes;
  if (more.length > 0) throw invalid('InvalidLookupAttributesException', 'Only one lookup attribute is allowed.');
  if (!attribute) return () => true;
  const key = attribute.AttributeKey ?? '';
  const values = Object.hasOwn(ATTRIBUTES, key) ? ATTRIBUTES[key] : undefined;
  if (!values) {
    throw invalid('InvalidLookupAttributesException', `The lookup attribute ${key} is not known.`);
  }
  return (entry) => values(entry).includes(attribute.AttributeValue!);
}

const accessKeyIn = ({ userIdentity }: TrailRecord): string | undefined =>
  userIdentity['accessKeyId'] as string | undefined;

const shape = ({ user, record }: TrailEntry): Event => ({
  EventId: record.eventID,
  EventName: record.eventName,
  EventTime: new Date(record.eventTime),
  EventSource: record.eventSource,
  ReadOnly: String(record.readOnly),
  Username: user,
  AccessKeyId: accessKeyIn(record),
  Resources: (record.resources ?? []).map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
  CloudTrailEvent: JSON.stringify(record),
});

const tokenOf = ({ id }: TrailEntry): string => Buffer.from(String(id)).toString('base64url');

function readToken(token: string): number {
  const id = Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(id)) throw invalid('InvalidNextTokenException', 'The next token is not valid.');
  return id;
}

const invalid = (code: string, message: string): AwsError => new AwsError(code, message);
