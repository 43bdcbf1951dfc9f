// Subscription filters: events that match a pattern go to a function, as CloudWatch Logs packs them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
import { gzipSync } from 'node:zlib';

import { notSupported } from '../../kernel/errors.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import { filterNotFound, invalidParameter, tooManyFilters } from './errors.ts';
import { compilePattern } from './filter-pattern.ts';
import { groupArn } from './group-name.ts';
import type { GroupKey, LogEvent } from './log-events.ts';

export interface Subscription {
  readonly name: string;
  readonly pattern: string;
  /** A function's ARN. */
  readonly destination: string;
  readonly createdAt: number;
}

/** Events on their way to a destination. */
interface Delivery {
  readonly group: GroupKey;
  readonly destination: string;
  /** What the function gets, as JSON. */
  readonly payload: string;
  readonly startedAt: number;
  readonly attempts: number;
}

const MOST_SUBSCRIPTIONS = 2;

/** CloudWatch Logs tries for up to a day, at growing distances. */
const LONGEST_DELIVERY_MILLISECONDS = 86_400_000;
const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 900_000;

export class Subscriptions {
  readonly #kernel: Kernel;
  readonly #subscriptions: Collection<Subscription>;
  readonly #deliveries: Collection<Delivery>;
  #stopped = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#subscriptions = kernel.store.collection('logs.subscriptions');
    this.#deliveries = kernel.store.collection('logs.deliveries');
  }

  /** Asks the function first whether CloudWatch Logs may invoke it. */
  async put(group: GroupKey, subscription: Subscription): Promise<void> {
    compilePattern(subscription.pattern);
    const others = this.list(group).filter(({ name }) => name !== subscription.name);
    if (others.length >= MOST_SUBSCRIPTIONS) throw tooManyFilters();
    if (!subscription.destination.startsWith('arn:aws:lambda:')) {
      throw notSupported(`destinationArn ${subscription.destination} is not supported here: a function’s ARN is.`);
    }
    await this.#invoke(group, subscription.destination, { InvocationType: 'DryRun' }).catch(() => {
      throw invalidParameter(
        'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
      );
    });
    this.#subscriptions.put(key(group, subscription.name), subscription);
  }

  list(group: GroupKey): Subscription[] {
    return this.#subscriptions.list({ prefix: key(group, '') }).map(({ value }) => value);
  }

  delete(group: GroupKey, name: string): void {
    if (!this.#subscriptions.delete(key(group, name))) throw filterNotFound();
  }

  deleteAll(group: GroupKey): void {
    for (const { name } of this.list(group)) this.delete(group, name);
  }

  /** Sends what a group's subscriptions want of new events; kept until it is delivered. */
  apply(group: GroupKey, events: readonly LogEvent[]): void {
    for (const { name, pattern, destination } of this.list(group)) {
      const test = compilePattern(pattern);
      const wanted = events.filter(({ message }) => test(message));
      if (wanted.length === 0) continue;
      const id = uuid();
      const payload = pack(this.#kernel.account, group, name, wanted);
      this.#deliveries.put(id, { group, destination, payload, startedAt: this.#kernel.clock.now(), attempts: 0 });
      // Not within the transaction in which the events are stored.
      setImmediate(() => void this.#deliver(id));
    }
  }

  /** Takes up the deliveries that a stopped or killed cloud left. */
  resume(): void {
    for (const { key: id } of this.#deliveries.list()) void this.#deliver(id);
  }

  /** What is on its way is taken up at the next start. */
  stop(): void {
    this.#stopped = true;
  }

  async #deliver(id: string): Promise<void> {
    const delivery = this.#stopped ? undefined : this.#deliveries.get(id);
    if (!delivery) return;
    const { group, destination, payload, startedAt, attempts } = delivery;
    try {
      await this.#invoke(group, destination, { InvocationType: 'Event', Payload: Buffer.from(payload) });
      if (!this.#stopped) this.#deliveries.delete(id);
    } catch (error) {
      if (this.#stopped) return;
      const { clock, log } = this.#kernel;
      const wait = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** attempts, LONGEST_RETRY_MILLISECONDS);
      const reason = (error as Error).message;
      if (clock.now() + wait > startedAt + LONGEST_DELIVERY_MILLISECONDS) {
        log('logs.delivery-dropped', { group: group.name, destination, reason });
        this.#deliveries.delete(id);
        return;
      }
      this.#deliveries.put(id, { ...delivery, attempts: attempts + 1 });
      clock.at(clock.now() + wait, () => this.#deliver(id));
    }
  }

  #invoke({ region, name }: GroupKey, destination: string, input: object): Promise<unknown> {
    const { account, invoke } = this.#kernel;
    return invoke(
      'lambda',
      'Invoke',
      { FunctionName: destination, ...input },
      {
        principal: servicePrincipal(account, 'logs.amazonaws.com'),
        region,
        sourceArn: `${groupArn({ region, account }, name)}:*`,
      },
    );
  }
}

const key = ({ region, name }: GroupKey, filter: string): string => `${region}\n${name}\n${filter}`;

function pack(owner: string, { name: logGroup }: GroupKey, filter: string, events: readonly LogEvent[]): string {
  const message = {
    messageType: 'DATA_MESSAGE',
    owner,
    logGroup,
    logStream: events[0]!.stream,
    subscriptionFilters: [filter],
    logEvents: events.map((event) => ({
      id: String(event.id).padStart(56, '0'),
      timestamp: event.timestamp,
      message: event.message,
    })),
  };
  return JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') } });
}
