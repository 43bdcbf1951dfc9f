// Topics: what is published to one reaches everyone who subscribed.
// https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html
import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { topicNotFound } from './errors.ts';
import { readTopicArn } from './names.ts';

export interface Topic {
  readonly arn: string;
  readonly name: string;
  /** Those that somebody set, as AWS has them: texts by name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** JSON. */
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** How many subscriptions it has had and lost. */
  readonly subscriptionsDeleted: number;
}

export class Topics {
  readonly #topics: Collection<Topic>;
  readonly #sequences: Collection<number>;

  constructor(store: Store) {
    this.#topics = store.collection('sns.topics');
    this.#sequences = store.collection('sns.sequences');
  }

  find(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  /** The topic that a caller means, in the caller's region. */
  require(arn: string | undefined, call: Pick<Call, 'region'>): Topic {
    const topic = this.find(readTopicArn(arn, call));
    if (!topic) throw topicNotFound();
    return topic;
  }

  save(topic: Topic): void {
    this.#topics.put(topic.arn, topic);
  }

  delete(arn: string): void {
    this.#topics.delete(arn);
    this.#sequences.delete(arn);
  }

  list(region: string, page: { after?: string; limit?: number } = {}): Topic[] {
    return this.#topics.list({ prefix: `arn:aws:sns:${region}:`, ...page }).map(({ value }) => value);
  }

  /** The next number of a FIFO topic's messages: twenty digits, each greater than the one before. */
  nextSequenceNumber(arn: string): string {
    const next = (this.#sequences.get(arn) ?? 0) + 1;
    this.#sequences.put(arn, next);
    return String(FIRST_SEQUENCE_NUMBER + BigInt(next));
  }
}

const FIRST_SEQUENCE_NUMBER = 10n ** 19n;
