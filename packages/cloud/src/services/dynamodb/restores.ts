// Tables on their way back from a backup: made anew, then filled, a cloud's end notwithstanding.
import type {
  CreateTableInput,
  GlobalSecondaryIndex,
  GlobalSecondaryIndexDescription,
  RestoreTableFromBackupInput,
  TableDescription,
} from '@aws-sdk/client-dynamodb';

import type { Log } from '../../kernel/log.ts';
import type { Backups } from './backups.ts';
import type { Restored, Tables } from './tables.ts';

/** What the restored table is created from; tags, streams, recovery and time to live are not restored, as AWS has it. */
export function restoredTable(source: TableDescription, input: RestoreTableFromBackupInput): CreateTableInput {
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

/** Fills restored tables in the background, and goes on after a restart where it was cut off. */
export class Restores {
  readonly #tables: Tables;
  readonly #backups: Backups;
  readonly #log: Log;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(tables: Tables, backups: Backups, log: Log) {
    this.#tables = tables;
    this.#backups = backups;
    this.#log = log;
  }

  begin(region: string, table: string, from: Restored): void {
    const run = this.#fill(region, table, from).catch((error: unknown) => {
      this.#log('restore failed', { table, backup: from.backupArn, reason: String(error) });
    });
    this.#running.add(run);
    void run.then(() => this.#running.delete(run));
  }

  start(): void {
    for (const { region, table, from } of this.#tables.restoring()) this.begin(region, table, from);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #fill(region: string, table: string, from: Restored): Promise<void> {
    const complete = await this.#backups.restore(from.backupArn, region, table, () => this.#stopped);
    const settings = this.#tables.find(region, table);
    if (complete && settings) this.#tables.put(region, table, { ...settings, restored: { ...from, running: false } });
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
  ...(rest.ProvisionedThroughput && {
    ProvisionedThroughput: {
      ReadCapacityUnits: rest.ProvisionedThroughput.ReadCapacityUnits,
      WriteCapacityUnits: rest.ProvisionedThroughput.WriteCapacityUnits,
    },
  }),
});

function withBilling(
  { ProvisionedThroughput, ...index }: GlobalSecondaryIndex,
  provisioned: boolean,
): GlobalSecondaryIndex {
  return provisioned && ProvisionedThroughput ? { ...index, ProvisionedThroughput } : index;
}
