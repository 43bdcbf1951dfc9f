// Our schema, extracted from 6.66's bindings, against the real provider's own at 5.100: every difference has a known reason.
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { extractSchema, printSchema } from '../../scripts/extract.ts';
import { isNestedType, providerSchema, typeOf, type Block, type ProviderSchema } from './schema.ts';

const ours = providerSchema();
const real = JSON.parse(readFileSync(new URL('./reference/schema.json', import.meta.url), 'utf8')) as ProviderSchema;

/**
 * What later releases than 5.100 changed, and those lines of it that the captured schema does not have: it was written
 * down without descriptions, which took the attributes of that name along. A line that no longer differs fails the test.
 */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'lost with the descriptions': [
    'aws_cloudwatch_event_archive.description is new',
    'aws_cloudwatch_event_bus.description is new',
    'aws_cloudwatch_event_rule.description is new',
    'aws_codebuild_project.description is new',
    'aws_iam_policy.description is new',
    'aws_iam_role.description is new',
    'aws_iam_service_linked_role.description is new',
    'aws_kms_external_key.description is new',
    'aws_kms_key.description is new',
    'aws_kms_replica_key.description is new',
    'aws_lambda_alias.description is new',
    'aws_lambda_function.description is new',
    'aws_scheduler_schedule.description is new',
    'aws_secretsmanager_secret.description is new',
    'aws_ssm_parameter.description is new',
    'data.aws_iam_role.description is new',
    'data.aws_kms_key.description is new',
    'data.aws_region.description is new',
    'data.aws_secretsmanager_secret.description is new',
  ],
  '6.0 gives every regional type a region, so a bucket says its own in bucket_region': [
    'aws_s3_bucket.bucket_region is new',
    'aws_s3_bucket.region has flags "oc", had "c"',
    'data.aws_s3_bucket.bucket_region is new',
    'data.aws_s3_bucket.region has flags "oc", had "c"',
  ],
  'new features of AWS': [
    'aws_cloudwatch_event_archive.kms_key_identifier is new',
    'aws_cloudwatch_event_bus.log_config is new',
    'aws_cloudwatch_log_group.deletion_protection_enabled is new',
    'aws_cloudwatch_log_metric_filter.apply_on_transformed_logs is new',
    'aws_cloudwatch_log_resource_policy.policy_name has flags "o", had "r"',
    'aws_cloudwatch_log_resource_policy.policy_scope is new',
    'aws_cloudwatch_log_resource_policy.resource_arn is new',
    'aws_cloudwatch_log_resource_policy.revision_id is new',
    'aws_cloudwatch_log_subscription_filter.apply_on_transformed_logs is new',
    'aws_cloudwatch_log_subscription_filter.emit_system_fields is new',
    'aws_cloudwatch_metric_alarm.evaluation_criteria is new',
    'aws_cloudwatch_metric_alarm.evaluation_interval is new',
    'aws_cloudwatch_metric_alarm.warm_up_configuration is new',
    'aws_codebuild_project.auto_retry_limit is new',
    'aws_codebuild_project.cache.cache_namespace is new',
    'aws_codebuild_project.environment.docker_server is new',
    'aws_codebuild_project.environment.host_kernel is new',
    'aws_dynamodb_table.global_secondary_index.warm_throughput is new',
    'aws_dynamodb_table.global_table_witness is new',
    'aws_dynamodb_table.replica.consistency_mode is new',
    'aws_dynamodb_table.replica.deletion_protection_enabled is new',
    'aws_dynamodb_table.restore_backup_arn is new',
    'aws_dynamodb_table.warm_throughput is new',
    'aws_lambda_event_source_mapping.amazon_managed_kafka_event_source_config.schema_registry_config is new',
    'aws_lambda_event_source_mapping.provisioned_poller_config.poller_group_name is new',
    'aws_lambda_event_source_mapping.self_managed_kafka_event_source_config.schema_registry_config is new',
    'aws_lambda_event_source_mapping.timeouts is new',
    'aws_lambda_event_source_mapping.use_resource_timeout_for_propagation is new',
    'aws_lambda_function.capacity_provider_config is new',
    'aws_lambda_function.durable_config is new',
    'aws_lambda_function.publish_to is new',
    'aws_lambda_function.response_streaming_invoke_arn is new',
    'aws_lambda_function.source_kms_key_arn is new',
    'aws_lambda_function.tenancy_config is new',
    'aws_lambda_permission.invoked_via_function_url is new',
    'aws_kms_external_key.key_spec is new',
    'aws_s3_bucket.bucket_namespace is new',
    'aws_scheduler_schedule.action_after_completion is new',
    'aws_s3_bucket_server_side_encryption_configuration.rule.blocked_encryption_types is new',
    'aws_secretsmanager_secret.type is new',
    'aws_secretsmanager_secret_rotation.external_secret_rotation_metadata is new',
    'aws_secretsmanager_secret_rotation.external_secret_rotation_role_arn is new',
    'aws_secretsmanager_secret_rotation.rotation_rules is list 0-1, was list 1-1',
    'data.aws_secretsmanager_secret.type is new',
  ],
  'indexes of several attributes: key_schema says what hash_key and range_key said': [
    'aws_dynamodb_table.global_secondary_index.hash_key has flags "oc", had "r"',
    'aws_dynamodb_table.global_secondary_index.key_schema is new',
  ],
  'new in the provider only': [
    'aws_cloudwatch_query_definition.arn is new',
    'aws_dynamodb_table_item.hash_key_value is new',
    'aws_dynamodb_table_item.range_key_value is new',
    'aws_iam_policy.delay_after_policy_creation_in_ms is new',
    'aws_lambda_alias.timeouts is new',
    'aws_lambda_function.use_resource_timeout_for_propagation is new',
    'aws_lambda_permission.timeouts is new',
    'aws_s3_bucket_public_access_block.skip_destroy is new',
    'aws_secretsmanager_secret_version.secret_arn is new',
    'data.aws_secretsmanager_secret_version.secret_arn is new',
  ],
  'alarms on queries in PromQL, which have criteria of their own': [
    'aws_cloudwatch_metric_alarm.comparison_operator has flags "o", had "r"',
    'aws_cloudwatch_metric_alarm.evaluation_periods has flags "o", had "r"',
  ],
  'what the provider computes, and what not': [
    'aws_kms_external_key.key_usage has flags "oc", had "c"',
    'aws_lambda_function.code_sha256 has flags "oc", had "c"',
    'aws_s3_bucket_lifecycle_configuration.rule.noncurrent_version_expiration.newer_noncurrent_versions has flags "o", had "oc"',
    'aws_s3_bucket_lifecycle_configuration.rule.noncurrent_version_transition.newer_noncurrent_versions has flags "o", had "oc"',
    'aws_s3_bucket_server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.kms_master_key_id has flags "oc", had "o"',
    'aws_s3_bucket_server_side_encryption_configuration.rule.bucket_key_enabled has flags "oc", had "o"',
    'aws_secretsmanager_secret_rotation.rotation_enabled has flags "oc", had "c"',
  ],
};

test('the schema file is what the script makes of the bindings', () => {
  const file = readFileSync(new URL('./schema.json', import.meta.url), 'utf8');
  expect(printSchema(extractSchema(real))).toBe(file);
});

test('every type is described that the real provider has', () => {
  expect(Object.keys(ours.resources)).toEqual(Object.keys(real.resources));
  expect(Object.keys(ours.dataSources)).toEqual(Object.keys(real.dataSources));
});

test('attributes and blocks are the real ones, but for what later releases changed', () => {
  const differences = [
    ...Object.entries(ours.resources).flatMap(([type, schema]) => compare(schema, real.resources[type], type)),
    ...Object.entries(ours.dataSources).flatMap(([type, schema]) =>
      compare(schema, real.dataSources[type], `data.${type}`),
    ),
  ];
  const unexplained = differences.filter((difference) => !/^[\w.]+\.region is new$/.test(difference));
  expect(unexplained.toSorted()).toEqual(Object.values(KNOWN).flat().toSorted());
});

test('all but the global services have a region', () => {
  const global = Object.entries(ours.resources).filter(([, { attributes }]) => !('region' in attributes));
  expect(global.map(([type]) => type)).toEqual(
    Object.keys(ours.resources).filter((type) => type.startsWith('aws_iam_')),
  );
});

test('the provider takes what users configure it with', () => {
  expect(ours.provider.attributes['region']).toEqual(['o', 'string']);
  expect(ours.provider.blocks?.['default_tags']).toEqual({
    nesting: 'list',
    attributes: { tags: ['o', ['map', 'string']] },
  });
  expect(ours.provider.blocks?.['endpoints']?.attributes).toMatchObject({
    s3: ['o', 'string'],
    dynamodb: ['o', 'string'],
  });
});

function compare(block: Block, reference: Block | undefined, path: string): string[] {
  const known = reference?.attributes ?? {};
  const attributes = Object.entries(block.attributes).flatMap(([name, attribute]) => {
    const real = known[name];
    if (!real) return [`${path}.${name} is new`];
    const differs = (what: string, a: unknown, b: unknown) =>
      JSON.stringify(a) === JSON.stringify(b)
        ? []
        : [`${path}.${name} has ${what} ${JSON.stringify(a)}, had ${JSON.stringify(b)}`];
    return [
      ...differs('flags', attribute[0], real[0]),
      ...differs('type', typeOf(attribute), typeOf(real)),
      ...differs('nesting', isNestedType(attribute[1]), isNestedType(real[1])),
    ];
  });
  const gone = Object.keys(known)
    .filter((name) => !(name in block.attributes))
    .map((name) => `${path}.${name} is gone`);
  const knownBlocks = reference?.blocks ?? {};
  const blocks = Object.entries(block.blocks ?? {}).flatMap(([name, nested]) => {
    const real = knownBlocks[name];
    if (!real) return [`${path}.${name} is new`];
    const shape = ({ nesting, min = 0, max = 0 }: typeof nested) => `${nesting} ${min}-${max}`;
    const differs = shape(nested) === shape(real) ? [] : [`${path}.${name} is ${shape(nested)}, was ${shape(real)}`];
    return [...differs, ...compare(nested, real, `${path}.${name}`)];
  });
  const goneBlocks = Object.keys(knownBlocks)
    .filter((name) => !(name in (block.blocks ?? {})))
    .map((name) => `${path}.${name} is gone`);
  return [...attributes, ...gone, ...blocks, ...goneBlocks];
}
