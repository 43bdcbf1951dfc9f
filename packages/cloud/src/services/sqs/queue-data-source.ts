// The data source aws_sqs_queue. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/sqs_queue
import type { DataSourceType } from '../../terraform/resource.ts';
import type { SqsOperations } from './operations.ts';

const queue: DataSourceType = {
  type: 'aws_sqs_queue',
  async read({ name }, context) {
    const sqs = context.client<SqsOperations>('sqs');
    const { QueueUrl } = await sqs('GetQueueUrl', { QueueName: name });
    const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
    const { Tags } = await sqs('ListQueueTags', { QueueUrl });
    return { id: QueueUrl, name, url: QueueUrl, arn: Attributes?.['QueueArn'], tags: Tags ?? {} };
  },
};

export const sqsDataSources: readonly DataSourceType[] = [queue];
