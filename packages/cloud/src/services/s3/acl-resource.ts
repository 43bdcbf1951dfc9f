// aws_s3_bucket_acl.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_acl
import type { AccessControlPolicy, Grant, Permission, Type } from '@aws-sdk/client-s3';

import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { orAbsent } from './bucket-setting.ts';
import type { S3Operations } from './operations.ts';
import { bucketProblems, ownerProblems, problem, requireOneOf } from './setting-validation.ts';

const CANNED = [
  'private',
  'public-read',
  'public-read-write',
  'aws-exec-read',
  'authenticated-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
  'log-delivery-write',
];

export const aclResource: ResourceType = {
  type: 'aws_s3_bucket_acl',
  replace: ['bucket', 'expected_bucket_owner'],
  computedBlocks: ['access_control_policy'],
  validate: (config) => [
    ...bucketProblems(config),
    ...ownerProblems(config),
    ...requireOneOf(config, 'acl', CANNED),
    ...(config['acl'] && config['access_control_policy']?.length > 0
      ? [problem('acl', 'A bucket has a canned ACL or an access_control_policy, not both.')]
      : []),
  ],
  async create(planned, context) {
    await put(planned, context);
    return { id: idOf(planned) };
  },
  async read(state, context) {
    const found = await orAbsent(clientOf(context)('GetBucketAcl', targetOf(state)));
    if (!found) return null;
    const { Owner: owner, Grants: grants = [] } = found;
    return {
      id: idOf(state),
      bucket: state['bucket'],
      expected_bucket_owner: state['expected_bucket_owner'] ?? '',
      acl: state['acl'] ?? '',
      access_control_policy: [
        { owner: [{ id: owner?.ID, display_name: owner?.DisplayName ?? '' }], grant: grants.map(grantAttributes) },
      ],
    };
  },
  update: (_prior, planned, context) => put(planned, context),
  // As hashicorp/aws, Terraform only forgets it: a bucket always has an ACL.
  delete: async () => {},
  importState: (id) => {
    const [bucket, ...rest] = id.split(',');
    const owner = rest.find((part) => /^\d{12}$/.test(part));
    const acl = rest.find((part) => part !== owner);
    return { id, bucket, ...(owner && { expected_bucket_owner: owner }), ...(acl && { acl }) };
  },
};

const clientOf = (context: ResourceContext) => context.client<S3Operations>('s3');

const idOf = ({ bucket, expected_bucket_owner: owner, acl }: Attributes): string =>
  [bucket, owner, acl].filter(Boolean).join(',');

const targetOf = ({ bucket, expected_bucket_owner: owner }: Attributes) => ({
  Bucket: bucket as string,
  ...(owner && { ExpectedBucketOwner: owner as string }),
});

async function put(planned: Attributes, context: ResourceContext): Promise<void> {
  const [policy] = (planned['access_control_policy'] ?? []) as Attributes[];
  const said = planned['acl'] ? { ACL: planned['acl'] } : policy && { AccessControlPolicy: policyOf(policy) };
  await clientOf(context)('PutBucketAcl', { ...targetOf(planned), ...said });
}

const policyOf = ({ owner, grant = [] }: Attributes): AccessControlPolicy => ({
  Owner: { ID: owner[0].id },
  Grants: (grant as Attributes[]).map(({ permission, grantee: [grantee] }) => ({
    Permission: permission as Permission,
    Grantee: {
      Type: grantee.type as Type,
      ...(grantee.id && { ID: grantee.id }),
      ...(grantee.uri && { URI: grantee.uri }),
      ...(grantee.email_address && { EmailAddress: grantee.email_address }),
    },
  })),
});

const grantAttributes = ({ Grantee: grantee, Permission: permission }: Grant): Attributes => ({
  permission,
  grantee: [
    {
      type: grantee?.Type,
      id: grantee?.ID ?? '',
      uri: grantee?.URI ?? '',
      display_name: grantee?.DisplayName ?? '',
      email_address: grantee?.EmailAddress ?? '',
    },
  ],
});
