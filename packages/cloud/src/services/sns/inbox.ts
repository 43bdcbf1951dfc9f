// The mails that SNS would have sent: nothing leaves the machine, so they are kept for `plinth inbox` to show.
import { Readable } from 'node:stream';

import { Feed } from '../../kernel/feed.ts';
import type { Store } from '../../kernel/store.ts';

export interface Mail {
  readonly number: number;
  /** ISO 8601, on the cloud's clock. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly topicArn: string;
  /** The link that confirms a subscription, in a mail that asks for it. */
  readonly confirmUrl?: string;
}

/** A mail as the `plinth` command gets it, one to a line. */
export interface InboxLine extends Mail {
  /** Its subscription still waits for an answer. */
  readonly pending: boolean;
}

/** How many mails are kept, the latest ones. */
const MOST_MAILS = 10_000;

export class Inbox {
  readonly #store: Store;
  readonly #arrived = new Feed<Mail>();
  readonly #isPending: (mail: Mail) => boolean;

  constructor(store: Store, isPending: (mail: Mail) => boolean) {
    this.#store = store;
    this.#isPending = isPending;
    store.define('CREATE TABLE IF NOT EXISTS sns_mails (number INTEGER PRIMARY KEY AUTOINCREMENT, mail TEXT NOT NULL)');
  }

  put(mail: Omit<Mail, 'number'>): void {
    const { lastInsertRowid } = this.#store.sql('INSERT INTO sns_mails (mail) VALUES (?)').run(JSON.stringify(mail));
    const number = Number(lastInsertRowid);
    this.#store.sql('DELETE FROM sns_mails WHERE number <= ?').run(number - MOST_MAILS);
    this.#arrived.publish({ ...mail, number });
  }

  /** Oldest first. */
  list(): Mail[] {
    return this.#store
      .sql('SELECT number, mail FROM sns_mails ORDER BY number')
      .all()
      .map((row) => ({ ...(JSON.parse(row['mail'] as string) as Mail), number: row['number'] as number }));
  }

  /** Every mail, one JSON document a line; with `follow` those to come as well. */
  lines(query: URLSearchParams): Readable {
    const lines = new Readable({ read: () => {} });
    const push = (mail: Mail) => lines.push(`${JSON.stringify({ ...mail, pending: this.#isPending(mail) })}\n`);
    for (const mail of this.list()) push(mail);
    if (query.get('follow') !== 'true') {
      lines.push(null);
      return lines;
    }
    return lines.once('close', this.#arrived.subscribe(push));
  }
}
