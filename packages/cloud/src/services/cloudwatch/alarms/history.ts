// What happened to alarms, kept for 30 days.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
import type { AlarmType, HistoryItemType } from '@aws-sdk/client-cloudwatch';

import type { Clock } from '../../../kernel/clock.ts';
import type { Store } from '../../../kernel/store.ts';
import type { Alarm } from './alarm.ts';

export interface HistoryItem {
  readonly id: number;
  readonly alarm: string;
  readonly kind: AlarmType;
  readonly type: HistoryItemType;
  readonly at: number;
  readonly summary: string;
  /** A JSON text. */
  readonly data: string;
}

const KEPT_MILLISECONDS = 30 * 86_400_000;

export class AlarmHistory {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    store.define(
      `CREATE TABLE IF NOT EXISTS cloudwatch_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, alarm TEXT NOT NULL, kind TEXT NOT NULL,
        type TEXT NOT NULL, at INTEGER NOT NULL, summary TEXT NOT NULL, data TEXT NOT NULL
      );
      CREATE INDEX IF NOT EXISTS cloudwatch_history_by_alarm ON cloudwatch_history (region, alarm, at);
      CREATE INDEX IF NOT EXISTS cloudwatch_history_by_age ON cloudwatch_history (at);`,
    );
  }

  add(
    { region, name, kind }: Pick<Alarm, 'region' | 'name' | 'kind'>,
    type: HistoryItemType,
    summary: string,
    data: object,
  ): void {
    const now = this.#clock.now();
    this.#store
      .sql('INSERT INTO cloudwatch_history (region, alarm, kind, type, at, summary, data) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(region, name, alarmType(kind), type, now, summary, JSON.stringify({ type, version: '1.0', ...data }));
    this.#store.sql('DELETE FROM cloudwatch_history WHERE at < ?').run(now - KEPT_MILLISECONDS);
  }

  /** The latest first. */
  list(region: string, alarm: string | undefined): HistoryItem[] {
    return this.#store
      .sql(
        `SELECT id, alarm, kind, type, at, summary, data FROM cloudwatch_history
         WHERE region = ? AND alarm = coalesce(?, alarm) AND at >= ? ORDER BY at DESC, id DESC`,
      )
      .all(region, alarm ?? null, this.#clock.now() - KEPT_MILLISECONDS) as unknown as HistoryItem[];
  }
}

export const alarmType = (kind: Alarm['kind']): AlarmType => (kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm');
