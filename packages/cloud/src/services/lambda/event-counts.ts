// What becomes of a mapping's events, told to CloudWatch where the mapping says so.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
import type { Kernel } from '../../kernel/service.ts';
import type { Mapping } from './mappings.ts';

export type EventCount =
  | 'PolledEventCount'
  | 'FilteredOutEventCount'
  | 'InvokedEventCount'
  | 'FailedInvokeEventCount'
  | 'DeletedEventCount'
  | 'DroppedEventCount'
  | 'OnFailureDestinationDeliveredEventCount';

/** Counts events of a mapping, where it is to. */
export function countEvents(
  { measurements }: Pick<Kernel, 'measurements'>,
  { id, region, countsEvents = false }: Mapping,
  name: EventCount,
  value: number,
): void {
  if (!countsEvents || value === 0) return;
  const dimensions = { EventSourceMappingUUID: id };
  measurements.publish({ namespace: 'AWS/Lambda', name, region, dimensions, value, unit: 'Count' });
}
