// How much a table and each of its global indexes may be read and written in a second, where they have a limit, and what
// becomes of calls beyond that.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TroubleshootingThrottling.html
//
// Gaps: limits of single partitions; PartiQL statements are not counted. An index whose units are used up holds up every write
// of its table, those that would not touch it too.
import type { TableDescription } from '@aws-sdk/client-dynamodb';

import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { indexArn, tableArn } from './names.ts';
import type { Tables, TableSettings } from './tables.ts';

/** Units in a second; a kind without a number is free. */
export interface Limit {
  readonly mode: 'provisioned' | 'on-demand';
  readonly read: number | undefined;
  readonly write: number | undefined;
}

type Kind = 'read' | 'write';

/** Seconds of unused throughput that a table keeps for a burst. */
const BURST_SECONDS = { provisioned: 300, 'on-demand': 1 };

const KINDS: Readonly<Record<string, Kind>> = {
  BatchGetItem: 'read',
  GetItem: 'read',
  Query: 'read',
  Scan: 'read',
  TransactGetItems: 'read',
  BatchWriteItem: 'write',
  DeleteItem: 'write',
  PutItem: 'write',
  TransactWriteItems: 'write',
  UpdateItem: 'write',
};

interface Units {
  readonly CapacityUnits?: number;
}

interface Consumed extends Units {
  readonly TableName?: string;
  readonly Table?: Units;
  readonly LocalSecondaryIndexes?: Readonly<Record<string, Units>>;
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, Units>>;
}

/** What has a limit of its own: a table, or a global index of it. */
interface Metered {
  readonly table: string;
  readonly index?: string;
}

/** A request or an answer as an object; what is counted stands in it under AWS's names. */
type Message = Readonly<Record<string, unknown>>;

export class Throughput {
  readonly #kernel: Pick<Kernel, 'clock' | 'measurements'>;
  readonly #tables: Tables;
  readonly #buckets = new Map<string, { units: number; at: number; rate: number }>();

  constructor(kernel: Pick<Kernel, 'clock' | 'measurements'>, tables: Tables) {
    this.#kernel = kernel;
    this.#tables = tables;
  }

  /** Whether calls of this operation on these tables have to be counted. */
  counts({ operation, region }: Call, tables: readonly string[]): boolean {
    return operation in KINDS && tables.some((table) => isLimited(this.#tables.find(region, table)));
  }

  /**
   * Sends a request that is counted: refuses it where a table's units are used up, and takes what it consumed from them. An
   * answer may cost more than was left; the table then recovers before it takes the next call.
   */
  async count<Answer extends Message>(
    call: Call,
    tables: readonly string[],
    request: Message,
    send: (request: Message) => Promise<Answer>,
  ): Promise<Answer> {
    const kind = KINDS[call.operation] ?? 'read';
    for (const table of new Set(tables)) {
      for (const metered of this.#touched(call.region, table, kind, request)) this.#requireUnits(call, metered, kind);
    }
    const { ReturnConsumedCapacity: asked = 'NONE' } = request;
    const shown = asked === 'NONE' || asked === 'TOTAL' ? 'INDEXES' : asked;
    const answer = await send({ ...request, ReturnConsumedCapacity: shown });
    const { ConsumedCapacity: consumed, ...rest } = answer;
    for (const one of [consumed ?? []].flat() as Consumed[]) this.#takeAll(call.region, kind, one);
    if (shown === asked || consumed === undefined) return answer;
    const total = Array.isArray(consumed) ? consumed.map(totalOf) : totalOf(consumed as Consumed);
    return { ...rest, ...(asked === 'TOTAL' && { ConsumedCapacity: total }) } as unknown as Answer;
  }

  /** What may not be used up: a read has one source, a write reaches the indexes too. */
  #touched(region: string, table: string, kind: Kind, { IndexName: asked }: Message): Metered[] {
    const indexes = Object.keys(this.#tables.find(region, table)?.indexes ?? {});
    if (kind === 'write') return [{ table }, ...indexes.map((index) => ({ table, index }))];
    const index = indexes.find((one) => one === asked);
    return [{ table, ...(index !== undefined && { index }) }];
  }

  #limit(region: string, { table, index }: Metered): Limit | undefined {
    const settings = this.#tables.find(region, table);
    if (index === undefined) return settings?.limit;
    const { throughput, onDemand } = settings?.indexes[index] ?? {};
    if (settings?.limit?.mode === 'provisioned') return throughput && { mode: 'provisioned', ...throughput };
    return onDemand && { mode: 'on-demand', ...onDemand };
  }

  #requireUnits(call: Call, metered: Metered, kind: Kind): void {
    const bucket = this.#bucket(call.region, metered, kind);
    if (!bucket || bucket.units > 0) return;
    const { table, index } = metered;
    const { mode } = this.#limit(call.region, metered)!;
    const { measurements } = this.#kernel;
    const tell = (name: string, dimensions: Readonly<Record<string, string>>) =>
      measurements.publish({
        namespace: 'AWS/DynamoDB',
        name,
        region: call.region,
        dimensions,
        value: 1,
        unit: 'Count',
      });
    tell('ThrottledRequests', { TableName: table, Operation: call.operation });
    tell(kind === 'read' ? 'ReadThrottleEvents' : 'WriteThrottleEvents', dimensionsOf(metered));
    throw throttled(mode, kind, index === undefined ? tableArn(call, table) : indexArn(call, table, index));
  }

  // An index's units are no table's; those of local indexes are.
  #takeAll(region: string, kind: Kind, { TableName: table = '', CapacityUnits: all = 0, ...rest }: Consumed): void {
    let own = all;
    for (const [index, { CapacityUnits: units = 0 }] of Object.entries(rest.GlobalSecondaryIndexes ?? {})) {
      this.#take(region, { table, index }, kind, units);
      own -= units;
    }
    this.#take(region, { table }, kind, own);
  }

  #take(region: string, metered: Metered, kind: Kind, units: number): void {
    const bucket = this.#bucket(region, metered, kind);
    if (bucket) bucket.units -= units;
    const { measurements } = this.#kernel;
    if (!measurements.listened || units === 0) return;
    const name = kind === 'read' ? 'ConsumedReadCapacityUnits' : 'ConsumedWriteCapacityUnits';
    const dimensions = dimensionsOf(metered);
    measurements.publish({ namespace: 'AWS/DynamoDB', name, region, dimensions, value: units, unit: 'Count' });
  }

  // What is left now; a limit that was changed begins anew with a full burst.
  #bucket(region: string, metered: Metered, kind: Kind): { units: number } | undefined {
    const limit = this.#limit(region, metered);
    const rate = limit?.[kind];
    if (limit === undefined || rate === undefined) return undefined;
    const key = `${region}/${metered.table}/${metered.index ?? ''}/${kind}`;
    const now = this.#kernel.clock.now();
    const most = rate * BURST_SECONDS[limit.mode];
    const known = this.#buckets.get(key);
    const bucket = known?.rate === rate ? known : { units: most, at: now, rate };
    bucket.units = Math.min(most, bucket.units + ((now - bucket.at) / 1_000) * rate);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

const isLimited = (settings: TableSettings | undefined): boolean =>
  settings !== undefined &&
  (settings.limit !== undefined || Object.values(settings.indexes).some(({ onDemand }) => onDemand));

const dimensionsOf = ({ table, index }: Metered): Readonly<Record<string, string>> => ({
  TableName: table,
  ...(index !== undefined && { GlobalSecondaryIndexName: index }),
});

/** What a request is told that asked for the sum alone. */
function totalOf(consumed: Consumed): Consumed {
  const { Table: _, LocalSecondaryIndexes: __, GlobalSecondaryIndexes: ___, ...total } = consumed;
  return total;
}

/** The limit of a table as its description has it; undefined where there is none. */
export function limitOf({
  BillingModeSummary,
  OnDemandThroughput: most,
  ProvisionedThroughput: provisioned,
}: TableDescription): Limit | undefined {
  if (BillingModeSummary?.BillingMode !== 'PAY_PER_REQUEST') {
    return {
      mode: 'provisioned',
      read: provisioned?.ReadCapacityUnits ?? undefined,
      write: provisioned?.WriteCapacityUnits ?? undefined,
    };
  }
  const [read, write] = [most?.MaxReadRequestUnits, most?.MaxWriteRequestUnits].map((units) =>
    units !== undefined && units > 0 ? units : undefined,
  );
  return read === undefined && write === undefined ? undefined : { mode: 'on-demand', read, write };
}

function throttled(mode: Limit['mode'], kind: Kind, resource: string): AwsError {
  const operation = kind === 'read' ? 'Read' : 'Write';
  const ofIndex = resource.includes('/index/');
  const place = ofIndex ? 'Index' : 'Table';
  if (mode === 'provisioned') {
    const reason = `${place}${operation}ProvisionedThroughputExceeded`;
    return new AwsError(
      'ProvisionedThroughputExceededException',
      ofIndex
        ? 'The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API.'
        : 'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
      { members: { ThrottlingReasons: [{ reason, resource }] } },
    );
  }
  return new AwsError(
    'ThrottlingException',
    `Throughput exceeds the maximum OnDemandThroughput configured on table or index (${resource}).`,
    { members: { throttlingReasons: [{ reason: `${place}${operation}MaxOnDemandThroughputExceeded`, resource }] } },
  );
}
