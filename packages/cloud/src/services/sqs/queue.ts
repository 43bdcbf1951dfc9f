// A queue: messages sent, received for a while, and deleted; dead letters and moments at which messages are seen again.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
import { publishArrival } from '../../kernel/arrivals.ts';
import type { Kernel } from '../../kernel/service.ts';
import { isFifo, numberOf, redriveOf, type Attributes, type RedrivePolicy } from './attributes.ts';
import { Backlog } from './backlog.ts';
import { invalidParameter, invalidValue, notInFlight, overLimit, purgeInProgress } from './errors.ts';
import type { MessageStore } from './message-store.ts';
import type { Message, NewMessage } from './message.ts';
import { FifoOrder, StandardOrder } from './order.ts';
import { newSecret, readHandle } from './receipt.ts';
import { Waiters, type OnHangUp } from './waiters.ts';

/** A queue as the store keeps it. */
export interface QueueRecord {
  /** Its own among all queues that ever were, also of the same name. */
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly attributes: Attributes;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly purgedAt?: number | undefined;
}

export interface ReceiveRequest {
  readonly most: number;
  readonly visibilitySeconds: number | undefined;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
const MOST_IN_FLIGHT = 120_000;
const LONGEST_VISIBILITY_SECONDS = 43_200;
const PURGE_MILLISECONDS = 60_000;

export class Queue {
  record: QueueRecord;
  readonly fifo: boolean;
  /** Nobody finds it any more. */
  deleted = false;
  readonly #kernel: Pick<Kernel, 'clock' | 'arrivals'>;
  readonly #messages: MessageStore;
  readonly #findByArn: (arn: string) => Queue | undefined;
  readonly #waiters: Waiters<Message[]>;
  #backlog: Backlog;
  #redrive: RedrivePolicy | undefined;
  #alarm: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'arrivals'>,
    record: QueueRecord,
    messages: MessageStore,
    findByArn: (arn: string) => Queue | undefined,
  ) {
    this.#kernel = kernel;
    this.record = record;
    this.fifo = isFifo(record.attributes);
    this.#messages = messages;
    this.#findByArn = findByArn;
    this.#waiters = new Waiters(kernel.clock);
    this.#backlog = this.#emptyBacklog();
    this.#redrive = redriveOf(record.attributes);
  }

  /** Reads what a former process kept, and sets the next moment's timer. */
  load(): void {
    for (const message of this.#messages.load(this.record.id, this.#kernel.clock.now())) this.#backlog.add(message);
    this.#arm();
    this.#announce();
  }

  /** Ends what waits; the messages stay in the store. */
  stop(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#waiters.end();
  }

  /** Takes the queue's new attributes, tags or times over. */
  changed(record: QueueRecord): void {
    const { attributes: before } = this.record;
    this.record = record;
    this.#redrive = redriveOf(record.attributes);
    if (this.fifo && before['DelaySeconds'] !== record.attributes['DelaySeconds']) this.#delayAnew();
  }

  /** How many messages are visible, in flight and delayed. */
  counts(): { visible: number; inFlight: number; delayed: number } {
    this.#settle();
    const backlog = this.#backlog;
    return {
      visible: backlog.count('visible'),
      inFlight: backlog.count('in flight'),
      delayed: backlog.count('delayed'),
    };
  }

  /** How long the oldest message has been here, in milliseconds. */
  oldestAge(): number {
    this.#settle();
    const sentAt = this.#backlog.oldestSentAt();
    return sentAt === undefined ? 0 : this.#kernel.clock.now() - sentAt;
  }

  /** Takes messages on: they are durable when this returns. `kept` runs within the same transaction. */
  send(messages: readonly NewMessage[], kept?: (rows: readonly Message[]) => void): Message[] {
    const { id } = this.record;
    const insert = () => {
      const rows = messages.map((message) => this.#messages.insert(id, message));
      kept?.(rows);
      return rows;
    };
    const sent = messages.length === 1 && !kept ? insert() : this.#messages.transaction(insert);
    this.#accept(sent);
    return sent;
  }

  /** Receives what there is, in order; throws OverLimit where too much is in flight. */
  receive(request: ReceiveRequest): Message[] {
    this.#settle();
    if (this.#backlog.count('in flight') >= MOST_IN_FLIGHT) {
      // A FIFO queue says nothing.
      if (this.fifo) return [];
      throw overLimit('The maximum number of in flight messages has been reached.');
    }
    return this.#take(request);
  }

  /** Receives, and waits for messages where there are none. */
  receiveWithin(request: ReceiveRequest, waitSeconds: number, onHangUp: OnHangUp | undefined): Promise<Message[]> {
    const until = this.#kernel.clock.now() + waitSeconds * 1_000;
    const attempt = () => {
      this.#settle();
      // Who polls for long is not told of the limit.
      const full = this.#backlog.count('in flight') >= MOST_IN_FLIGHT;
      const received = full ? [] : this.#take(request);
      return received.length > 0 ? received : undefined;
    };
    const found = attempt();
    if (found) return Promise.resolve(found);
    return this.#waiters.wait(attempt, until, onHangUp).then((received) => received ?? []);
  }

  /** Receives these messages once more, as the repetition of a receive that went astray; undefined where that cannot be. */
  receiveAgain(rows: readonly number[], { visibilitySeconds }: ReceiveRequest): Message[] | undefined {
    this.#settle();
    const found = rows.flatMap((row) => this.#backlog.get(row) ?? []);
    if (found.length < rows.length || found.some(({ state }) => state !== 'in flight')) return undefined;
    const visibleAt = this.#kernel.clock.now() + this.#visibilitySeconds(visibilitySeconds) * 1_000;
    this.#messages.transaction(() => {
      for (const message of found) this.#messages.update({ ...message, visibleAt });
    });
    for (const message of found) this.#hide(message, visibleAt);
    this.#arm();
    return found;
  }

  /** Deletes a message by the handle of its last receipt; one that is gone already is no error. True where one was deleted. */
  delete(handle: string): boolean {
    const { row, secret } = readHandle(this.record.id, handle);
    this.#settle();
    const message = this.#backlog.get(row);
    if (!message) return false;
    const current = message.receipt === secret;
    if (this.fifo && (!current || message.state !== 'in flight')) {
      throw invalidParameter('ReceiptHandle', handle, 'The receipt handle has expired.');
    }
    // An older handle is accepted, and does nothing.
    if (!current) return false;
    this.#messages.delete(row);
    this.#backlog.remove(message);
    if (this.fifo) this.#announce();
    return true;
  }

  /** Hides a message in flight for so long from now on, or shows it at once. */
  changeVisibility(handle: string, seconds: number): void {
    const { row, secret } = readHandle(this.record.id, handle);
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > LONGEST_VISIBILITY_SECONDS) {
      throw invalidParameter(
        'VisibilityTimeout',
        seconds,
        `Must be between 0 and ${LONGEST_VISIBILITY_SECONDS}, if provided.`,
      );
    }
    this.#settle();
    const message = this.#backlog.get(row);
    if (!message || message.receipt !== secret) {
      const reason = 'Message does not exist or is not available for visibility timeout change.';
      throw invalidParameter('ReceiptHandle', handle, reason);
    }
    if (message.state !== 'in flight') throw notInFlight();
    const visibleAt = this.#kernel.clock.now() + seconds * 1_000;
    if (visibleAt > (message.receivedAt ?? 0) + LONGEST_VISIBILITY_SECONDS * 1_000) {
      throw invalidValue(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${LONGEST_VISIBILITY_SECONDS} seconds].`,
      );
    }
    this.#messages.update({ ...message, visibleAt });
    this.#hide(message, visibleAt);
    this.#arm();
    if (seconds === 0) this.#announce();
  }

  /** Deletes all messages, whatever their state. */
  purge(keep: (record: QueueRecord) => void): void {
    const now = this.#kernel.clock.now();
    const { purgedAt, id, name } = this.record;
    if (purgedAt !== undefined && now - purgedAt < PURGE_MILLISECONDS) throw purgeInProgress(name);
    this.#messages.transaction(() => {
      this.#messages.deleteAll(id);
      keep({ ...this.record, purgedAt: now });
    });
    this.#backlog = this.#emptyBacklog();
  }

  /** Up to `most` messages that can be received now. */
  visible(most: number): Message[] {
    this.#settle();
    return first(this.#backlog.candidates(), most);
  }

  /** Moves messages to another queue as new ones, made by `renew` of each. */
  moveTo(target: Queue, messages: readonly Message[], renew: (message: Message) => NewMessage): void {
    const moved = this.#messages.transaction(() =>
      messages.map((message) => {
        const renewed = renew(message);
        this.#messages.delete(message.row);
        return this.#messages.insert(target.record.id, renewed);
      }),
    );
    for (const message of messages) this.#backlog.remove(message);
    target.#accept(moved);
    if (this.fifo) this.#announce();
  }

  #accept(messages: readonly Message[]): void {
    for (const message of messages) this.#backlog.add(message);
    this.#arm();
    this.#announce();
  }

  #take({ most, visibilitySeconds }: ReceiveRequest): Message[] {
    const now = this.#kernel.clock.now();
    const { dead, live } = this.#pick(most);
    if (dead.length > 0) this.#bury(dead);
    if (live.length === 0) return [];
    const visibleAt = now + this.#visibilitySeconds(visibilitySeconds) * 1_000;
    const received = live.map((message) => ({
      ...message,
      visibleAt,
      receiveCount: message.receiveCount + 1,
      firstReceivedAt: message.firstReceivedAt ?? now,
      receivedAt: now,
      receipt: newSecret(),
    }));
    const keep = () => {
      for (const message of received) this.#messages.update(message);
    };
    if (received.length === 1) keep();
    else this.#messages.transaction(keep);
    for (const [index, message] of live.entries()) {
      const { receiveCount, firstReceivedAt, receivedAt, receipt } = received[index]!;
      Object.assign(message, { receiveCount, firstReceivedAt, receivedAt, receipt });
      this.#hide(message, visibleAt);
    }
    this.#arm();
    return live;
  }

  #pick(most: number): { dead: Message[]; live: Message[] } {
    const redrive = this.#redrive && this.#findByArn(this.#redrive.deadLetterTargetArn) ? this.#redrive : undefined;
    const dead: Message[] = [];
    const live: Message[] = [];
    for (const message of this.#backlog.candidates()) {
      if (redrive && message.receiveCount >= redrive.maxReceiveCount) dead.push(message);
      else if (live.push(message) === most) break;
    }
    return { dead, live };
  }

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
  #bury(dead: readonly Message[]): void {
    const target = this.#findByArn(this.#redrive!.deadLetterTargetArn)!;
    const now = this.#kernel.clock.now();
    this.moveTo(target, dead, (message) => {
      const { body, bodyMd5, attributes, system } = this.#messages.content(message.row);
      // In a standard queue a dead letter is as old as the message was.
      const sentAt = this.fifo ? now : message.sentAt;
      const of = { ...system, deadLetterSource: this.record.arn };
      return { id: message.id, body, bodyMd5, attributes, system: of, sentAt, visibleAt: sentAt };
    });
  }

  #visibilitySeconds(given: number | undefined): number {
    return given ?? numberOf(this.record.attributes, 'VisibilityTimeout');
  }

  // Hidden for no time is not hidden at all.
  #hide(message: Message, visibleAt: number): void {
    this.#backlog.hide(message, visibleAt);
    if (visibleAt <= this.#kernel.clock.now()) this.#backlog.show(message);
  }

  // A FIFO queue's delay holds for what waits already, as a standard queue's does not.
  #delayAnew(): void {
    const delay = numberOf(this.record.attributes, 'DelaySeconds') * 1_000;
    const now = this.#kernel.clock.now();
    const delayed = [...this.#backlog.all()].filter(({ state }) => state === 'delayed');
    this.#messages.transaction(() => {
      for (const message of delayed) this.#messages.update({ ...message, visibleAt: message.sentAt + delay });
    });
    for (const message of delayed) {
      this.#backlog.hide(message, message.sentAt + delay);
      if (message.visibleAt <= now) this.#backlog.show(message);
    }
    this.#arm();
    this.#announce();
  }

  /** Brings the index to now: what is too old goes, what was hidden long enough is seen. */
  #settle(): void {
    const now = this.#kernel.clock.now();
    const oldest = now - numberOf(this.record.attributes, 'MessageRetentionPeriod') * 1_000;
    for (let old = this.#backlog.takeSentBy(oldest); old; old = this.#backlog.takeSentBy(oldest)) {
      this.#messages.delete(old.row);
      this.#backlog.remove(old);
    }
    this.#backlog.showDue(now);
  }

  #announce(): void {
    const consumed = this.#arrived();
    if (consumed) this.#kernel.clock.hold(consumed);
  }

  /** Whoever waits is served; whoever listens is told of what is left. */
  #arrived(): Promise<void> | undefined {
    this.#waiters.wake();
    return this.#kernel.arrivals.listened && this.#backlog.receivable
      ? publishArrival(this.#kernel, this.record.arn)
      : undefined;
  }

  #arm(): void {
    const at = this.#backlog.nextVisibleAt();
    if (at === undefined || (this.#alarm && this.#alarm.at <= at)) return;
    this.#alarm?.cancel();
    const cancel = this.#kernel.clock.at(at, async () => {
      this.#alarm = undefined;
      this.#settle();
      this.#arm();
      await this.#arrived();
    });
    this.#alarm = { at, cancel };
  }

  #emptyBacklog(): Backlog {
    return new Backlog(this.fifo ? new FifoOrder() : new StandardOrder());
  }
}

function first<T>(items: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const item of items) if (found.push(item) === most) break;
  return found;
}
