// Tables on their way back from a backup or from a moment in the past: made anew, then filled, a cloud's end notwithstanding.
import type {
  CreateTableInput,
  GlobalSecondaryIndex,
  GlobalSecondaryIndexDescription,
  RestoreTableFromBackupInput,
  RestoreTableToPointInTimeInput,
  TableDescription,
} from '@aws-sdk/client-dynamodb';

import { AwsError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { isOutOfSpace } from '../../kernel/space.ts';
import type { Backups } from './backups.ts';
import type { Copies } from './copies.ts';
import type { Restored, Tables } from './tables.ts';

/** What the restored table is created from; tags, streams, recovery and time to live are not restored, as AWS has it. */
export function restoredTable(
  source: TableDescription,
  input: RestoreTableFromBackupInput | RestoreTableToPointInTimeInput,
): CreateTableInput {
  const billing = input.BillingModeOverride ?? source.BillingModeSummary?.BillingMode ?? 'PROVISIONED';
  const provisioned = billing === 'PROVISIONED';
  const throughput = input.ProvisionedThroughputOverride ?? {
    ReadCapacityUnits: source.ProvisionedThroughput?.ReadCapacityUnits,
    WriteCapacityUnits: source.ProvisionedThroughput?.WriteCapacityUnits,
  };
  const globals: GlobalSecondaryIndex[] =
    input.GlobalSecondaryIndexOverride ?? source.GlobalSecondaryIndexes?.map(indexOf) ?? [];
  const locals = input.LocalSecondaryIndexOverride ?? source.LocalSecondaryIndexes ?? [];
  const keys = [source, ...globals, ...locals].flatMap(
    ({ KeySchema }) => KeySchema?.map(({ AttributeName }) => AttributeName) ?? [],
  );
  const onDemand = input.OnDemandThroughputOverride ?? source.OnDemandThroughput;
  return {
    TableName: input.TargetTableName,
    KeySchema: source.KeySchema,
    AttributeDefinitions: source.AttributeDefinitions?.filter(({ AttributeName }) => keys.includes(AttributeName)),
    BillingMode: billing,
    ...(provisioned && { ProvisionedThroughput: throughput }),
    ...(!provisioned && onDemand && { OnDemandThroughput: onDemand }),
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals.map((index) => withBilling(index, provisioned)) }),
    ...(locals.length > 0 && {
      LocalSecondaryIndexes: locals.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
    }),
    ...(source.TableClassSummary?.TableClass && { TableClass: source.TableClassSummary.TableClass }),
    SSESpecification:
      input.SSESpecificationOverride ??
      (source.SSEDescription?.Status === 'ENABLED'
        ? { Enabled: true, KMSMasterKeyId: source.SSEDescription.KMSMasterKeyArn }
        : { Enabled: false }),
  };
}

/** When a restore is tried again for which there was no room. Space is this machine's, and so is the time until there is some. */
const RETRY_MILLISECONDS = 1_000;

/** Fills restored tables in the background, and goes on after a restart where it was cut off. */
export class Restores {
  readonly #tables: Tables;
  readonly #backups: Backups;
  readonly #copies: Copies;
  readonly #log: Log;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor({ tables, backups, copies }: { tables: Tables; backups: Backups; copies: Copies }, log: Log) {
    this.#tables = tables;
    this.#backups = backups;
    this.#copies = copies;
    this.#log = log;
  }

  begin(region: string, table: string, from: Restored): void {
    if (this.#stopped) return;
    const run = this.#fill(region, table, from).catch((error: unknown) => {
      this.#log('restore failed', { table, source: from.tableArn, reason: String(error) });
      const mayPass = isOutOfSpace(error) || (error instanceof AwsError && error.status >= 500);
      if (mayPass) setTimeout(() => this.begin(region, table, from), RETRY_MILLISECONDS).unref();
    });
    this.#running.add(run);
    void run.then(() => this.#running.delete(run));
  }

  /** Goes on with what was cut off, and forgets copies that came to nothing. */
  start(): void {
    const restoring = this.#tables.restoring();
    const needed = new Set([...this.#backups.arns(), ...restoring.map(({ from }) => from.copy)]);
    for (const id of this.#copies.ids()) if (!needed.has(id)) this.#copies.delete(id);
    for (const { region, table, from } of restoring) this.begin(region, table, from);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #fill(region: string, table: string, from: Restored): Promise<void> {
    const complete = await this.#copies.restore(from.copy, region, table, () => this.#stopped);
    if (!complete) return;
    const settings = this.#tables.find(region, table);
    if (settings) this.#tables.put(region, table, { ...settings, restored: { ...from, running: false } });
    if (from.backupArn === undefined) this.#copies.delete(from.copy);
  }
}

const indexOf = ({
  IndexName,
  KeySchema,
  Projection,
  ...rest
}: GlobalSecondaryIndexDescription): GlobalSecondaryIndex => ({
  IndexName,
  KeySchema,
  Projection,
  ...(rest.OnDemandThroughput && { OnDemandThroughput: rest.OnDemandThroughput }),
  ...(rest.ProvisionedThroughput && {
    ProvisionedThroughput: {
      ReadCapacityUnits: rest.ProvisionedThroughput.ReadCapacityUnits,
      WriteCapacityUnits: rest.ProvisionedThroughput.WriteCapacityUnits,
    },
  }),
});

function withBilling(
  { ProvisionedThroughput: units, OnDemandThroughput: most, ...index }: GlobalSecondaryIndex,
  provisioned: boolean,
): GlobalSecondaryIndex {
  return {
    ...index,
    ...(provisioned && units && { ProvisionedThroughput: units }),
    ...(!provisioned && most && { OnDemandThroughput: most }),
  };
}
