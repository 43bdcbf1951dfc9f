// aws_sqs_queue, and the three types that hold one of its documents each.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sqs_queue
import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { UNIQUE_SUFFIX_LENGTH, uniqueName } from '../../terraform/unique-name.ts';
import type { SqsOperations } from './operations.ts';

/** Terraform's names of a queue's numbers, and what hashicorp/aws gives them. */
const NUMBERS: Readonly<Record<string, readonly [attribute: string, usual: number]>> = {
  delay_seconds: ['DelaySeconds', 0],
  max_message_size: ['MaximumMessageSize', 262_144],
  message_retention_seconds: ['MessageRetentionPeriod', 345_600],
  receive_wait_time_seconds: ['ReceiveMessageWaitTimeSeconds', 0],
  visibility_timeout_seconds: ['VisibilityTimeout', 30],
};

const TEXTS: Readonly<Record<string, string>> = {
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  redrive_policy: 'RedrivePolicy',
  redrive_allow_policy: 'RedriveAllowPolicy',
};

const FIFO: Readonly<Record<string, string>> = {
  content_based_deduplication: 'ContentBasedDeduplication',
  deduplication_scope: 'DeduplicationScope',
  fifo_throughput_limit: 'FifoThroughputLimit',
};

const SUFFIX = '.fifo';
const GENERATED = new RegExp(`^(.*)\\d{18}[0-9a-f]{${UNIQUE_SUFFIX_LENGTH - 18}}(\\.fifo)?$`);

const queue: ResourceType = {
  type: 'aws_sqs_queue',
  replace: ['name', 'name_prefix', 'fifo_queue'],
  defaults: {
    ...Object.fromEntries(Object.entries(NUMBERS).map(([name, [, usual]]) => [name, usual])),
    content_based_deduplication: false,
    fifo_queue: false,
  },
  json: ['redrive_policy', 'redrive_allow_policy'],
  validate: (config) => {
    const problems: { attribute: string; message: string }[] = [];
    const { name, fifo_queue: fifo, content_based_deduplication: byContent } = config;
    if (typeof name === 'string' && name !== '') {
      if (fifo && !/^[\w-]{1,75}\.fifo$/.test(name)) {
        problems.push({ attribute: 'name', message: `invalid queue name: ${name}` });
      } else if (!fifo && !/^[\w-]{1,80}$/.test(name)) {
        problems.push({ attribute: 'name', message: `invalid queue name: ${name}` });
      }
    }
    if (!fifo && byContent) {
      const message = 'content-based deduplication can only be set for FIFO queue';
      problems.push({ attribute: 'content_based_deduplication', message });
    }
    return problems;
  },
  async create(planned, context) {
    const sqs = clientOf(context);
    const QueueName: string =
      planned['name'] || uniqueName(planned['name_prefix'] || 'terraform-') + (planned['fifo_queue'] ? SUFFIX : '');
    const given = Object.entries(attributesOf(planned)).filter(([, value]) => value !== '');
    const { QueueUrl } = await sqs('CreateQueue', {
      QueueName,
      Attributes: { ...Object.fromEntries(given), ...(planned['fifo_queue'] && { FifoQueue: 'true' }) },
      tags: planned['tags_all'] ?? {},
    });
    return { id: QueueUrl };
  },
  async read({ id }, context) {
    const found = await attributesAt(id, context);
    if (!found) return null;
    const { Tags } = await clientOf(context)('ListQueueTags', { QueueUrl: id });
    const arn = found['QueueArn']!;
    const name = arn.slice(arn.lastIndexOf(':') + 1);
    const fifo = found['FifoQueue'] === 'true';
    return {
      arn,
      name,
      url: id,
      name_prefix: GENERATED.exec(name)?.[1] ?? '',
      fifo_queue: fifo,
      ...Object.fromEntries(Object.entries(NUMBERS).map(([key, [attribute]]) => [key, Number(found[attribute])])),
      ...Object.fromEntries(Object.entries(TEXTS).map(([key, attribute]) => [key, found[attribute] ?? ''])),
      content_based_deduplication: found['ContentBasedDeduplication'] === 'true',
      deduplication_scope: found['DeduplicationScope'] ?? '',
      fifo_throughput_limit: found['FifoThroughputLimit'] ?? '',
      kms_data_key_reuse_period_seconds: Number(found['KmsDataKeyReusePeriodSeconds'] ?? 300),
      sqs_managed_sse_enabled: found['SqsManagedSseEnabled'] === 'true',
      tags_all: Tags ?? {},
    };
  },
  async update(prior, planned, context) {
    const sqs = clientOf(context);
    const QueueUrl: string = prior['id'];
    const before = attributesOf(prior);
    const changed = Object.entries(attributesOf(planned)).filter(([name, value]) => before[name] !== value);
    if (changed.length > 0) await sqs('SetQueueAttributes', { QueueUrl, Attributes: Object.fromEntries(changed) });
    const { set, removed } = tagChanges(prior, planned);
    if (removed.length > 0) await sqs('UntagQueue', { QueueUrl, TagKeys: removed });
    if (Object.keys(set).length > 0) await sqs('TagQueue', { QueueUrl, Tags: set });
  },
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteQueue', { QueueUrl: id }), 'QueueDoesNotExist');
  },
};

/** A type that holds one attribute of a queue. */
function documentOf(type: string, argument: string, attribute: string): ResourceType {
  const set = (QueueUrl: string, value: string, context: ResourceContext) =>
    clientOf(context)('SetQueueAttributes', { QueueUrl, Attributes: { [attribute]: value } });
  return {
    type,
    replace: ['queue_url'],
    json: [argument],
    async create(planned, context) {
      await set(planned['queue_url'], planned[argument], context);
      return { id: planned['queue_url'] };
    },
    async read({ id }, context) {
      const found = await attributesAt(id, context);
      const value = found?.[attribute];
      return value === undefined ? null : { queue_url: id, [argument]: value };
    },
    async update(prior, planned, context) {
      await set(prior['id'], planned[argument], context);
    },
    async delete({ id }, context) {
      await orNull(set(id, '', context), 'QueueDoesNotExist');
    },
  };
}

export const sqsResources: readonly ResourceType[] = [
  queue,
  documentOf('aws_sqs_queue_policy', 'policy', 'Policy'),
  documentOf('aws_sqs_queue_redrive_policy', 'redrive_policy', 'RedrivePolicy'),
  documentOf('aws_sqs_queue_redrive_allow_policy', 'redrive_allow_policy', 'RedriveAllowPolicy'),
];

const clientOf = (context: ResourceContext) => context.client<SqsOperations>('sqs');

async function attributesAt(
  QueueUrl: string,
  context: ResourceContext,
): Promise<Readonly<Record<string, string>> | null> {
  const found = await orNull(
    clientOf(context)('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }),
    'QueueDoesNotExist',
  );
  return found && (found.Attributes ?? {});
}

/** What a configuration says of a queue's attributes, in SQS's words; an empty text takes one back. */
function attributesOf(planned: Attributes): Record<string, string> {
  const attributes: Record<string, string> = {};
  const set = (attribute: string, value: string | number | boolean | null | undefined) => {
    if (value !== undefined && value !== null) attributes[attribute] = String(value);
  };
  for (const [name, [attribute, usual]] of Object.entries(NUMBERS)) set(attribute, planned[name] ?? usual);
  for (const [name, attribute] of Object.entries(TEXTS)) set(attribute, planned[name] ?? '');
  if (planned['fifo_queue']) {
    for (const [name, attribute] of Object.entries(FIFO)) if (planned[name] !== '') set(attribute, planned[name]);
  }
  if (planned['kms_master_key_id']) set('KmsDataKeyReusePeriodSeconds', planned['kms_data_key_reuse_period_seconds']);
  else set('SqsManagedSseEnabled', planned['sqs_managed_sse_enabled']);
  return attributes;
}
