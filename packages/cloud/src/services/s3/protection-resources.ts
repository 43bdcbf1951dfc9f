// The Terraform types that protect a bucket: versioning, encryption, policy, ownership, and the block of public access.
import { AwsError } from '../../kernel/errors.ts';
import { UserError } from '../../terraform/errors.ts';
import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting } from './bucket-setting.ts';
import { bucketProblems, ownerProblems, problem, requireOneOf, type Problem } from './setting-validation.ts';

/** Versioning that was never switched on: S3 has no word for it, and no way back to it. */
const NEVER = 'Disabled';

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_versioning */
const versioning = bucketSetting({
  type: 'aws_s3_bucket_versioning',
  validate: (config) => [
    ...bucketProblems(config),
    ...ownerProblems(config),
    ...((config['versioning_configuration'] ?? []) as Attributes[]).flatMap((configuration) => [
      ...requireOneOf(configuration, 'status', ['Enabled', 'Suspended', NEVER], 'versioning_configuration.0'),
      ...requireOneOf(configuration, 'mfa_delete', ['Enabled', 'Disabled'], 'versioning_configuration.0'),
      ...(configuration['mfa_delete'] === 'Enabled'
        ? [problem('versioning_configuration.0.mfa_delete', 'No MFA device exists in this cloud.')]
        : []),
    ]),
  ],
  checkChange: (prior, planned) => {
    const [before, after] = [prior, planned].map((state) => state['versioning_configuration']?.[0]?.status);
    if (after !== NEVER || !before || before === NEVER) return;
    throw new UserError(
      `versioning_configuration.status cannot be updated from '${before}' to '${after}'`,
      'S3 can suspend versioning, and not undo it: say Suspended.',
    );
  },
  find: async (s3, target) => {
    const { Status = NEVER, MFADelete = '' } = await s3('GetBucketVersioning', target);
    return {
      expected_bucket_owner: target.ExpectedBucketOwner ?? '',
      versioning_configuration: [{ status: Status, mfa_delete: MFADelete }],
    };
  },
  // Of a bucket that is versioned already, the next plan says that it cannot be told to be Disabled.
  put: async (s3, target, { versioning_configuration: [{ status: Status, mfa_delete: MFADelete }] }) => {
    if (Status === NEVER) return;
    await s3('PutBucketVersioning', {
      ...target,
      VersioningConfiguration: { Status, ...(MFADelete && { MFADelete }) },
    });
  },
  // Suspended is as far back as it goes.
  remove: async (s3, target, { versioning_configuration: [{ status }] }) => {
    if (status === NEVER) return;
    try {
      await s3('PutBucketVersioning', { ...target, VersioningConfiguration: { Status: 'Suspended' } });
    } catch (error) {
      // Under an object lock, versioning stays on.
      if (!(error instanceof AwsError && error.code === 'InvalidBucketState')) throw error;
    }
  },
});

const ALGORITHMS = ['AES256', 'aws:kms', 'aws:kms:dsse'];

/** An element of a set has no address. */
const ofRule = ({ message }: Problem): Problem => problem('rule', message);

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_server_side_encryption_configuration */
const encryption = bucketSetting({
  type: 'aws_s3_bucket_server_side_encryption_configuration',
  validate: (config) => [
    ...bucketProblems(config),
    ...ownerProblems(config),
    ...((config['rule'] ?? []) as Attributes[])
      .flatMap((rule) => (rule['apply_server_side_encryption_by_default'] ?? []) as Attributes[])
      .flatMap((byDefault) => requireOneOf(byDefault, 'sse_algorithm', ALGORITHMS))
      .map(ofRule),
  ],
  find: async (s3, target) => {
    const { ServerSideEncryptionConfiguration } = await s3('GetBucketEncryption', target);
    const rules = ServerSideEncryptionConfiguration?.Rules ?? [];
    return {
      expected_bucket_owner: target.ExpectedBucketOwner ?? '',
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
  validate: ({ policy: text }) =>
    typeof text === 'string' && !isJsonObject(text)
      ? [problem('policy', 'policy contains an invalid JSON policy: it has to be a JSON object.')]
      : [],
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

function isJsonObject(text: string): boolean {
  try {
    return /^\s*\{/.test(text) && JSON.parse(text) !== null;
  } catch {
    return false;
  }
}
