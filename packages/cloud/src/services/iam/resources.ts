// IAM's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { managedPolicy } from './managed-policy-resource.ts';
import { rolePolicyAttachment, rolePolicy } from './role-policy-resources.ts';
import { role } from './role-resource.ts';

export const iamResources: readonly ResourceType[] = [role, rolePolicy, rolePolicyAttachment, managedPolicy];
