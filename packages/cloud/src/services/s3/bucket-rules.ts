// What S3 takes for a bucket's encryption, CORS, log, object lock and notification settings.
import type {
  CORSRule,
  LoggingEnabled,
  NotificationConfiguration,
  NotificationConfigurationFilter,
  ObjectLockConfiguration,
  PartitionDateSource,
  ServerSideEncryptionConfiguration,
} from '@aws-sdk/client-s3';

import { alphanumeric } from '../../kernel/ids.ts';
import { invalidArgument, invalidRequest, malformedXml, notSupported } from './errors.ts';
import { requireUnambiguous } from './notification-overlap.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html: in force since January 2023. */
export const DEFAULT_ENCRYPTION: ServerSideEncryptionConfiguration = {
  Rules: [
    {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      BucketKeyEnabled: false,
      // Since April 2026. https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html
      BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
    },
  ],
};

export function checkEncryption(
  configuration: ServerSideEncryptionConfiguration | undefined,
): ServerSideEncryptionConfiguration {
  const [rule, ...more] = configuration?.Rules ?? [];
  if (!rule || more.length > 0) throw malformedXml();
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } = rule.ApplyServerSideEncryptionByDefault ?? {};
  const kms = algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse';
  if (rule.ApplyServerSideEncryptionByDefault && algorithm !== 'AES256' && !kms) throw malformedXml();
  if (key !== undefined && !kms) {
    throw invalidArgument(
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
      'ApplyServerSideEncryptionByDefault',
    );
  }
  const { EncryptionType: blocked = [] } = rule.BlockedEncryptionTypes ?? {};
  if (blocked.length > 1 || blocked.some((type) => type !== 'NONE' && type !== 'SSE-C')) throw malformedXml();
  const byDefault = rule.ApplyServerSideEncryptionByDefault ?? { SSEAlgorithm: 'AES256' };
  return {
    Rules: [
      {
        ...rule,
        ApplyServerSideEncryptionByDefault: byDefault,
        BucketKeyEnabled: rule.BucketKeyEnabled ?? false,
      },
    ],
  };
}

const CORS_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];
const CORS_RULES_LIMIT = 100;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
export function checkCors(rules: readonly CORSRule[] | undefined): readonly CORSRule[] {
  if (!rules || rules.length === 0 || rules.length > CORS_RULES_LIMIT) throw malformedXml();
  for (const { AllowedMethods: methods = [], AllowedOrigins: origins = [], ...rule } of rules) {
    if (methods.length === 0 || origins.length === 0) throw malformedXml();
    for (const method of methods) {
      if (CORS_METHODS.includes(method)) continue;
      throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
    }
    for (const origin of origins) {
      if (origin.split('*').length <= 2) continue;
      throw invalidRequest(`AllowedOrigin "${origin}" can not have more than one wildcard.`);
    }
    for (const header of rule.AllowedHeaders ?? []) {
      if (header.split('*').length <= 2) continue;
      throw invalidRequest(`AllowedHeader "${header}" can not have more than one wildcard.`);
    }
    for (const header of rule.ExposeHeaders ?? []) {
      if (!header.includes('*')) continue;
      throw invalidRequest(
        `ExposeHeader "${header}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
      );
    }
  }
  return rules;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_TargetObjectKeyFormat.html */
export function checkLogFormat({ TargetObjectKeyFormat: format }: LoggingEnabled): void {
  if (!format) return;
  const { SimplePrefix: simple, PartitionedPrefix: partitioned } = format;
  if ((simple === undefined) === (partitioned === undefined)) throw malformedXml();
  if (partitioned && !LOG_DATES.includes(partitioned.PartitionDateSource ?? 'DeliveryTime')) throw malformedXml();
}

const LOG_DATES: readonly string[] = ['EventTime', 'DeliveryTime'] satisfies PartitionDateSource[];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ObjectLockConfiguration.html */
export function checkObjectLock(configuration: ObjectLockConfiguration | undefined): ObjectLockConfiguration {
  if (configuration?.ObjectLockEnabled !== 'Enabled') throw malformedXml();
  if (!configuration.Rule) return { ObjectLockEnabled: 'Enabled' };
  const { Mode: mode, Days: days, Years: years } = configuration.Rule.DefaultRetention ?? {};
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') throw malformedXml();
  if ((days === undefined) === (years === undefined)) throw malformedXml();
  if ((days ?? years ?? 0) <= 0)
    throw invalidArgument('Default retention period must be a positive integer value.', 'Days');
  return configuration;
}

const DESTINATIONS = [
  ['QueueConfigurations', 'QueueArn', 'sqs'],
  ['TopicConfigurations', 'TopicArn', 'sns'],
  ['LambdaFunctionConfigurations', 'LambdaFunctionArn', 'lambda'],
] as const;

// Some never come here: no object is lost, and rules that time or count replication are refused.
const EVENTS =
  /^s3:(ObjectCreated:(\*|Put|Post|Copy|CompleteMultipartUpload)|ObjectRemoved:(\*|Delete|DeleteMarkerCreated)|ObjectTagging:(\*|Put|Delete)|ObjectAcl:Put|ObjectRetention:Put|ObjectRestore:(\*|Post|Completed|Delete)|LifecycleExpiration:(\*|Delete|DeleteMarkerCreated)|LifecycleTransition|ReducedRedundancyLostObject|IntelligentTiering|Replication:(\*|OperationFailedReplication|OperationMissedThreshold|OperationReplicatedAfterThreshold|OperationNotTracked))$/;

/**
 * The configuration as it is stored, each destination with an id. Whether destinations can be told is asked of them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */
export function checkNotification(configuration: NotificationConfiguration = {}): NotificationConfiguration {
  const ids = new Set<string>();
  const lists = DESTINATIONS.flatMap(([list, member, service]) => {
    const entries = (configuration as Record<string, Entry[] | undefined>)[list] ?? [];
    return entries.length === 0 ? [] : [[list, entries.map((entry) => checkEntry(entry, member, service, ids))]];
  });
  const checked: NotificationConfiguration = Object.fromEntries(lists);
  requireUnambiguous(checked);
  return { ...checked, ...(configuration.EventBridgeConfiguration && { EventBridgeConfiguration: {} }) };
}

type Entry = { Id?: string; Events?: string[]; Filter?: NotificationConfigurationFilter } & Record<string, unknown>;

function checkEntry(entry: Entry, member: string, service: string, ids: Set<string>): Entry {
  const arn = (entry[member] as string | undefined) ?? '';
  if (!arn.startsWith(`arn:aws:${service}:`)) throw invalidArgument('The ARN could not be parsed', member, arn);
  for (const event of entry.Events ?? []) {
    if (event.startsWith('s3:ObjectAnnotation:')) throw notSupported(`The event ${event}`);
    if (!EVENTS.test(event))
      throw invalidArgument('A specified event is not supported for notifications.', 'Event', event);
  }
  const rules = entry.Filter?.Key?.FilterRules ?? [];
  for (const [index, { Name: name = '', Value: value = '' }] of rules.entries()) {
    if (!/^(prefix|suffix)$/i.test(name)) {
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', name);
    }
    if (rules.findIndex((rule) => rule.Name?.toLowerCase() === name.toLowerCase()) < index) {
      throw invalidArgument(
        `Cannot specify more than one ${name.toLowerCase()} rule in a filter.`,
        'FilterRule.Name',
        name,
      );
    }
    if (value.length > 1024)
      throw invalidArgument('Size of filter rule value cannot exceed 1024 bytes', 'FilterRule.Value');
  }
  const Id = entry.Id || alphanumeric(48);
  if (ids.has(Id)) throw invalidArgument('Configurations must have unique IDs', 'Id', Id);
  ids.add(Id);
  return { ...entry, Id };
}
