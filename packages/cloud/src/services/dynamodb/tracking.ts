// Tables whose changes are recorded: for a stream, for time to live, for restoring to a point in time. Others do not pay.
import type { KeySchemaElement, StreamViewType, TableDescription } from '@aws-sdk/client-dynamodb';

import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../kernel/store.ts';
import type { Changes } from './changes.ts';
import { scan } from './copies.ts';
import type { Engine, RegionCall } from './engine.ts';
import { tableInUse, validation } from './errors.ts';
import type { Expirations } from './expirations.ts';
import type { Journal } from './journal.ts';
import { STREAM_MILLISECONDS, streamLabel, type StreamList } from './stream-list.ts';
import type { TableSettings, Tables } from './tables.ts';

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly engine: Engine;
  readonly tables: Tables;
  readonly journal: Journal;
  readonly changes: Changes;
  readonly expirations: Expirations;
  readonly streams: StreamList;
}

const DAY_MILLISECONDS = 86_400_000;

/** How often what nobody may read any more is forgotten. */
const PRUNE_MILLISECONDS = DAY_MILLISECONDS;

export class Tracking {
  readonly #parts: Parts;
  #cancel: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.engine.onStart((region, _, call) => this.#adopt(region, call));
  }

  start(): void {
    this.#prune();
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Begins a stream of a table's changes. */
  async beginStream(region: string, table: TableDescription, view: StreamViewType): Promise<void> {
    const name = table.TableName!;
    const { tables } = this.#parts;
    if (tables.require(region, name).stream?.enabled) {
      throw validation(`Table already has an enabled stream: TableName: ${name}`);
    }
    await this.#change(region, name, (settings) => ({
      ...settings,
      stream: this.#newStream(region, name, view, table.KeySchema ?? []),
    }));
  }

  async endStream(region: string, table: string): Promise<void> {
    const { tables, streams, journal, clock } = this.#parts;
    if (!tables.require(region, table).stream?.enabled) {
      throw validation(`Table has no stream to disable: TableName: ${table}`);
    }
    await this.#change(region, table, ({ stream, ...settings }) => {
      streams.end(region, table, journal.last(), clock.now());
      return { ...settings, ...(stream && { stream: { ...stream, enabled: false } }) };
    });
  }

  /** Lets a table's items expire by an attribute, or by none. */
  async setTimeToLive(region: string, table: string, attribute: string | undefined): Promise<void> {
    await this.#change(region, table, (settings) => {
      this.#parts.expirations.forgetTable(region, table);
      const { timeToLive: _, ...others } = settings;
      return attribute === undefined ? others : { ...others, timeToLive: { attribute, complete: false } };
    });
    if (attribute !== undefined) await this.#completeTimeToLive(region, table);
    this.#parts.expirations.arm();
  }

  async setRecovery(region: string, table: string, recovery: TableSettings['recovery']): Promise<void> {
    await this.#change(region, table, ({ recovery: before, ...settings }) => ({
      ...settings,
      // Not before its changes are recorded.
      ...(recovery && { recovery: { ...recovery, since: before?.since ?? this.#parts.clock.now() } }),
    }));
  }

  /** To be called before a table goes: what its changes need of it is gone with it. */
  prepareEnd(region: string): void {
    this.#parts.changes.collect(region);
  }

  /** Settles what is left of a table that is about to go, or has gone. */
  end(region: string, table: string): void {
    const { changes, streams, expirations, journal, clock } = this.#parts;
    changes.collect(region);
    streams.end(region, table, journal.last(), clock.now());
    expirations.forgetTable(region, table);
  }

  // dynoxide records changes from before the settings need it; what it had recorded until then is nobody's.
  async #change(region: string, table: string, change: (settings: TableSettings) => TableSettings): Promise<void> {
    const { tables, changes, store } = this.#parts;
    if (tables.require(region, table).restored?.running) throw tableInUse(table);
    if (!tables.require(region, table).tracked) await this.#record(region, table, true);
    changes.collect(region);
    const tracked = store.transaction(() => {
      const settings = change(tables.require(region, table));
      const needed = needsTracking(settings);
      tables.put(region, table, { ...settings, tracked: needed });
      return needed;
    });
    if (!tracked) await this.#record(region, table, false);
  }

  async #record(region: string, table: string, on: boolean): Promise<void> {
    await this.#parts.engine.call(region, 'UpdateTable', { TableName: table, StreamSpecification: recording(on) });
  }

  #newStream(region: string, table: string, view: StreamViewType, keySchema: readonly KeySchemaElement[]) {
    const { streams, journal, clock } = this.#parts;
    const createdAt = clock.now();
    const label = streamLabel(createdAt);
    streams.put({ region, table, label, view, keySchema, createdAt, after: journal.last() });
    return { label, view, enabled: true };
  }

  /** Looks through the items that were there before their table had a time to live. */
  async #completeTimeToLive(region: string, table: string): Promise<void> {
    const { tables, engine, expirations, store } = this.#parts;
    const timeToLive = tables.find(region, table)?.timeToLive;
    if (!timeToLive || timeToLive.complete) return;
    const { attribute } = timeToLive;
    const { Table } = await engine.call(region, 'DescribeTable', { TableName: table });
    const keys = Table!.KeySchema!.map(({ AttributeName }) => AttributeName!);
    const names = Object.fromEntries([...new Set([...keys, attribute])].map((name, index) => [`#n${index}`, name]));
    const request = {
      TableName: table,
      ConsistentRead: true,
      ProjectionExpression: Object.keys(names).join(', '),
      ExpressionAttributeNames: names,
    };
    for await (const items of scan(engine, region, request)) {
      if (tables.find(region, table)?.timeToLive?.attribute !== attribute) return;
      store.transaction(() => {
        for (const item of items) expirations.noteItem(region, table, attribute, keys, item as never);
      });
    }
    const settings = tables.find(region, table);
    if (settings?.timeToLive?.attribute === attribute)
      tables.put(region, table, { ...settings, timeToLive: { attribute, complete: true } });
  }

  // An earlier Plinth left streams and time to live to dynoxide, which knows nothing of the cloud's clock.
  async #adopt(region: string, call: RegionCall): Promise<void> {
    const { tables, clock, log, expirations } = this.#parts;
    for (const { table, settings } of tables.list(region)) {
      if (settings.tracked === undefined) {
        const { Table } = await call('DescribeTable', { TableName: table });
        const { TimeToLiveDescription: ttl } = await call('DescribeTimeToLive', { TableName: table });
        const attribute = ttl?.TimeToLiveStatus === 'ENABLED' ? ttl.AttributeName : undefined;
        const view = Table!.StreamSpecification?.StreamEnabled ? Table!.StreamSpecification.StreamViewType : undefined;
        const adopted: TableSettings = {
          ...settings,
          ...(view && { stream: this.#newStream(region, table, view, Table!.KeySchema ?? []) }),
          ...(attribute !== undefined && { timeToLive: { attribute, complete: false } }),
          ...(settings.recovery && { recovery: { ...settings.recovery, since: clock.now() } }),
        };
        if (attribute !== undefined) {
          const TimeToLiveSpecification = { Enabled: false, AttributeName: attribute };
          await call('UpdateTimeToLive', { TableName: table, TimeToLiveSpecification });
        }
        const tracked = needsTracking(adopted);
        if (view) await call('UpdateTable', { TableName: table, StreamSpecification: recording(false) });
        if (tracked) await call('UpdateTable', { TableName: table, StreamSpecification: recording(true) });
        tables.put(region, table, { ...adopted, tracked });
      }
      // Its scan has to wait for the database that is being prepared here.
      const completed = this.#completeTimeToLive(region, table).then(
        () => expirations.arm(),
        (error: unknown) => log('time to live is incomplete', { region, table, reason: String(error) }),
      );
      clock.hold(completed);
    }
  }

  #prune(): void {
    const { clock, journal, streams, tables, store } = this.#parts;
    const now = clock.now();
    store.transaction(() => {
      for (const { region, table } of journal.tables()) {
        const days = tables.find(region, table)?.recovery?.days ?? 0;
        journal.prune(region, table, now - Math.max(days * DAY_MILLISECONDS, STREAM_MILLISECONDS));
      }
      streams.prune(now - STREAM_MILLISECONDS);
    });
    this.#cancel = clock.at(now + PRUNE_MILLISECONDS, () => this.#prune());
  }
}

const needsTracking = ({ stream, recovery, timeToLive }: TableSettings): boolean =>
  Boolean(stream?.enabled || recovery || timeToLive);

const recording = (on: boolean) =>
  on ? { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const } : { StreamEnabled: false };
