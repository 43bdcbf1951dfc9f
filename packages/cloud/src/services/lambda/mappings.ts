// Event source mappings: which queue's messages a function is to handle, and how.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import { notFound } from './errors.ts';

/** What a stream's mapping has beside. */
export interface StreamSettings {
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** How often a batch that failed is tried again; -1 for as long as its records are there. */
  readonly maximumRetryAttempts: number;
  /** Older records are skipped; -1 for none. */
  readonly maximumRecordAgeSeconds: number;
  /** A batch that failed is tried again in halves. */
  readonly bisects: boolean;
  /** How many batches are handled at a time, each of items of its own. One where an earlier Plinth made the mapping. */
  readonly lanes?: number;
  /** The queue, topic or bucket that is told of records that are given up. */
  readonly onFailure?: string | undefined;
}

export interface Mapping {
  readonly id: string;
  readonly region: string;
  readonly arn: string;
  /** Without a qualifier. */
  readonly functionArn: string;
  readonly qualifier: string | undefined;
  readonly sourceArn: string;
  readonly batchSize: number;
  /** How long a batch is collected. */
  readonly windowSeconds: number;
  /** Event patterns; a message is for the function where one of them matches, or where there are none. */
  readonly patterns: readonly string[];
  /** The function tells which messages failed. */
  readonly reportsFailures: boolean;
  readonly maximumConcurrency: number | undefined;
  /** CloudWatch is told of its events. */
  readonly countsEvents?: boolean | undefined;
  readonly enabled: boolean;
  /** For a stream; undefined for a queue. */
  readonly stream?: StreamSettings | undefined;
  readonly lastResult: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly modifiedAt: number;
}

export type StreamMapping = Mapping & { readonly stream: StreamSettings };

export const NOTHING_PROCESSED = 'No records processed';

export class Mappings {
  readonly #mappings: Collection<Mapping>;
  /** The last record of a stream that is done with, by mapping and lane. */
  readonly #positions: Collection<string>;

  constructor({ store }: Pick<Kernel, 'store'>) {
    this.#mappings = store.collection('lambda.event-source-mappings');
    this.#positions = store.collection('lambda.stream-positions');
  }

  find(id: string): Mapping | undefined {
    return this.#mappings.get(id);
  }

  /** A region's mapping by its UUID or ARN. */
  require({ region }: Pick<Call, 'region'>, named: string | undefined): Mapping {
    const mapping = this.find((named ?? '').slice((named ?? '').lastIndexOf(':') + 1));
    if (mapping?.region !== region) throw notFound('The resource you requested does not exist.');
    return mapping;
  }

  list(region?: string): Mapping[] {
    const all = this.#mappings.list().map(({ value }) => value);
    return region === undefined ? all : all.filter((mapping) => mapping.region === region);
  }

  save(mapping: Mapping): void {
    this.#mappings.put(mapping.id, mapping);
  }

  /** The sequence number of the last record that a lane is done with. */
  position(id: string, lane: number): string | undefined {
    return this.#positions.get(laneKey(id, lane));
  }

  keepPosition(id: string, lane: number, sequenceNumber: string): void {
    this.#positions.put(laneKey(id, lane), sequenceNumber);
  }

  /** Gives a mapping another number of lanes: all go on where the one stands that is the farthest behind. */
  changeLanes(id: string, before: number, after: number): void {
    if (before === after) return;
    const positions = Array.from({ length: before }, (_, lane) => this.position(id, lane));
    const [hindmost] = positions.includes(undefined)
      ? []
      : positions.toSorted((one = '', other = '') => (one < other ? -1 : 1));
    this.#forgetPositions(id);
    for (let lane = 0; lane < after && hindmost !== undefined; lane++) this.keepPosition(id, lane, hindmost);
  }

  delete({ id }: Mapping): void {
    this.#mappings.delete(id);
    this.#forgetPositions(id);
  }

  #forgetPositions(id: string): void {
    for (const { key } of this.#positions.list({ prefix: id })) this.#positions.delete(key);
  }
}

/** The number of lanes of a mapping; a queue's has one. */
export const lanesOf = ({ stream }: Pick<Mapping, 'stream'>): number => stream?.lanes ?? 1;

const laneKey = (id: string, lane: number): string => (lane === 0 ? id : `${id}/${lane}`);

export const mappingArn = ({ region, account }: Pick<Call, 'region' | 'account'>, id: string): string =>
  `arn:aws:lambda:${region}:${account}:event-source-mapping:${id}`;

/** On the mapping that a request names by UUID; policies may speak of its function. */
export function onMapping(mappings: Mappings, action: string, id: string | undefined, call: Call): Access {
  const mapping = mappings.find(id ?? '');
  const context = mapping && { ...resourceTags(mapping.tags), 'lambda:FunctionArn': mapping.functionArn };
  return { action: `lambda:${action}`, resource: mappingArn(call, id ?? ''), context };
}
