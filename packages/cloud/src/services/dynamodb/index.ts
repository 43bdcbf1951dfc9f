// Amazon DynamoDB.
//
// Answers: items, queries, transactions, PartiQL, tables, indexes, tags, time to live on the cloud's clock, backups,
// restoring from them and to any moment of point-in-time recovery, the backup that AWS makes when such a table is deleted;
// provisioned throughput and on-demand maxima of tables and their global indexes, whose excess is throttled; resource-based
// policies of tables; full exports. Streams are begun and ended here and read through dynamodb-streams.
// Gaps: global tables, incremental exports, imports, policies of streams, contributor insights, Kinesis destinations,
// warming a table up (501 or a precise refusal); CloudWatch hears of the consumed capacity of tables with a limit alone;
// limits count no PartiQL statements and no single partitions; TableSizeBytes and the counts of indexes stay 0 (ItemCount is
// exact).
// By design: the tables are dynoxide's, one process for each region in use; requests for items pass through as JSON.
// dynoxide also records the changes of tables that have a stream, time to live or recovery; before such a write is
// acknowledged, the cloud takes its record over into a journal of its own, or leaves it there until there is space for it.
// Items expire to the second, not within days. An index whose units are used up holds up every write of its table, those
// that would not touch it too. A customer's KMS key decides who may use a table's items; the items lie in dynoxide's files,
// readable by their owner alone.
import { publishArrival } from '../../kernel/arrivals.ts';
import type { Kernel, Service } from '../../kernel/service.ts';
import { factsOf } from './access.ts';
import { backupOperations } from './backup-operations.ts';
import { Backups } from './backups.ts';
import { Changes } from './changes.ts';
import { Copies } from './copies.ts';
import { Engine } from './engine.ts';
import { Expirations } from './expirations.ts';
import { exportOperations } from './export-operations.ts';
import { Exports } from './exports.ts';
import { itemOperations } from './item-operations.ts';
import { Journal } from './journal.ts';
import { createMeasure } from './measurements.ts';
import { streamArn } from './names.ts';
import { RecoveryPoints } from './recovery-points.ts';
import { resourcePolicyOperations } from './resource-policies.ts';
import { dynamodbResources } from './resources.ts';
import { Restores } from './restores.ts';
import { StreamList } from './stream-list.ts';
import { TableKeys } from './table-keys.ts';
import { tableOperations } from './table-operations.ts';
import { Tables } from './tables.ts';
import { Throughput } from './throughput.ts';
import { Tracking } from './tracking.ts';
import { UNSUPPORTED } from './unsupported.ts';

export type DynamodbOperations = ReturnType<typeof dynamodbOperations>;

export function dynamodb(kernel: Kernel): Service {
  const parts = assemble(kernel);
  const { engine, backups, restores, exports, changes, expirations, tracking } = parts;
  return {
    name: 'dynamodb',
    client: 'dynamodb',
    operations: dynamodbOperations(parts),
    unsupported: UNSUPPORTED,
    resources: dynamodbResources,
    describeResource: (arn) => factsOf(parts.tables, arn),
    start: () => {
      backups.start();
      restores.start();
      exports.start();
      tracking.start();
      expirations.start((region) => changes.collect(region));
    },
    stop: async () => {
      tracking.stop();
      await expirations.stop();
      await restores.stop();
      await exports.stop();
      await engine.stop();
      changes.stop();
    },
  };
}

type Parts = ReturnType<typeof assemble>;

function assemble(kernel: Kernel) {
  const { store, clock, log } = kernel;
  const engine = new Engine(store.folder, log);
  const keys = new TableKeys(kernel);
  const tables = new Tables(store, engine, keys);
  const copies = new Copies(store, engine);
  const backups = new Backups(store, copies, clock);
  const restores = new Restores({ tables, backups, copies }, log);
  const journal = new Journal(store);
  const expirations = new Expirations(kernel, engine);
  const streams = new StreamList(store);
  const streamed = (region: string, table: string) => {
    const stream = kernel.arrivals.listened ? streams.list(region, table).at(-1) : undefined;
    if (!stream || stream.endedAt !== undefined) return;
    const consumed = publishArrival(kernel, streamArn({ region, account: kernel.account }, table, stream.label));
    if (consumed) clock.hold(consumed);
  };
  const changes = new Changes({ store, clock, log, engine, tables, journal, expirations, streamed });
  const points = new RecoveryPoints({ copies, changes, journal });
  const tracking = new Tracking({ store, clock, log, engine, tables, journal, changes, expirations, streams });
  const exports = new Exports(kernel, { points, copies });
  const measure = createMeasure(kernel);
  const throughput = new Throughput(kernel, tables);
  return {
    engine,
    keys,
    tables,
    backups,
    restores,
    exports,
    expirations,
    changes,
    points,
    tracking,
    measure,
    throughput,
  };
}

const dynamodbOperations = (parts: Parts) => ({
  ...itemOperations(parts),
  ...tableOperations(parts),
  ...backupOperations(parts),
  ...exportOperations(parts),
  ...resourcePolicyOperations(parts.tables),
});
