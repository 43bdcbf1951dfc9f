// Trails as an API. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
import type {
  AddTagsCommandInput,
  CreateTrailCommandInput,
  DescribeTrailsCommandInput,
  ListPublicKeysCommandInput,
  ListTagsCommandInput,
  PutEventSelectorsCommandInput,
  RemoveTagsCommandInput,
  Tag,
  UpdateTrailCommandInput,
} from '@aws-sdk/client-cloudtrail';

import { requestTags, resourceTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { readAdvancedSelectors } from './advanced-selectors.ts';
import type { DigestKeys } from './digest-keys.ts';
import { invalidParameters, invalidSelectors, invalidTimeRange, unsupported } from './errors.ts';
import { DEFAULT_SELECTORS, readSelectors } from './selectors.ts';
import type { TrailDelivery } from './trail-delivery.ts';
import type { Trail } from './trail.ts';
import { trailArn, trailShape, type StoredTrail, type Trails } from './trails.ts';

export type TrailOperations = ReturnType<typeof trailOperations>;

interface Named {
  readonly Name?: string | undefined;
}

export function trailOperations(trail: Trail, trails: Trails, delivery: TrailDelivery, keys: DigestKeys) {
  const on = (action: string, name: string | undefined, call: Call, context: Access['context'] = {}): Access => {
    const found = trails.find(call.region, name ?? '');
    const facts = found ? resourceTags(found.tags) : {};
    return {
      action: `cloudtrail:${action}`,
      resource: found?.arn ?? trailArn(call, name),
      context: { ...facts, ...context },
    };
  };
  const onNamed =
    (action: string) =>
    ({ Name }: Named, call: Call): Access[] => [on(action, Name, call)];
  const home = ({ Name }: Named, { region }: Call): StoredTrail => trails.require(region, Name);

  return {
    CreateTrail: {
      access: (input: CreateTrailCommandInput, call: Call): Access[] => {
        const tags = fromTags(input.TagsList);
        const access = on('CreateTrail', input.Name, call, requestTags(tags));
        return [access, ...taggingAccess('cloudtrail:AddTags', access.resource, tags), ...passRole(input)];
      },
      run: async (input: CreateTrailCommandInput, call: Call) => {
        const created: StoredTrail = {
          name: input.Name ?? '',
          arn: trailArn(call, input.Name),
          region: call.region,
          bucket: input.S3BucketName!,
          globalServices: true,
          multiRegion: false,
          ...settingsOf(input, call),
          selectors: DEFAULT_SELECTORS,
          tags: fromTags(input.TagsList),
          logging: false,
          deliveredId: 0,
        };
        trails.requireNew(created);
        await delivery.requireBucket(created);
        trails.create(created);
        return answerOf(created);
      },
    },
    UpdateTrail: {
      access: (input: UpdateTrailCommandInput, call: Call): Access[] => [
        on('UpdateTrail', input.Name, call),
        ...passRole(input),
      ],
      run: async (input: UpdateTrailCommandInput, call: Call) => {
        const before = home(input, call);
        const settings = settingsOf(input, call);
        await delivery.requireBucket({ ...before, ...settings });
        if (before.validated && settings.validated === false) await delivery.endDigests(before);
        // What was delivered meanwhile stays delivered.
        const updated: StoredTrail = { ...home(input, call), ...settings };
        // Another log group is told from where the trail is.
        const moved = updated.logGroupArn !== before.logGroupArn;
        trails.save({ ...updated, ...(moved && { logsId: updated.deliveredId }) });
        return answerOf(updated);
      },
    },
    DeleteTrail: {
      access: onNamed('DeleteTrail'),
      run: async (input: Named, call: Call) => {
        await delivery.endDigests(home(input, call));
        trails.delete(home(input, call));
        return {};
      },
    },
    GetTrail: {
      access: onNamed('GetTrail'),
      run: (input: Named, call: Call) => ({ Trail: trailShape(home(input, call)) }),
    },
    DescribeTrails: {
      access: (): Access[] => [{ action: 'cloudtrail:DescribeTrails', resource: '*' }],
      run: ({ trailNameList: names, includeShadowTrails = true }: DescribeTrailsCommandInput, { region }: Call) => ({
        trailList: trails
          .visible(region)
          .filter((each) => includeShadowTrails || each.region === region)
          .filter(({ name, arn }) => !names || names.length === 0 || names.includes(name) || names.includes(arn))
          .map(trailShape),
      }),
    },
    ListTrails: {
      access: (): Access[] => [{ action: 'cloudtrail:ListTrails', resource: '*' }],
      run: () => ({
        Trails: trails.list().map(({ name, arn, region }) => ({ Name: name, TrailARN: arn, HomeRegion: region })),
      }),
    },
    StartLogging: {
      access: onNamed('StartLogging'),
      run: async (input: Named, call: Call) => {
        const found = home(input, call);
        if (found.logging) return {};
        // What was called while it was off is not delivered.
        await trail.flush();
        const { stoppedAt: _, draining: __, ...rest } = home(input, call);
        const position = trail.lastId();
        trails.save({ ...rest, logging: true, startedAt: call.now, deliveredId: position, logsId: position });
        return {};
      },
    },
    StopLogging: {
      access: onNamed('StopLogging'),
      run: (input: Named, call: Call) => {
        const found = home(input, call);
        if (found.logging) trails.save({ ...found, logging: false, draining: true, stoppedAt: call.now });
        return {};
      },
    },
    GetTrailStatus: {
      access: onNamed('GetTrailStatus'),
      run: (input: Named, call: Call) => {
        const { logging, startedAt, stoppedAt, deliveredAt, deliveryError, ...ways } = home(input, call);
        const date = (moment: number | undefined) => (moment === undefined ? undefined : new Date(moment));
        const text = (moment: number | undefined) =>
          moment === undefined ? '' : `${new Date(moment).toISOString().slice(0, 19)}Z`;
        return {
          IsLogging: logging,
          LatestDeliveryTime: date(deliveredAt),
          LatestDeliveryError: deliveryError,
          LatestCloudWatchLogsDeliveryTime: date(ways.logsAt),
          LatestCloudWatchLogsDeliveryError: ways.logsError,
          LatestDigestDeliveryTime: date(ways.digestAt),
          LatestDigestDeliveryError: ways.digestError,
          LatestNotificationTime: date(ways.notifiedAt),
          LatestNotificationError: ways.notificationError,
          StartLoggingTime: date(startedAt),
          StopLoggingTime: date(stoppedAt),
          TimeLoggingStarted: text(startedAt),
          TimeLoggingStopped: text(stoppedAt),
          LatestDeliveryAttemptTime: text(deliveredAt),
          LatestDeliveryAttemptSucceeded: deliveryError === undefined ? text(deliveredAt) : '',
          LatestNotificationAttemptTime: text(ways.notifiedAt),
          LatestNotificationAttemptSucceeded: ways.notificationError === undefined ? text(ways.notifiedAt) : '',
        };
      },
    },
    ListPublicKeys: {
      access: (): Access[] => [{ action: 'cloudtrail:ListPublicKeys', resource: '*' }],
      run: ({ StartTime, EndTime }: ListPublicKeysCommandInput, { region, now }: Call) => {
        const [from, to] = [StartTime?.getTime() ?? now, EndTime?.getTime() ?? now];
        if (from > to) throw invalidTimeRange();
        return { PublicKeyList: keys.list(region, from, to) };
      },
    },
    PutEventSelectors: {
      access: ({ TrailName }: PutEventSelectorsCommandInput, call: Call) => [on('PutEventSelectors', TrailName, call)],
      run: (input: PutEventSelectorsCommandInput, { region }: Call) => {
        const { EventSelectors: basic = [], AdvancedEventSelectors: advanced = [] } = input;
        const found = trails.require(region, input.TrailName);
        if (advanced.length === 0) {
          const selectors = readSelectors(basic);
          trails.save({ ...found, selectors, advancedSelectors: undefined });
          return { TrailARN: found.arn, EventSelectors: selectors };
        }
        if (basic.length > 0)
          throw invalidSelectors('A trail has event selectors or advanced event selectors, not both.');
        const advancedSelectors = readAdvancedSelectors(advanced);
        trails.save({ ...found, advancedSelectors });
        return { TrailARN: found.arn, AdvancedEventSelectors: advancedSelectors };
      },
    },
    GetEventSelectors: {
      access: ({ TrailName }: { TrailName: string | undefined }, call: Call) => [
        on('GetEventSelectors', TrailName, call),
      ],
      run: ({ TrailName }: { TrailName: string | undefined }, { region }: Call) => {
        const { arn, selectors, advancedSelectors } = trails.require(region, TrailName);
        return {
          TrailARN: arn,
          ...(advancedSelectors
            ? { AdvancedEventSelectors: [...advancedSelectors] }
            : { EventSelectors: [...selectors] }),
        };
      },
    },
    AddTags: {
      access: ({ ResourceId, TagsList }: AddTagsCommandInput, call: Call) => [
        on('AddTags', ResourceId, call, requestTags(fromTags(TagsList))),
      ],
      run: ({ ResourceId, TagsList }: AddTagsCommandInput, { region }: Call) => {
        const found = trails.require(region, ResourceId);
        trails.save({ ...found, tags: { ...found.tags, ...fromTags(TagsList) } });
        return {};
      },
    },
    RemoveTags: {
      access: ({ ResourceId, TagsList = [] }: RemoveTagsCommandInput, call: Call) => [
        on('RemoveTags', ResourceId, call, { 'aws:TagKeys': TagsList.map(({ Key = '' }) => Key) }),
      ],
      run: ({ ResourceId, TagsList = [] }: RemoveTagsCommandInput, { region }: Call) => {
        const found = trails.require(region, ResourceId);
        const gone = new Set(TagsList.map(({ Key }) => Key));
        const tags = Object.fromEntries(Object.entries(found.tags).filter(([key]) => !gone.has(key)));
        trails.save({ ...found, tags });
        return {};
      },
    },
    ListTags: {
      access: ({ ResourceIdList = [] }: ListTagsCommandInput, call: Call) =>
        ResourceIdList.map((id) => on('ListTags', id, call)),
      run: ({ ResourceIdList = [] }: ListTagsCommandInput, { region }: Call) => ({
        ResourceTagList: ResourceIdList.map((ResourceId) => ({
          ResourceId,
          TagsList: Object.entries(trails.require(region, ResourceId).tags).map(([Key, Value]) => ({ Key, Value })),
        })),
      }),
    },
  };
}

type Input = Omit<UpdateTrailCommandInput, 'Name'>;

/** What a request says of a trail; what it leaves out stays, and an empty text takes away. */
function settingsOf(input: Input, { region, account }: Call): Partial<StoredTrail> {
  if (input.IsOrganizationTrail) throw unsupported('A trail of an organization');
  if ((input.CloudWatchLogsLogGroupArn === undefined) !== (input.CloudWatchLogsRoleArn === undefined)) {
    throw invalidParameters('A log group of CloudWatch Logs and a role go together.');
  }
  const { SnsTopicName: topic } = input;
  const given = {
    bucket: input.S3BucketName,
    prefix: input.S3KeyPrefix,
    topic: topic && !topic.startsWith('arn:') ? `arn:aws:sns:${region}:${account}:${topic}` : topic,
    globalServices: input.IncludeGlobalServiceEvents,
    multiRegion: input.IsMultiRegionTrail,
    validated: input.EnableLogFileValidation,
    kmsKeyId: input.KmsKeyId,
    logGroupArn: input.CloudWatchLogsLogGroupArn,
    logRoleArn: input.CloudWatchLogsRoleArn,
  };
  if (given.multiRegion && given.globalServices === false) {
    throw invalidParameters('Multi-Region trail must include global service events.');
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value === '' ? undefined : value]],
    ),
  );
}

const passRole = ({ CloudWatchLogsRoleArn: role }: Input): Access[] =>
  role
    ? [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'cloudtrail.amazonaws.com' } }]
    : [];

const fromTags = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

function answerOf(trail: StoredTrail) {
  const { HomeRegion: _, HasCustomEventSelectors: __, HasInsightSelectors: ___, ...answer } = trailShape(trail);
  return answer;
}
