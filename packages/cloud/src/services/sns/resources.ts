// The Terraform types of SNS.
import type { DataSourceType, ResourceType } from '../../terraform/resource.ts';
import { subscription } from './subscription-resource.ts';
import { topicDataSources, topicResources } from './topic-resource.ts';

export const snsResources: readonly ResourceType[] = [...topicResources, subscription];
export const snsDataSources: readonly DataSourceType[] = topicDataSources;
