// How much a table may be read and written in a second, where it has a limit, and what becomes of calls beyond that.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TroubleshootingThrottling.html
//
// Gaps: limits of indexes and of single partitions; PartiQL statements are not counted.
import type { TableDescription } from '@aws-sdk/client-dynamodb';

import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { tableArn } from './names.ts';
import type { Tables } from './tables.ts';

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

interface Consumed {
  readonly TableName?: string;
  readonly CapacityUnits?: number;
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
    return operation in KINDS && tables.some((table) => this.#tables.find(region, table)?.limit !== undefined);
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
    for (const table of new Set(tables)) this.#requireUnits(call, table, kind);
    const { ReturnConsumedCapacity: asked = 'NONE' } = request;
    const answer = await send({ ...request, ReturnConsumedCapacity: asked === 'NONE' ? 'TOTAL' : asked });
    const { ConsumedCapacity: consumed, ...rest } = answer;
    for (const { TableName = '', CapacityUnits = 0 } of [consumed ?? []].flat() as Consumed[]) {
      this.#take(call.region, TableName, kind, CapacityUnits);
    }
    return asked === 'NONE' ? (rest as unknown as Answer) : answer;
  }

  #requireUnits(call: Call, table: string, kind: Kind): void {
    const bucket = this.#bucket(call.region, table, kind);
    if (!bucket || bucket.units > 0) return;
    const { mode } = this.#tables.require(call.region, table).limit!;
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
    tell(kind === 'read' ? 'ReadThrottleEvents' : 'WriteThrottleEvents', { TableName: table });
    throw throttled(mode, kind, tableArn(call, table));
  }

  #take(region: string, table: string, kind: Kind, units: number): void {
    const bucket = this.#bucket(region, table, kind);
    if (bucket) bucket.units -= units;
    const { measurements } = this.#kernel;
    if (!measurements.listened || units === 0) return;
    const name = kind === 'read' ? 'ConsumedReadCapacityUnits' : 'ConsumedWriteCapacityUnits';
    const dimensions = { TableName: table };
    measurements.publish({ namespace: 'AWS/DynamoDB', name, region, dimensions, value: units, unit: 'Count' });
  }

  // What is left now; a limit that was changed begins anew with a full burst.
  #bucket(region: string, table: string, kind: Kind): { units: number } | undefined {
    const limit = this.#tables.find(region, table)?.limit;
    const rate = limit?.[kind];
    if (limit === undefined || rate === undefined) return undefined;
    const key = `${region}/${table}/${kind}`;
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
  if (mode === 'provisioned') {
    return new AwsError(
      'ProvisionedThroughputExceededException',
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
      { members: { ThrottlingReasons: [{ reason: `Table${operation}ProvisionedThroughputExceeded`, resource }] } },
    );
  }
  return new AwsError(
    'ThrottlingException',
    `Throughput exceeds the maximum OnDemandThroughput configured on table or index (${resource}).`,
    { members: { throttlingReasons: [{ reason: `Table${operation}MaxOnDemandThroughputExceeded`, resource }] } },
  );
}
