// What an operation on a schedule or a schedule group needs allowed.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import { DEFAULT_GROUP, groupArn, scheduleArn, type Schedules } from './schedules.ts';

export const onSchedule = (
  action: string,
  { Name = '', GroupName = DEFAULT_GROUP }: { Name?: string | undefined; GroupName?: string | undefined },
  call: Call,
): Access => ({ action: `scheduler:${action}`, resource: scheduleArn(call, GroupName, Name) });

/** On the group that a request names by its name or its ARN. */
export function onGroup(
  schedules: Schedules,
  action: string,
  nameOrArn: string | undefined,
  call: Call,
  context: Access['context'] = {},
): Access {
  const resource = nameOrArn?.startsWith('arn:') ? nameOrArn : groupArn(call, nameOrArn ?? '');
  const facts = factsOf(schedules, resource, call);
  return { action: `scheduler:${action}`, resource, context: { ...facts?.context, ...context } };
}

/** What IAM has to know of a group by its ARN: schedules themselves have no tags. */
export function factsOf(schedules: Schedules, arn: string, { account }: Call): ResourceFacts | undefined {
  const [, region = '', name] = /^arn:aws:scheduler:([^:]*):\d{12}:schedule-group\/(.+)$/.exec(arn) ?? [];
  const group = name === undefined ? undefined : schedules.findGroup({ region, account }, name);
  return group && { context: resourceTags(group.tags) };
}

/** The right to hand a role to EventBridge Scheduler. */
export const passRole = (role: string | undefined): Access[] =>
  role === undefined
    ? []
    : [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'scheduler.amazonaws.com' } }];
