// Queries that were started: run in turns, kept with their results for a week.
import type { GetQueryResultsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';

import { uuid } from '../../../kernel/ids.ts';
import type { Kernel } from '../../../kernel/service.ts';
import type { Collection } from '../../../kernel/store.ts';
import type { GroupKeys } from '../group-keys.ts';
import type { LogEvents, Position } from '../log-events.ts';
import type { LogGroups } from '../log-groups.ts';
import { compileQuery, type Query, type Step } from './query.ts';
import { pointerTo, Row } from './row.ts';
import { toText } from './value.ts';

export interface StartedQuery {
  readonly id: string;
  readonly region: string;
  /** Names of log groups. */
  readonly groups: readonly string[];
  readonly text: string;
  /** Both inclusive, in milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly startedAt: number;
  /** The ARN of who started it; unknown of those from before it was kept. */
  readonly startedBy?: string;
  /** How long it ran, in milliseconds; undefined until it is complete. */
  readonly duration?: number;
  readonly status: 'Running' | 'Complete' | 'Cancelled' | 'Failed';
  readonly results: NonNullable<GetQueryResultsCommandOutput['results']>;
  readonly statistics: {
    readonly recordsMatched: number;
    readonly recordsScanned: number;
    readonly bytesScanned: number;
  };
}

export type QueryInput = Pick<StartedQuery, 'region' | 'groups' | 'text' | 'from' | 'to' | 'limit' | 'startedBy'>;

const KEPT_MILLISECONDS = 7 * 86_400_000;

/** Events that a query looks at before others have their turn. */
const TURN_EVENTS = 2_000;

export class Queries {
  readonly #kernel: Pick<Kernel, 'clock' | 'log' | 'account'>;
  readonly #groups: LogGroups;
  readonly #events: LogEvents;
  readonly #keys: GroupKeys;
  readonly #queries: Collection<StartedQuery>;

  #stopped = false;

  constructor(
    kernel: Pick<Kernel, 'store' | 'clock' | 'log' | 'account'>,
    groups: LogGroups,
    events: LogEvents,
    keys: GroupKeys,
  ) {
    this.#kernel = kernel;
    this.#groups = groups;
    this.#events = events;
    this.#keys = keys;
    this.#queries = kernel.store.collection('logs.queries');
  }

  /** Starts a query, whose text has to be right. */
  start(input: QueryInput): string {
    const now = this.#kernel.clock.now();
    for (const { key, value } of this.#queries.list()) {
      if (value.startedAt < now - KEPT_MILLISECONDS) this.#queries.delete(key);
    }
    const statistics = { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0 };
    const query: StartedQuery = { ...input, id: uuid(), startedAt: now, status: 'Running', results: [], statistics };
    const compiled = compileQuery(query.text, now);
    this.#queries.put(query.id, query);
    this.#begin(query, compiled);
    return query.id;
  }

  /** Takes up the queries that a stopped or killed cloud left. */
  resume(): void {
    for (const query of this.list()) {
      if (query.status === 'Running') this.#begin(query, compileQuery(query.text, query.startedAt));
    }
  }

  /** What runs is taken up at the next start. */
  stop(): void {
    this.#stopped = true;
  }

  find(id: string): StartedQuery | undefined {
    return this.#queries.get(id);
  }

  /** The latest ones first. */
  list(): StartedQuery[] {
    return this.#queries
      .list()
      .map(({ value }) => value)
      .toSorted((a, b) => b.startedAt - a.startedAt);
  }

  /** False where the query has ended already. */
  cancel(query: StartedQuery): boolean {
    if (query.status !== 'Running') return false;
    this.#queries.put(query.id, { ...query, status: 'Cancelled' });
    return true;
  }

  #begin(query: StartedQuery, compiled: Query): void {
    this.#run(query, compiled).catch((error: unknown) => {
      this.#kernel.log('logs.query-failed', { query: query.id, reason: (error as Error).message });
      this.#queries.put(query.id, { ...query, status: 'Failed' });
    });
  }

  async #run(query: StartedQuery, { steps, columns }: Query): Promise<void> {
    const statistics = { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0 };
    const [first, rest] = split(steps);
    const found: Row[] = [];
    for await (const turn of this.#turns(query)) {
      // The query may have been cancelled, or the cloud stopped, while others had their turn.
      if (this.#stopped || this.#queries.get(query.id)?.status !== 'Running') return;
      statistics.recordsScanned += turn.length;
      for (const { source } of turn) statistics.bytesScanned += Buffer.byteLength(source!.event.message);
      found.push(...take(turn, first));
    }
    statistics.recordsMatched = found.length;
    // Newest first, until the query says otherwise.
    let rows: readonly Row[] = found.toSorted((a, b) => newestFirst(a.source!.event, b.source!.event));
    for (const step of rest) rows = take(rows, [step]);
    const results = rows.slice(0, query.limit).map((row) => shape(row, columns));
    const duration = this.#kernel.clock.now() - query.startedAt;
    this.#queries.put(query.id, { ...query, status: 'Complete', results, statistics, duration });
  }

  async *#turns({ region, groups, from, to }: StartedQuery): AsyncGenerator<Row[]> {
    for (const name of groups) {
      const log = `${this.#kernel.account}:${name}`;
      let after: Position | undefined;
      for (let more = true; more;) {
        await new Promise((resolve) => setImmediate(resolve));
        const turn: Row[] = [];
        for (const event of this.#events.scan({ region, name }, undefined, { from, to: to + 1 }, { after })) {
          turn.push(new Row({ event, log }));
          after = event;
          if (turn.length === TURN_EVENTS) break;
        }
        more = turn.length === TURN_EVENTS;
        const group = this.#groups.find(region, name);
        const found = turn.map(({ source }) => source!.event);
        if (group) await this.#keys.requireReadable(group, found);
        yield turn;
      }
    }
  }
}

const newestFirst = (a: Position, b: Position): number => b.timestamp - a.timestamp || b.id - a.id;

/** The steps that rows can go through one by one as they come, and those after. */
function split(steps: readonly Step[]): [readonly Step[], readonly Step[]] {
  const index = steps.findIndex(({ kind }) => kind === 'all');
  return index < 0 ? [steps, []] : [steps.slice(0, index), steps.slice(index)];
}

function take(rows: readonly Row[], steps: readonly Step[]): readonly Row[] {
  return steps.reduce((left, step) => {
    if (step.kind === 'all') return step.run(left);
    return step.kind === 'many' ? left.flatMap(step.run) : left.filter(step.run);
  }, rows);
}

/** The columns that the row has a value for, and where to find the whole event. */
function shape(row: Row, columns: readonly string[]): StartedQuery['results'][number] {
  const fields = columns.flatMap((field) => {
    const value = row.get(field);
    return value === undefined ? [] : [{ field, value: toText(value) }];
  });
  return row.source ? [...fields, { field: '@ptr', value: pointerTo(row.source.event.id) }] : fields;
}
