// CloudWatch Logs Insights as an API: queries, their results, and queries kept under a name.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
import type {
  DeleteQueryDefinitionCommandInput,
  DescribeQueriesCommandInput,
  DescribeQueryDefinitionsCommandInput,
  GetLogRecordCommandInput,
  GetQueryResultsCommandInput,
  PutQueryDefinitionCommandInput,
  QueryDefinition as QueryDefinitionShape,
  QueryLanguage,
  StartQueryCommandInput,
  StopQueryCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import { AwsError, notSupported } from '../../../kernel/errors.ts';
import { uuid } from '../../../kernel/ids.ts';
import type { Access, Call } from '../../../kernel/service.ts';
import type { Collection } from '../../../kernel/store.ts';
import type { Guard } from '../access.ts';
import { invalidParameter } from '../errors.ts';
import type { GroupKeys } from '../group-keys.ts';
import { groupName } from '../group-name.ts';
import type { LogEvents } from '../log-events.ts';
import type { LogGroups } from '../log-groups.ts';
import { page } from '../page-token.ts';
import type { Queries, StartedQuery } from './queries.ts';
import { readPointer, Row } from './row.ts';
import { toText } from './value.ts';

const MOST_GROUPS = 50;

/** Queries in one page. */
const MOST_LISTED = 1_000;

const MOST_DEFINITIONS = 1_000;

/** A slash makes folders of names. */
const DEFINITION_NAME = /^[^:*/]+(\/[^:*/]+)*$/;

/** Rows of a result: where the query does not say how many, and in one answer; and at most. */
const USUAL_ROWS = 10_000;
const MOST_ROWS = 100_000;

/** A query kept under a name. */
export type QueryDefinition = QueryDefinitionShape & { readonly queryDefinitionId: string; readonly name: string };

export interface Insights {
  readonly guard: Guard;
  readonly groups: LogGroups;
  readonly events: LogEvents;
  readonly keys: GroupKeys;
  readonly queries: Queries;
  readonly definitions: Collection<QueryDefinition>;
}

export type InsightsOperations = ReturnType<typeof insightsOperations>;

export function insightsOperations({ guard, groups, events, keys, queries, definitions }: Insights) {
  const on = (action: string) => (): Access[] => [{ action: `logs:${action}`, resource: '*' }];
  const require = (id: string | undefined): StartedQuery => {
    const query = queries.find(id ?? '');
    if (!query) throw new AwsError('ResourceNotFoundException', `Query ${id} does not exist.`);
    return query;
  };

  return {
    StartQuery: {
      access: (input: StartQueryCommandInput, call: Call): Access[] =>
        namesIn(input).map((name) => guard.group('StartQuery', name, call)),
      run: (input: StartQueryCommandInput, { region, principal }: Call) => {
        requireLanguage(input.queryLanguage);
        const [from, to, limit = USUAL_ROWS] = [input.startTime! * 1_000, input.endTime! * 1_000 + 999, input.limit];
        if (from > to) throw invalidParameter('End time should not be less than start time.');
        if (limit < 1 || limit > MOST_ROWS) throw invalidParameter(`limit has to be between 1 and ${MOST_ROWS}.`);
        const names = namesIn(input).map((name) => groups.require(region, name).name);
        const text = input.queryString!;
        return { queryId: queries.start({ region, groups: names, text, from, to, limit, startedBy: principal.arn }) };
      },
    },
    GetQueryResults: {
      access: on('GetQueryResults'),
      run: ({ queryId, maxItems, nextToken }: GetQueryResultsCommandInput) => {
        const { results: rows, status, statistics, groups: names } = require(queryId);
        const numbered = rows.map((row, index) => ({ row, index }));
        const asked = { limit: maxItems, nextToken };
        const { items, rest } = page(numbered, ({ index }) => String(index), asked, USUAL_ROWS);
        return {
          queryLanguage: 'CWLI' as const,
          results: items.map(({ row }) => row),
          status,
          // Nothing is skipped: there are no field indexes to go by.
          statistics: {
            ...statistics,
            estimatedRecordsSkipped: 0,
            estimatedBytesSkipped: 0,
            logGroupsScanned: names.length,
          },
          ...rest,
        };
      },
    },
    StopQuery: {
      access: on('StopQuery'),
      run: (input: StopQueryCommandInput) => {
        if (queries.cancel(require(input.queryId))) return { success: true };
        throw invalidParameter('Query has already ended, and cannot be stopped.');
      },
    },
    DescribeQueries: {
      access: on('DescribeQueries'),
      run: ({ maxResults, nextToken, ...input }: DescribeQueriesCommandInput, { region }: Call) => {
        requireLanguage(input.queryLanguage);
        const found = queries
          .list()
          .filter((query) => query.region === region)
          .filter(({ groups: names }) => input.logGroupName === undefined || names.includes(input.logGroupName))
          .filter(({ status }) => input.status === undefined || status === input.status);
        const { items, rest } = page(found, ({ id }) => id, { limit: maxResults, nextToken }, MOST_LISTED);
        return {
          queries: items.map((query) => ({
            queryLanguage: 'CWLI' as const,
            queryId: query.id,
            queryString: query.text,
            status: query.status,
            createTime: query.startedAt,
            bytesScanned: query.statistics.bytesScanned,
            queryDuration: query.duration,
            userIdentity: query.startedBy,
            ...(query.groups.length === 1 && { logGroupName: query.groups[0]! }),
          })),
          ...rest,
        };
      },
    },
    GetLogRecord: {
      access: ({ unmask }: GetLogRecordCommandInput): Access[] => [
        ...on('GetLogRecord')(),
        ...(unmask ? on('Unmask')() : []),
      ],
      run: async (input: GetLogRecordCommandInput, { account }: Call) => {
        const found = events.find(readPointer(input.logRecordPointer!) ?? -1);
        if (!found) throw new AwsError('ResourceNotFoundException', 'The log record does not exist any more.');
        await keys.requireReadable(groups.require(found.group.region, found.group.name), [found.event]);
        const row = new Row({ event: found.event, log: `${account}:${found.group.name}` });
        return { logRecord: Object.fromEntries(row.all().map(([name, value]) => [name, toText(value)])) };
      },
    },
    PutQueryDefinition: {
      access: on('PutQueryDefinition'),
      run: (input: PutQueryDefinitionCommandInput, { region, now }: Call) => {
        requireDefinition(input);
        const { queryDefinitionId = uuid(), name = '', queryString, logGroupNames = [] } = input;
        if (input.queryDefinitionId !== undefined && !definitions.get(`${region}/${queryDefinitionId}`)) {
          throw new AwsError('ResourceNotFoundException', `Query definition ${queryDefinitionId} does not exist.`);
        }
        definitions.put(`${region}/${queryDefinitionId}`, {
          queryLanguage: 'CWLI',
          queryDefinitionId,
          name,
          queryString,
          logGroupNames,
          lastModified: now,
        });
        return { queryDefinitionId };
      },
    },
    DescribeQueryDefinitions: {
      access: on('DescribeQueryDefinitions'),
      run: (input: DescribeQueryDefinitionsCommandInput, { region }: Call) => {
        requireLanguage(input.queryLanguage);
        const { maxResults = MOST_DEFINITIONS, nextToken } = input;
        if (maxResults < 1 || maxResults > MOST_DEFINITIONS) {
          throw invalidParameter(`maxResults has to be between 1 and ${MOST_DEFINITIONS}.`);
        }
        const found = definitions
          .list({ prefix: `${region}/` })
          .map(({ value }) => value)
          .filter(({ name }) => name.startsWith(input.queryDefinitionNamePrefix ?? ''));
        const from = found.findIndex(({ queryDefinitionId }) => queryDefinitionId === nextToken);
        if (nextToken !== undefined && from < 0) throw invalidParameter('The specified nextToken is invalid.');
        const rest = found.slice(Math.max(0, from));
        return {
          queryDefinitions: rest.slice(0, maxResults),
          nextToken: rest[maxResults]?.queryDefinitionId,
        };
      },
    },
    DeleteQueryDefinition: {
      access: on('DeleteQueryDefinition'),
      run: (input: DeleteQueryDefinitionCommandInput, { region }: Call) => {
        if (definitions.delete(`${region}/${input.queryDefinitionId}`)) return { success: true };
        throw new AwsError('ResourceNotFoundException', `Query definition ${input.queryDefinitionId} does not exist.`);
      },
    },
  };
}

function requireLanguage(language: QueryLanguage | undefined): void {
  if (language === undefined || language === 'CWLI') return;
  throw notSupported(`queryLanguage ${language} is not supported here: CWLI is.`);
}

function requireDefinition(input: PutQueryDefinitionCommandInput): void {
  const { queryLanguage, name = '', queryString = '', logGroupNames = [] } = input;
  requireLanguage(queryLanguage);
  if (!DEFINITION_NAME.test(name) || name.length > 255) {
    throw invalidParameter(`name '${name}' has to be 1 to 255 characters without ':' and '*', in folders by '/'.`);
  }
  if (queryString.length < 1 || queryString.length > 10_000) {
    throw invalidParameter('queryString has to be 1 to 10000 characters.');
  }
  if (logGroupNames.length > MOST_GROUPS) throw invalidParameter(`A query takes at most ${MOST_GROUPS} log groups.`);
}

/** The groups that a query names, in one of three ways. */
function namesIn({ logGroupName, logGroupNames, logGroupIdentifiers }: StartQueryCommandInput): string[] {
  const ways = [logGroupName && [logGroupName], logGroupNames, logGroupIdentifiers].filter((way) => way !== undefined);
  const names = ways.flat().map((name) => groupName(name as string));
  if (ways.length !== 1 || names.length === 0) {
    throw invalidParameter('Give one of logGroupName, logGroupNames and logGroupIdentifiers.');
  }
  if (names.length > MOST_GROUPS) throw invalidParameter(`A query takes at most ${MOST_GROUPS} log groups.`);
  return names;
}
