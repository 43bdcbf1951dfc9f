// aws_sns_topic, aws_sns_topic_policy and the data source aws_sns_topic.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sns_topic
import { UserError } from '../../terraform/errors.ts';
import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, DataSourceType, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { prefixOf, uniqueName } from '../../terraform/unique-name.ts';
import { nameIn } from './names.ts';
import type { SnsOperations } from './operations.ts';
import { fromTags, toTags } from './tags.ts';
import { defaultTopicPolicy } from './topic-policy.ts';

/** Terraform's attributes and AWS's. */
const NAMES: Readonly<Record<string, string>> = {
  archive_policy: 'ArchivePolicy',
  content_based_deduplication: 'ContentBasedDeduplication',
  delivery_policy: 'DeliveryPolicy',
  display_name: 'DisplayName',
  fifo_throughput_scope: 'FifoThroughputScope',
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  signature_version: 'SignatureVersion',
  tracing_config: 'TracingConfig',
  ...feedback('application', 'Application'),
  ...feedback('firehose', 'Firehose'),
  ...feedback('http', 'HTTP'),
  ...feedback('lambda', 'Lambda'),
  ...feedback('sqs', 'SQS'),
};

const topic: ResourceType = {
  type: 'aws_sns_topic',
  replace: ['name', 'name_prefix', 'fifo_topic'],
  defaults: { fifo_topic: false, content_based_deduplication: false },
  json: ['delivery_policy', 'archive_policy'],
  validate: ({ fifo_topic: fifo, content_based_deduplication: contentBased, name }) => [
    ...(contentBased && !fifo
      ? [
          {
            attribute: 'content_based_deduplication',
            message: 'content-based deduplication can only be set for FIFO topics',
          },
        ]
      : []),
    ...(typeof name === 'string' && !(fifo ? /^[\w-]{1,251}\.fifo$/ : /^[\w-]{1,256}$/).test(name)
      ? [{ attribute: 'name', message: `invalid name for a ${fifo ? 'FIFO ' : ''}topic: ${name}` }]
      : []),
  ],
  async create(planned, context) {
    const Attributes = Object.fromEntries(
      Object.entries(NAMES)
        .filter(([attribute]) => isSet(planned[attribute]))
        .map(([attribute, name]) => [name, String(planned[attribute])]),
    );
    const { TopicArn } = await clientOf(context)('CreateTopic', {
      Name: nameOf(planned),
      Attributes: { ...(planned['fifo_topic'] && { FifoTopic: 'true' }), ...Attributes },
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    return { id: TopicArn };
  },
  async read({ id }, context) {
    const sns = clientOf(context);
    const found = await orNull(sns('GetTopicAttributes', { TopicArn: id }), 'NotFound');
    if (!found) return null;
    const { Attributes: has } = found;
    const { Tags } = await sns('ListTagsForResource', { ResourceArn: id });
    const name = nameIn(id);
    return {
      arn: id,
      owner: has['Owner'],
      name,
      name_prefix: prefixOf(name.replace(/\.fifo$/, '')),
      ...Object.fromEntries(
        Object.entries(NAMES).map(([attribute, own]) => [
          attribute,
          attribute.endsWith('_rate') ? has[own] && Number(has[own]) : (has[own] ?? ''),
        ]),
      ),
      beginning_archive_time: '',
      fifo_topic: has['FifoTopic'] === 'true',
      content_based_deduplication: has['ContentBasedDeduplication'] === 'true',
      signature_version: Number(has['SignatureVersion'] ?? 0),
      tags_all: fromTags(Tags),
    };
  },
  async update(prior, planned, context) {
    const sns = clientOf(context);
    const TopicArn: string = prior['id'];
    for (const [attribute, AttributeName] of Object.entries(NAMES)) {
      const value = planned[attribute];
      if (prior[attribute] === value || (!isSet(prior[attribute]) && !isSet(value))) continue;
      const AttributeValue = isSet(value) ? String(value) : '';
      await sns('SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });
    }
    const { set, removed } = tagChanges(prior, planned);
    if (removed.length > 0) await sns('UntagResource', { ResourceArn: TopicArn, TagKeys: removed });
    if (Object.keys(set).length > 0) await sns('TagResource', { ResourceArn: TopicArn, Tags: toTags(set) });
  },
  async delete({ id }, context) {
    await clientOf(context)('DeleteTopic', { TopicArn: id });
  },
};

const topicPolicy: ResourceType = {
  type: 'aws_sns_topic_policy',
  replace: ['arn'],
  async create(planned, context) {
    await setPolicy(planned['arn'], planned['policy'], context);
    return { id: planned['arn'] };
  },
  async read({ id }, context) {
    const found = await orNull(clientOf(context)('GetTopicAttributes', { TopicArn: id }), 'NotFound');
    if (!found) return null;
    return { arn: id, owner: found.Attributes['Owner'], policy: found.Attributes['Policy'] };
  },
  update: (prior, planned, context) => setPolicy(prior['id'], planned['policy'], context),
  /** A topic is never without a policy: it gets back the one that it began with. */
  async delete({ id }, context) {
    await orNull(setPolicy(id, defaultTopicPolicy(id), context), 'NotFound');
  },
};

const topicDataSource: DataSourceType = {
  type: 'aws_sns_topic',
  async read({ name }, context) {
    const sns = clientOf(context);
    const arn = `arn:aws:sns:${context.region}:${context.account}:${name}`;
    const found = await orNull(sns('GetTopicAttributes', { TopicArn: arn }), 'NotFound');
    if (!found)
      throw new UserError(
        `reading SNS Topic (${name}): empty result`,
        `Create the topic ${name}, or correct its name.`,
      );
    const { Tags } = await sns('ListTagsForResource', { ResourceArn: arn });
    return { id: arn, arn, tags: fromTags(Tags) };
  },
};

export const topicResources: readonly ResourceType[] = [topic, topicPolicy];
export const topicDataSources: readonly DataSourceType[] = [topicDataSource];

const clientOf = (context: ResourceContext) => context.client<SnsOperations>('sns');

const setPolicy = async (TopicArn: string, AttributeValue: string, context: ResourceContext): Promise<void> => {
  await clientOf(context)('SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
};

function nameOf({ name, name_prefix: prefix, fifo_topic: fifo }: Attributes): string {
  return name || uniqueName(prefix || 'terraform-') + (fifo ? '.fifo' : '');
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && value !== false;

function feedback(protocol: string, own: string): Record<string, string> {
  return {
    [`${protocol}_failure_feedback_role_arn`]: `${own}FailureFeedbackRoleArn`,
    [`${protocol}_success_feedback_role_arn`]: `${own}SuccessFeedbackRoleArn`,
    [`${protocol}_success_feedback_sample_rate`]: `${own}SuccessFeedbackSampleRate`,
  };
}
