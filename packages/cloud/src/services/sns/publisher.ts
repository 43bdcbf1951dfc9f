// Publishing: a message becomes a delivery for every subscriber who wants it, all of them or none.
// https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
import { hash } from 'node:crypto';

import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Deliveries } from './deliveries.ts';
import { missOf } from './filter-policy.ts';
import { textFor, type Draft, type Message } from './message.ts';
import { isFifo, regionIn } from './names.ts';
import { scopeOf } from './subscription-attributes.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Topic, Topics } from './topics.ts';

export interface Published {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

/** How long a FIFO topic knows a message again. */
const DEDUPLICATION_MILLISECONDS = 5 * 60_000;

export class Publisher {
  readonly #kernel: Kernel;
  readonly #topics: Topics;
  readonly #subscriptions: Subscriptions;
  readonly #deliveries: Deliveries;

  constructor(kernel: Kernel, topics: Topics, subscriptions: Subscriptions, deliveries: Deliveries) {
    this.#kernel = kernel;
    this.#topics = topics;
    this.#subscriptions = subscriptions;
    this.#deliveries = deliveries;
    kernel.store.define(`
      CREATE TABLE IF NOT EXISTS sns_published (
        topic TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, message TEXT NOT NULL, sequence TEXT NOT NULL,
        at INTEGER NOT NULL, PRIMARY KEY (topic, scope, id)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS sns_published_by_time ON sns_published (at);
    `);
  }

  /** Publishes; what it leads to is durable when this returns. */
  publish(topic: Topic, draft: Draft): Published {
    const published = this.#kernel.store.transaction(() =>
      isFifo(topic.arn) ? this.#once(topic, draft) : this.#send(topic, draft),
    );
    this.#measure('NumberOfMessagesPublished', topic);
    this.#measure('PublishSize', topic, draft.bytes, 'Bytes');
    return published;
  }

  // A message that comes again is answered as the first one was, and goes nowhere.
  #once(topic: Topic, draft: Draft): Published {
    const { store, clock } = this.#kernel;
    const scope = topic.attributes['FifoThroughputScope'] === 'MessageGroup' ? draft.groupId! : '';
    const deduplicationId = draft.deduplicationId ?? hash('sha256', draft.text);
    store.sql('DELETE FROM sns_published WHERE at <= ?').run(clock.now() - DEDUPLICATION_MILLISECONDS);
    const row = store
      .sql('SELECT message, sequence FROM sns_published WHERE topic = ? AND scope = ? AND id = ?')
      .get(topic.arn, scope, deduplicationId);
    if (row) return { MessageId: row['message'] as string, SequenceNumber: row['sequence'] as string };
    const sequenceNumber = this.#topics.nextSequenceNumber(topic.arn);
    const published = this.#send(topic, { ...draft, deduplicationId }, sequenceNumber);
    store
      .sql('INSERT INTO sns_published VALUES (?, ?, ?, ?, ?, ?)')
      .run(topic.arn, scope, deduplicationId, published.MessageId, sequenceNumber, clock.now());
    return published;
  }

  #send(topic: Topic, { bytes: _bytes, ...draft }: Draft, sequenceNumber?: string): Published {
    const message: Message = {
      ...draft,
      id: uuid(),
      topicArn: topic.arn,
      timestamp: new Date(this.#kernel.clock.now()).toISOString(),
      ...(sequenceNumber !== undefined && { sequenceNumber }),
    };
    for (const subscription of this.#subscriptions.ofTopic(topic.arn)) {
      if (subscription.pending) continue;
      const { attributes, protocol } = subscription;
      const policy = attributes['FilterPolicy'];
      const filtered = { attributes: message.attributes, text: textFor(message, protocol) };
      const miss = policy === undefined ? undefined : missOf(policy, scopeOf(attributes), filtered);
      if (miss === undefined) this.#deliveries.notify(topic, subscription, message);
      else {
        this.#measure('NumberOfNotificationsFilteredOut', topic);
        this.#measure(`NumberOfNotificationsFilteredOut-${miss}`, topic);
      }
    }
    return { MessageId: message.id, ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }) };
  }

  #measure(name: string, { arn, name: TopicName }: Topic, value = 1, unit = 'Count'): void {
    const region = regionIn(arn);
    this.#kernel.measurements.publish({ namespace: 'AWS/SNS', name, region, dimensions: { TopicName }, value, unit });
  }
}
