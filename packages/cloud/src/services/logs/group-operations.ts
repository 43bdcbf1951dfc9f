// Log groups as an API. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
import type {
  AssociateKmsKeyCommandInput,
  CreateLogGroupCommandInput,
  DescribeLogGroupsCommandInput,
  DisassociateKmsKeyCommandInput,
  GetLogGroupFieldsCommandInput,
  ListLogGroupsCommandInput,
  LogGroup as LogGroupShape,
  PutRetentionPolicyCommandInput,
  TagFilter,
} from '@aws-sdk/client-cloudwatch-logs';

import { AwsError, notSupported } from '../../kernel/errors.ts';
import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { invalidParameter, requireLimit } from './errors.ts';
import type { GroupAccess, GroupInput } from './group-access.ts';
import type { GroupKeys } from './group-keys.ts';
import { discoveredFields } from './insights/row.ts';
import type { LogEvents } from './log-events.ts';
import { RETENTION_DAYS, type LogGroup, type LogGroups } from './log-groups.ts';
import type { MetricFilters } from './metric-filters.ts';
import { after, token } from './page-token.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Log groups in one page. */
const MOST_LISTED = 50;

/** The most that a page of ListLogGroups holds. */
const MOST_FOUND = 1_000;

/** What GetLogGroupFields looks at: the last 15 minutes, or 8 before and after a moment. */
const LOOKED_BACK = 15 * 60_000;
const LOOKED_AROUND = 8 * 60_000;

/** Events that GetLogGroupFields looks at. */
const SAMPLED_EVENTS = 10_000;

export interface LogGroupParts {
  readonly groups: LogGroups;
  readonly events: LogEvents;
  readonly keys: GroupKeys;
  readonly filters: MetricFilters;
  readonly subscriptions: Subscriptions;
}

export function groupOperations(
  { groups, events, keys, filters, subscriptions }: LogGroupParts,
  { guard, arnOf, nameOf, require, onGroup }: GroupAccess,
) {
  const shape = (group: LogGroup): LogGroupShape => ({
    logGroupName: group.name,
    creationTime: group.createdAt,
    retentionInDays: group.retentionDays,
    metricFilterCount: filters.list(group).length,
    arn: `${arnOf(group.region, group.name)}:*`,
    logGroupArn: arnOf(group.region, group.name),
    logGroupClass: group.class,
    deletionProtectionEnabled: group.deletionProtection,
    kmsKeyId: currentKey(group)?.keyArn,
    storedBytes: events.streams(group).reduce((sum, stream) => sum + stream.storedBytes, 0),
  });

  return {
    CreateLogGroup: {
      access: ({ logGroupName = '', tags = {} }: CreateLogGroupCommandInput, call: Call): Access[] => [
        guard.group('CreateLogGroup', logGroupName, call, requestTags(tags)),
        ...taggingAccess('logs:TagResource', arnOf(call.region, logGroupName), tags),
      ],
      run: async (input: CreateLogGroupCommandInput, call: Call) => {
        const group: LogGroup = {
          name: input.logGroupName ?? '',
          region: call.region,
          createdAt: call.now,
          class: input.logGroupClass ?? 'STANDARD',
          deletionProtection: input.deletionProtectionEnabled ?? false,
          tags: input.tags ?? {},
        };
        groups.requireCreatable(group);
        if (input.kmsKeyId !== undefined) {
          group.keys = [{ ...(await keys.under(group, input.kmsKeyId)), afterId: events.lastId() }];
        }
        groups.create(group);
        return {};
      },
    },
    AssociateKmsKey: {
      access: (input: AssociateKmsKeyCommandInput, call: Call) => onGroup('AssociateKmsKey')(keyedGroup(input), call),
      run: async (input: AssociateKmsKeyCommandInput, call: Call) => {
        const named = keyedGroup(input);
        const key = await keys.under(require(named, call), input.kmsKeyId!);
        const group = withoutKey(require(named, call), events.lastId());
        groups.save({ ...group, keys: [...(group.keys ?? []), { ...key, afterId: events.lastId() }] });
        return {};
      },
    },
    DisassociateKmsKey: {
      access: (input: DisassociateKmsKeyCommandInput, call: Call) =>
        onGroup('DisassociateKmsKey')(keyedGroup(input), call),
      run: (input: DisassociateKmsKeyCommandInput, call: Call) => {
        groups.save(withoutKey(require(keyedGroup(input), call), events.lastId()));
        return {};
      },
    },
    DescribeLogGroups: {
      access: (_input: DescribeLogGroupsCommandInput, call: Call): Access[] => [
        { action: 'logs:DescribeLogGroups', resource: arnOf(call.region, '*') },
      ],
      run: (input: DescribeLogGroupsCommandInput, call: Call) => {
        requireLimit(input.limit, MOST_LISTED);
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
        const page = found.slice(0, input.limit ?? MOST_LISTED);
        return {
          logGroups: page.map(shape),
          ...(found.length > page.length && { nextToken: token(page.at(-1)!.name) }),
        };
      },
    },
    ListLogGroups: {
      access: (_input: ListLogGroupsCommandInput, call: Call): Access[] => [
        { action: 'logs:ListLogGroups', resource: arnOf(call.region, '*') },
      ],
      run: (input: ListLogGroupsCommandInput, call: Call) => {
        requireLimit(input.limit, MOST_FOUND);
        const wanted = namePattern(input.logGroupNamePattern);
        const found = groups
          .list(call.region, '', after(input.nextToken))
          .filter(({ name }) => wanted.test(name))
          .filter((group) => !input.logGroupClass || group.class === input.logGroupClass)
          .filter(({ tags }) => (input.logGroupTags ?? []).every((filter) => hasTag(tags, filter)));
        const page = found.slice(0, input.limit ?? MOST_LISTED);
        return {
          logGroups: page.map(({ region, name, class: logGroupClass }) => ({
            logGroupName: name,
            logGroupArn: arnOf(region, name),
            logGroupClass,
          })),
          ...(found.length > page.length && { nextToken: token(page.at(-1)!.name) }),
        };
      },
    },
    GetLogGroupFields: {
      access: onGroup('GetLogGroupFields'),
      run: async (input: GetLogGroupFieldsCommandInput, call: Call) => {
        const group = require(input, call);
        const { time } = input;
        const range =
          time === undefined
            ? { from: call.now - LOOKED_BACK, to: call.now + 1 }
            : { from: time * 1_000 - LOOKED_AROUND, to: time * 1_000 + LOOKED_AROUND };
        const sample = [...events.scan(group, undefined, range).take(SAMPLED_EVENTS)];
        await keys.requireReadable(group, sample);
        const counts = new Map<string, number>();
        for (const { message } of sample) {
          for (const name of discoveredFields(message)) counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        const everywhere = sample.length > 0 ? ['@timestamp', '@ingestionTime', '@message', '@logStream', '@log'] : [];
        return {
          logGroupFields: [
            ...everywhere.map((name) => ({ name, percent: 100 })),
            ...[...counts].map(([name, count]) => ({ name, percent: Math.round((count / sample.length) * 100) })),
          ],
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
  };
}

const currentKey = ({ keys }: LogGroup) => keys?.find(({ untilId }) => untilId === undefined);

/** What came in so far stays under the key, what comes in from now on does not. */
const withoutKey = (group: LogGroup, untilId: number): LogGroup =>
  group.keys ? { ...group, keys: group.keys.map((key) => ({ untilId, ...key })) } : group;

// Keys are for log groups, or for what queries found: the second is nothing that is kept apart here.
function keyedGroup({ logGroupName, resourceIdentifier }: DisassociateKmsKeyCommandInput): GroupInput {
  if ((logGroupName === undefined) === (resourceIdentifier === undefined)) {
    throw invalidParameter('Give one of logGroupName and resourceIdentifier.');
  }
  if (resourceIdentifier?.endsWith(':query-result:*')) {
    throw notSupported('Keys for the results of queries are not supported here: keys for log groups are.');
  }
  return { logGroupName, logGroupIdentifier: resourceIdentifier };
}

const hasTag = (tags: LogGroup['tags'], { key = '', values = [] }: TagFilter): boolean =>
  Object.hasOwn(tags, key) && (values.length === 0 || values.includes(tags[key]!));

/** Parts of names, joined by `|`, each of which may begin with `^`. */
function namePattern(pattern = ''): RegExp {
  const parts = pattern.split('|');
  if (pattern !== '' && !parts.every((part) => /^\^?[\w./#-]{3,24}$/.test(part))) {
    throw invalidParameter(
      `1 validation error detected: Value '${pattern}' at 'logGroupNamePattern' failed to satisfy constraint`,
    );
  }
  return new RegExp(parts.map((part) => part.replace(/[.]/g, '\\.')).join('|'));
}
