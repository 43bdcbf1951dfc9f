// EventBridge's Terraform types.
import type { ResourceType } from '../../terraform/resource.ts';
import { archiveResource } from './archive-resource.ts';
import { busResources } from './bus-resource.ts';
import { rule } from './rule-resource.ts';
import { target } from './target-resource.ts';

export const eventBridgeResources: readonly ResourceType[] = [...busResources, rule, target, archiveResource];
