// KMS's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { aliasResource } from './alias-resource.ts';
import { grantResource } from './grant-resource.ts';
import { keyResources } from './key-resource.ts';
import { otherKeyResources } from './other-key-resources.ts';

export const kmsResources: readonly ResourceType[] = [
  ...keyResources,
  ...otherKeyResources,
  aliasResource,
  grantResource,
];
