// An event as rules and targets see it.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
import { uuid } from '../../kernel/ids.ts';

export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** Of an event that comes out of an archive. */
  readonly 'replay-name'?: string;
}

export const createEvent = (given: {
  readonly source: string;
  readonly detailType: string;
  readonly account: string;
  readonly region: string;
  /** Milliseconds. */
  readonly time: number;
  readonly resources: readonly string[];
  readonly detail: unknown;
}): BusEvent => ({
  version: '0',
  id: uuid(),
  'detail-type': given.detailType,
  source: given.source,
  account: given.account,
  time: `${new Date(given.time).toISOString().slice(0, 19)}Z`,
  region: given.region,
  resources: given.resources,
  detail: given.detail,
});
