// What FIFO queues remember of sent messages for five minutes, so that a repetition is none.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
import type { Store } from '../../kernel/store.ts';

/** A message that was sent: what a repetition is answered with. */
export interface Sent {
  readonly messageId: string;
  readonly row: number;
}

const INTERVAL_MILLISECONDS = 5 * 60_000;

/** Rows that are forgotten are deleted this many at a time. */
const SWEEP = 1_000;

export class Deduplication {
  readonly #store: Store;
  #kept = 0;

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS sqs_deduplications (
        queue TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, message_id TEXT NOT NULL, row INTEGER NOT NULL,
        until INTEGER NOT NULL, PRIMARY KEY (queue, scope, id)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS sqs_deduplications_by_time ON sqs_deduplications (until);
    `);
  }

  /** What was sent under the id within the last five minutes; `scope` is the message group where groups have ids of their own. */
  find(queue: string, scope: string, id: string, now: number): Sent | undefined {
    const found = this.#store
      .sql('SELECT message_id, row FROM sqs_deduplications WHERE queue = ? AND scope = ? AND id = ? AND until > ?')
      .get(queue, scope, id, now);
    return found && { messageId: found['message_id'] as string, row: found['row'] as number };
  }

  keep(queue: string, scope: string, id: string, { messageId, row }: Sent, now: number): void {
    this.#store
      .sql('INSERT OR REPLACE INTO sqs_deduplications VALUES (?, ?, ?, ?, ?, ?)')
      .run(queue, scope, id, messageId, row, now + INTERVAL_MILLISECONDS);
    if (++this.#kept % SWEEP === 0) this.#store.sql('DELETE FROM sqs_deduplications WHERE until <= ?').run(now);
  }

  forget(queue: string): void {
    this.#store.sql('DELETE FROM sqs_deduplications WHERE queue = ?').run(queue);
  }
}
