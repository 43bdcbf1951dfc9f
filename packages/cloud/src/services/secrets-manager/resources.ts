// Secrets Manager's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { secretRotation } from './rotation-resource.ts';
import { secretResources } from './secret-resource.ts';
import { secretVersion } from './secret-version-resource.ts';

export const secretsManagerResources: readonly ResourceType[] = [...secretResources, secretVersion, secretRotation];
