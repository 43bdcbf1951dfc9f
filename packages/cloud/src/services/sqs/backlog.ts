// A queue's index in memory: every message's state, and the moments at which states change by themselves.
import { Heap } from './heap.ts';
import type { Message, MessageState } from './message.ts';
import type { Order } from './order.ts';

export class Backlog {
  readonly #order: Order;
  readonly #messages = new Map<number, Message>();
  readonly #counts: Record<MessageState, number> = { visible: 0, delayed: 0, 'in flight': 0, gone: 0 };
  readonly #hidden = new Heap<Message>((message, at) => isHidden(message) && message.visibleAt === at);
  readonly #ages = new Heap<Message>((message) => message.state !== 'gone');

  constructor(order: Order) {
    this.#order = order;
  }

  get(row: number): Message | undefined {
    return this.#messages.get(row);
  }

  all(): Iterable<Message> {
    return this.#messages.values();
  }

  count(state: Exclude<MessageState, 'gone'>): number {
    return this.#counts[state];
  }

  candidates(): Iterable<Message> {
    return this.#order.candidates();
  }

  /** Whether anything can be received now. */
  get receivable(): boolean {
    for (const _ of this.#order.candidates()) return true;
    return false;
  }

  add(message: Message): void {
    this.#messages.set(message.row, message);
    this.#counts[message.state]++;
    this.#ages.push(message, message.sentAt);
    if (isHidden(message)) this.#hidden.push(message, message.visibleAt);
    this.#order.add(message);
  }

  /** Hides a message until `visibleAt`. */
  hide(message: Message, visibleAt: number): void {
    message.visibleAt = visibleAt;
    this.#become(message, message.receiveCount > 0 ? 'in flight' : 'delayed');
    this.#hidden.push(message, visibleAt);
  }

  show(message: Message): void {
    this.#become(message, 'visible');
  }

  remove(message: Message): void {
    this.#messages.delete(message.row);
    this.#become(message, 'gone');
    this.#hidden.tidy(this.#messages.size);
    this.#ages.tidy(this.#messages.size);
  }

  /** When the next hidden message is to be seen. */
  nextVisibleAt(): number | undefined {
    return this.#hidden.next();
  }

  /** Shows what is hidden no longer. */
  showDue(now: number): void {
    for (let message = this.#hidden.pop(now); message; message = this.#hidden.pop(now)) this.show(message);
  }

  /** When the oldest message was sent. */
  oldestSentAt(): number | undefined {
    return this.#ages.next();
  }

  /** The oldest message, where it was sent at `moment` or before. */
  takeSentBy(moment: number): Message | undefined {
    return this.#ages.pop(moment);
  }

  #become(message: Message, state: MessageState): void {
    const before = message.state;
    message.state = state;
    this.#counts[before]--;
    this.#counts[state]++;
    this.#order.changed(message, before);
  }
}

const isHidden = ({ state }: Message): boolean => state === 'delayed' || state === 'in flight';
