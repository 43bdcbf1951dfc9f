// Amazon DynamoDB.
//
// Answers: items, queries, transactions, PartiQL, tables, indexes, time to live, tags, backups and restoring from them,
// the switch of point-in-time recovery and the backup that AWS makes when such a table is deleted.
// Gaps: restoring to a point in time, streams' reading side, global tables, exports and imports, resource policies,
// contributor insights, Kinesis destinations, warm throughput (501 or a precise refusal).
// By design: the tables are dynoxide's, one process for each region in use; requests for items pass through as JSON.
// A customer's KMS key decides who may use a table's items; the items lie in dynoxide's files, readable by their owner alone.
import type { Kernel, Service } from '../../kernel/service.ts';
import { backupOperations } from './backup-operations.ts';
import { Backups } from './backups.ts';
import { Engine } from './engine.ts';
import { itemOperations } from './item-operations.ts';
import { dynamodbResources } from './resources.ts';
import { Restores } from './restores.ts';
import { TableKeys } from './table-keys.ts';
import { tableOperations } from './table-operations.ts';
import { Tables } from './tables.ts';

export type DynamodbOperations = ReturnType<typeof dynamodbOperations>;

export function dynamodb(kernel: Kernel): Service {
  const { store, clock, log } = kernel;
  const engine = new Engine(store.folder, log);
  const keys = new TableKeys(kernel);
  const tables = new Tables(store, engine, keys);
  const backups = new Backups(store, engine, clock);
  const restores = new Restores(tables, backups, log);
  return {
    name: 'dynamodb',
    client: 'dynamodb',
    operations: dynamodbOperations({ engine, tables, keys, backups, restores }),
    resources: dynamodbResources,
    start: () => {
      backups.start();
      restores.start();
    },
    stop: async () => {
      await restores.stop();
      await engine.stop();
    },
  };
}

interface Parts {
  readonly engine: Engine;
  readonly tables: Tables;
  readonly keys: TableKeys;
  readonly backups: Backups;
  readonly restores: Restores;
}

const dynamodbOperations = ({ engine, tables, keys, backups, restores }: Parts) => ({
  ...itemOperations(engine, tables, keys),
  ...tableOperations(engine, tables, backups),
  ...backupOperations(tables, backups, restores),
});
