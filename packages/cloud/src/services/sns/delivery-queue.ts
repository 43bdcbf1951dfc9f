// The deliveries that are still to be made, as rows: they outlive the process.
import type { Store } from '../../kernel/store.ts';
import type { Message } from './message.ts';
import type { ConfirmationType } from './notification.ts';

/** What one subscription gets; a confirmation knows its address itself, since its subscription may be gone. */
export type Job =
  | { readonly type: 'Notification'; readonly message: Message }
  | {
      readonly type: ConfirmationType;
      readonly message: Message;
      readonly token: string;
      readonly protocol: string;
      readonly endpoint: string;
    };

export interface Delivery {
  readonly id: number;
  /** Deliveries of one lane are made one after the other. */
  readonly lane: string;
  readonly subscriptionArn: string;
  readonly job: Job;
  /** Milliseconds on the cloud's clock. */
  readonly dueAt: number;
  /** How often it failed. */
  readonly attempts: number;
}

export class DeliveryQueue {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS sns_deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, subscription TEXT NOT NULL, job TEXT NOT NULL,
        due_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0);
      CREATE INDEX IF NOT EXISTS sns_deliveries_by_lane ON sns_deliveries (lane, id);
    `);
  }

  add({ lane, subscriptionArn, job, dueAt }: Omit<Delivery, 'id' | 'attempts'>): void {
    this.#store
      .sql('INSERT INTO sns_deliveries (lane, subscription, job, due_at) VALUES (?, ?, ?, ?)')
      .run(lane, subscriptionArn, JSON.stringify(job), dueAt);
  }

  /** The first delivery of a lane, due or not. */
  first(lane: string): Delivery | undefined {
    const row = this.#store.sql('SELECT * FROM sns_deliveries WHERE lane = ? ORDER BY id LIMIT 1').get(lane);
    return (
      row && {
        id: row['id'] as number,
        lane,
        subscriptionArn: row['subscription'] as string,
        job: JSON.parse(row['job'] as string) as Job,
        dueAt: row['due_at'] as number,
        attempts: row['attempts'] as number,
      }
    );
  }

  lanes(): string[] {
    return this.#store
      .sql('SELECT lane FROM sns_deliveries GROUP BY lane ORDER BY MIN(id)')
      .all()
      .map((row) => row['lane'] as string);
  }

  postpone(id: number, dueAt: number, attempts: number): void {
    this.#store.sql('UPDATE sns_deliveries SET due_at = ?, attempts = ? WHERE id = ?').run(dueAt, attempts, id);
  }

  delete(id: number): void {
    this.#store.sql('DELETE FROM sns_deliveries WHERE id = ?').run(id);
  }
}
