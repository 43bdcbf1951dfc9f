// Backups: whole copies of a table's items and settings, kept until deleted, or for 35 days those made when a table goes.
import { randomBytes } from 'node:crypto';

import type { BackupType, TableDescription, TimeToLiveDescription } from '@aws-sdk/client-dynamodb';

import type { Clock } from '../../kernel/clock.ts';
import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { Copies } from './copies.ts';
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

/** What is backed up. */
export interface Source {
  readonly table: TableDescription;
  readonly timeToLive: TimeToLiveDescription;
}

/** How long a backup lives that was made because its table was deleted. */
const SYSTEM_DAYS = 35;

const DAY_MILLISECONDS = 86_400_000;

export class Backups {
  readonly #store: Store;
  readonly #backups: Collection<Backup>;
  readonly #copies: Copies;
  readonly #clock: Clock;

  constructor(store: Store, copies: Copies, clock: Clock) {
    this.#store = store;
    this.#backups = store.collection('dynamodb.backups');
    this.#copies = copies;
    this.#clock = clock;
  }

  /** Copies a table; the backup exists once all of it is copied. */
  async create(place: Place, name: string, type: BackupType, { table: source, timeToLive }: Source): Promise<Backup> {
    const table = source.TableName!;
    const createdAt = this.#clock.now();
    const id = `${String(createdAt).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
    const arn = `${tableArn(place, table)}/backup/${id}`;
    const { itemCount, sizeBytes } = await this.#copies.make(arn, place.region, table);
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
      timeToLive,
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

  arns(): string[] {
    return this.#backups.list().map(({ value }) => value.arn);
  }

  /** Oldest first. */
  list(region: string): Backup[] {
    return this.#backups.list({ prefix: `${region}/` }).map(({ value }) => value);
  }

  delete(arn: string): Backup {
    const backup = this.require(arn);
    this.#store.transaction(() => {
      this.#backups.delete(this.#key(arn));
      this.#copies.delete(arn);
    });
    return backup;
  }

  /** Deletes each system backup when its time comes. */
  start(): void {
    for (const { value } of this.#backups.list()) this.#arm(value);
  }

  #arm({ arn, expiresAt }: Backup): void {
    if (expiresAt === undefined) return;
    this.#clock.at(expiresAt, () => {
      if (this.find(arn)) this.delete(arn);
    });
  }

  /** By region, then by time, as ARNs are. */
  #key(arn: string): string {
    return `${arn.split(':')[3]}/${backupId(arn)}`;
  }
}

/** What a backup's ARN ends with: the later the backup, the greater. */
export const backupId = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
