// S3's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { aclResource } from './acl-resource.ts';
import { billingResources } from './billing-resources.ts';
import { bucketResource } from './bucket-resource.ts';
import { deliveryResources } from './delivery-resources.ts';
import { lifecycleResource } from './lifecycle-resource.ts';
import { objectLockConfiguration } from './object-lock-resource.ts';
import { objectResource } from './object-resource.ts';
import { protectionResources } from './protection-resources.ts';
import { replicationConfiguration } from './replication-resource.ts';
import { website } from './website-resource.ts';

export const s3Resources: readonly ResourceType[] = [
  bucketResource,
  ...protectionResources,
  ...deliveryResources,
  lifecycleResource,
  objectLockConfiguration,
  website,
  replicationConfiguration,
  objectResource,
  aclResource,
  ...billingResources,
];
