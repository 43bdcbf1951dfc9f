// The messages of all queues as rows: what they say, and what became of them.
import assert from 'node:assert/strict';

import type { Store } from '../../kernel/store.ts';
import type { Content, Message, NewMessage, SystemContent } from './message.ts';

type Progress = Pick<Message, 'row' | 'visibleAt' | 'receiveCount' | 'firstReceivedAt' | 'receivedAt' | 'receipt'>;

export class MessageStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS sqs_messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_id TEXT NOT NULL, body TEXT NOT NULL,
        body_md5 TEXT NOT NULL, attributes TEXT, system TEXT NOT NULL, sent_at INTEGER NOT NULL,
        visible_at INTEGER NOT NULL, receive_count INTEGER NOT NULL DEFAULT 0, first_received_at INTEGER,
        received_at INTEGER, receipt TEXT);
      CREATE INDEX IF NOT EXISTS sqs_messages_by_queue ON sqs_messages (queue);
    `);
  }

  transaction<T>(work: () => T): T {
    return this.#store.transaction(work);
  }

  /** Keeps a new message of a queue: it is durable when this returns. */
  insert(queue: string, { id, body, bodyMd5, attributes, system, sentAt, visibleAt }: NewMessage): Message {
    const { lastInsertRowid } = this.#store
      .sql(
        `INSERT INTO sqs_messages (queue, message_id, body, body_md5, attributes, system, sent_at, visible_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(queue, id, body, bodyMd5, attributes ?? null, JSON.stringify(system), sentAt, visibleAt);
    return {
      row: Number(lastInsertRowid),
      id,
      group: system.groupId,
      sentAt,
      state: visibleAt > sentAt ? 'delayed' : 'visible',
      visibleAt,
      receiveCount: 0,
      firstReceivedAt: undefined,
      receivedAt: undefined,
      receipt: undefined,
    };
  }

  /** All messages of a queue, in the order in which they came; those that wait count as delayed or in flight. */
  load(queue: string, now: number): Message[] {
    return this.#store
      .sql(
        `SELECT id, message_id, system, sent_at, visible_at, receive_count, first_received_at, received_at, receipt
         FROM sqs_messages WHERE queue = ? ORDER BY id`,
      )
      .all(queue)
      .map((row) => {
        const receiveCount = row['receive_count'] as number;
        const visibleAt = row['visible_at'] as number;
        const hidden = receiveCount > 0 ? ('in flight' as const) : ('delayed' as const);
        return {
          row: row['id'] as number,
          id: row['message_id'] as string,
          group: (JSON.parse(row['system'] as string) as SystemContent).groupId,
          sentAt: row['sent_at'] as number,
          state: visibleAt > now ? hidden : ('visible' as const),
          visibleAt,
          receiveCount,
          firstReceivedAt: (row['first_received_at'] as number | null) ?? undefined,
          receivedAt: (row['received_at'] as number | null) ?? undefined,
          receipt: (row['receipt'] as string | null) ?? undefined,
        };
      });
  }

  /** What a message says; undefined where it was deleted. */
  find(row: number): Content | undefined {
    const found = this.#store.sql('SELECT body, body_md5, attributes, system FROM sqs_messages WHERE id = ?').get(row);
    return (
      found && {
        body: found['body'] as string,
        bodyMd5: found['body_md5'] as string,
        attributes: (found['attributes'] as string | null) ?? undefined,
        system: JSON.parse(found['system'] as string) as SystemContent,
      }
    );
  }

  content(row: number): Content {
    const content = this.find(row);
    assert(content, `message ${row} is in the index but not in the store`);
    return content;
  }

  /** Keeps what became of a message. */
  update({ row, visibleAt, receiveCount, firstReceivedAt, receivedAt, receipt }: Progress): void {
    this.#store
      .sql(
        `UPDATE sqs_messages SET visible_at = ?, receive_count = ?, first_received_at = ?, received_at = ?, receipt = ?
         WHERE id = ?`,
      )
      .run(visibleAt, receiveCount, firstReceivedAt ?? null, receivedAt ?? null, receipt ?? null, row);
  }

  delete(row: number): void {
    this.#store.sql('DELETE FROM sqs_messages WHERE id = ?').run(row);
  }

  deleteAll(queue: string): void {
    this.#store.sql('DELETE FROM sqs_messages WHERE queue = ?').run(queue);
  }
}
