// aws_cloudtrail. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail
import type {
  AdvancedEventSelector,
  AdvancedFieldSelector,
  EventSelector,
  GetEventSelectorsResponse,
} from '@aws-sdk/client-cloudtrail';

import { orNull } from '../../terraform/or-null.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { DEFAULT_SELECTORS } from './selectors.ts';
import type { TrailOperations } from './trail-operations.ts';

export const cloudtrailResource: ResourceType = {
  type: 'aws_cloudtrail',
  replace: ['name'],
  defaults: {
    enable_logging: true,
    enable_log_file_validation: false,
    include_global_service_events: true,
    is_multi_region_trail: false,
    is_organization_trail: false,
    'event_selector.read_write_type': 'All',
    'event_selector.include_management_events': true,
  },
  validate: (config) => [
    ...(config['event_selector']?.length > 0 && config['advanced_event_selector']?.length > 0
      ? [{ attribute: 'event_selector', message: 'conflicts with advanced_event_selector' }]
      : []),
    ...refusedAttributes(config, ['insight_selector', 'is_organization_trail']),
  ],
  async create(planned, context) {
    const cloudtrail = clientOf(context);
    const TagsList = Object.entries((planned['tags_all'] ?? {}) as Record<string, string>).map(([Key, Value]) => ({
      Key,
      Value,
    }));
    const { TrailARN } = await cloudtrail('CreateTrail', {
      Name: planned['name'],
      ...settingsOf(planned),
      ...(TagsList.length > 0 && { TagsList }),
    });
    context.created({ id: TrailARN!, arn: TrailARN! });
    await syncSelectors(TrailARN!, planned, context);
    if (planned['enable_logging'] !== false) await cloudtrail('StartLogging', { Name: TrailARN });
    return { id: TrailARN! };
  },
  async read({ id }, context) {
    const cloudtrail = clientOf(context);
    const found = await orNull(cloudtrail('GetTrail', { Name: id }), 'TrailNotFoundException');
    if (!found) return null;
    const { Trail: trail } = found;
    const { IsLogging } = await cloudtrail('GetTrailStatus', { Name: id });
    const { EventSelectors = [], AdvancedEventSelectors = [] }: GetEventSelectorsResponse = await cloudtrail(
      'GetEventSelectors',
      { TrailName: id },
    );
    const { ResourceTagList } = await cloudtrail('ListTags', { ResourceIdList: [id] });
    return {
      arn: trail.TrailARN,
      name: trail.Name,
      home_region: trail.HomeRegion,
      s3_bucket_name: trail.S3BucketName,
      s3_key_prefix: trail.S3KeyPrefix ?? '',
      sns_topic_name: trail.SnsTopicName ?? '',
      sns_topic_arn: trail.SnsTopicARN ?? '',
      cloud_watch_logs_group_arn: trail.CloudWatchLogsLogGroupArn ?? '',
      cloud_watch_logs_role_arn: trail.CloudWatchLogsRoleArn ?? '',
      kms_key_id: trail.KmsKeyId ?? '',
      include_global_service_events: trail.IncludeGlobalServiceEvents,
      is_multi_region_trail: trail.IsMultiRegionTrail,
      is_organization_trail: trail.IsOrganizationTrail,
      enable_log_file_validation: trail.LogFileValidationEnabled,
      enable_logging: IsLogging,
      event_selector: trail.HasCustomEventSelectors ? EventSelectors.map(selectorAttributes) : [],
      advanced_event_selector: AdvancedEventSelectors.map(({ Name, FieldSelectors = [] }) => ({
        name: Name ?? '',
        field_selector: FieldSelectors.map(fieldAttributes),
      })),
      insight_selector: [],
      tags_all: Object.fromEntries(ResourceTagList[0]!.TagsList.map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const cloudtrail = clientOf(context);
    const Name: string = prior['id'];
    await cloudtrail('UpdateTrail', { Name, ...settingsOf(planned) });
    await syncSelectors(Name, planned, context);
    if (prior['enable_logging'] !== planned['enable_logging']) {
      await cloudtrail(planned['enable_logging'] === false ? 'StopLogging' : 'StartLogging', { Name });
    }
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) {
      await cloudtrail('RemoveTags', { ResourceId: Name, TagsList: tags.removed.map((Key) => ({ Key })) });
    }
    if (Object.keys(tags.set).length > 0) {
      const TagsList = Object.entries(tags.set).map(([Key, Value]) => ({ Key, Value }));
      await cloudtrail('AddTags', { ResourceId: Name, TagsList });
    }
  },
  async delete({ id }, context) {
    await clientOf(context)('DeleteTrail', { Name: id });
  },
  importState: (id, { region, account }) => ({
    id: id.startsWith('arn:') ? id : `arn:aws:cloudtrail:${region}:${account}:trail/${id}`,
  }),
};

const clientOf = (context: ResourceContext) => context.client<TrailOperations>('cloudtrail');

const settingsOf = (planned: Attributes) => ({
  S3BucketName: planned['s3_bucket_name'] as string,
  S3KeyPrefix: (planned['s3_key_prefix'] ?? '') as string,
  SnsTopicName: (planned['sns_topic_name'] ?? '') as string,
  IncludeGlobalServiceEvents: planned['include_global_service_events'] as boolean,
  IsMultiRegionTrail: planned['is_multi_region_trail'] as boolean,
  EnableLogFileValidation: planned['enable_log_file_validation'] as boolean,
  KmsKeyId: (planned['kms_key_id'] ?? '') as string,
  CloudWatchLogsLogGroupArn: (planned['cloud_watch_logs_group_arn'] ?? '') as string,
  CloudWatchLogsRoleArn: (planned['cloud_watch_logs_role_arn'] ?? '') as string,
});

async function syncSelectors(TrailName: string, planned: Attributes, context: ResourceContext): Promise<void> {
  const advanced = (planned['advanced_event_selector'] ?? []) as Attributes[];
  if (advanced.length > 0) {
    const AdvancedEventSelectors = advanced.map(({ name, field_selector: fields }): AdvancedEventSelector => ({
      Name: name || undefined,
      FieldSelectors: ((fields ?? []) as Attributes[]).map(fieldSelectorOf),
    }));
    await clientOf(context)('PutEventSelectors', { TrailName, AdvancedEventSelectors });
    return;
  }
  const wanted = (planned['event_selector'] ?? []) as Attributes[];
  const EventSelectors = wanted.length > 0 ? wanted.map(selectorOf) : [...DEFAULT_SELECTORS];
  await clientOf(context)('PutEventSelectors', { TrailName, EventSelectors });
}

const OPERATORS = {
  equals: 'Equals',
  starts_with: 'StartsWith',
  ends_with: 'EndsWith',
  not_equals: 'NotEquals',
  not_starts_with: 'NotStartsWith',
  not_ends_with: 'NotEndsWith',
} as const;

const fieldSelectorOf = (block: Attributes): AdvancedFieldSelector => ({
  Field: block['field'],
  ...Object.fromEntries(
    Object.entries(OPERATORS).flatMap(([argument, operator]) =>
      block[argument]?.length > 0 ? [[operator, block[argument]]] : [],
    ),
  ),
});

const fieldAttributes = (selector: AdvancedFieldSelector): Attributes => ({
  field: selector.Field,
  ...Object.fromEntries(Object.entries(OPERATORS).map(([argument, operator]) => [argument, selector[operator]])),
});

const selectorOf = (block: Attributes): EventSelector => ({
  ReadWriteType: block['read_write_type'],
  IncludeManagementEvents: block['include_management_events'],
  ExcludeManagementEventSources: block['exclude_management_event_sources'] ?? [],
  DataResources: ((block['data_resource'] ?? []) as Attributes[]).map(({ type, values }) => ({
    Type: type,
    Values: values,
  })),
});

const selectorAttributes = (selector: EventSelector): Attributes => ({
  read_write_type: selector.ReadWriteType,
  include_management_events: selector.IncludeManagementEvents,
  exclude_management_event_sources: selector.ExcludeManagementEventSources?.length
    ? selector.ExcludeManagementEventSources
    : null,
  data_resource: (selector.DataResources ?? []).map(({ Type, Values }) => ({ type: Type, values: Values })),
});
