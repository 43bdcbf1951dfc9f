// Subscriptions: who gets what a topic is told, once they have confirmed that they want it.
// https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html
import { randomBytes } from 'node:crypto';

import type { Clock } from '../../kernel/clock.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { invalidParameter, subscriptionNotFound } from './errors.ts';
import { readSubscriptionArn } from './names.ts';

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** The ARN of who subscribed. */
  readonly principal: string;
  /** Those that somebody set, as AWS has them: texts by name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly pending: boolean;
  /** Who confirmed it was signed in. */
  readonly authenticated: boolean;
  readonly authenticateOnUnsubscribe: boolean;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** What a token is for: to confirm a subscription, or to have one back that was ended. */
type Purpose = 'confirm' | 'restore';

interface Token {
  readonly purpose: Purpose;
  readonly subscription: Subscription;
  /** Milliseconds. */
  readonly at: number;
}

/** How long an endpoint has to confirm; then the subscription is forgotten. */
const PENDING_MILLISECONDS = 2 * 86_400_000;

export class Subscriptions {
  readonly #subscriptions: Collection<Subscription>;
  readonly #tokens: Collection<Token>;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#subscriptions = store.collection('sns.subscriptions');
    this.#tokens = store.collection('sns.tokens');
    this.#clock = clock;
  }

  find(arn: string): Subscription | undefined {
    const subscription = this.#subscriptions.get(arn);
    return subscription && this.#lives(subscription) ? subscription : undefined;
  }

  /** The subscription that a caller means. */
  require(arn: string | undefined): Subscription {
    const subscription = this.find(readSubscriptionArn(arn));
    if (!subscription) throw subscriptionNotFound();
    return subscription;
  }

  save(subscription: Subscription): void {
    this.#subscriptions.put(subscription.arn, subscription);
  }

  delete(arn: string): void {
    this.#subscriptions.delete(arn);
  }

  ofTopic(topicArn: string): Subscription[] {
    return this.#list(`${topicArn}:`);
  }

  inRegion(region: string): Subscription[] {
    return this.#list(`arn:aws:sns:${region}:`);
  }

  /** What an endpoint has to show to confirm a subscription, or to take back that it was ended. */
  issueToken(purpose: Purpose, subscription: Subscription): string {
    const now = this.#clock.now();
    for (const { key, value } of this.#tokens.list()) if (isExpired(value, now)) this.#tokens.delete(key);
    const token = randomBytes(128).toString('hex');
    this.#tokens.put(token, { purpose, subscription, at: now });
    return token;
  }

  /** The subscription that a token confirms. Throws where it is no token of the topic, is too old, or has lost its subscription. */
  redeem(token: string | undefined, topicArn: string): Subscription {
    const found = this.#tokens.get(token ?? '');
    if (!found || found.subscription.topicArn !== topicArn || isExpired(found, this.#clock.now())) {
      throw invalidParameter('Token');
    }
    const subscription = this.find(found.subscription.arn);
    if (!subscription && found.purpose === 'confirm') throw invalidParameter('Token');
    return subscription ?? found.subscription;
  }

  /** True while a token may still confirm a subscription that waits for it. */
  waitsFor(token: string): boolean {
    const found = this.#tokens.get(token);
    return found !== undefined && this.find(found.subscription.arn)?.pending === true;
  }

  #list(prefix: string): Subscription[] {
    return this.#subscriptions
      .list({ prefix })
      .map(({ value }) => value)
      .filter((subscription) => this.#lives(subscription));
  }

  #lives({ arn, pending, createdAt }: Subscription): boolean {
    if (!pending || this.#clock.now() <= createdAt + PENDING_MILLISECONDS) return true;
    this.#subscriptions.delete(arn);
    return false;
  }
}

const isExpired = ({ at }: Token, now: number): boolean => now > at + PENDING_MILLISECONDS;
