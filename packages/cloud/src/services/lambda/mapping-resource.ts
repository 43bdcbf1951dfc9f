// aws_lambda_event_source_mapping.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_event_source_mapping
import { orNull } from '../../terraform/or-null.ts';
import { rangeProblems } from '../../terraform/problems.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { rfc3339 } from '../../terraform/times.ts';
import type { LambdaOperations } from './operations.ts';

/** Arguments of mappings of other sources than queues and streams, and those that are not supported. */
const OTHER_ARGUMENTS = [
  'amazon_managed_kafka_event_source_config',
  'document_db_event_source_config',
  'kms_key_arn',
  'provisioned_poller_config',
  'queues',
  'self_managed_event_source',
  'self_managed_kafka_event_source_config',
  'source_access_configuration',
  'starting_position_timestamp',
  'topics',
  'tumbling_window_in_seconds',
];

const SETTINGS = [
  'metrics_config',
  'parallelization_factor',
  'destination_config',
  'bisect_batch_on_function_error',
  'maximum_record_age_in_seconds',
  'maximum_retry_attempts',
  'batch_size',
  'enabled',
  'filter_criteria',
  'function_name',
  'function_response_types',
  'maximum_batching_window_in_seconds',
  'scaling_config',
];

const usualBatch = (sourceArn: string | undefined): number => (sourceArn?.includes(':dynamodb:') ? 100 : 10);

export const mappingResource: ResourceType = {
  type: 'aws_lambda_event_source_mapping',
  replace: ['event_source_arn', 'starting_position'],
  defaults: { enabled: true },
  // A function is named by its name, its ARN or parts of it: what is after the last colon is the same.
  same: { function_name: (before, next) => nameOf(before) === nameOf(next) },
  validate: (config) => [
    ...refusedAttributes(config, OTHER_ARGUMENTS),
    ...rangeProblems(config, 'maximum_batching_window_in_seconds', 0, 300),
  ],
  recomputes: (prior, planned) =>
    SETTINGS.some((name) => JSON.stringify(prior[name]) !== JSON.stringify(planned[name]))
      ? ['last_modified', 'last_processing_result', 'state', 'state_transition_reason', 'function_arn']
      : [],
  async create(planned, context) {
    const { UUID } = await clientOf(context)('CreateEventSourceMapping', {
      ...settingsOf(planned),
      FunctionName: planned['function_name'],
      EventSourceArn: planned['event_source_arn'],
      StartingPosition: planned['starting_position'] || undefined,
      Tags: planned['tags_all'] ?? {},
    });
    return { id: UUID };
  },
  async read({ id, function_name: named, batch_size: size }, context) {
    const lambda = clientOf(context);
    const found = await orNull(lambda('GetEventSourceMapping', { UUID: id }), 'ResourceNotFoundException');
    if (!found) return null;
    const { Tags } = await lambda('ListTags', { Resource: found.EventSourceMappingArn });
    const { FilterCriteria: filters, ScalingConfig: scaling } = found;
    const failures = found.DestinationConfig?.OnFailure?.Destination;
    return {
      uuid: found.UUID,
      arn: found.EventSourceMappingArn,
      event_source_arn: found.EventSourceArn,
      function_arn: found.FunctionArn,
      function_name: named ?? found.FunctionArn,
      // Unset where nobody set it, as hashicorp/aws leaves it.
      batch_size: found.BatchSize === usualBatch(found.EventSourceArn) && !size ? undefined : found.BatchSize,
      enabled: found.State === 'Enabled',
      state: found.State,
      state_transition_reason: found.StateTransitionReason,
      last_modified: rfc3339(found.LastModified),
      last_processing_result: found.LastProcessingResult,
      function_response_types: found.FunctionResponseTypes,
      maximum_batching_window_in_seconds: found.MaximumBatchingWindowInSeconds || undefined,
      filter_criteria: filters
        ? [{ filter: (filters.Filters ?? []).map(({ Pattern }) => ({ pattern: Pattern })) }]
        : [],
      scaling_config: scaling ? [{ maximum_concurrency: scaling.MaximumConcurrency }] : [],
      metrics_config: found.MetricsConfig ? [{ metrics: found.MetricsConfig.Metrics }] : [],
      starting_position: found.StartingPosition,
      destination_config: failures ? [{ on_failure: [{ destination_arn: failures }] }] : [],
      bisect_batch_on_function_error: found.BisectBatchOnFunctionError || undefined,
      maximum_record_age_in_seconds: found.MaximumRecordAgeInSeconds ?? 0,
      maximum_retry_attempts: found.MaximumRetryAttempts ?? 0,
      parallelization_factor: found.ParallelizationFactor ?? 0,
      tags_all: Tags,
    };
  },
  async update(prior, planned, context) {
    const lambda = clientOf(context);
    await lambda('UpdateEventSourceMapping', {
      ...settingsOf(planned),
      UUID: prior['id'],
      ...(nameOf(prior['function_name']) !== nameOf(planned['function_name']) && {
        FunctionName: planned['function_name'],
      }),
    });
    const { set, removed } = tagChanges(prior, planned);
    const Resource: string = prior['arn'];
    if (removed.length > 0) await lambda('UntagResource', { Resource, TagKeys: removed });
    if (Object.keys(set).length > 0) await lambda('TagResource', { Resource, Tags: set });
  },
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteEventSourceMapping', { UUID: id }), 'ResourceNotFoundException');
  },
};

const clientOf = (context: ResourceContext) => context.client<LambdaOperations>('lambda');

const nameOf = (text: string): string => text.slice(text.lastIndexOf(':function:') + 1).replace(/^function:/, '');

function settingsOf(planned: Attributes) {
  const [filters] = (planned['filter_criteria'] ?? []) as Attributes[];
  const [scaling] = (planned['scaling_config'] ?? []) as Attributes[];
  const destination: string | undefined = planned['destination_config']?.[0]?.['on_failure']?.[0]?.['destination_arn'];
  const patterns = ((filters?.['filter'] ?? []) as Attributes[]).map((filter) => ({
    Pattern: filter['pattern'] as string,
  }));
  return {
    BatchSize: (planned['batch_size'] as number | undefined) || usualBatch(planned['event_source_arn']),
    Enabled: (planned['enabled'] as boolean | undefined) ?? true,
    FilterCriteria: { Filters: patterns },
    FunctionResponseTypes: [...((planned['function_response_types'] ?? []) as 'ReportBatchItemFailures'[])],
    MaximumBatchingWindowInSeconds: (planned['maximum_batching_window_in_seconds'] as number | undefined) ?? 0,
    MetricsConfig: { Metrics: [...((planned['metrics_config']?.[0]?.['metrics'] ?? []) as 'EventCount'[])] },
    ScalingConfig: scaling ? { MaximumConcurrency: scaling['maximum_concurrency'] as number } : {},
    ...(planned['starting_position'] && {
      MaximumRetryAttempts: (planned['maximum_retry_attempts'] as number | undefined) ?? undefined,
      MaximumRecordAgeInSeconds: (planned['maximum_record_age_in_seconds'] as number | undefined) || undefined,
      ParallelizationFactor: (planned['parallelization_factor'] as number | undefined) || undefined,
      BisectBatchOnFunctionError: (planned['bisect_batch_on_function_error'] as boolean | undefined) ?? false,
      DestinationConfig: { OnFailure: { Destination: destination ?? '' } },
    }),
  };
}
