// Backups: whole copies of a table's items and settings, kept until deleted, or for 35 days those made when a table goes.
import { randomBytes } from 'node:crypto';

import type { AttributeValue, BackupType, TableDescription, TimeToLiveDescription } from '@aws-sdk/client-dynamodb';

import type { Clock } from '../../kernel/clock.ts';
import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { Engine } from './engine.ts';
import { backupNotFound } from './errors.ts';
import { tableArn } from './names.ts';

type Place = Pick<Call, 'region' | 'account'>;

export interface Backup {
  readonly arn: string;
  readonly name: string;
  readonly type: BackupType;
  /** Milliseconds. */
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly itemCount: number;
  readonly sizeBytes: number;
  readonly table: string;
  /** As it was described then; its dates are texts. */
  readonly source: TableDescription;
  readonly timeToLive: TimeToLiveDescription;
}

/** How long a backup lives that was made because its table was deleted. */
const SYSTEM_DAYS = 35;

const DAY_MILLISECONDS = 86_400_000;

/** Items that one BatchWriteItem takes. */
const BATCH_ITEMS = 25;

export class Backups {
  readonly #store: Store;
  readonly #backups: Collection<Backup>;
  readonly #engine: Engine;
  readonly #clock: Clock;

  constructor(store: Store, engine: Engine, clock: Clock) {
    this.#store = store;
    this.#backups = store.collection('dynamodb.backups');
    this.#engine = engine;
    this.#clock = clock;
    store.define(
      'CREATE TABLE IF NOT EXISTS dynamodb_backup_pages (backup TEXT, page INTEGER, items TEXT NOT NULL, PRIMARY KEY (backup, page)) WITHOUT ROWID',
    );
  }

  /** Copies a table; the backup exists once all of it is copied. */
  async create(place: Place, name: string, type: BackupType, source: TableDescription): Promise<Backup> {
    const { region } = place;
    const table = source.TableName!;
    const { TimeToLiveDescription = {} } = await this.#engine.call(region, 'DescribeTimeToLive', { TableName: table });
    const createdAt = this.#clock.now();
    const id = `${String(createdAt).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
    const arn = `${tableArn(place, table)}/backup/${id}`;
    const { itemCount, sizeBytes } = await this.#copy(region, table, arn);
    const backup: Backup = {
      arn,
      name,
      type,
      createdAt,
      ...(type === 'SYSTEM' && { expiresAt: createdAt + SYSTEM_DAYS * DAY_MILLISECONDS }),
      itemCount,
      sizeBytes,
      table,
      source,
      timeToLive: TimeToLiveDescription,
    };
    this.#backups.put(this.#key(arn), backup);
    this.#arm(backup);
    return backup;
  }

  find(arn: string): Backup | undefined {
    return this.#backups.get(this.#key(arn));
  }

  require(arn: string): Backup {
    const backup = this.find(arn);
    if (!backup) throw backupNotFound(arn);
    return backup;
  }

  /** Oldest first. */
  list(region: string): Backup[] {
    return this.#backups.list({ prefix: `${region}/` }).map(({ value }) => value);
  }

  delete(arn: string): Backup {
    const backup = this.require(arn);
    this.#store.transaction(() => {
      this.#backups.delete(this.#key(arn));
      this.#store.sql('DELETE FROM dynamodb_backup_pages WHERE backup = ?').run(arn);
    });
    return backup;
  }

  /** Writes a backup's items into a table; may be done again. Stops early, with false, once `stopped`. */
  async restore(arn: string, region: string, table: string, stopped: () => boolean): Promise<boolean> {
    for (let page = 0; ; page++) {
      const row = this.#store
        .sql('SELECT items FROM dynamodb_backup_pages WHERE backup = ? AND page = ?')
        .get(arn, page);
      if (!row) return true;
      const items = JSON.parse(row['items'] as string) as Record<string, AttributeValue>[];
      for (let first = 0; first < items.length; first += BATCH_ITEMS) {
        if (stopped()) return false;
        const requests = items.slice(first, first + BATCH_ITEMS).map((Item) => ({ PutRequest: { Item } }));
        const { status, json } = await this.#engine.ask(
          region,
          'BatchWriteItem',
          JSON.stringify({ RequestItems: { [table]: requests } }),
        );
        if (status >= 400) throw new Error(`the items of ${arn} are refused: ${Buffer.from(json).toString()}`);
      }
    }
  }

  /** Forgets half-made copies, and deletes each system backup when its time comes. */
  start(): void {
    const all = this.#backups.list().map(({ value }) => value);
    const known = new Set(all.map(({ arn }) => arn));
    for (const { backup } of this.#store.sql('SELECT DISTINCT backup FROM dynamodb_backup_pages').all()) {
      if (!known.has(backup as string))
        this.#store.sql('DELETE FROM dynamodb_backup_pages WHERE backup = ?').run(backup!);
    }
    for (const backup of all) this.#arm(backup);
  }

  #arm({ arn, expiresAt }: Backup): void {
    if (expiresAt === undefined) return;
    this.#clock.at(expiresAt, () => {
      if (this.find(arn)) this.delete(arn);
    });
  }

  // In JSON as it is on the wire, which neither loses digits nor costs a schema.
  async #copy(region: string, table: string, arn: string): Promise<{ itemCount: number; sizeBytes: number }> {
    let itemCount = 0;
    let sizeBytes = 0;
    let after: unknown;
    for (let page = 0; ; page++) {
      const request = JSON.stringify({ TableName: table, ConsistentRead: true, ExclusiveStartKey: after });
      const { status, json } = await this.#engine.ask(region, 'Scan', request);
      const { Items, LastEvaluatedKey, message } = JSON.parse(Buffer.from(json).toString()) as {
        Items: unknown[];
        LastEvaluatedKey?: unknown;
        message?: string;
      };
      if (status >= 400) throw new Error(`${table} cannot be copied: ${message}`);
      const items = JSON.stringify(Items);
      this.#store.sql('INSERT OR REPLACE INTO dynamodb_backup_pages VALUES (?, ?, ?)').run(arn, page, items);
      itemCount += Items.length;
      sizeBytes += items.length;
      after = LastEvaluatedKey;
      if (after === undefined) return { itemCount, sizeBytes };
    }
  }

  /** By region, then by time, as ARNs are. */
  #key(arn: string): string {
    const [, , , region, , resource = ''] = arn.split(':');
    return `${region}/${resource.split('/').at(-1)}`;
  }
}
