// The Terraform types that protect a bucket: versioning, encryption, policy, ownership, and the block of public access.
import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting } from './bucket-setting.ts';
import { problem, requireOneOf } from './setting-validation.ts';

/** Versioning that was never switched on: S3 has no word for it, and no way back to it. */
const NEVER = 'Disabled';

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_versioning */
const versioning = bucketSetting({
  type: 'aws_s3_bucket_versioning',
  validate: ({ versioning_configuration: configuration }) =>
    configuration?.[0]?.mfa_delete === 'Enabled'
      ? [{ attribute: 'versioning_configuration.0.mfa_delete', message: 'No MFA device exists in this cloud.' }]
      : [],
  find: async (s3, target) => {
    const { Status = NEVER, MFADelete = '' } = await s3('GetBucketVersioning', target);
    return { versioning_configuration: [{ status: Status, mfa_delete: MFADelete }] };
  },
  put: async (s3, target, { versioning_configuration: [{ status }] }) => {
    const { Status: current } = await s3('GetBucketVersioning', target);
    if (status === NEVER && !current) return;
    const Status = status === NEVER ? 'Suspended' : status;
    await s3('PutBucketVersioning', { ...target, VersioningConfiguration: { Status } });
  },
  // Suspended is as far back as it goes.
  remove: async (s3, target, { versioning_configuration: [{ status }] }) => {
    if (status === NEVER) return;
    await s3('PutBucketVersioning', { ...target, VersioningConfiguration: { Status: 'Suspended' } });
  },
});

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_server_side_encryption_configuration */
const encryption = bucketSetting({
  type: 'aws_s3_bucket_server_side_encryption_configuration',
  find: async (s3, target) => {
    const { ServerSideEncryptionConfiguration } = await s3('GetBucketEncryption', target);
    const rules = ServerSideEncryptionConfiguration?.Rules ?? [];
    return {
      rule: rules.map(
        ({ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled, BlockedEncryptionTypes }) => ({
          apply_server_side_encryption_by_default: byDefault
            ? [{ sse_algorithm: byDefault.SSEAlgorithm, kms_master_key_id: byDefault.KMSMasterKeyID ?? '' }]
            : [],
          bucket_key_enabled: BucketKeyEnabled ?? false,
          blocked_encryption_types: BlockedEncryptionTypes?.EncryptionType ?? [],
        }),
      ),
    };
  },
  put: (s3, target, planned) => {
    const rules = planned['rule'] as Attributes[];
    return s3('PutBucketEncryption', {
      ...target,
      ServerSideEncryptionConfiguration: {
        Rules: rules.map(({ apply_server_side_encryption_by_default: [byDefault] = [] as Attributes[], ...rule }) => ({
          ...(byDefault && {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: byDefault.sse_algorithm,
              ...(byDefault.kms_master_key_id && { KMSMasterKeyID: byDefault.kms_master_key_id }),
            },
          }),
          ...(rule['bucket_key_enabled'] !== undefined && { BucketKeyEnabled: rule['bucket_key_enabled'] ?? false }),
          ...(rule['blocked_encryption_types']?.length > 0 && {
            BlockedEncryptionTypes: { EncryptionType: rule['blocked_encryption_types'] },
          }),
        })),
      },
    });
  },
  remove: (s3, target) => s3('DeleteBucketEncryption', target),
});

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_policy */
const policy = bucketSetting({
  type: 'aws_s3_bucket_policy',
  find: async (s3, target) => ({ policy: (await s3('GetBucketPolicy', target)).Policy }),
  put: (s3, target, planned) => s3('PutBucketPolicy', { ...target, Policy: planned['policy'] }),
  remove: (s3, target) => s3('DeleteBucketPolicy', target),
});

const OWNERSHIPS = ['BucketOwnerPreferred', 'ObjectWriter', 'BucketOwnerEnforced'];

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_ownership_controls */
const ownership = bucketSetting({
  type: 'aws_s3_bucket_ownership_controls',
  validate: ({ bucket, rule = [] }) => [
    ...(bucket === '' ? [problem('bucket', 'bucket must not be empty.')] : []),
    ...(rule as Attributes[]).flatMap((one) => requireOneOf(one, 'object_ownership', OWNERSHIPS, 'rule.0')),
  ],
  find: async (s3, target) => {
    const { OwnershipControls } = await s3('GetBucketOwnershipControls', target);
    return { rule: OwnershipControls?.Rules?.map(({ ObjectOwnership }) => ({ object_ownership: ObjectOwnership })) };
  },
  put: (s3, target, { rule: [{ object_ownership: ObjectOwnership }] }) =>
    s3('PutBucketOwnershipControls', { ...target, OwnershipControls: { Rules: [{ ObjectOwnership }] } }),
  remove: (s3, target) => s3('DeleteBucketOwnershipControls', target),
});

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_public_access_block */
const publicAccessBlock = bucketSetting({
  type: 'aws_s3_bucket_public_access_block',
  defaults: {
    block_public_acls: false,
    block_public_policy: false,
    ignore_public_acls: false,
    restrict_public_buckets: false,
  },
  find: async (s3, target) => {
    const { PublicAccessBlockConfiguration: block } = await s3('GetPublicAccessBlock', target);
    return {
      block_public_acls: block?.BlockPublicAcls ?? false,
      block_public_policy: block?.BlockPublicPolicy ?? false,
      ignore_public_acls: block?.IgnorePublicAcls ?? false,
      restrict_public_buckets: block?.RestrictPublicBuckets ?? false,
    };
  },
  put: (s3, target, planned) =>
    s3('PutPublicAccessBlock', {
      ...target,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: planned['block_public_acls'],
        BlockPublicPolicy: planned['block_public_policy'],
        IgnorePublicAcls: planned['ignore_public_acls'],
        RestrictPublicBuckets: planned['restrict_public_buckets'],
      },
    }),
  remove: async (s3, target, { skip_destroy: keep }) => {
    if (!keep) await s3('DeletePublicAccessBlock', target);
  },
});

export const protectionResources: readonly ResourceType[] = [
  versioning,
  encryption,
  policy,
  ownership,
  publicAccessBlock,
];
