// The EventBridge Scheduler API. https://docs.aws.amazon.com/scheduler/latest/APIReference/Welcome.html
import type {
  CreateScheduleCommandInput,
  CreateScheduleGroupCommandInput,
  GetScheduleCommandOutput,
  ListScheduleGroupsCommandInput,
  ListSchedulesCommandInput,
  ListTagsForResourceCommandInput,
  ScheduleGroupState,
  ScheduleState,
  Tag,
  TagResourceCommandInput,
  UntagResourceCommandInput,
  UpdateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';

import { requireOneOf, requireWithin } from '../../kernel/constraint.ts';
import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import { pageOf } from '../../kernel/page.ts';
import type { Access, Call, Kernel } from '../../kernel/service.ts';
import { onGroup, onSchedule, passRole } from './access.ts';
import { conflict, validation } from './errors.ts';
import { DEFAULT_GROUP, groupArn, scheduleArn, type Group, type Schedule, type Schedules } from './schedules.ts';
import { checkTarget, retriesOf } from './targets.ts';
import { checkExpression, type Timetable } from './timetable.ts';

export type SchedulerOperations = ReturnType<typeof schedulerOperations>;

interface Named {
  readonly Name: string | undefined;
  readonly GroupName?: string | undefined;
}

const ACTIVE: ScheduleGroupState = 'ACTIVE';

const STATES: readonly ScheduleState[] = ['ENABLED', 'DISABLED'];

const GROUP_NAME = /:schedule-group\/(.+)$/;

const fromTags = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

export function schedulerOperations(kernel: Kernel, schedules: Schedules, timetable: Timetable) {
  const require = ({ Name = '', GroupName = DEFAULT_GROUP }: Named, call: Call): Schedule =>
    schedules.require(call.region, schedules.requireGroup(call, GroupName).name, Name);
  const requireTagged = ({ ResourceArn = '' }: { ResourceArn: string | undefined }, call: Call): Group => {
    const [, name] = GROUP_NAME.exec(ResourceArn) ?? [];
    if (name === undefined) throw validation('Only schedule groups have tags.');
    return schedules.requireGroup(call, name);
  };
  const save = (schedule: Schedule): { ScheduleArn: string } => {
    schedules.save(schedule);
    timetable.arm(schedule);
    return { ScheduleArn: schedule.arn };
  };

  return {
    CreateSchedule: {
      access: (input: CreateScheduleCommandInput, call: Call): Access[] => [
        onSchedule('CreateSchedule', input, call),
        ...passRole(input.Target?.RoleArn),
      ],
      run: async (input: CreateScheduleCommandInput, call: Call) => {
        const target = await checkTarget(kernel, input.Target);
        const group = schedules.requireGroup(call, input.GroupName ?? DEFAULT_GROUP).name;
        const schedule = {
          ...scheduleOf(input, { group, target }, call),
          clientToken: input.ClientToken,
        };
        const found = schedules.find(call.region, schedule.group, schedule.name);
        // A request that was sent again, because its answer was lost.
        if (found && isRepeated(schedule, found)) return { ScheduleArn: found.arn };
        if (found) throw conflict(`Schedule ${schedule.name} already exists.`);
        return save(schedule);
      },
    },
    UpdateSchedule: {
      access: (input: UpdateScheduleCommandInput, call: Call): Access[] => [
        onSchedule('UpdateSchedule', input, call),
        ...passRole(input.Target?.RoleArn),
      ],
      run: async (input: UpdateScheduleCommandInput, call: Call) => {
        const target = await checkTarget(kernel, input.Target);
        const before = require(input, call);
        // As in AWS, what an update leaves out goes back to its default.
        return save({
          ...scheduleOf(input, { group: before.group, target }, call, before),
          createdAt: before.createdAt,
        });
      },
    },
    GetSchedule: {
      access: (input: Named, call: Call): Access[] => [onSchedule('GetSchedule', input, call)],
      run: (input: Named, call: Call) => shape(require(input, call)),
    },
    DeleteSchedule: {
      access: (input: Named, call: Call): Access[] => [onSchedule('DeleteSchedule', input, call)],
      run: (input: Named & { ClientToken?: string | undefined }, call: Call) => {
        const schedule = require(input, call);
        schedules.delete(schedule);
        timetable.arm(schedule);
        return {};
      },
    },
    ListSchedules: {
      access: ({ GroupName = '*' }: ListSchedulesCommandInput, call: Call): Access[] => [
        onSchedule('ListSchedules', { GroupName, Name: '*' }, call),
      ],
      run: (input: ListSchedulesCommandInput, call: Call) => {
        requireOneOf(input.State, 'state', STATES, validation);
        if (input.GroupName !== undefined) schedules.requireGroup(call, input.GroupName);
        const found = schedules
          .list(call.region, input.GroupName)
          .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
          .filter(({ state }) => input.State === undefined || state === input.State);
        const { items, rest } = page(found, ({ group, name }) => `${group}/${name}`, input);
        return {
          Schedules: items.map((schedule) => {
            const { Arn, Name, GroupName, State, CreationDate, LastModificationDate } = shape(schedule);
            return {
              Arn,
              Name,
              GroupName,
              State,
              CreationDate,
              LastModificationDate,
              Target: { Arn: schedule.target.Arn },
            };
          }),
          ...rest,
        };
      },
    },
    CreateScheduleGroup: {
      access: ({ Name = '', Tags }: CreateScheduleGroupCommandInput, call: Call): Access[] => {
        const tags = fromTags(Tags);
        const access = onGroup(schedules, 'CreateScheduleGroup', Name, call, requestTags(tags));
        return [access, ...taggingAccess('scheduler:TagResource', access.resource, tags)];
      },
      run: (input: CreateScheduleGroupCommandInput, call: Call) => {
        const { Name: name = '' } = input;
        const arn = groupArn(call, name);
        const tags = fromTags(input.Tags);
        const clientToken = input.ClientToken;
        schedules.createGroup(call, { region: call.region, name, arn, tags, createdAt: call.now, clientToken });
        return { ScheduleGroupArn: arn };
      },
    },
    GetScheduleGroup: {
      access: ({ Name }: Pick<Named, 'Name'>, call: Call): Access[] => [
        onGroup(schedules, 'GetScheduleGroup', Name, call),
      ],
      run: ({ Name: name = '' }: Pick<Named, 'Name'>, call: Call) => groupShape(schedules.requireGroup(call, name)),
    },
    DeleteScheduleGroup: {
      // What is in the group goes with it.
      access: ({ Name }: Pick<Named, 'Name'>, call: Call): Access[] => [
        onGroup(schedules, 'DeleteScheduleGroup', Name, call),
        onSchedule('DeleteSchedule', { Name: '*', GroupName: Name }, call),
      ],
      run: ({ Name: name = '' }: Pick<Named, 'Name'>, call: Call) => {
        const group = schedules.requireGroup(call, name);
        schedules.deleteGroup(group);
        for (const schedule of schedules.list(call.region, name)) {
          schedules.delete(schedule);
          timetable.arm(schedule);
        }
        return {};
      },
    },
    ListScheduleGroups: {
      access: (): Access[] => [{ action: 'scheduler:ListScheduleGroups', resource: '*' }],
      run: (input: ListScheduleGroupsCommandInput, call: Call) => {
        const found = schedules.listGroups(call).filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const { items, rest } = page(found, ({ name }) => name, input);
        return { ScheduleGroups: items.map(groupShape), ...rest };
      },
    },
    TagResource: {
      access: ({ ResourceArn = '*', Tags }: TagResourceCommandInput, call: Call): Access[] => [
        onGroup(schedules, 'TagResource', ResourceArn, call, requestTags(fromTags(Tags))),
      ],
      run: (input: TagResourceCommandInput, call: Call) => {
        const group = requireTagged(input, call);
        schedules.saveGroup({ ...group, tags: { ...group.tags, ...fromTags(input.Tags) } });
        return {};
      },
    },
    UntagResource: {
      access: ({ ResourceArn = '*', TagKeys }: UntagResourceCommandInput, call: Call): Access[] => [
        onGroup(schedules, 'UntagResource', ResourceArn, call, { 'aws:TagKeys': TagKeys }),
      ],
      run: (input: UntagResourceCommandInput, call: Call) => {
        const group = requireTagged(input, call);
        const tags = Object.entries(group.tags).filter(([key]) => !input.TagKeys?.includes(key));
        schedules.saveGroup({ ...group, tags: Object.fromEntries(tags) });
        return {};
      },
    },
    ListTagsForResource: {
      access: ({ ResourceArn = '*' }: ListTagsForResourceCommandInput, call: Call): Access[] => [
        onGroup(schedules, 'ListTagsForResource', ResourceArn, call),
      ],
      run: (input: ListTagsForResourceCommandInput, call: Call) => ({
        Tags: Object.entries(requireTagged(input, call).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}

const EARLIEST_START_MILLISECONDS = 5 * 60_000;

/** The schedule that the input describes; `before` is what it takes the place of. */
function scheduleOf(
  input: CreateScheduleCommandInput,
  { group, target }: Pick<Schedule, 'group' | 'target'>,
  call: Call,
  before?: Schedule,
): Schedule {
  const { Name: name = '', ScheduleExpression: expression = '', ScheduleExpressionTimezone: timeZone = 'UTC' } = input;
  if (!/^[\w.-]{1,64}$/.test(name)) throw validation(`${name} is no name for a schedule.`);
  requireOneOf(input.State, 'state', STATES, validation);
  requireOneOf(input.ActionAfterCompletion, 'actionAfterCompletion', ['NONE', 'DELETE'], validation);
  requireOneOf(input.FlexibleTimeWindow?.Mode, 'flexibleTimeWindow.mode', ['OFF', 'FLEXIBLE'], validation);
  checkExpression(expression, timeZone);
  const [startsAt, endsAt] = [input.StartDate?.getTime(), input.EndDate?.getTime()];
  if (startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt) {
    throw validation('The EndDate has to be after the StartDate.');
  }
  if (startsAt !== undefined && startsAt !== before?.startsAt && startsAt < call.now - EARLIEST_START_MILLISECONDS) {
    throw validation('The StartDate you specify cannot be earlier than 5 minutes ago.');
  }
  const { Mode: mode, MaximumWindowInMinutes: minutes } = input.FlexibleTimeWindow ?? {};
  if (mode === 'FLEXIBLE' && !(minutes !== undefined && minutes >= 1 && minutes <= 1_440)) {
    throw validation('A flexible time window has 1 to 1440 minutes.');
  }
  return {
    region: call.region,
    group,
    name,
    arn: scheduleArn(call, group, name),
    expression,
    timeZone,
    description: input.Description,
    state: input.State ?? 'ENABLED',
    startsAt,
    endsAt,
    window: input.FlexibleTimeWindow!,
    target,
    afterCompletion: input.ActionAfterCompletion ?? 'NONE',
    createdAt: call.now,
    modifiedAt: call.now,
  };
}

const isRepeated = (schedule: Schedule, before: Schedule): boolean =>
  schedule.clientToken !== undefined &&
  JSON.stringify({ ...schedule, createdAt: 0, modifiedAt: 0 }) ===
    JSON.stringify({ ...before, createdAt: 0, modifiedAt: 0 });

const shape = (schedule: Schedule): Omit<GetScheduleCommandOutput, '$metadata'> => ({
  Arn: schedule.arn,
  GroupName: schedule.group,
  Name: schedule.name,
  ScheduleExpression: schedule.expression,
  ScheduleExpressionTimezone: schedule.timeZone,
  State: schedule.state,
  FlexibleTimeWindow: schedule.window,
  Target: { ...schedule.target, RetryPolicy: retriesOf(schedule.target) },
  ActionAfterCompletion: schedule.afterCompletion,
  CreationDate: new Date(schedule.createdAt),
  LastModificationDate: new Date(schedule.modifiedAt),
  ...(schedule.description !== undefined && { Description: schedule.description }),
  ...(schedule.startsAt !== undefined && { StartDate: new Date(schedule.startsAt) }),
  ...(schedule.endsAt !== undefined && { EndDate: new Date(schedule.endsAt) }),
});

const groupShape = ({ arn, name, createdAt }: Group) => ({
  Arn: arn,
  Name: name,
  State: ACTIVE,
  CreationDate: new Date(createdAt),
  LastModificationDate: new Date(createdAt),
});

const MOST_RESULTS = 100;

function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  {
    MaxResults: limit = MOST_RESULTS,
    NextToken: token,
  }: { MaxResults?: number | undefined; NextToken?: string | undefined },
) {
  requireWithin(limit, 'maxResults', [1, MOST_RESULTS], validation);
  const invalidToken = () => validation('Invalid NextToken.');
  const { items: found, token: NextToken } = pageOf(items, { keyOf, limit, token, invalidToken });
  return { items: found, rest: { ...(NextToken !== undefined && { NextToken }) } };
}
