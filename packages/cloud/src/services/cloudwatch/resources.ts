// The Terraform types of CloudWatch.
import type { ResourceType } from '../../terraform/resource.ts';

export const cloudwatchResources: readonly ResourceType[] = [];
