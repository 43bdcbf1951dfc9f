// The Terraform types of CloudWatch.
import type { ResourceType } from '../../terraform/resource.ts';
import { compositeAlarm } from './alarms/composite-alarm-resource.ts';
import { metricAlarm } from './alarms/metric-alarm-resource.ts';
import { dashboard } from './dashboards/resource.ts';

export const cloudwatchResources: readonly ResourceType[] = [metricAlarm, compositeAlarm, dashboard];
