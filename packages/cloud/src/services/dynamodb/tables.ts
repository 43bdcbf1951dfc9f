// Tables: dynoxide's, and beside them what dynoxide does not keep: encryption, index throughput, recovery, keys by index.
import { basename } from 'node:path';

import type {
  BillingMode,
  CreateTableInput,
  CreateTableOutput,
  GlobalSecondaryIndex,
  StreamViewType,
  TableDescription,
  Tag,
  UpdateTableInput,
} from '@aws-sdk/client-dynamodb';

import { DamagedStateError, hasBytes } from '../../kernel/damage.ts';
import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { readEncryption, type Encryption } from './encryption.ts';
import type { Engine, RegionCall } from './engine.ts';
import { resourceNotFound, tableInUse, tooManyIndexChanges, validation } from './errors.ts';
import { tableArn } from './names.ts';
import type { Recovery } from './recovery.ts';
import { describeTable } from './table-description.ts';
import type { TableKeys } from './table-keys.ts';
import { limitOf, type Limit } from './throughput.ts';

type Place = Pick<Call, 'region' | 'account'>;

export interface TableSettings {
  hashKey: string;
  /** Of global secondary indexes; a local one has the table's. */
  indexes: Record<string, IndexSettings>;
  encryption: Encryption;
  recovery?: Recovery;
  restored?: Restored;
  policy?: TablePolicy;
  timeToLive?: TimeToLive;
  /** The latest one, which may be over. */
  stream?: TableStream;
  /** Undefined where it may be used as much as anybody likes. */
  limit?: Limit;
  /** When it was made and when it was last put on demand, in milliseconds. Unknown of tables that an earlier Plinth made. */
  createdAt?: number;
  onDemandSince?: number;
  /** As dynoxide has them. Unknown of tables that an earlier Plinth made, until dynoxide is asked. */
  tags?: Readonly<Record<string, string>>;
  /** dynoxide records the changes of the table's items. Unknown of tables that an earlier Plinth made. */
  tracked?: boolean;
}

/** A resource-based policy. */
export interface TablePolicy {
  /** JSON. */
  readonly document: string;
  readonly revision: string;
}

export interface TimeToLive {
  readonly attribute: string;
  /** Items that were there before are known. */
  readonly complete: boolean;
}

export interface TableStream {
  readonly label: string;
  readonly view: StreamViewType;
  readonly enabled: boolean;
}

export interface IndexSettings {
  hashKey: string;
  throughput?: { read: number; write: number };
  /** The most on demand; a side that is undefined has none. */
  onDemand?: { read: number | undefined; write: number | undefined };
}

/** Where a restored table comes from. */
export interface Restored {
  /** Unless it is restored to a point in time. */
  readonly backupArn?: string;
  /** The copy of its items. */
  readonly copy: string;
  readonly tableArn: string;
  /** Milliseconds. */
  readonly at: number;
  /** Its items are still being written. */
  readonly running: boolean;
}

export class Tables {
  readonly #settings: Collection<TableSettings>;
  readonly #engine: Engine;
  readonly #keys: TableKeys;
  // Every request for an item asks for its table's keys.
  readonly #cache = new Map<string, TableSettings>();

  constructor(store: Store, engine: Engine, keys: TableKeys) {
    this.#keys = keys;
    this.#settings = store.collection('dynamodb.tables');
    this.#engine = engine;
    engine.onOpen((region, file) => this.#requireFile(region, file));
    engine.onStart((region, _, call) => this.#reconcile(region, call));
  }

  /** Resolves once what is known of a region's tables is true. */
  ready(region: string): Promise<void> {
    return this.#engine.ready(region);
  }

  find(region: string, table: string): TableSettings | undefined {
    const key = `${region}/${table}`;
    let settings = this.#cache.get(key);
    if (!settings && (settings = this.#settings.get(key))) this.#cache.set(key, settings);
    return settings;
  }

  require(region: string, table: string): TableSettings {
    const settings = this.find(region, table);
    if (!settings) throw resourceNotFound(`Table: ${table} not found`);
    return settings;
  }

  /** The partition key of a table or of one of its indexes. */
  hashKey(region: string, table: string, index?: string): string | undefined {
    const settings = this.find(region, table);
    return (index === undefined ? undefined : settings?.indexes[index]?.hashKey) ?? settings?.hashKey;
  }

  put(region: string, table: string, settings: TableSettings): void {
    this.#settings.put(`${region}/${table}`, settings);
    this.#cache.set(`${region}/${table}`, settings);
  }

  list(region: string): { table: string; settings: TableSettings }[] {
    return this.#settings
      .list({ prefix: `${region}/` })
      .map(({ key, value }) => ({ table: key.slice(region.length + 1), settings: value }));
  }

  /** Tables whose items are still being restored. */
  restoring(): { region: string; table: string; from: Restored }[] {
    return this.#settings.list().flatMap(({ key, value: { restored } }) => {
      const [region = '', table = ''] = key.split('/');
      return restored?.running ? [{ region, table, from: restored }] : [];
    });
  }

  /** Creates a table, without its stream. */
  async create(call: Call, input: CreateTableInput, restored?: Restored): Promise<TableDescription> {
    const { SSESpecification, StreamSpecification: _, OnDemandThroughput: most, ...rest } = input;
    const maxima = Object.entries(most ?? {}).filter(([, units]) => units !== -1);
    // To dynoxide what has no maximum is not there.
    const made = {
      ...rest,
      ...(maxima.length > 0 && { OnDemandThroughput: Object.fromEntries(maxima) }),
      ...(input.GlobalSecondaryIndexes && { GlobalSecondaryIndexes: input.GlobalSecondaryIndexes.map(withoutMaxima) }),
    };
    for (const index of input.GlobalSecondaryIndexes ?? []) requireMaxima(index, input.BillingMode);
    const encryption = await this.#keys.under(call, input.TableName!, readEncryption(SSESpecification));
    const { TableDescription } = await this.#createIn(call, made, encryption);
    const settings: TableSettings = {
      ...settingsOf(TableDescription!),
      encryption,
      tracked: false,
      tags: fromTags(input.Tags),
      createdAt: call.now,
      ...(input.BillingMode === 'PAY_PER_REQUEST' && { onDemandSince: call.now }),
      ...(restored && { restored }),
    };
    for (const index of input.GlobalSecondaryIndexes ?? []) setThroughput(settings, index.IndexName!, index);
    try {
      this.put(call.region, input.TableName!, settings);
    } catch (error) {
      await this.undo(call.region, input.TableName!, encryption);
      throw error;
    }
    return describeTable(call, TableDescription!, settings);
  }

  /** Takes back a table that could not become all that it should have been. */
  async undo(region: string, table: string, encryption = this.require(region, table).encryption): Promise<void> {
    await this.#engine.call(region, 'DeleteTable', { TableName: table });
    await this.#release(region, encryption);
    this.#forget(region, table);
  }

  /** Takes over a table's tags from dynoxide, for IAM asks for them with every request. */
  async readTags(place: Place, table: string): Promise<void> {
    const settings = this.find(place.region, table);
    if (!settings) return;
    const asked = { ResourceArn: tableArn(place, table) };
    const { Tags } = await this.#engine.call(place.region, 'ListTagsOfResource', asked);
    this.put(place.region, table, { ...settings, tags: fromTags(Tags) });
  }

  async describe(place: Place, table: string): Promise<TableDescription> {
    const { Table } = await this.#engine.call(place.region, 'DescribeTable', { TableName: table });
    return describeTable(place, Table!, this.require(place.region, table));
  }

  /** Updates all of a table but its stream. */
  async update(call: Call, table: string, input: UpdateTableInput): Promise<TableDescription> {
    const { SSESpecification, StreamSpecification: stream, GlobalSecondaryIndexUpdates: changes = [], ...rest } = input;
    const encryption = SSESpecification && (await this.#keys.under(call, table, readEncryption(SSESpecification)));
    if (changes.filter(({ Update }) => !Update).length > 1) throw tooManyIndexChanges();
    const retuned = changes.flatMap(({ Update }) => (Update ? [Update] : []));
    const { indexes: before, limit: limitBefore } = this.require(call.region, table);
    const wasOnDemand = limitBefore?.mode !== 'provisioned';
    for (const { IndexName } of retuned)
      if (!Object.hasOwn(before, IndexName!)) throw resourceNotFound(`Index: ${IndexName} not found`);
    const billing = input.BillingMode ?? (wasOnDemand ? 'PAY_PER_REQUEST' : 'PROVISIONED');
    for (const { Create, Update } of changes) requireMaxima(Create ?? Update ?? {}, billing);
    const others = changes
      .filter(({ Update }) => !Update)
      .map((change) => (change.Create ? { Create: withoutMaxima(change.Create) } : change));
    const left = { ...rest, TableName: table, ...(others.length > 0 && { GlobalSecondaryIndexUpdates: others }) };
    // dynoxide refuses an update in which there is nothing for it.
    const nothingLeft = Object.keys(left).every((name) => name === 'TableName' || name === 'AttributeDefinitions');
    const described =
      nothingLeft && (encryption || stream || retuned.length > 0)
        ? (await this.#engine.call(call.region, 'DescribeTable', { TableName: table })).Table!
        : (await this.#engine.call(call.region, 'UpdateTable', left)).TableDescription!;
    const current = this.require(call.region, table);
    const { indexes } = settingsOf(described);
    // What an update answers is what the table was.
    const { Table: now } = await this.#engine.call(call.region, 'DescribeTable', { TableName: table });
    const limit = limitOf(now!);
    for (const name of Object.keys(indexes)) indexes[name] = { ...current.indexes[name], ...indexes[name]! };
    const { limit: _before, ...kept } = current;
    const updated: TableSettings = {
      ...kept,
      indexes,
      ...(limit && { limit }),
      ...(encryption && { encryption }),
      ...(input.BillingMode === 'PAY_PER_REQUEST' && !wasOnDemand && { onDemandSince: call.now }),
    };
    for (const { Create, Update } of changes) {
      const change = Create ?? Update;
      if (change) setThroughput(updated, change.IndexName!, change);
    }
    this.put(call.region, table, updated);
    if (encryption) await this.#release(call.region, current.encryption);
    return { ...describeTable(call, described, updated), TableStatus: 'UPDATING' };
  }

  async delete(place: Place, table: string): Promise<TableDescription> {
    const settings = this.require(place.region, table);
    if (settings.restored?.running) throw tableInUse(table);
    const { TableDescription } = await this.#engine.call(place.region, 'DeleteTable', { TableName: table });
    this.#forget(place.region, table);
    await this.#release(place.region, settings.encryption);
    return describeTable(place, TableDescription!, settings);
  }

  // A grant on the key is given back where the table does not come to be.
  async #createIn({ region }: Call, input: CreateTableInput, encryption: Encryption): Promise<CreateTableOutput> {
    try {
      return await this.#engine.call(region, 'CreateTable', input);
    } catch (error) {
      await this.#release(region, encryption);
      throw error;
    }
  }

  async #release(region: string, encryption: Encryption): Promise<void> {
    if (encryption.kind === 'customer') await this.#keys.release(region, encryption);
  }

  // A table is known here once dynoxide has it: without the file they are lost, not deleted.
  #requireFile(region: string, file: string): void {
    if (hasBytes(file)) return;
    const lost = this.list(region).map(({ table }) => table);
    if (lost.length > 0) {
      throw new DamagedStateError(
        `dynamodb/${basename(file)} is missing or empty, and with it the tables ${lost.join(', ')}`,
      );
    }
  }

  // After a crash one of the two may know a table that the other does not; dynoxide is right.
  async #reconcile(region: string, call: RegionCall): Promise<void> {
    const known = new Set(this.list(region).map(({ table }) => table));
    for (const table of await tableNames(call)) {
      const { Table } = await call('DescribeTable', { TableName: table });
      const { Tags } = await call('ListTagsOfResource', { ResourceArn: Table!.TableArn });
      const kept = known.delete(table) ? this.require(region, table) : undefined;
      const settings = kept ?? { ...settingsOf(Table!), encryption: { kind: 'owned' as const } };
      this.put(region, table, { ...settings, tags: fromTags(Tags) });
    }
    for (const gone of known) this.#forget(region, gone);
  }

  #forget(region: string, table: string): void {
    this.#settings.delete(`${region}/${table}`);
    this.#cache.delete(`${region}/${table}`);
  }
}

export const fromTags = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

async function tableNames(call: RegionCall): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await call('ListTables', { ...(after !== undefined && { ExclusiveStartTableName: after }) });
    names.push(...(page.TableNames ?? []));
    after = page.LastEvaluatedTableName;
    if (after === undefined) return names;
  }
}

function settingsOf(table: TableDescription): Pick<TableSettings, 'hashKey' | 'indexes' | 'limit'> {
  const { KeySchema, GlobalSecondaryIndexes = [] } = table;
  const limit = limitOf(table);
  const hashKey = (schema: TableDescription['KeySchema']) =>
    schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
  const indexes = GlobalSecondaryIndexes.map((index) => [index.IndexName!, { hashKey: hashKey(index.KeySchema) }]);
  return {
    hashKey: hashKey(KeySchema),
    indexes: Object.fromEntries(indexes) as Record<string, IndexSettings>,
    ...(limit && { limit }),
  };
}

type IndexThroughput = Pick<GlobalSecondaryIndex, 'ProvisionedThroughput' | 'OnDemandThroughput'>;

function setThroughput({ indexes }: TableSettings, name: string, given: IndexThroughput): void {
  const index = Object.hasOwn(indexes, name) ? indexes[name] : undefined;
  const { ProvisionedThroughput: provisioned, OnDemandThroughput: most } = given;
  if (index && provisioned)
    index.throughput = { read: provisioned.ReadCapacityUnits!, write: provisioned.WriteCapacityUnits! };
  if (!index || !most) return;
  const { MaxReadRequestUnits = index.onDemand?.read, MaxWriteRequestUnits = index.onDemand?.write } = most;
  const [read, write] = [MaxReadRequestUnits, MaxWriteRequestUnits].map((units) => (units === -1 ? undefined : units));
  if (read === undefined && write === undefined) delete index.onDemand;
  else index.onDemand = { read, write };
}

/** The maxima of indexes are the cloud's alone. */
function withoutMaxima(index: GlobalSecondaryIndex): GlobalSecondaryIndex {
  const { OnDemandThroughput: _, ...others } = index;
  return others;
}

function requireMaxima({ OnDemandThroughput: most }: IndexThroughput, billing: BillingMode | undefined): void {
  if (most === undefined) return;
  if (billing !== 'PAY_PER_REQUEST') {
    throw validation(
      'One or more parameter values were invalid: OnDemandThroughput is for tables with BillingMode PAY_PER_REQUEST',
    );
  }
  for (const [name, units] of Object.entries(most)) {
    if (units !== -1 && units < 1) {
      throw validation(
        `One or more parameter values were invalid: Requested ${name} for OnDemandThroughput for index is outside of valid range`,
      );
    }
  }
}
