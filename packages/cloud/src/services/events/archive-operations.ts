// Archives and replays as an API. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html
import type {
  ArchiveState,
  CreateArchiveCommandInput,
  DescribeArchiveCommandInput,
  ListArchivesCommandInput,
  ListReplaysCommandInput,
  ReplayState,
  StartReplayCommandInput,
  UpdateArchiveCommandInput,
} from '@aws-sdk/client-eventbridge';

import { requireOneOf } from '../../kernel/constraint.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { archiveArn, type Archive } from './archives.ts';
import { busArn } from './arns.ts';
import { busName } from './buses.ts';
import { validation } from './errors.ts';
import type { EventBridge } from './operations.ts';
import { byName, page } from './page.ts';
import type { Replay } from './replays.ts';

const ARCHIVE_STATES: readonly ArchiveState[] = [
  'ENABLED',
  'DISABLED',
  'CREATING',
  'UPDATING',
  'CREATE_FAILED',
  'UPDATE_FAILED',
];

const REPLAY_STATES: readonly ReplayState[] = ['STARTING', 'RUNNING', 'CANCELLING', 'COMPLETED', 'CANCELLED', 'FAILED'];

interface ArchiveInput {
  readonly ArchiveName: string | undefined;
}

interface ReplayInput {
  readonly ReplayName: string | undefined;
}

export function archiveOperations({ archives, replays, buses }: EventBridge) {
  const onArchive =
    (action: string) =>
    ({ ArchiveName = '' }: ArchiveInput, call: Call): Access[] => [
      { action: `events:${action}`, resource: archiveArn(call, ArchiveName) },
    ];
  const onReplay =
    (action: string) =>
    ({ ReplayName = '' }: ReplayInput, call: Call): Access[] => [
      { action: `events:${action}`, resource: replayArn(call, ReplayName) },
    ];
  const anywhere = (action: string) => (): Access[] => [{ action: `events:${action}`, resource: '*' }];
  const archiveShape = (archive: Archive, call: Call) => {
    const { count, bytes } = archives.size(archive);
    return {
      ArchiveName: archive.name,
      EventSourceArn: busArn(call, archive.bus),
      State: 'ENABLED' as const,
      RetentionDays: archive.retentionDays,
      SizeBytes: bytes,
      EventCount: count,
      CreationTime: new Date(archive.createdAt),
    };
  };
  const answerOf = (archive: Archive, call: Call) => ({
    ArchiveArn: archiveArn(call, archive.name),
    State: 'ENABLED' as const,
    CreationTime: new Date(archive.createdAt),
  });
  const replayShape = (replay: Replay, call: Call) => ({
    ReplayName: replay.name,
    EventSourceArn: archiveArn(call, replay.archive),
    State: replay.state,
    StateReason: replay.reason,
    EventStartTime: new Date(replay.from),
    EventEndTime: new Date(replay.to),
    ...(replay.last && { EventLastReplayedTime: new Date(replay.last.at) }),
    ReplayStartTime: new Date(replay.startedAt),
    ...(replay.endedAt !== undefined && { ReplayEndTime: new Date(replay.endedAt) }),
  });

  return {
    CreateArchive: {
      access: ({ ArchiveName = '', EventSourceArn = '' }: CreateArchiveCommandInput, call: Call): Access[] => [
        { action: 'events:CreateArchive', resource: archiveArn(call, ArchiveName) },
        { action: 'events:CreateArchive', resource: EventSourceArn },
      ],
      run: (input: CreateArchiveCommandInput, call: Call) => {
        const archive: Archive = {
          region: call.region,
          name: input.ArchiveName ?? '',
          bus: buses.require(call.region, input.EventSourceArn).name,
          description: input.Description,
          pattern: input.EventPattern,
          retentionDays: input.RetentionDays ?? 0,
          createdAt: call.now,
        };
        archives.create(archive);
        return answerOf(archive, call);
      },
    },
    UpdateArchive: {
      access: onArchive('UpdateArchive'),
      run: (input: UpdateArchiveCommandInput, call: Call) => {
        const before = archives.require(call.region, input.ArchiveName);
        const archive: Archive = {
          ...before,
          description: input.Description ?? before.description,
          pattern: input.EventPattern ?? before.pattern,
          retentionDays: input.RetentionDays ?? before.retentionDays,
        };
        archives.save(archive);
        return answerOf(archive, call);
      },
    },
    DescribeArchive: {
      access: onArchive('DescribeArchive'),
      run: (input: DescribeArchiveCommandInput, call: Call) => {
        const archive = archives.require(call.region, input.ArchiveName);
        return {
          ...archiveShape(archive, call),
          ArchiveArn: archiveArn(call, archive.name),
          Description: archive.description,
          EventPattern: archive.pattern,
        };
      },
    },
    DeleteArchive: {
      access: onArchive('DeleteArchive'),
      run: (input: ArchiveInput, { region }: Call) => {
        archives.delete(archives.require(region, input.ArchiveName));
        return {};
      },
    },
    ListArchives: {
      access: anywhere('ListArchives'),
      run: (input: ListArchivesCommandInput, call: Call) => {
        const given = [input.NamePrefix, input.EventSourceArn, input.State].filter((value) => value !== undefined);
        if (given.length > 1)
          throw validation(
            'At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.',
          );
        requireOneOf(input.State, 'state', ARCHIVE_STATES, validation);
        const found = archives
          .list(call.region)
          .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
          .filter(({ bus }) => input.EventSourceArn === undefined || bus === busName(input.EventSourceArn))
          .filter(() => input.State === undefined || input.State === 'ENABLED');
        const { items, rest } = page(found, byName, input);
        return { Archives: items.map((archive) => archiveShape(archive, call)), ...rest };
      },
    },
    StartReplay: {
      access: onReplay('StartReplay'),
      run: (input: StartReplayCommandInput, call: Call) => {
        const name = /:archive\/(.+)$/.exec(input.EventSourceArn ?? '')?.[1];
        const archive = archives.require(call.region, name ?? input.EventSourceArn);
        const { Arn = '', FilterArns } = input.Destination ?? {};
        if (Arn !== busArn(call, archive.bus)) {
          throw validation('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.');
        }
        const [from, to] = [input.EventStartTime!.getTime(), input.EventEndTime!.getTime()];
        if (from >= to) {
          throw validation('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.');
        }
        const replay: Replay = {
          region: call.region,
          name: input.ReplayName ?? '',
          description: input.Description,
          archive: archive.name,
          bus: archive.bus,
          rules: FilterArns && FilterArns.length > 0 ? FilterArns : undefined,
          from,
          to,
          state: 'STARTING',
          startedAt: call.now,
        };
        replays.start(replay);
        return { ReplayArn: replayArn(call, replay.name), State: replay.state, ReplayStartTime: new Date(call.now) };
      },
    },
    DescribeReplay: {
      access: onReplay('DescribeReplay'),
      run: (input: ReplayInput, call: Call) => {
        const replay = replays.require(call.region, input.ReplayName);
        return {
          ...replayShape(replay, call),
          ReplayArn: replayArn(call, replay.name),
          Description: replay.description,
          Destination: { Arn: busArn(call, replay.bus), FilterArns: replay.rules && [...replay.rules] },
        };
      },
    },
    CancelReplay: {
      access: onReplay('CancelReplay'),
      run: (input: ReplayInput, call: Call) => {
        const { name, state } = replays.cancel(replays.require(call.region, input.ReplayName));
        return { ReplayArn: replayArn(call, name), State: state };
      },
    },
    ListReplays: {
      access: anywhere('ListReplays'),
      run: (input: ListReplaysCommandInput, call: Call) => {
        requireOneOf(input.State, 'state', REPLAY_STATES, validation);
        const given = [input.NamePrefix, input.EventSourceArn, input.State].filter((value) => value !== undefined);
        if (given.length > 1)
          throw validation(
            'At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.',
          );
        const found = replays
          .list(call.region)
          .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
          .filter(({ state }) => input.State === undefined || state === input.State)
          .filter(({ archive }) => !input.EventSourceArn || archiveArn(call, archive) === input.EventSourceArn);
        const { items, rest } = page(found, byName, input);
        return { Replays: items.map((replay) => replayShape(replay, call)), ...rest };
      },
    },
  };
}

const replayArn = ({ region, account }: Call, name: string): string =>
  `arn:aws:events:${region}:${account}:replay/${name}`;
