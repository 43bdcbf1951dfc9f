// Who may use a bucket: its policy, public access block, ownership controls and ACL.
import type {
  DeleteBucketOwnershipControlsRequest,
  DeleteBucketPolicyRequest,
  DeletePublicAccessBlockRequest,
  GetBucketAclOutput,
  GetBucketAclRequest,
  GetBucketOwnershipControlsOutput,
  GetBucketOwnershipControlsRequest,
  GetBucketPolicyOutput,
  GetBucketPolicyRequest,
  GetBucketPolicyStatusOutput,
  GetBucketPolicyStatusRequest,
  GetPublicAccessBlockOutput,
  GetPublicAccessBlockRequest,
  PutBucketAclRequest,
  PutBucketOwnershipControlsRequest,
  PutBucketPolicyRequest,
  PutPublicAccessBlockRequest,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Call, Operation } from '../../kernel/service.ts';
import { bucketArn } from './access.ts';
import { isOwnersAlone, ownerGrants, ownerOf, requestedGrants } from './acl.ts';
import { invalidAclWithOwnership } from './bucket-operations.ts';
import { checkBucketPolicy } from './bucket-policy.ts';
import type { Bucket } from './buckets.ts';
import { accessDenied, malformedXml, notConfigured } from './errors.ts';
import { isPublicPolicy } from './public-access.ts';
import { onBucket, requireBucket, type BucketInput, type S3 } from './service.ts';

export function accessOperations(s3: S3) {
  return { ...policyOperations(s3), ...publicAccessOperations(s3), ...ownershipOperations(s3), ...aclOperations(s3) };
}

function policyOperations(s3: S3) {
  const { buckets, guard, kernel } = s3;
  const onPolicy = <Input extends BucketInput, Output>(
    action: string,
    run: (bucket: Bucket, input: Input, call: Call) => Output,
  ): Operation<Input, Output> => ({
    access: (input, call) => [guard.policyOf(action, input.Bucket, call)],
    run: (input, call) => run(requireBucket(s3, input, call), input, call),
  });
  const requirePolicy = ({ name, settings }: Bucket): string => {
    if (settings.policy !== undefined) return settings.policy;
    throw notConfigured('NoSuchBucketPolicy', 'The bucket policy does not exist', name);
  };
  return {
    GetBucketPolicy: onPolicy(
      's3:GetBucketPolicy',
      (bucket, _input: GetBucketPolicyRequest): GetBucketPolicyOutput => ({
        Policy: requirePolicy(bucket),
      }),
    ),

    PutBucketPolicy: onPolicy('s3:PutBucketPolicy', (bucket, input: PutBucketPolicyRequest, call): object => {
      const policy = input.Policy ?? '';
      checkBucketPolicy(policy, bucket.name, call.account, kernel.identity.directory);
      if (bucket.settings.publicAccessBlock?.BlockPublicPolicy && isPublicPolicy(policy)) {
        throw accessDenied(
          `User: ${call.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(bucket.name)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
        );
      }
      buckets.change(bucket, { policy });
      return { $metadata: { httpStatusCode: 204 } };
    }),

    DeleteBucketPolicy: onPolicy('s3:DeleteBucketPolicy', (bucket, _input: DeleteBucketPolicyRequest): object => {
      buckets.change(bucket, { policy: undefined });
      return {};
    }),

    GetBucketPolicyStatus: onBucket(
      s3,
      's3:GetBucketPolicyStatus',
      (bucket, _input: GetBucketPolicyStatusRequest): GetBucketPolicyStatusOutput => ({
        PolicyStatus: { IsPublic: isPublicPolicy(requirePolicy(bucket)) },
      }),
    ),
  };
}

function publicAccessOperations(s3: S3) {
  const { buckets } = s3;
  return {
    GetPublicAccessBlock: onBucket(
      s3,
      's3:GetBucketPublicAccessBlock',
      ({ name, settings }, _input: GetPublicAccessBlockRequest): GetPublicAccessBlockOutput => {
        if (settings.publicAccessBlock) return { PublicAccessBlockConfiguration: settings.publicAccessBlock };
        throw notConfigured(
          'NoSuchPublicAccessBlockConfiguration',
          'The public access block configuration was not found',
          name,
        );
      },
    ),

    PutPublicAccessBlock: onBucket(
      s3,
      's3:PutBucketPublicAccessBlock',
      (bucket, input: PutPublicAccessBlockRequest): object => {
        const wanted = input.PublicAccessBlockConfiguration;
        if (!wanted) throw malformedXml();
        buckets.change(bucket, {
          publicAccessBlock: {
            BlockPublicAcls: wanted.BlockPublicAcls ?? false,
            IgnorePublicAcls: wanted.IgnorePublicAcls ?? false,
            BlockPublicPolicy: wanted.BlockPublicPolicy ?? false,
            RestrictPublicBuckets: wanted.RestrictPublicBuckets ?? false,
          },
        });
        return {};
      },
    ),

    DeletePublicAccessBlock: onBucket(
      s3,
      's3:PutBucketPublicAccessBlock',
      (bucket, _input: DeletePublicAccessBlockRequest): object => {
        buckets.change(bucket, { publicAccessBlock: undefined });
        return {};
      },
    ),
  };
}

function ownershipOperations(s3: S3) {
  const { buckets } = s3;
  return {
    GetBucketOwnershipControls: onBucket(
      s3,
      's3:GetBucketOwnershipControls',
      ({ name, settings }, _input: GetBucketOwnershipControlsRequest): GetBucketOwnershipControlsOutput => {
        if (settings.ownership) return { OwnershipControls: { Rules: [{ ObjectOwnership: settings.ownership }] } };
        throw notConfigured('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', name);
      },
    ),

    PutBucketOwnershipControls: onBucket(
      s3,
      's3:PutBucketOwnershipControls',
      (bucket, input: PutBucketOwnershipControlsRequest, call): object => {
        const rules = input.OwnershipControls?.Rules ?? [];
        const ownership = rules[0]?.ObjectOwnership;
        if (rules.length !== 1 || !ownership) throw malformedXml();
        if (!['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(ownership)) throw malformedXml();
        const { acl } = bucket.settings;
        if (ownership === 'BucketOwnerEnforced' && acl && !isOwnersAlone(acl, ownerOf(call.account))) {
          throw invalidAclWithOwnership();
        }
        buckets.change(bucket, { ownership });
        return {};
      },
    ),

    DeleteBucketOwnershipControls: onBucket(
      s3,
      's3:PutBucketOwnershipControls',
      (bucket, _input: DeleteBucketOwnershipControlsRequest): object => {
        buckets.change(bucket, { ownership: undefined });
        return {};
      },
    ),
  };
}

function aclOperations(s3: S3) {
  const { buckets } = s3;
  return {
    GetBucketAcl: onBucket(
      s3,
      's3:GetBucketAcl',
      ({ settings }, _input: GetBucketAclRequest, call): GetBucketAclOutput => {
        const owner = ownerOf(call.account);
        return { Owner: owner, Grants: [...(settings.acl ?? ownerGrants(owner))] };
      },
    ),

    PutBucketAcl: onBucket(s3, 's3:PutBucketAcl', (bucket, input: PutBucketAclRequest, call): object => {
      const owner = ownerOf(call.account);
      const acl = requestedGrants(input, bucket, owner);
      if (!acl) {
        const message = 'Your request was missing a required header';
        throw new AwsError('MissingSecurityHeader', message, { members: { MissingHeaderName: 'x-amz-acl' } });
      }
      buckets.change(bucket, { acl });
      return {};
    }),
  };
}
