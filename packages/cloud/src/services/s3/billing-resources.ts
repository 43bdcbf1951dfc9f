// The Terraform types of what a bucket costs and is measured by: acceleration, who pays for requests, and metrics.
import type { MetricsConfiguration } from '@aws-sdk/client-s3';

import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting, orAbsent } from './bucket-setting.ts';
import type { S3Operations } from './operations.ts';
import { bucketProblems, ownerProblems, problem, requireOneOf } from './setting-validation.ts';

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_accelerate_configuration */
const acceleration = bucketSetting({
  type: 'aws_s3_bucket_accelerate_configuration',
  validate: (config) => [
    ...bucketProblems(config),
    ...ownerProblems(config),
    ...requireOneOf(config, 'status', ['Enabled', 'Suspended']),
  ],
  find: async (s3, target) => {
    const { Status: status } = await s3('GetBucketAccelerateConfiguration', target);
    return status && { expected_bucket_owner: target.ExpectedBucketOwner ?? '', status };
  },
  put: (s3, target, { status: Status }) =>
    s3('PutBucketAccelerateConfiguration', { ...target, AccelerateConfiguration: { Status } }),
  // Suspended is as far back as it goes.
  remove: (s3, target) =>
    s3('PutBucketAccelerateConfiguration', { ...target, AccelerateConfiguration: { Status: 'Suspended' } }),
});

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_request_payment_configuration */
const requestPayment = bucketSetting({
  type: 'aws_s3_bucket_request_payment_configuration',
  validate: (config) => [
    ...bucketProblems(config),
    ...ownerProblems(config),
    ...requireOneOf(config, 'payer', ['BucketOwner', 'Requester']),
  ],
  find: async (s3, target) => {
    const { Payer: payer } = await s3('GetBucketRequestPayment', target);
    return { expected_bucket_owner: target.ExpectedBucketOwner ?? '', payer };
  },
  put: (s3, target, { payer: Payer }) =>
    s3('PutBucketRequestPayment', { ...target, RequestPaymentConfiguration: { Payer } }),
  remove: (s3, target) =>
    s3('PutBucketRequestPayment', { ...target, RequestPaymentConfiguration: { Payer: 'BucketOwner' } }),
});

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_metric */
const metric: ResourceType = {
  type: 'aws_s3_bucket_metric',
  replace: ['bucket', 'name'],
  validate: (config) => [
    ...bucketProblems(config),
    ...(typeof config['name'] === 'string' && !/^.{1,64}$/.test(config['name'])
      ? [problem('name', 'The name of a metrics configuration has 1 to 64 characters.')]
      : []),
  ],
  async create(planned, context) {
    await putMetric(planned, context);
    return { id: `${planned['bucket']}:${planned['name']}` };
  },
  async read(state, context) {
    const { bucket: Bucket, name: Id } = state;
    const found = await orAbsent(clientOf(context)('GetBucketMetricsConfiguration', { Bucket, Id }));
    if (!found) return null;
    const { Filter: filter } = found.MetricsConfiguration!;
    const tags = filter?.And?.Tags ?? (filter?.Tag ? [filter.Tag] : []);
    return {
      bucket: Bucket,
      name: Id,
      filter: filter
        ? [
            {
              access_point: '',
              prefix: filter.And?.Prefix ?? filter.Prefix ?? '',
              tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
            },
          ]
        : [],
    };
  },
  update: (_prior, planned, context) => putMetric(planned, context),
  async delete({ bucket: Bucket, name: Id }, context) {
    await orAbsent(clientOf(context)('DeleteBucketMetricsConfiguration', { Bucket, Id }));
  },
  importState: (id) => {
    const colon = id.indexOf(':');
    return { id, bucket: id.slice(0, colon), name: id.slice(colon + 1) };
  },
};

export const billingResources: readonly ResourceType[] = [acceleration, requestPayment, metric];

const clientOf = (context: ResourceContext) => context.client<S3Operations>('s3');

async function putMetric({ bucket: Bucket, name: Id, filter = [] }: Attributes, context: ResourceContext) {
  const MetricsConfiguration = { Id, ...(filter[0] && { Filter: filterOf(filter[0]) }) };
  await clientOf(context)('PutBucketMetricsConfiguration', { Bucket, Id, MetricsConfiguration });
}

function filterOf({
  prefix,
  tags,
  access_point: accessPoint,
}: Attributes): NonNullable<MetricsConfiguration['Filter']> {
  if (accessPoint) return { AccessPointArn: accessPoint };
  const Tags = Object.entries((tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length + (prefix ? 1 : 0) > 1) return { And: { ...(prefix && { Prefix: prefix }), Tags } };
  return Tags[0] ? { Tag: Tags[0] } : { Prefix: prefix ?? '' };
}
