// KMS's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { aliasResource } from './alias-resource.ts';
import { grantResource } from './grant-resource.ts';
import { keyResources } from './key-resource.ts';

export const kmsResources: readonly ResourceType[] = [...keyResources, aliasResource, grantResource];
