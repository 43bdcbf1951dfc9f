// aws_s3_bucket. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket
import { AwsError } from '../../kernel/errors.ts';
import type { Attributes, Client, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { orAbsent } from './bucket-setting.ts';
import { readBucket } from './bucket-state.ts';
import type { S3Operations } from './operations.ts';

/** Deprecated arguments, and the resource types that took their place. */
const MOVED: Readonly<Record<string, string>> = {
  acl: 'aws_s3_bucket_acl',
  cors_rule: 'aws_s3_bucket_cors_configuration',
  grant: 'aws_s3_bucket_acl',
  lifecycle_rule: 'aws_s3_bucket_lifecycle_configuration',
  logging: 'aws_s3_bucket_logging',
  object_lock_configuration: 'aws_s3_bucket_object_lock_configuration',
  policy: 'aws_s3_bucket_policy',
  acceleration_status: 'aws_s3_bucket_accelerate_configuration',
  replication_configuration: 'aws_s3_bucket_replication_configuration',
  request_payer: 'aws_s3_bucket_request_payment_configuration',
  server_side_encryption_configuration: 'aws_s3_bucket_server_side_encryption_configuration',
  versioning: 'aws_s3_bucket_versioning',
  website: 'aws_s3_bucket_website_configuration',
};

export const bucketResource: ResourceType = {
  type: 'aws_s3_bucket',
  replace: ['bucket', 'bucket_prefix', 'bucket_namespace', 'object_lock_enabled'],
  defaults: { force_destroy: false },
  computedBlocks: Object.keys(MOVED),
  validate: (config) =>
    Object.entries(MOVED).flatMap(([attribute, type]) => {
      const value = config[attribute];
      const given = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
      const message = `${attribute} of aws_s3_bucket is deprecated, and not supported here: use ${type}.`;
      return given ? [{ attribute, message }] : [];
    }),

  async create(planned, context) {
    const s3 = context.client<S3Operations>('s3');
    const name = nameFor(planned, 'bucket', 'bucket_prefix');
    if (planned['bucket_namespace'] && planned['bucket_namespace'] !== 'global')
      throw new AwsError('NotImplemented', 'Buckets have names in the global namespace only.', { status: 501 });
    // In us-east-1 alone, S3 answers with success for a bucket that is the caller's already.
    if (await orAbsent(s3('HeadBucket', { Bucket: name })))
      throw new AwsError(
        'BucketAlreadyExists',
        `The bucket ${name} is there already. Import it: terraform import aws_s3_bucket.<name> ${name}`,
        { status: 409 },
      );
    const tags = tagSet(planned['tags_all'] ?? {});
    const elsewhere = context.region !== 'us-east-1';
    await s3('CreateBucket', {
      Bucket: name,
      ...(planned['object_lock_enabled'] && { ObjectLockEnabledForBucket: true }),
      ...((elsewhere || tags.length > 0) && {
        CreateBucketConfiguration: {
          ...(elsewhere && { LocationConstraint: context.region as 'eu-west-1' }),
          ...(tags.length > 0 && { Tags: tags }),
        },
      }),
    });
    return { id: name };
  },

  async read({ id }, context) {
    const s3 = context.client<S3Operations>('s3');
    const head = await orAbsent(s3('HeadBucket', { Bucket: id }));
    if (!head) return null;
    const tags = await readTags(s3, id);
    return {
      ...(await readBucket(s3, id, head.BucketRegion ?? context.region)),
      bucket_namespace: 'global',
      bucket_prefix: prefixOf(id),
      tags_all: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    };
  },

  // Everything but tags is another resource's, or needs a new bucket.
  async update(prior, planned, context) {
    const s3 = context.client<S3Operations>('s3');
    const { removed, set } = tagChanges(prior, planned);
    if (removed.length === 0 && Object.keys(set).length === 0) return;
    const Bucket = planned['id'] as string;
    const kept = (await readTags(s3, Bucket)).filter(({ Key = '' }) => !removed.includes(Key) && !(Key in set));
    const TagSet = [...kept, ...tagSet(set)];
    if (TagSet.length > 0) await s3('PutBucketTagging', { Bucket, Tagging: { TagSet } });
    else await s3('DeleteBucketTagging', { Bucket });
  },

  async delete({ id, force_destroy: force }, context) {
    const s3 = context.client<S3Operations>('s3');
    if (force) await empty(s3, id);
    await orAbsent(s3('DeleteBucket', { Bucket: id }));
  },

  importState: (id) => ({ id, bucket: id, force_destroy: false }),
};

const tagSet = (tags: Attributes) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value: Value as string }));

const readTags = async (s3: Client<S3Operations>, Bucket: string) =>
  (await orAbsent(s3('GetBucketTagging', { Bucket })))?.TagSet ?? [];

/** Deletes every version of every object, a page at a time. */
async function empty(s3: Client<S3Operations>, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3('ListObjectVersions', { Bucket });
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId = '' }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await s3('DeleteObjects', { Bucket, Delete: { Objects, Quiet: true } });
    const [failed] = Errors;
    if (failed) throw new AwsError(failed.Code ?? '', `${failed.Key}: ${failed.Message}`, { status: 409 });
  }
}
