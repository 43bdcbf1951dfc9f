// The events that functions still have to handle, as rows: they outlive the process.
import type { Store } from '../../kernel/store.ts';

export interface NewEvent {
  readonly functionArn: string;
  readonly qualifier: string | undefined;
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string | undefined;
  /** JSON. */
  readonly clientContext: string | undefined;
  /** Milliseconds on the cloud's clock. */
  readonly receivedAt: number;
}

export interface Progress {
  /** When it is tried next. */
  readonly dueAt: number;
  /** How often the function has failed on it. */
  readonly attempts: number;
  /** How often in a row it could not even be tried. */
  readonly refusals: number;
}

export interface StoredEvent extends NewEvent, Progress {
  readonly id: number;
}

export class EventQueue {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(`
      CREATE TABLE IF NOT EXISTS lambda_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, function_arn TEXT NOT NULL, qualifier TEXT, request_id TEXT NOT NULL,
        payload TEXT NOT NULL, trace_id TEXT, client_context TEXT, received_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, refusals INTEGER NOT NULL DEFAULT 0);
      CREATE INDEX IF NOT EXISTS lambda_events_by_function ON lambda_events (function_arn, due_at, id);
      CREATE INDEX IF NOT EXISTS lambda_events_by_time ON lambda_events (due_at);
    `);
  }

  add(event: NewEvent): void {
    this.#store
      .sql(
        `INSERT INTO lambda_events (function_arn, qualifier, request_id, payload, trace_id, client_context, received_at, due_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        event.functionArn,
        event.qualifier ?? null,
        event.requestId,
        event.payload,
        event.traceId ?? null,
        event.clientContext ?? null,
        event.receivedAt,
        event.receivedAt,
      );
  }

  /** The first events of a function that are due by `now`. */
  due(functionArn: string, now: number, limit: number): StoredEvent[] {
    return this.#store
      .sql('SELECT * FROM lambda_events WHERE function_arn = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?')
      .all(functionArn, now, limit)
      .map((row) => ({
        id: row['id'] as number,
        functionArn,
        qualifier: (row['qualifier'] as string | null) ?? undefined,
        requestId: row['request_id'] as string,
        payload: row['payload'] as string,
        traceId: (row['trace_id'] as string | null) ?? undefined,
        clientContext: (row['client_context'] as string | null) ?? undefined,
        receivedAt: row['received_at'] as number,
        dueAt: row['due_at'] as number,
        attempts: row['attempts'] as number,
        refusals: row['refusals'] as number,
      }));
  }

  /** The first event that is due after `now`. */
  next(now: number): Pick<StoredEvent, 'functionArn' | 'dueAt'> | undefined {
    const row = this.#store
      .sql('SELECT function_arn, due_at FROM lambda_events WHERE due_at > ? ORDER BY due_at, id LIMIT 1')
      .get(now);
    return row && { functionArn: row['function_arn'] as string, dueAt: row['due_at'] as number };
  }

  /** The functions that have events. */
  functions(): string[] {
    return this.#store
      .sql('SELECT DISTINCT function_arn FROM lambda_events')
      .all()
      .map((row) => row['function_arn'] as string);
  }

  postpone(id: number, { dueAt, attempts, refusals }: Progress): void {
    this.#store
      .sql('UPDATE lambda_events SET due_at = ?, attempts = ?, refusals = ? WHERE id = ?')
      .run(dueAt, attempts, refusals, id);
  }

  delete(id: number): void {
    this.#store.sql('DELETE FROM lambda_events WHERE id = ?').run(id);
  }
}
