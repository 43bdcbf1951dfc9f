// Messages on their way to subscribers: kept until they arrive, tried again as each protocol's policy says, and dead letters at the end.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import { logDelivery } from './delivery-log.ts';
import { effectiveDeliveryPolicy } from './delivery-policy.ts';
import { DeliveryQueue, type Delivery, type Job } from './delivery-queue.ts';
import type { Inbox } from './inbox.ts';
import type { Message } from './message.ts';
import { isFifo, topicOf } from './names.ts';
import { confirmationText, type ConfirmationType, type Stationery } from './notification.ts';
import { waitAtAws, waitAtHttp } from './retries.ts';
import { sendConfirmation, sendNotification, sendToQueue } from './senders.ts';
import type { Signing } from './signing.ts';
import { deadLetterQueue } from './subscription-attributes.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';
import type { Topic, Topics } from './topics.ts';

/** What deliveries work with. */
export interface DeliveryParts {
  readonly kernel: Kernel;
  readonly topics: Topics;
  readonly subscriptions: Subscriptions;
  readonly inbox: Inbox;
  readonly signing: Signing;
}

/** Errors that trying again does not mend: the endpoint is gone, or does not let SNS in. */
const FINAL =
  /AccessDenied|AuthorizationError|NotAuthorized|NotFound|NonExistent|Validation|InvalidParameter|NotImplemented|EndpointRefused/;

export class Deliveries {
  readonly #parts: DeliveryParts;
  readonly #queue: DeliveryQueue;
  readonly #running = new Map<string, Promise<void>>();
  /** What takes back the timers of lanes that wait. */
  readonly #waiting = new Map<string, () => void>();
  /** When throttled endpoints may get their next message, by subscription. */
  readonly #slots = new Map<string, number>();
  readonly #stop = new AbortController();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#queue = new DeliveryQueue(parts.kernel.store);
  }

  /** Takes a message on for a subscriber: it is durable when this returns. */
  notify(topic: Topic, subscription: Subscription, message: Message): void {
    const { arn } = subscription;
    const lane = isFifo(topic.arn) ? `${arn} ${message.groupId}` : uuid();
    this.#add(lane, arn, { type: 'Notification', message }, this.#slot(topic, subscription));
  }

  /** Takes on to ask an endpoint whether it wants a subscription, or whether it wants to lose it. */
  confirm(type: ConfirmationType, { arn, topicArn, protocol, endpoint }: Subscription, token: string): void {
    const message: Message = {
      id: uuid(),
      topicArn,
      timestamp: new Date(this.#parts.kernel.clock.now()).toISOString(),
      text: confirmationText(type, topicArn, arn),
      attributes: {},
    };
    this.#add(uuid(), arn, { type, message, token, protocol, endpoint });
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    for (const lane of this.#queue.lanes()) void this.#run(lane);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  /** When an endpoint may get its next message, which is now unless it wants only so many in a second. */
  #slot({ attributes }: Topic, { arn, protocol, attributes: own }: Subscription): number {
    const now = this.#parts.kernel.clock.now();
    if (!protocol.startsWith('http')) return now;
    const { throttlePolicy } = effectiveDeliveryPolicy(attributes['DeliveryPolicy'], own['DeliveryPolicy']);
    if (!throttlePolicy) return now;
    const slot = Math.max(now, this.#slots.get(arn) ?? now);
    this.#slots.set(arn, slot + 1_000 / throttlePolicy.maxReceivesPerSecond);
    return Math.ceil(slot);
  }

  // Not within the transaction in which the message was taken on.
  #add(lane: string, subscriptionArn: string, job: Job, dueAt = this.#parts.kernel.clock.now()): void {
    this.#queue.add({ lane, subscriptionArn, job, dueAt });
    this.#parts.kernel.clock.hold(new Promise(setImmediate).then(() => this.#run(lane)));
  }

  #run(lane: string): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    let work = this.#running.get(lane);
    if (!work) this.#running.set(lane, (work = this.#work(lane)));
    return work;
  }

  // Whoever waits for its turn in the lane waits behind a delivery that has to be tried again.
  async #work(lane: string): Promise<void> {
    const { clock } = this.#parts.kernel;
    await Promise.resolve();
    for (;;) {
      const delivery = this.#stop.signal.aborted ? undefined : this.#queue.first(lane);
      if (!delivery || delivery.dueAt > clock.now()) {
        this.#running.delete(lane);
        if (delivery) this.#wake(lane, delivery.dueAt);
        return;
      }
      try {
        await this.#attempt(delivery);
      } catch (error) {
        // The store could not keep what became of it: it is still due, and begun anew with the lane's next message or start.
        this.#running.delete(lane);
        throw error;
      }
    }
  }

  #wake(lane: string, at: number): void {
    this.#waiting.get(lane)?.();
    const cancel = this.#parts.kernel.clock.at(at, () => {
      this.#waiting.delete(lane);
      return this.#run(lane);
    });
    this.#waiting.set(lane, cancel);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { id, subscriptionArn, job } = delivery;
    const { topics, subscriptions } = this.#parts;
    const topic = topics.find(topicOf(subscriptionArn));
    const subscription = subscriptions.find(subscriptionArn);
    if (!topic || (job.type === 'Notification' && !subscription)) return this.#queue.delete(id);
    let answer: unknown;
    try {
      answer = await this.#send(topic, subscription, delivery);
    } catch (error) {
      return this.#fail(topic, subscription, delivery, error as Error);
    }
    if (this.#stop.signal.aborted) return;
    this.#queue.delete(id);
    if (job.type !== 'Notification' || !subscription) return;
    this.#measure('NumberOfNotificationsDelivered', topic);
    const outcome = { attempts: delivery.attempts + 1, answer };
    await logDelivery(this.#parts.kernel, topic, subscription, job.message, outcome);
  }

  #send(topic: Topic, subscription: Subscription | undefined, { job, subscriptionArn }: Delivery): Promise<unknown> {
    const { kernel, inbox } = this.#parts;
    const sending = { kernel, inbox, topic, stationery: this.#stationery(topic), signal: this.#stop.signal };
    if (job.type !== 'Notification') return sendConfirmation(sending, job, subscriptionArn);
    return sendNotification({ ...sending, subscription: subscription!, message: job.message });
  }

  async #fail(
    topic: Topic,
    subscription: Subscription | undefined,
    { id, job, attempts: before }: Delivery,
    error: Error,
  ): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { clock, log } = this.#parts.kernel;
    const attempts = before + 1;
    const protocol = job.type === 'Notification' ? subscription!.protocol : job.protocol;
    const { healthyRetryPolicy } = effectiveDeliveryPolicy(
      topic.attributes['DeliveryPolicy'],
      subscription?.attributes['DeliveryPolicy'],
    );
    const wait = FINAL.test(error.name)
      ? undefined
      : protocol.startsWith('http')
        ? waitAtHttp(attempts, healthyRetryPolicy)
        : waitAtAws(attempts);
    if (wait !== undefined) return this.#queue.postpone(id, clock.now() + wait, attempts);
    log('sns.delivery-failed', { topic: topic.arn, subscription: subscription?.arn, attempts, reason: error.message });
    if (job.type === 'Notification') {
      this.#measure('NumberOfNotificationsFailed', topic);
      await logDelivery(this.#parts.kernel, topic, subscription!, job.message, { attempts, error });
      await this.#bury(topic, subscription!, job.message);
    }
    if (!this.#stop.signal.aborted) this.#queue.delete(id);
  }

  async #bury(topic: Topic, subscription: Subscription, message: Message): Promise<void> {
    const { kernel, inbox } = this.#parts;
    const queue = deadLetterQueue(subscription.attributes);
    if (queue === undefined) return;
    try {
      const sending = { kernel, inbox, stationery: this.#stationery(topic), topic, signal: this.#stop.signal };
      await sendToQueue({ ...sending, subscription, message }, queue);
      this.#measure('NumberOfNotificationsRedrivenToDlq', topic);
    } catch (lost) {
      this.#measure('NumberOfNotificationsFailedToRedriveToDlq', topic);
      kernel.log('sns.dead-letter-lost', { subscription: subscription.arn, queue, reason: (lost as Error).message });
    }
  }

  #stationery({ attributes }: Topic): Stationery {
    const { kernel, signing } = this.#parts;
    return { signing, signatureVersion: attributes['SignatureVersion'] || '1', endpoint: kernel.endpoint() };
  }

  #measure(name: string, { arn, name: TopicName }: Topic): void {
    const region = arn.split(':')[3]!;
    const dimensions = { TopicName };
    this.#parts.kernel.measurements.publish({
      namespace: 'AWS/SNS',
      name,
      region,
      dimensions,
      value: 1,
      unit: 'Count',
    });
  }
}
