// IAM's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { accessKey } from './access-key-resource.ts';
import { group, groupMembership, userGroupMembership } from './group-resource.ts';
import { heldPolicyResources } from './held-policy-resources.ts';
import { instanceProfile } from './instance-profile-resource.ts';
import { managedPolicy } from './managed-policy-resource.ts';
import { oidcProvider } from './oidc-provider-resource.ts';
import { role } from './role-resource.ts';
import { serviceLinkedRole } from './service-linked-role-resource.ts';
import { user } from './user-resource.ts';

export const iamResources: readonly ResourceType[] = [
  role,
  user,
  group,
  groupMembership,
  userGroupMembership,
  ...heldPolicyResources,
  managedPolicy,
  accessKey,
  instanceProfile,
  oidcProvider,
  serviceLinkedRole,
];
