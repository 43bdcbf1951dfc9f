// Which records a trail delivers. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
import type { EventSelector } from '@aws-sdk/client-cloudtrail';

import { invalidSelectors } from './errors.ts';
import type { TrailRecord } from './record.ts';

const MOST_SELECTORS = 5;

/** Types of resources whose data events are recorded. */
const DATA_TYPES = ['AWS::S3::Object', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table'];

/** What a trail delivers until it is told otherwise: everything about management, nothing about data. */
export const DEFAULT_SELECTORS: readonly EventSelector[] = [
  { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
];

export function readSelectors(selectors: readonly EventSelector[]): EventSelector[] {
  if (selectors.length < 1 || selectors.length > MOST_SELECTORS) {
    throw invalidSelectors(`A trail takes 1 to ${MOST_SELECTORS} event selectors.`);
  }
  return selectors.map((selector) => {
    for (const { Type = '', Values = [] } of selector.DataResources ?? []) {
      if (!DATA_TYPES.includes(Type)) throw invalidSelectors(`The data resource type ${Type} is not supported here.`);
      if (Values.some((value) => !value.startsWith('arn:'))) {
        throw invalidSelectors(`The values of data resources of type ${Type} have to be ARNs, or beginnings of them.`);
      }
    }
    return {
      ReadWriteType: selector.ReadWriteType ?? 'All',
      IncludeManagementEvents: selector.IncludeManagementEvents ?? true,
      DataResources: selector.DataResources ?? [],
      ExcludeManagementEventSources: selector.ExcludeManagementEventSources ?? [],
    };
  });
}

export const wants = (selectors: readonly EventSelector[], record: TrailRecord): boolean =>
  selectors.some((selector) => matches(selector, record));

function matches(
  {
    ReadWriteType: kind,
    IncludeManagementEvents,
    DataResources = [],
    ExcludeManagementEventSources = [],
  }: EventSelector,
  record: TrailRecord,
): boolean {
  if (kind === 'ReadOnly' && !record.readOnly) return false;
  if (kind === 'WriteOnly' && record.readOnly) return false;
  if (record.managementEvent) {
    return IncludeManagementEvents === true && !ExcludeManagementEventSources.includes(record.eventSource);
  }
  const arns = dataResourcesOf(record);
  return DataResources.some(({ Type, Values = [] }) =>
    arns.some(({ type, arn }) => type === Type && Values.some((value) => arn.startsWith(value))),
  );
}

export interface DataResource {
  readonly type: string;
  readonly arn: string;
}

/** What a call about data is about, as selectors name it: an object by its bucket's ARN and its key. */
export function dataResourcesOf({ resources = [], requestParameters }: TrailRecord): DataResource[] {
  const { key = '' } = (requestParameters ?? {}) as { key?: string };
  return resources.map(({ type, ARN, name }) =>
    type === 'AWS::S3::Bucket' ? { type: 'AWS::S3::Object', arn: `${ARN ?? name}/${key}` } : { type, arn: ARN ?? name },
  );
}
