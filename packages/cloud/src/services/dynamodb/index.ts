// Amazon DynamoDB.
//
// Answers: items, queries, transactions, PartiQL, tables, indexes, time to live, tags, backups and restoring from them,
// the switch of point-in-time recovery and the backup that AWS makes when such a table is deleted.
// Gaps: restoring to a point in time, streams' reading side, global tables, exports and imports, resource policies,
// contributor insights, Kinesis destinations, warm throughput, customers' keys (501 or a precise refusal).
// By design: the tables are dynoxide's, one process for each region in use; requests for items pass through as JSON.
import type { Kernel, Service } from '../../kernel/service.ts';
import { backupOperations } from './backup-operations.ts';
import { Backups } from './backups.ts';
import { Engine } from './engine.ts';
import { itemOperations } from './item-operations.ts';
import { dynamodbResources } from './resources.ts';
import { Restores } from './restores.ts';
import { tableOperations } from './table-operations.ts';
import { Tables } from './tables.ts';

export type DynamodbOperations = ReturnType<typeof dynamodbOperations>;

export function dynamodb({ store, clock, log }: Kernel): Service {
  const engine = new Engine(store.folder, log);
  const tables = new Tables(store, engine);
  const backups = new Backups(store, engine, clock);
  const restores = new Restores(tables, backups, log);
  return {
    name: 'dynamodb',
    client: 'dynamodb',
    operations: dynamodbOperations(engine, tables, backups, restores),
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

const dynamodbOperations = (engine: Engine, tables: Tables, backups: Backups, restores: Restores) => ({
  ...itemOperations(engine, tables),
  ...tableOperations(engine, tables, backups),
  ...backupOperations(tables, backups, restores),
});
