// DynamoDB's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { policyResource } from './policy-resource.ts';
import { tableItemResource } from './table-item-resource.ts';
import { tableResource } from './table-resource.ts';

export const dynamodbResources: readonly ResourceType[] = [tableResource, tableItemResource, policyResource];
