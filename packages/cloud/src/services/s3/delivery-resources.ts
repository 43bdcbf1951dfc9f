// The Terraform types of what a bucket sends elsewhere, and of who may ask it from a web page.
import type { CORSRule, NotificationConfiguration } from '@aws-sdk/client-s3';

import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { uniqueName } from '../../terraform/unique-name.ts';
import { bucketSetting } from './bucket-setting.ts';
import { bucketProblems, ownerProblems, problem, requireOneOf } from './setting-validation.ts';

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_cors_configuration */
const cors = bucketSetting({
  type: 'aws_s3_bucket_cors_configuration',
  validate: (config) => [
    ...bucketProblems(config),
    ...ownerProblems(config),
    ...((config['cors_rule'] ?? []) as Attributes[])
      .filter(({ id }) => (id?.length ?? 0) > 255)
      .map(() => problem('cors_rule', 'The id of a rule has 255 characters at most.')),
  ],
  find: async (s3, target) => ({
    expected_bucket_owner: target.ExpectedBucketOwner ?? '',
    cors_rule: (await s3('GetBucketCors', target)).CORSRules?.map((rule) => ({
      id: rule.ID ?? '',
      allowed_headers: rule.AllowedHeaders,
      allowed_methods: rule.AllowedMethods,
      allowed_origins: rule.AllowedOrigins,
      expose_headers: rule.ExposeHeaders,
      max_age_seconds: rule.MaxAgeSeconds ?? 0,
    })),
  }),
  put: (s3, target, planned) =>
    s3('PutBucketCors', { ...target, CORSConfiguration: { CORSRules: corsRules(planned) } }),
  remove: (s3, target) => s3('DeleteBucketCors', target),
});

function corsRules({ cors_rule: rules }: Attributes): CORSRule[] {
  return (rules as Attributes[]).map((rule) => ({
    ...(rule['id'] && { ID: rule['id'] }),
    AllowedMethods: rule['allowed_methods'],
    AllowedOrigins: rule['allowed_origins'],
    ...(rule['allowed_headers']?.length > 0 && { AllowedHeaders: rule['allowed_headers'] }),
    ...(rule['expose_headers']?.length > 0 && { ExposeHeaders: rule['expose_headers'] }),
    ...(rule['max_age_seconds'] && { MaxAgeSeconds: rule['max_age_seconds'] }),
  }));
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_logging */
const logging = bucketSetting({
  type: 'aws_s3_bucket_logging',
  validate: (config) => [
    ...bucketProblems(config),
    ...ownerProblems(config),
    ...(config['target_grant']?.length > 0
      ? [problem('target_grant', 'Grants are not supported: log buckets enforce their owner.')]
      : []),
    ...((config['target_object_key_format'] ?? []) as Attributes[]).flatMap(formatProblems),
  ],
  find: async (s3, target) => {
    const { LoggingEnabled: enabled } = await s3('GetBucketLogging', target);
    if (!enabled) return undefined;
    const { TargetBucket, TargetPrefix, TargetObjectKeyFormat: format } = enabled;
    return {
      expected_bucket_owner: target.ExpectedBucketOwner ?? '',
      target_bucket: TargetBucket,
      target_prefix: TargetPrefix,
      target_grant: [],
      target_object_key_format: format
        ? [
            {
              simple_prefix: format.SimplePrefix ? [{}] : [],
              partitioned_prefix: format.PartitionedPrefix
                ? [{ partition_date_source: format.PartitionedPrefix.PartitionDateSource }]
                : [],
            },
          ]
        : [],
    };
  },
  put: (s3, target, { target_bucket, target_prefix, target_object_key_format: [format] = [] as Attributes[] }) =>
    s3('PutBucketLogging', {
      ...target,
      BucketLoggingStatus: {
        LoggingEnabled: {
          TargetBucket: target_bucket,
          TargetPrefix: target_prefix,
          ...(format && {
            TargetObjectKeyFormat: format.partitioned_prefix?.[0]
              ? { PartitionedPrefix: { PartitionDateSource: format.partitioned_prefix[0].partition_date_source } }
              : { SimplePrefix: {} },
          }),
        },
      },
    }),
  remove: (s3, target) => s3('PutBucketLogging', { ...target, BucketLoggingStatus: {} }),
});

function formatProblems({ simple_prefix: simple = [], partitioned_prefix: partitioned = [] }: Attributes) {
  const path = 'target_object_key_format.0';
  return [
    ...(simple.length + partitioned.length === 1
      ? []
      : [problem(path, 'A key format has one of simple_prefix and partitioned_prefix.')]),
    ...(partitioned as Attributes[]).flatMap((prefix) =>
      requireOneOf(prefix, 'partition_date_source', ['EventTime', 'DeliveryTime'], `${path}.partitioned_prefix.0`),
    ),
  ];
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_notification */
const notification = bucketSetting({
  type: 'aws_s3_bucket_notification',
  defaults: { eventbridge: false },
  find: async (s3, target) => {
    const found = await s3('GetBucketNotificationConfiguration', target);
    return {
      eventbridge: found.EventBridgeConfiguration !== undefined,
      lambda_function: (found.LambdaFunctionConfigurations ?? []).map((entry) => ({
        ...destinationAttributes(entry),
        lambda_function_arn: entry.LambdaFunctionArn,
      })),
      queue: (found.QueueConfigurations ?? []).map((entry) => ({
        ...destinationAttributes(entry),
        queue_arn: entry.QueueArn,
      })),
      topic: (found.TopicConfigurations ?? []).map((entry) => ({
        ...destinationAttributes(entry),
        topic_arn: entry.TopicArn,
      })),
    };
  },
  put: (s3, target, { eventbridge, lambda_function = [], queue = [], topic = [] }) =>
    s3('PutBucketNotificationConfiguration', {
      ...target,
      NotificationConfiguration: {
        ...(eventbridge && { EventBridgeConfiguration: {} }),
        LambdaFunctionConfigurations: (lambda_function as Attributes[]).map((entry) => ({
          ...destination(entry, 'tf-s3-lambda-'),
          LambdaFunctionArn: entry['lambda_function_arn'],
        })),
        QueueConfigurations: (queue as Attributes[]).map((entry) => ({
          ...destination(entry, 'tf-s3-queue-'),
          QueueArn: entry['queue_arn'],
        })),
        TopicConfigurations: (topic as Attributes[]).map((entry) => ({
          ...destination(entry, 'tf-s3-topic-'),
          TopicArn: entry['topic_arn'],
        })),
      },
    }),
  remove: (s3, target) => s3('PutBucketNotificationConfiguration', { ...target, NotificationConfiguration: {} }),
});

type Destination = NonNullable<NotificationConfiguration['QueueConfigurations']>[number];

function destination(
  { id, events, filter_prefix, filter_suffix }: Attributes,
  idPrefix: string,
): Omit<Destination, 'QueueArn'> {
  const rules = [
    ...(filter_prefix ? [{ Name: 'prefix' as const, Value: filter_prefix }] : []),
    ...(filter_suffix ? [{ Name: 'suffix' as const, Value: filter_suffix }] : []),
  ];
  return {
    Id: id || uniqueName(idPrefix),
    Events: events,
    ...(rules.length > 0 && { Filter: { Key: { FilterRules: rules } } }),
  };
}

function destinationAttributes({ Id, Events, Filter }: Omit<Destination, 'QueueArn'>): Attributes {
  const rule = (name: string) =>
    Filter?.Key?.FilterRules?.find(({ Name = '' }) => Name.toLowerCase() === name)?.Value ?? '';
  return { id: Id, events: Events, filter_prefix: rule('prefix'), filter_suffix: rule('suffix') };
}

export const deliveryResources: readonly ResourceType[] = [cors, logging, notification];
